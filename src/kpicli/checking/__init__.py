"""What `kpi check` asks of the data, and what it says of the answers."""
