"""Exports as typed tables: files and their declared columns in, lazy frames and data notes out."""

from kpicli.tables.instants import ORDER
from kpicli.tables.notes import Reading
from kpicli.tables.opening import Opened, open_table
from kpicli.tables.scan import FILE, ROW

__all__ = ["FILE", "ORDER", "ROW", "Opened", "Reading", "open_table"]
