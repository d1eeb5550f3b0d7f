"""From the deliveries of a book to finished letters: whose report each is, what it may tell, how it is written."""

from kpicli.sending.composing import Asked, Mailing, Message, Stopped, compose
from kpicli.sending.server import server_of

__all__ = ["Asked", "Mailing", "Message", "Stopped", "compose", "server_of"]
