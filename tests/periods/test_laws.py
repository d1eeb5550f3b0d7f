"""Laws of periods and calendars, each against the plainest way to say it: day by day."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kpicli.errors import KpiError
from kpicli.periods import Calendar, Duration, Grain, Period, PerUnit, parse_period

DAY = timedelta(days=1)
FAR = st.dates(date(500, 1, 1), date(9700, 12, 31))
NEAR = st.dates(date(1999, 1, 1), date(2032, 12, 31))
GRAINS = st.sampled_from(Grain)
HOLIDAYS = st.one_of(
    st.sampled_from(["", "US", "US-CA", "DE-BY", "GB-ENG"]).map(lambda code: code or ()),
    st.lists(NEAR, max_size=40).map(tuple),
)
CALENDARS = st.builds(
    Calendar,
    week_starts=st.integers(0, 6),
    fiscal_year_starts=st.integers(1, 12),
    workdays=st.frozensets(st.integers(0, 6)),
    holidays=HOLIDAYS,
)
DURATIONS = st.builds(Duration, st.integers(1, 60), GRAINS)


@st.composite
def periods(draw: st.DrawFn, days: st.SearchStrategy[date] = FAR) -> tuple[Period, Calendar]:
    """A period of any kind, cut anywhere, and its calendar."""
    calendar = draw(CALENDARS)
    first = draw(days)
    kind = draw(st.sampled_from(["own", "calendar year", "range"]))
    if kind == "range":
        end = first + timedelta(days=draw(st.integers(1, 800)))
        period = Period(first, end, end, None)
    else:
        calendar = Calendar() if kind == "calendar year" else calendar
        period = calendar.period_of(draw(GRAINS), first)
    return period.cut_at(first + timedelta(days=draw(st.integers(-400, 800)))), calendar


def each_day(start: date, end: date) -> list[date]:
    return [start + timedelta(days=index) for index in range((end - start).days)]


@given(periods())
def test_a_label_is_read_back_as_the_same_period(drawn: tuple[Period, Calendar]) -> None:
    period, calendar = drawn
    assert parse_period(period.label(calendar), calendar, period.end) == period.whole()


@given(st.integers(1, 9998), st.sampled_from(["", "FY"]), CALENDARS)
def test_a_label_of_a_quarter_or_year_is_read_back_under_its_own_name(
    year: int, prefix: str, calendar: Calendar
) -> None:
    assume(year > 1)
    for text in (f"{prefix}{year:04d}", *(f"{prefix}{year:04d}-Q{quarter}" for quarter in range(1, 5))):
        assert parse_period(text, calendar, date(2026, 1, 1)).label(calendar) == text


@given(FAR)
def test_weeks_from_monday_are_iso_weeks(day: date) -> None:
    year, week, weekday = day.isocalendar()
    period = Calendar().period_of(Grain.WEEK, day)
    assert period.label(Calendar()) == f"{year:04d}-W{week:02d}"
    assert period.start == day - timedelta(days=weekday - 1)


@given(st.integers(2, 9997), st.integers(1, 53), st.integers(0, 6))
def test_a_week_holds_the_thursday_of_its_number(year: int, week: int, week_starts: int) -> None:
    assume(week <= date(year, 12, 28).isocalendar().week)
    period = parse_period(f"{year:04d}-W{week:02d}", Calendar(week_starts=week_starts), date(2026, 1, 1))
    assert period.start <= date.fromisocalendar(year, week, 4) < period.end
    assert (period.start.weekday(), (period.end - period.start).days) == (week_starts, 7)


@given(FAR, GRAINS, CALENDARS)
def test_periods_of_a_grain_lie_side_by_side(day: date, grain: Grain, calendar: Calendar) -> None:
    period = calendar.period_of(grain, day)
    assert period.start <= day < period.end
    assert {calendar.period_of(grain, each) for each in (period.start, period.end - DAY)} == {period}
    assert calendar.period_of(grain, period.end) == period.earlier(-1)
    assert calendar.period_of(grain, period.start - DAY) == period.earlier(1)


@given(FAR, CALENDARS)
def test_a_fiscal_year_is_named_for_the_year_in_which_it_ends(day: date, calendar: Calendar) -> None:
    year = calendar.period_of(Grain.YEAR, day)
    assert year.label(calendar).removeprefix("FY") == f"{year.last_day.year:04d}"
    assert year.start.month == calendar.fiscal_year_starts


@given(periods(), st.integers(0, 200))
def test_going_back_and_forth_comes_home(drawn: tuple[Period, Calendar], count: int) -> None:
    period, _ = drawn
    assume(period.grain is not None)
    assert period.earlier(count).earlier(-count) == period.whole()


@given(FAR, GRAINS, st.integers(1, 60), GRAINS, CALENDARS)
def test_shifting_is_going_back_by_whole_grains(
    day: date, grain: Grain, count: int, unit: Grain, calendar: Calendar
) -> None:
    """By the table of how many months, days or weeks each unit is; a day shifted by months is held by other laws."""
    period = calendar.period_of(grain, day)
    months = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}
    days = {Grain.DAY: 1, Grain.WEEK: 7}
    weeks = {Grain.DAY: Fraction(1, 7), Grain.WEEK: Fraction(1), Grain.QUARTER: Fraction(13), Grain.YEAR: Fraction(52)}
    if grain is Grain.WEEK:
        grains = count * weeks.get(unit, Fraction(0))
    elif grain is Grain.DAY:
        assume(unit in days)
        grains = Fraction(count * days[unit])
    else:
        grains = Fraction(count * months.get(unit, 0), months[grain])
    expected = period.earlier(int(grains)) if grains and grains.denominator == 1 else None
    assert period.shifted(Duration(count, unit)) == expected


@given(periods(), DURATIONS)
def test_an_earlier_period_is_as_far_along(drawn: tuple[Period, Calendar], duration: Duration) -> None:
    """Cut to as many days where the period is running, whole where it isn't, and never longer than itself."""
    period, _ = drawn
    for earlier in (period.previous(), period.shifted(duration)):
        if earlier is None:
            continue
        length = (earlier.end - earlier.start).days
        assert earlier.elapsed_days == (min(period.elapsed_days, length) if period.running else length)
        assert earlier.grain is period.grain


