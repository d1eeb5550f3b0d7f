"""The benchmark: kpicli beside DuckDB and pandas, over exports that it generates. CONTRIBUTING says how to run it."""
