"""Made-up exports, and the book that is begun over them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.draft.begun import begun, lines, values

import kpicli
from kpicli.draft.orders import DayOrder, Question
from kpicli.errors import KpiError

DEALS = lines(
    "Deal ID,Rep,Stage,Deal Value,Created,Close Date,Lead Source",
    *(
        f"D-{at},{('Ann Reyes', 'Bob Ray')[at % 2]},{('Won', 'Lost', 'Open')[at % 3]},{100 + at},"
        f"2026-{1 + at % 9:02d}-{1 + at % 28:02d},2026-{2 + at % 9:02d}-{1 + at % 28:02d},{('Web', 'Fair')[at % 2]}"
        for at in range(60)
    ),
)


def test_deals_become_a_book_that_reports_at_once(tmp_path: Path) -> None:
    drafted = begun(tmp_path, {"deals.csv": DEALS})
    found = values(drafted, tmp_path)
    assert found["won_deals"] == found["lost_deals"] == found["open_opportunities"] == 20
    assert found["won_revenue"] == sum(100 + at for at in range(0, 60, 3))
    assert found["win_rate"] == 0.5
    assert found["new_opportunities"] == 60
    assert found["sales_cycle"] == pytest.approx(
        sum((date(2026, 2 + at % 9, 1 + at % 28) - date(2026, 1 + at % 9, 1 + at % 28)).days for at in range(0, 60, 3))
        / 20
    )
    assert {"owner", "source"} <= {each.name for each in drafted.draft.dimensions}


def test_each_guess_and_each_suggestion_is_marked(tmp_path: Path) -> None:
    text = begun(tmp_path, {"deals.csv": DEALS}).text
    assert "won: stage = 'Won'" in text
    guessed = [line for line in text.splitlines() if "# guess: " in line]
    assert any("stage: Stage" in line and "it holds 'Lost' and 'Won'" in line for line in guessed)
    assert any("'Won' (20 rows) means won, by the words" in line for line in guessed)
    assert any("owner: Rep" in line for line in guessed)
    targets = [line for line in text.splitlines() if line.strip().startswith("target: ")]
    assert targets
    assert all("# suggestion: the mean of the last " in line for line in targets)


def test_a_target_is_the_mean_of_the_last_full_months(tmp_path: Path) -> None:
    rows = [f"{at},Won,100,2026-{month:02d}-05" for at, month in enumerate([8] * 2 + [9] * 3 + [10] * 4 + [11] * 9)]
    drafted = begun(tmp_path, {"deals.csv": lines("Id,Stage,Amount,Close Date", *rows)})
    assert drafted.draft.targets["won_deals"] == ("3 per month", "the mean of the last 3 full months")
    assert drafted.draft.targets["won_revenue"] == ("300 per month", "the mean of the last 3 full months")


LANGUAGES = {
    "german": (
        "Nr;Besitzer;Phase;Betrag;Angelegt am;Abschlussdatum",
        ("Gewonnen", "Verloren", "Verhandlung"),
        "1.250,50 €",
        "%d.%m.%Y",
        "windows-1252",
    ),
    "french": (
        "Identifiant;Propriétaire;Étape;Montant;Créé le;Date de clôture",
        ("Conclue gagnée", "Conclue perdue", "Négociation"),
        "1 250,50",
        "%d/%m/%Y",
        "utf-8-sig",
    ),
    "spanish": (
        "Id\tPropietario\tEtapa\tImporte\tFecha de creación\tFecha de cierre",
        ("Cerrada ganada", "Cerrada perdida", "Propuesta"),
        "1.250,50",
        "%d-%m-%Y",
        "utf-16",
    ),
    "dutch": (
        "Nummer|Eigenaar|Fase|Bedrag|Aangemaakt op|Sluitingsdatum",
        ("Gesloten gewonnen", "Gesloten verloren", "Offerte"),
        "€ 1.250,50",
        "%d-%m-%y",
        "utf-8",
    ),
    "italian": (
        "Codice;Titolare opportunità;Fase;Importo;Data creazione;Data chiusura",
        ("Chiusa vinta", "Chiusa persa", "Trattativa"),
        "1.250,50 €",
        "%d/%m/%Y",
        "windows-1252",
    ),
    "portuguese": (
        "Id;Proprietário da oportunidade;Fase;Valor;Data de criação;Data de fechamento",
        ("Fechada e ganha", "Fechada e perdida", "Proposta"),
        "R$ 1.250,50",
        "%d/%m/%Y",
        "utf-8",
    ),
    "japanese": (
        "商談番号,商談 所有者,フェーズ,金額,作成日,完了予定日",
        ("受注", "失注", "提案"),
        '"1,250.50"',
        "%Y/%m/%d",
        "utf-8-sig",
    ),
    "swiss": (
        "Nr;Besitzer;Phase;Betrag;Angelegt am;Schlusstermin",
        ("Gewonnen", "Verloren", "Verhandlung"),
        "1\u2019250.50",
        "%d.%m.%Y",
        "utf-8",
    ),
    "norwegian amounts": (
        "Id;Owner;Stage;Amount;Created;Close Date",
        ("Closed Won", "Closed Lost", "Proposal"),
        "kr 1 250,50",
        "%d.%m.%Y",
        "utf-8",
    ),
    "english": (
        "Opportunity ID,Opportunity Owner,Stage,Amount,Created Date,Close Date",
        ("Closed Won", "Closed Lost", "Proposal"),
        '"$1,250.50"',
        "%m/%d/%Y",
        "utf-16-le",
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_export_is_read_right_in_its_language(tmp_path: Path, language: str) -> None:
    headers, stages, amount, pattern, encoding = LANGUAGES[language]
    delimiter = next(sign for sign in ";\t|," if sign in headers)
    rows = [
        delimiter.join(
            [
                f"D-{at}",
                f"Rep {at % 4}",
                stages[at % 3],
                amount,
                date(2026, 1 + at % 6, 1 + at % 28).strftime(pattern),
                date(2026, 3 + at % 6, 1 + at % 28).strftime(pattern),
            ]
        )
        for at in range(90)
    ]
    drafted = begun(tmp_path, {"export.csv": lines(headers, *rows).encode(encoding)})
    found = values(drafted, tmp_path)
    assert (found["won_deals"], found["lost_deals"], found["open_opportunities"]) == (30, 30, 30)
    assert found["won_revenue"] == Decimal("37515.00")
    assert found["average_deal"] == 1250.5
    assert found["sales_cycle"] == pytest.approx(
        sum((date(2026, 3 + at % 6, 1 + at % 28) - date(2026, 1 + at % 6, 1 + at % 28)).days for at in range(0, 90, 3))
        / 30
    )


# ---- day and month

OPEN_DATES = lines("Id,Stage,Amount,Close Date", "1,Won,100,03/04/2026", "2,Lost,50,05/06/2026")


def test_an_order_that_no_value_tells_is_asked_for(tmp_path: Path) -> None:
    asked: list[Question] = []

    def answer(question: Question) -> DayOrder:
        asked.append(question)
        return DayOrder.DAY_FIRST

    drafted = begun(tmp_path, {"deals.csv": OPEN_DATES}, ask=answer)
    assert [(each.file, each.headers, each.examples) for each in asked] == [
        ("exports/deals.csv", ("Close Date",), ("03/04/2026", "05/06/2026"))
    ]
    assert '"%d/%m/%Y"' in drafted.text
    assert "day before month, as `kpi init` was told" in drafted.text


def test_without_anybody_to_ask_it_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(KpiError) as caught:
        begun(tmp_path, {"deals.csv": OPEN_DATES})
    assert str(caught.value) == (
        "error[day-or-month]: exports/deals.csv: does the day or the month come first in column 'Close Date', "
        "as in '03/04/2026' and '05/06/2026'?\n"
        "help: say so: `--day-first` for 31/12/2026, `--month-first` for 12/31/2026"
    )


@pytest.mark.parametrize(("order", "month"), [(DayOrder.DAY_FIRST, "2026-04"), (DayOrder.MONTH_FIRST, "2026-03")])
def test_an_answer_that_is_given_counts(tmp_path: Path, order: DayOrder, month: str) -> None:
    drafted = begun(tmp_path, {"deals.csv": OPEN_DATES}, order=order)
    assert values(drafted, tmp_path, month)["won_deals"] == 1


def test_another_column_of_the_file_tells_and_the_book_says_so(tmp_path: Path) -> None:
    rows = ["1,Won,100,03/04/2026,13/01/2026", "2,Lost,50,05/06/2026,05/06/2026"]
    drafted = begun(tmp_path, {"deals.csv": lines("Id,Stage,Amount,Close Date,Modified On", *rows)})
    assert "guess: day before month, as the values of 'Modified On' tell" in drafted.text
    assert values(drafted, tmp_path, "2026-04")["won_deals"] == 1


def test_a_given_answer_changes_no_column_that_tells_itself(tmp_path: Path) -> None:
    rows = ["1,Won,100,03/14/2026", "2,Lost,50,05/06/2026"]
    exports = {"deals.csv": lines("Id,Stage,Amount,Close Date", *rows)}
    drafted = begun(tmp_path, exports, order=DayOrder.DAY_FIRST)
    assert values(drafted, tmp_path, "2026-03")["won_deals"] == 1


def test_a_column_with_both_orders_is_no_date(tmp_path: Path) -> None:
    rows = ["1,Won,100,03/14/2026,2026-01-01", "2,Lost,50,14/06/2026,2026-01-01"]
    drafted = begun(tmp_path, {"deals.csv": lines("Id,Stage,Amount,Close Date,Created", *rows)})
    assert "Close Date" not in [column.profile.header for table in drafted.draft.tables for column in table.columns]
    assert any("'Close Date'" in each and "both" in each for each in drafted.draft.not_found)


def test_two_files_of_one_kind_may_write_their_dates_in_two_ways(tmp_path: Path) -> None:
    headers = "Id,Stage,Amount,Close Date"
    drafted = begun(
        tmp_path,
        {
            "east.csv": lines(headers, "1,Won,100,03/14/2026", "2,Won,100,03/15/2026"),
            "west.csv": lines(headers, "3,Won,100,14.04.2026"),
        },
    )
    assert values(drafted, tmp_path, "2026-03")["won_deals"] == 2
    assert values(drafted, tmp_path, "2026-04")["won_deals"] == 1


# ---- several files


def test_files_with_the_same_headers_are_one_table(tmp_path: Path) -> None:
    first, *rows = DEALS.splitlines()
    drafted = begun(tmp_path, {"a.csv": lines(first, *rows[:30]), "b.csv": lines(first, *rows[30:])})
    assert values(drafted, tmp_path)["won_deals"] == 20


def test_a_copy_of_a_file_is_not_read_again(tmp_path: Path) -> None:
    drafted = begun(tmp_path, {"deals.csv": DEALS, "deals (1).csv": DEALS})
    assert values(drafted, tmp_path)["won_deals"] == 20
    assert any("is the same as" in each for each in drafted.draft.left_out)


def test_rows_that_two_files_share_are_not_counted_twice(tmp_path: Path) -> None:
    first, *rows = DEALS.splitlines()
    drafted = begun(tmp_path, {"all.csv": DEALS, "some.csv": lines(first, *rows[:10])})
    assert values(drafted, tmp_path)["won_deals"] == 20
    said = "exports/some.csv: 10 of its 10 rows have an id that exports/all.csv has too, which is newer"
    assert said in drafted.draft.left_out


def test_leads_activities_and_users_find_their_places(tmp_path: Path) -> None:
    leads = ["L-1,Web,2026-10-03,Yes,Ann", "L-2,Fair,2026-10-04,No,Bob", "L-3,Web,2026-10-05,No,Ann"]
    tasks = ["T-1,Ann,Completed,2026-10-03", "T-2,Bob,Open,2026-10-04", "T-3,Ann,Completed,2026-10-05"]
    drafted = begun(
        tmp_path,
        {
            "a.csv": lines("Lead ID,Lead Source,Created Date,Converted,Lead Owner", *leads),
            "b.csv": lines("Task ID,Assigned To,Status,Due Date", *tasks),
            "c.csv": lines(
                "Full Name,Team,Manager,Email", "Ann,East,Zoe,a@b.c", "Bob,West,Zoe,b@b.c", "Cy,West,Zoe,c@b.c"
            ),
            "d.csv": lines(
                "Deal ID,Owner,Stage,Amount,Close Date", "1,Ann,Won,5,2026-10-09", "2,Bob,Lost,5,2026-10-09"
            ),
        },
    )
    tables = {table.name: table for table in drafted.draft.tables}
    assert set(tables) == {"opportunities", "leads", "b", "users"}
    found = values(drafted, tmp_path)
    assert (found["new_leads"], found["converted_leads"], found["activities_completed"]) == (3, 1, 2)
    assert found["lead_conversion"] == pytest.approx(1 / 3)
    assert found["activities_per_win"] == 2
    owner = drafted.draft.dimensions[0]
    assert (owner.members, owner.paths["users"]) == ("users", "name")
    assert {"team", "manager"} <= {each.name for each in drafted.draft.dimensions}


def test_a_lookup_says_how_many_rows_lead_nowhere(tmp_path: Path) -> None:
    deals = [f"{at},{'GTXPro' if at < 3 else 'GTX Pro'},Won,5,2026-10-09" for at in range(10)]
    drafted = begun(
        tmp_path,
        {
            "deals.csv": lines("Deal ID,Product,Stage,Amount,Close Date", *deals),
            "products.csv": lines("Product,Series", "GTX Pro,GTX", "MG,MG"),
        },
    )
    assert "guess: 3 of 10 rows lead nowhere: 'GTXPro' (3)" in drafted.text


# ---- what can't be had


def test_stages_that_say_nothing_are_named(tmp_path: Path) -> None:
    deals = ["1,Payment Done,5,2026-10-09,2026-10-01", "2,Talking,5,2026-10-09,2026-10-02"]
    drafted = begun(tmp_path, {"deals.csv": lines("Deal ID,Stage,Amount,Close Date,Created", *deals)})
    assert "won_deals" not in values(drafted, tmp_path)
    assert any("'Payment Done' and 'Talking'" in each for each in drafted.draft.asks)


def test_an_end_that_is_neither_won_nor_lost_is_a_question(tmp_path: Path) -> None:
    deals = ["1,Closed Won,5,2026-10-09", "2,Closed Lost,5,2026-10-09", "3,Closed: abandoned,5,2026-10-09"]
    drafted = begun(tmp_path, {"deals.csv": lines("Deal ID,Stage,Amount,Close Date", *deals)})
    assert values(drafted, tmp_path)["win_rate"] == 0.5
    assert any("whether 'Closed: abandoned' (1 row) means lost" in each for each in drafted.draft.asks)


def test_only_kpis_that_can_be_computed_are_written(tmp_path: Path) -> None:
    drafted = begun(tmp_path, {"deals.csv": lines("Deal,Stage,Close Date", "1,Won,2026-10-09", "2,Lost,2026-10-10")})
    assert set(values(drafted, tmp_path)) == {"won_deals", "lost_deals", "win_rate"}


def test_files_without_a_use_are_named(tmp_path: Path) -> None:
    words = lines("Table,Field", "deals,Stage", "deals,Amount")
    drafted = begun(tmp_path, {"deals.csv": DEALS, "words.csv": words, "empty.csv": "", "notes.txt": "Ask Ann.\n"})
    said = "\n".join(drafted.draft.left_out)
    assert all(name in said for name in ("words.csv", "empty.csv", "notes.txt"))


def test_files_that_can_not_be_read_are_named_with_the_reason(tmp_path: Path) -> None:
    broken = {"open.csv": 'Id,Name\n1,"open\n', "short.csv": "Id,Name,Stage\n1,a,Won\n2,b,Won\n3,c\n"}
    drafted = begun(tmp_path, {"deals.csv": DEALS, **broken})
    said = "\n".join(drafted.draft.left_out)
    assert "exports/open.csv: the quote that opens in line 2 is never closed" in said
    assert "exports/short.csv: row 4 has 2 cells where the header has 3" in said


def test_headers_without_rows_are_no_trouble(tmp_path: Path) -> None:
    drafted = begun(tmp_path, {"deals.csv": DEALS, "leads.csv": "Lead ID,Lead Owner,Converted,Created Date\n"})
    assert values(drafted, tmp_path)["won_deals"] == 20
    assert "exports/leads.csv: it has headers and no rows" in drafted.draft.left_out


def test_nothing_to_report_on_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(KpiError) as caught:
        begun(tmp_path, {"words.csv": lines("Table,Field", "deals,Stage", "deals,Amount")})
    assert caught.value.code == "nothing-to-report"


# ---- money


@pytest.mark.parametrize(
    ("amount", "currency"), [("€ 100", "EUR"), ("$100", "USD"), ("100 kr", None), ("100", None), ("100 CHF", "CHF")]
)
def test_the_currency_comes_from_the_signs(tmp_path: Path, amount: str, currency: str | None) -> None:
    deals = [f"1,Won,{amount},2026-10-09", f"2,Lost,{amount},2026-10-10"]
    drafted = begun(tmp_path, {"deals.csv": lines("Deal,Stage,Amount,Close Date", *deals)})
    assert drafted.draft.currency == currency
    assert values(drafted, tmp_path)["won_revenue"] == 100


def test_amounts_of_several_currencies_are_never_added(tmp_path: Path) -> None:
    deals = ["1,Won,5,EUR,2026-10-09", "2,Won,7,USD,2026-10-10", "3,Won,9,EUR,2026-10-10", "4,Lost,9,,2026-10-10"]
    drafted = begun(tmp_path, {"deals.csv": lines("Deal,Stage,Amount,Currency,Close Date", *deals)})
    assert (drafted.draft.currency, drafted.draft.other_currencies) == ("EUR", ("USD",))
    found = values(drafted, tmp_path)
    assert (found["won_deals"], found["won_revenue"], found["average_deal"]) == (3, 14, 7)
    assert "name: Won revenue in EUR" in drafted.text
    assert "#   USD: 1.00" in drafted.text


@pytest.mark.parametrize(
    ("header", "most", "other", "code"),
    [
        ("Currency", ("USD", "usd"), "EUR", "USD"),
        ("Currency", ("US Dollar", "US Dollar"), "Euro", None),
        ("Currency", ("$", "$"), "€", None),
        ("Ccy", ("USD", "USD"), "XXL", "USD"),
        ("Currency", ("d'or", "d'or"), "EUR", None),
    ],
)
@pytest.mark.parametrize("apart", [False, True], ids=["one file", "two files"])
def test_currencies_are_told_apart_however_they_are_written(
    tmp_path: Path, header: str, most: tuple[str, str], other: str, code: str | None, apart: bool
) -> None:
    first = [f"1,Won,100,{most[0]},2026-10-09", f"2,Won,5,{most[1]},2026-10-10"]
    second = [f"3,Won,1000,{other},2026-10-11"]
    head = f"Deal,Stage,Amount,{header},Close Date"
    files = {"a.csv": lines(head, *first, *([] if apart else second))}
    drafted = begun(tmp_path, files | ({"b.csv": lines(head, *second)} if apart else {}))
    assert drafted.draft.currency == code
    assert values(drafted, tmp_path)["won_revenue"] == 105


def test_a_column_with_two_signs_is_no_amount(tmp_path: Path) -> None:
    deals = ["1,Won,€ 5,2026-10-09", "2,Lost,$ 7,2026-10-10"]
    drafted = begun(tmp_path, {"deals.csv": lines("Deal,Stage,Amount,Close Date", *deals)})
    assert set(values(drafted, tmp_path)) == {"won_deals", "lost_deals", "win_rate"}
    assert any("one currency in 'Amount'" in each for each in drafted.draft.not_found)


def test_old_exports_are_reported_as_of_their_newest_day(tmp_path: Path) -> None:
    """A close date that is only expected is no news."""
    deals = ["1,Won,5,2025-03-09,2025-01-01", "2,Talking,5,2025-09-09,2025-03-11"]
    drafted = begun(tmp_path, {"deals.csv": lines("Deal,Stage,Amount,Close Date,Created", *deals)})
    assert drafted.as_of == date(2025, 3, 11)
    assert drafted.draft.next.endswith("--as-of 2025-03-11")


def test_tasks_alone_are_reported_as_of_the_newest_day_that_something_was_due(tmp_path: Path) -> None:
    tasks = ["T-1,Ann,Completed,2025-03-09", "T-2,Bob,Open,2025-04-01"]
    drafted = begun(tmp_path, {"tasks.csv": lines("Task ID,Assigned To,Status,Due Date", *tasks)})
    assert drafted.as_of == date(2025, 4, 1)


def test_fresh_exports_need_no_day(tmp_path: Path) -> None:
    deals = ["1,Won,5,2026-11-09,2026-11-01", "2,Talking,5,2026-12-09,2026-11-11"]
    drafted = begun(tmp_path, {"deals.csv": lines("Deal,Stage,Amount,Close Date,Created", *deals)})
    assert drafted.as_of is None
    assert "--as-of" not in drafted.draft.next


def test_without_a_close_date_wins_are_those_of_the_opportunities_that_were_created(tmp_path: Path) -> None:
    deals = ["1,Won,5,2026-10-09", "2,Lost,5,2026-10-10", "3,Open,5,2026-10-11"]
    drafted = begun(tmp_path, {"deals.csv": lines("Deal,Stage,Amount,Created", *deals)})
    found = values(drafted, tmp_path, "2026-10")
    assert not found.keys() & {"won_deals", "won_revenue", "win_rate", "activities_per_win"}
    assert (found["new_opportunities"], found["won_of_new"], found["revenue_of_new"]) == (3, 1, 5)
    assert "name: New opportunities won by now" in drafted.text
    assert "won_of_new" not in drafted.draft.targets


def test_guesses_by_words_count_the_rows_of_all_files(tmp_path: Path) -> None:
    headers = "Id,Stage,Amount,Close Date"
    east = lines(headers, "1,Won,100,2026-03-14", "2,Won,100,2026-03-15", "3,Talking,5,2026-12-01")
    west = lines(headers, "4,Won,100,2026-04-14", "5,Lost,9,2026-04-14")
    drafted = begun(tmp_path, {"east.csv": east, "west.csv": west})
    assert "'Won' (3 rows) means won" in drafted.text
    assert values(drafted, tmp_path)["lost_deals"] == 1


def test_all_stages_that_count_as_open_are_listed_with_their_rows(tmp_path: Path) -> None:
    stages = ["Won", "Lost", *(f"Silent end {at}" for at in range(25)), "Dead", "Dead"]
    deals = [f"{at},{stage},5,2026-10-09" for at, stage in enumerate(stages)]
    drafted = begun(tmp_path, {"deals.csv": lines("Deal,Stage,Amount,Close Date", *deals)})
    text = " ".join(drafted.text.replace("#", " ").split())
    assert "guess: these stages count as open, with their rows: 'Dead' (2), 'Silent end 0' (1)" in text
    assert all(f"'{stage}' (" in text for stage in stages)
    assert "whether 'Dead' (2 rows) means lost" in " ".join(drafted.draft.asks)


def test_without_a_currency_the_book_says_what_makes_amounts_money(tmp_path: Path) -> None:
    drafted = begun(tmp_path, {"deals.csv": DEALS})
    assert any(each.startswith("the currency: ") for each in drafted.draft.not_found)
    assert (
        "# with it, add `unit: money` to these KPIs, which are plain numbers now: open_pipeline, won_revenue,"
        in drafted.text
    )
    text = drafted.text.replace("# currency: EUR", "currency: EUR").replace(
        "amount where won)\n", "amount where won)\n    unit: money\n"
    )
    path = tmp_path / "kpis.yaml"
    path.write_text(text, encoding="utf-8")
    kpicli.load(path)  # raises where something is money and the book has no currency


def test_headers_that_stand_twice_are_told(tmp_path: Path) -> None:
    deals = ["1,Won,5,5,2026-10-09", "2,Lost,5,6,2026-10-10"]
    drafted = begun(tmp_path, {"deals.csv": lines("Deal,Stage,Value,Value,Close Date", *deals)})
    assert any("'Value': several columns have this header" in each for each in drafted.draft.not_found)
    assert "not read: Value\n" in drafted.text


def test_one_cell_that_is_no_number_is_told_in_the_singular(tmp_path: Path) -> None:
    deals = [f"{at},Won,{'soon' if at == 7 else at},2026-10-09" for at in range(40)]
    drafted = begun(tmp_path, {"deals.csv": lines("Deal,Stage,Value,Close Date", *deals)})
    assert "1 cell is no number" in drafted.text


# ---- what is done, and what became a deal

DONE = [("Oui", "2026-10-03"), ("Non", "2026-10-04"), ("Oui", "2026-10-05"), ("Non", "2026-10-06")]


def test_activities_may_say_only_that_they_are_done(tmp_path: Path) -> None:
    rows = [f"T-{at},Ann,{day},{done}" for at, (done, day) in enumerate(DONE)]
    drafted = begun(tmp_path, {"taches.csv": lines("Numéro,Attribué à,Date d'échéance,Terminé", *rows)})
    assert values(drafted, tmp_path)["activities_completed"] == 2


def test_leads_are_known_by_a_status_that_says_converted(tmp_path: Path) -> None:
    rows = [
        f"L-{at},Ann,{status},Web,0{at + 1}.10.2026" for at, status in enumerate(["Neu", "Konvertiert", "Neu", "Neu"])
    ]
    drafted = begun(
        tmp_path, {"leads.csv": lines("Nr,Besitzer,Leadstatus,Leadquelle,Erstellt am", *rows)}, order=DayOrder.DAY_FIRST
    )
    found = values(drafted, tmp_path)
    assert (found["new_leads"], found["lead_conversion"]) == (4, 0.25)


def test_deals_closed_on_a_day_are_not_dated_by_when_they_were_expected_to(tmp_path: Path) -> None:
    rows = [f"{at},Ganado,5,,2026-10-0{at}" for at in (1, 2, 3)] + ["4,Abierto,5,2026-12-01,"]
    header = "Trato - ID,Trato - Estado,Trato - Valor,Trato - Fecha prevista de cierre,Trato - Trato cerrado el"
    assert values(begun(tmp_path, {"tratos.csv": lines(header, *rows)}), tmp_path)["won_deals"] == 3


@pytest.mark.parametrize("header", ["Deleted", "Is Deleted", "Gelöscht"])
def test_rows_that_are_marked_as_deleted_do_not_count(tmp_path: Path, header: str) -> None:
    rows = ["1,Won,5,2026-10-01,0", "2,Won,5,2026-10-02,1", "3,Won,5,2026-10-03,"]
    drafted = begun(tmp_path, {"deals.csv": lines(f"Nr,Stage,Amount,Close Date,{header}", *rows)})
    assert "where: not coalesce(deleted, false)    # guess: rows that were deleted don't count" in drafted.text
    assert values(drafted, tmp_path)["won_deals"] == 2
