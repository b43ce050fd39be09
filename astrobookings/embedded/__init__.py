"""Servers from Python wheels, and `make run`: for trying, developing, testing. Production names its servers by URL."""