@given(periods())
def test_previous_ends_where_the_period_starts(drawn: tuple[Period, Calendar]) -> None:
    period, _ = drawn
    assert period.previous().end == period.start


@given(NEAR, st.integers(0, 100), st.integers(1, 60))
def test_both_ends_of_a_range_shift_month_end_to_month_end(first: date, length: int, months: int) -> None:
    """Each by the definition: a month's last day to a last day, another to its number or the last day before it."""
    last = first + timedelta(days=length)
    shifted = Period(first, last + DAY, last + DAY, None).shifted(Duration(months, Grain.MONTH))
    assert shifted is not None
    assert [shifted.start, shifted.last_day] == [months_before(first, months), months_before(last, months)]


def months_before(day: date, months: int) -> date:
    """The day's month found by walking back over first days, then the day within it."""
    first = day.replace(day=1)
    for _ in range(months):
        first = (first - DAY).replace(day=1)
    inside = [each for each in each_day(first, first + timedelta(days=31)) if each.month == first.month]
    ends = (day + DAY).day == 1
    return inside[-1] if ends else [each for each in inside if each.day <= day.day][-1]


@given(periods(), st.integers(1, 2_000), st.sampled_from([Grain.DAY, Grain.WEEK]))
def test_trailing_days_are_as_many(drawn: tuple[Period, Calendar], count: int, grain: Grain) -> None:
    period, _ = drawn
    trailing = period.trailing(Duration(count, grain))
    assert (trailing.end, (trailing.end - trailing.start).days) == (period.cut, count * grain.days)
    assert trailing.elapsed_days == (count * grain.days if period.elapsed_days else 0)


