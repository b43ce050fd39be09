"""Files that people download."""

from django.http import HttpResponse


def pdf_response(*, content: bytes, name: str) -> HttpResponse:
    """Answer with a PDF that nobody on the way keeps; `name` is its file's name without ".pdf", plain characters."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response
