"""The employee portal: HTML pages over the shared services."""
