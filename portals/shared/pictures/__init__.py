"""Pictures drawn by the server as SVG: pure functions of frozen dataclasses, no request, no database, no clock."""
