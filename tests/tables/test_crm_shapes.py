"""What CRMs write into cells, each as its export has it, and what is read of it under its declaration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.tables.reading import column, read

CELLS: list[tuple[str, str, dict[str, Any], str]] = [
    # Salesforce, data export
    ("date", "2023-05-11 21:24:33", {}, "2023-05-11"),
    ("date", "2017-08-04T09:09:33.000+0000", {}, "2017-08-04"),
    ("date", "2026-07-01 00:00:00", {}, "2026-07-01"),
    ("text", "000000000000000AAA", {"blank": ("000000000000000AAA",)}, "None"),
    ("money", "1054.00 ", {}, "1054.000000"),
    # Salesforce, in the locale of the United States
    ("date", "02/24/26", {"format": ("%m/%d/%y",)}, "2026-02-24"),
    ("date", "2/4/26", {"format": ("%m/%d/%y",)}, "2026-02-04"),
    ("date", "02/24/26 02:18 AM", {"format": ("%m/%d/%y %I:%M %p",)}, "2026-02-24"),
    ("money", "$1,117.10K", {}, "1117100.000000"),
    ("money", "(1,200.00)", {}, "-1200.000000"),
    ("money", "-$5.00", {}, "-5.000000"),
    ("money", "$-5.00", {}, "-5.000000"),
    # HubSpot
    ("date", "2023-04-04 11:48", {}, "2023-04-04"),
    ("money", "130000.0", {}, "130000.000000"),
    ("text", "9001; 9002", {"separator": ";"}, "9001"),
    # Pipedrive
    ("date", "2026-03-01 10:00:00", {}, "2026-03-01"),
    # Zoho
    ("date", "15 Apr, 2021 00:02:00", {"format": ("%d %b, %Y %H:%M:%S",)}, "2021-04-15"),
    ("date", "15.06.2024 13:50", {"format": ("%d.%m.%Y %H:%M",)}, "2024-06-15"),
    ("money", "$22,700.00", {}, "22700.000000"),
    ("money", "€ 2.900,00", {"decimal": ","}, "2900.000000"),
    # Spreadsheets in which an export was opened and saved
    ("date", "5-4-21", {"format": ("%d-%m-%y",)}, "2021-04-05"),
    ("date", "05-04-2021", {"format": ("%d-%m-%Y",)}, "2021-04-05"),
    ("date", "4/5/2021", {"format": ("%m/%d/%Y",)}, "2021-04-05"),
    ("money", "11760000.000000002", {}, "11760000.000000"),
    ("money", "1 234,56", {"decimal": ","}, "1234.560000"),
    ("money", "1\u00a0234,56\u00a0€", {"decimal": ","}, "1234.560000"),
    ("money", "1\u202f234,56 €", {"decimal": ","}, "1234.560000"),
    ("money", "1'234.50", {}, "1234.500000"),
    ("money", "CHF 1\u2019234.50", {}, "1234.500000"),
    ("money", "-", {"blank": ("-", "#REF!", "N/A", "NA")}, "None"),
    ("money", "#REF!", {"blank": ("-", "#REF!", "N/A", "NA")}, "None"),
    ("date", "N/A", {"blank": ("-", "#REF!", "N/A", "NA")}, "None"),
    ("text", "NA", {"blank": ("-", "#REF!", "N/A", "NA")}, "None"),
    ("text", "000", {"blank": ("000", "0")}, "None"),
    ("percent", "40%", {}, "0.400000"),
    ("percent", "12,5 %", {"decimal": ","}, "0.125000"),
    *[("boolean", cell, {}, "True") for cell in ("1", "TRUE", "true", "Yes", "WAHR", "VRAI", "VERDADERO", "Ja", "Sí")],
    *[("boolean", cell, {}, "False") for cell in ("0", "", "FALSE", "No", "FALSCH", "FAUX", "FALSO", "Nein", "Non")],
]


@pytest.mark.parametrize(("kind", "cell", "declared", "value"), CELLS, ids=str)
@pytest.mark.parametrize("quote", ["", '"'], ids=["bare", "quoted"])
def test_a_cell_is_read(tmp_path: Path, kind: str, cell: str, declared: dict[str, Any], value: str, quote: str) -> None:
    """Nothing is noted but that there are several values, or another currency than the book's."""
    delimiter = "|" if "separator" in declared else ";"
    content = f"Id{delimiter}X\n1{delimiter}{quote}{cell}{quote}\n"
    found = read(tmp_path, content, {"x": column("X", kind, **declared)}, delimiter=delimiter)
    assert [str(each) for each in found["x"]] == [value]
    noted = ["several-values"] * ("separator" in declared) + ["other-currency"] * any(
        sign in cell for sign in ("€", "CHF")
    )
    assert [note.code for note in found.notes] == noted
