"""The supplier portal: HTML pages over the shared services."""
