"""The scorecard as a workbook: one module a kind of sheet, and what they share."""
