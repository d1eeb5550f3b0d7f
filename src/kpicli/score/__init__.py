"""From figures to a scorecard: the arithmetic outside of the aggregates, targets, pace and status."""
