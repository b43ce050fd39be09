"""The customer portal: HTML pages over the shared services."""
