"""What a book can't hold, and what no message may repeat: a password."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from kpicli.book.mail import WHERE_IT_IS, PasswordSpec
from kpicli.book.reader import Data, Places
from kpicli.errors import KpiError


def refuse_secrets(data: Mapping[str, Data], places: Places) -> None:
    """Raises KpiError where `password` is no mapping of known keys. Alone, since others might show the same line."""
    mail = data.get("mail")
    password = mail.get("password") if isinstance(mail, dict) else None
    if password is None or (isinstance(password, dict) and password.keys() <= PasswordSpec.model_fields.keys()):
        return
    place = places.key(("mail", "password"))
    end = place.column - 1 + place.length
    raise KpiError(
        "password",
        "a book can't hold a password, and what stands here may be one",
        place=replace(place, text=f"{place.text[:end]}: …"),
        help=WHERE_IT_IS,
    )
