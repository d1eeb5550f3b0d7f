"""The plan of a report: what an engine has to read, derive and aggregate, in no engine's terms."""
