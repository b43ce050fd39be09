"""In which language and time zone a person is written to: one page for all three portals."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import services
from accounts.doors.forms import ReadingForm
from accounts.models import User
from common.errors import InvalidInput


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reading(request: HttpRequest) -> HttpResponse:
    """Show and keep the language and the time zone of the user's messages."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - login_required says so; for the type checker
    form = ReadingForm.of(user, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            services.reading_change(user=user, **form.cleaned_data)
        except InvalidInput as error:
            form.take(error)
        else:
            messages.success(request, "Saved. The messages we send you from now on follow.")
            return redirect("accounts:reading")
    return TemplateResponse(request, "accounts/reading.html", {"form": form}, status=422 if form.errors else 200)
