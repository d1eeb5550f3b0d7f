"""kpis.yaml: read with the place of every key and value, checked whole, frozen."""
