"""The public holidays of countries and their subdivisions: as an earlier run kept them, else from `holidays`.

That library loads all its countries for one of them, which takes longer than all else of a small report.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from kpicli.errors import KpiError
from kpicli.periods import kept


@lru_cache(maxsize=1 << 14)
def holidays_in(entity: str, year: int) -> frozenset[date]:
    """The holidays of a country ("US") or subdivision ("US-CA") in a year; none before or after its records.

    Raises KpiError for one that is not known.
    """
    years = kept.read(entity)
    if year not in years:
        years[year] = frozenset(day for day in _worked_out(entity, year) if day.year == year)
        kept.write(entity, years)
    return years[year]


def check_entity(entity: str) -> None:
    """Raises KpiError where the holidays of a country, or of its subdivision, are not known."""
    if not kept.read(entity):
        _worked_out(entity, 2000)


def _worked_out(entity: str, year: int) -> Iterable[date]:
    """The holidays as the library has them."""
    from holidays import country_holidays  # noqa: PLC0415  # slow to load

    country, dash, subdivision = entity.partition("-")
    # The library looks its countries up among all the names of a module, so only codes may come that far.
    if re.fullmatch("[A-Z]{2,3}", country) and (subdivision or not dash):
        try:
            found = country_holidays(country, subdiv=subdivision or None, years=year, expand=False)
        except NotImplementedError:
            pass
        else:
            if hasattr(found, "country"):
                return found
    raise _unknown(entity)


_FORMS = "an ISO code such as US, a subdivision such as US-CA, or a list of dates"


def _unknown(entity: str) -> KpiError:
    from holidays import list_supported_countries  # noqa: PLC0415  # likewise

    supported = list_supported_countries()
    country, *rest = re.split(r"[-_/ ]+", entity.strip("-_/ ").upper(), maxsplit=1)
    if country not in supported:
        help_ = f"write {_FORMS}"
    elif not rest or not supported[country]:
        help_ = f"write {country}"
    else:
        codes = {code.upper(): f"{country}-{code}" for code in supported[country]}
        help_ = f"write {codes[rest[0]]}" if rest[0] in codes else f"known: {', '.join(codes.values())}"
    return KpiError("holidays", f"the holidays of '{entity}' are not known", help=help_)
