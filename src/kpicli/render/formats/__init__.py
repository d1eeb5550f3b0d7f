"""One module a format, each with `render(card: Scorecard) -> str | bytes`; a file put here is a format."""
