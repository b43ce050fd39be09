"""Template context for every page."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from common import context


def site(request: HttpRequest) -> dict[str, Any]:
    """Give templates the request id, the support address, whether this is the demo, and whether its mails leave it."""
    return {
        "request_id": context.current().request_id,
        "support_email": settings.SUPPORT_EMAIL,
        "is_demo": settings.DEMO,
        "are_mails_files": settings.DEMO and settings.MAIL_PROVIDER == "files",
    }
