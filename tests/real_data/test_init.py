"""`kpi init` over real exports: the book that it writes gives the figures that others published, at once."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import kpicli
from kpicli.draft.drafting import Asked, Drafted, draft
from kpicli.draft.orders import refuse

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
MAVEN, ZOHO = SHARED / "maven_crm", SHARED / "zoho_demo"
TODAY = date(2026, 11, 22)

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason=f"the data is not there: {SHARED}")


def begun(folder: Path) -> tuple[Drafted, dict[str, Any]]:
    """The draft over the exports of a folder, and its figures of all time, as of the day that it names."""
    book = folder / "kpis.yaml"
    drafted = draft(Asked((folder / "exports",), book, TODAY), refuse)
    book.write_text(drafted.text, encoding="utf-8")
    card = kpicli.load(book).report(period="all", as_of=drafted.as_of).scorecard
    return drafted, {line.id: line.figure.value for line in card.lines}


VARIANTS = {
    path.name: path for path in [MAVEN / "sales_pipeline.csv", *sorted((MAVEN / "variants").glob("*.csv"))]
} if SHARED.is_dir() else {"": MAVEN}  # fmt: skip


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_of_one_table_gives_the_same_kpis(tmp_path: Path, name: str) -> None:
    (tmp_path / "exports").mkdir()
    for path in MAVEN.iterdir():
        if path.is_file() and path.name != "sales_pipeline.csv":
            shutil.copy(path, tmp_path / "exports")
    shutil.copy(VARIANTS[name], tmp_path / "exports")
    drafted, found = begun(tmp_path)
    expected = {
        "new_opportunities": 8_300,
        "open_opportunities": 1_589,
        "won_deals": 4_238,
        "lost_deals": 2_473,
        "win_rate": pytest.approx(4_238 / 6_711),
        "won_revenue": 10_005_534,
        "average_deal": pytest.approx(10_005_534 / 4_238),
        "sales_cycle": pytest.approx(219_452 / 4_238),
    }
    if "closed_only" in name:
        expected["new_opportunities"] = 6_711
        del expected["open_opportunities"]
    assert found == expected
    assert drafted.as_of == date(2017, 12, 31)
    assert {"owner", "manager", "region", "product", "industry"} <= {each.name for each in drafted.draft.dimensions}


def test_a_product_that_is_spelled_otherwise_is_told(tmp_path: Path) -> None:
    shutil.copytree(MAVEN, tmp_path / "exports", ignore=shutil.ignore_patterns("variants"))
    drafted, _ = begun(tmp_path)
    assert "1,480 of 8,800 rows lead nowhere: 'GTXPro' (1,480)" in drafted.text


def test_a_workspace_gives_its_reference_figures(tmp_path: Path) -> None:
    shutil.copytree(ZOHO, tmp_path / "exports")
    drafted, found = begun(tmp_path)
    expected = {
        "new_leads": 3_900,
        "converted_leads": 3_632,
        "lead_conversion": pytest.approx(3_632 / 3_900),
        "calls_done": 4_100,
        "events_done": 2_978,
        "new_opportunities": 3_632,
        "open_opportunities": 1_722,
        "open_pipeline": Decimal(110_255_300),
        "won_deals": 1_425,
        "lost_deals": 485,
        "win_rate": pytest.approx(1_425 / 1_910),
        "won_revenue": Decimal(89_066_200),
        "sales_cycle": pytest.approx(296.756, abs=0.0005),
    }
    assert {name: found[name] for name in expected} == expected
    assert drafted.draft.currency == "USD"
    owner = drafted.draft.dimensions[0]
    assert (owner.name, owner.members) == ("owner", "users")
