"""How fast it is, and what it costs: figures side by side from one run, printed as tables, never asserted."""
