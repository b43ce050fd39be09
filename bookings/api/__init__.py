"""JSON doors of the package."""
