"""The suppliers' launches over HTTP."""