@given(NEAR, st.integers(1, 40))
def test_trailing_months_of_a_months_end_are_whole_months(day: date, count: int) -> None:
    month = Calendar().period_of(Grain.MONTH, day)
    trailing = month.trailing(Duration(count, Grain.MONTH))
    assert (trailing.start, trailing.end) == (month.earlier(count - 1).start, month.end)


@given(periods(), GRAINS)
def test_to_date_ends_with_the_last_elapsed_day(drawn: tuple[Period, Calendar], grain: Grain) -> None:
    period, calendar = drawn
    to_date = period.to_date(grain, calendar)
    assert to_date.grain is grain
    if period.elapsed_days:
        assert to_date.start <= period.last_day == to_date.last_day
    else:
        assert to_date.elapsed_days == 0
        assert to_date.start <= period.start < to_date.end


@given(periods(NEAR))
def test_the_elapsed_part_and_the_rest_make_the_whole(drawn: tuple[Period, Calendar]) -> None:
    period, calendar = drawn
    rest = period.rest()
    assert (rest.start, rest.end, rest.running) == (period.cut, period.end, False)
    for unit in PerUnit:
        whole = calendar.units_in(unit, period.start, period.end)
        elapsed = calendar.units_in(unit, period.start, period.cut)
        assert elapsed + calendar.units_in(unit, rest.start, rest.end) == whole
    assert 0 <= period.elapsed_share(calendar) <= 1
    assert period.whole().elapsed_share(calendar) == 1


@settings(max_examples=60)
@given(NEAR, st.integers(-30, 900), CALENDARS)
def test_units_are_counted_as_day_by_day(start: date, length: int, calendar: Calendar) -> None:
    end = start + timedelta(days=length)
    days = each_day(start, end)
    assert calendar.workdays_in(start, end) == sum(map(calendar.is_workday, days))
    assert calendar.units_in(PerUnit.WORKDAY, start, end) == calendar.workdays_in(start, end)
    for unit in PerUnit:
        if unit is not PerUnit.WORKDAY:
            grain = Grain(unit.value)
            own = (calendar.period_of(grain, day) for day in days)
            assert calendar.units_in(unit, start, end) == sum(
                (Fraction(1, (p.end - p.start).days) for p in own), Fraction()
            )


@given(NEAR, CALENDARS, st.sampled_from([Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER]), st.sampled_from(PerUnit))
def test_the_parts_of_a_year_add_up(day: date, calendar: Calendar, grain: Grain, unit: PerUnit) -> None:
    """Weeks hang over both its ends and are cut there."""
    year = calendar.period_of(Grain.YEAR, day)
    total = Fraction()
    part = calendar.period_of(grain, year.start)
    while part.start < year.end:
        total += calendar.units_in(unit, max(part.start, year.start), min(part.end, year.end))
        part = part.earlier(-1)
    assert total == calendar.units_in(unit, year.start, year.end)


@given(NEAR, CALENDARS)
def test_a_workday_is_a_declared_weekday_that_is_no_holiday(day: date, calendar: Calendar) -> None:
    if calendar.is_workday(day):
        assert day.weekday() in calendar.workdays
    if isinstance(calendar.holidays, tuple):
        assert calendar.is_workday(day) == (day.weekday() in calendar.workdays and day not in calendar.holidays)


@given(st.text(max_size=30) | st.from_regex(r"(FY)?[0-9]{4}(-[QW]?[0-9]{1,2}){0,2}(\.\.[0-9-]{0,10})?", fullmatch=True))
def test_any_text_is_a_period_or_an_error_with_a_fix(text: str) -> None:
    try:
        period = parse_period(text, Calendar(fiscal_year_starts=7), date(2026, 11, 22))
    except KpiError as error:
        said = (error.code, error.help is not None)
    else:
        said = (period.label(Calendar()) and "period", period.start < period.end)
    assert said == ("period", True)


@given(DURATIONS)
def test_a_duration_is_read_back(duration: Duration) -> None:
    assert Duration.parse(str(duration)) == duration
