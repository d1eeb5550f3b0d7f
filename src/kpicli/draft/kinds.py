"""What the rows of an export are, where no preset knows it: opportunities, leads, activities, users or accounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from kpicli.draft.columns import find, holds_dates, is_choice, tells_won
from kpicli.draft.model import Export, Kind
from kpicli.draft.words import likeness, means_converted, word_set, words_of
from kpicli.tables.survey import Profile

ABOUT: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.OPPORTUNITIES: word_set("deal opportunity potential what"),
    Kind.LEADS: word_set("lead who prospect"),
    Kind.USERS: word_set("owner user rep agent seller assigned manager salesperson besitzer verkaufer"),
    Kind.ACCOUNTS: word_set("account company customer client organization organisation kunde firma"),
}
"""Words in the header of a column that leads to a row of each kind."""

_OPPORTUNITY: Final = word_set("""
    deal deals opportunity opportunities potential opp pipeline verkaufschance chance auftrag affaire opportunite
    oportunidad negocio trato transaction verkoopkans opportunita oportunidade 商談 案件
    """)
_LEAD: Final = word_set("lead leads prospect interessent prospecto leadstatus leadquelle leadbron リード")
_ACTIVITY: Final = word_set("""
    activity activities task call event meeting due subject duration aktivitat aufgabe anruf termin besprechung fallig
    activite tache appel reunion rendez echeance actividad tarea llamada cita vencimiento activiteit taak oproep
    afspraak vervaldatum attivita scadenza atividade tarefa vencimento
    """)
_USER: Final = word_set("""
    manager team role region regional quota user hire hired title email active rolle benutzer equipe utilisateur
    equipo usuario gebruiker
    """)
_ACCOUNT: Final = word_set("""
    industry sector segment website employees employee domain revenue subsidiary parent branche mitarbeiter secteur
    industria empleados medewerkers account company customer
    """)


def is_about_another(column: Profile, kind: Kind) -> bool:
    """Whether a column's header names rows of another kind: a `LEADID` among opportunities."""
    others = set().union(*(words for other, words in ABOUT.items() if other is not kind)) - ABOUT.get(kind, frozenset())
    return bool(others & set(words_of(column.header)))


def kind_of(export: Export) -> Kind:
    """The kind that its headers and values speak for most; OTHER where they speak for none enough."""
    scores = {kind: score(export) / _ENOUGH[kind] for kind, score in _SCORES.items()}
    best = max(scores, key=lambda kind: scores[kind])
    return best if scores[best] >= 1 else Kind.OTHER


def strength(export: Export, kind: Kind) -> float:
    """How much speaks for a kind."""
    return _SCORES[kind](export) if kind in _SCORES else 0


def _opportunities(export: Export) -> float:
    columns = export.columns
    score = 4.0 if any(map(tells_won, columns)) else 1.5 if find(columns, "stage") else 0.0
    score += 3 if find(columns, "won") else 0
    score += 2 if find(columns, "amount") else 0
    score += 2 if find(columns, "close_date") else 0
    score += 0.5 if find(columns, "owner") else 0
    return score + 1.5 * _spoken(export, _OPPORTUNITY, most=1)


def _leads(export: Export) -> float:
    columns = export.columns
    score = 3.0 if find(columns, "converted") else 1.5 if any(map(_tells_converted, columns)) else 0.0
    score += 1 if find(columns, "created_date") else 0
    score += 0.5 if find(columns, "source") else 0
    leads = [column for column in columns if _LEAD & set(words_of(column.header))]
    if any({"id", "key", "nr"} & set(words_of(column.header)) and export.survey.is_key(column) for column in leads):
        score += 3
    return score + min(len(leads), 2)


def _tells_converted(column: Profile) -> bool:
    return is_choice(column) and any(means_converted(value) for value, _ in column.values)


def _activities(export: Export) -> float:
    columns = export.columns
    if not any(map(holds_dates, columns)) or any(map(tells_won, columns)):
        return 0
    score = 1.0 if find(columns, "owner") else 0.0
    score += 1 if find(columns, "date") else 0
    score += 0.5 if find(columns, "completed") else 0
    score -= 2 if find(columns, "amount") else 0
    return score + 1.5 * _spoken(export, _ACTIVITY, most=3)


def _users(export: Export) -> float:
    if (
        export.rows > _MOST_USERS
        or any(map(tells_won, export.columns))
        or not _has_key(export, "owner", "name", "email")
    ):
        return 0
    return 1.0 + _spoken(export, _USER, most=3)


_MOST_USERS: Final = 5_000


def _accounts(export: Export) -> float:
    return 1.0 * _spoken(export, _ACCOUNT, most=3) if _has_key(export, "account", "name", "id") else 0


def _has_key(export: Export, *roles: str) -> bool:
    """Whether a column in one of the roles has a value of its own in each row."""
    named = [column for column in export.columns if any(likeness(column.header, role) >= 0.5 for role in roles)]
    return any(export.survey.is_key(column) for column in named)


_SCORES: Final[Mapping[Kind, Callable[[Export], float]]] = {
    Kind.OPPORTUNITIES: _opportunities,
    Kind.LEADS: _leads,
    Kind.ACTIVITIES: _activities,
    Kind.USERS: _users,
    Kind.ACCOUNTS: _accounts,
}
_ENOUGH: Final[Mapping[Kind, float]] = {
    Kind.OPPORTUNITIES: 4.5,
    Kind.LEADS: 4,
    Kind.ACTIVITIES: 3.5,
    Kind.USERS: 2,
    Kind.ACCOUNTS: 2,
}


def _spoken(export: Export, words: frozenset[str], most: int) -> int:
    """In how many headers a word of a kind stands, up to `most`."""
    return min(most, sum(bool(words & set(words_of(column.header))) for column in export.columns))
