"""Documents as lines of text that keep every type: MongoDB Extended JSON v2, canonical."""

from typing import Any

from bson import json_util

from documents.mongo.collection import Document


def line_of(document: Document) -> str:
    """Return the document as one line of JSON, without a line end."""
    return json_util.dumps(document, json_options=json_util.CANONICAL_JSON_OPTIONS, separators=(",", ":"))


def document_of(line: str) -> dict[str, Any]:
    """Return the document of such a line. Raises: ValueError, also for JSON that is no document."""
    document = json_util.loads(line, json_options=json_util.CANONICAL_JSON_OPTIONS)
    if not isinstance(document, dict):
        raise ValueError("It is no document.")  # noqa: TRY004 - whoever reads a file has one failure to think of
    return document
