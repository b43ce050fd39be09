"""Backups of all that cannot be made anew, and their way back; docs/backup.md."""
