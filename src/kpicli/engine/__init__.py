"""Engines: a plan in, small frames of figures out. Only an engine collects."""
