"""A scorecard as the two bodies of a mail: plain text, and HTML that mail programs show."""

from kpicli.render.mail.bodies import bodies
from kpicli.render.mail.view import Extent, Letterhead

__all__ = ["Extent", "Letterhead", "bodies"]
