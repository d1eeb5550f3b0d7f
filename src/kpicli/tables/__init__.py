"""Exports as typed tables: files and their declared columns in, typed rows and data notes out."""
