"""Exports as typed tables: files and their declared columns in, typed rows and data notes out."""

from kpicli.tables.copies import Copies, Draft, scan_copy, users_copies
from kpicli.tables.exchange import Exchange
from kpicli.tables.instants import ORDER
from kpicli.tables.looks import CopiedLook, Counted, Look, Looked
from kpicli.tables.notes import EXAMPLES
from kpicli.tables.opening import Opened, Reading, open_table
from kpicli.tables.scan import FILE, ROW

__all__ = [
    "EXAMPLES",
    "FILE",
    "ORDER",
    "ROW",
    "CopiedLook",
    "Copies",
    "Counted",
    "Draft",
    "Exchange",
    "Look",
    "Looked",
    "Opened",
    "Reading",
    "open_table",
    "scan_copy",
    "users_copies",
]
