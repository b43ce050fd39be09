"""The customer's own details and messages."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import services as account_services
from common.errors import DomainError, InvalidInput, NotFound
from documents.errors import DocumentStoreUnavailable
from notifications import selectors as notification_selectors
from notifications import services as notification_services
from portals.customer import travellers
from portals.customer.forms.account import ProfileForm
from portals.customer.forms.seats import is_id
from portals.customer.rendering import me, page
from portals.shared.doors import customer_required, errors_to_form, translate_domain_errors
from portals.shared.htmx import redirect_page
from portals.shared.inbox import inbox_open
from portals.shared.preferences import preferences_page

INBOX_PAGE = 20
AWAY = "We cannot save your details just now. Nothing was changed; please try again in a moment."


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@customer_required
@translate_domain_errors()
def profile(request: HttpRequest) -> HttpResponse:
    """Own details; when their store is away, what was typed stays on the page."""
    if request.method == "POST":
        return _profile_take(request)
    profile = travellers.profile_of(customer=me(request))
    initial = {name: getattr(profile, name) for name in ProfileForm.base_fields} if profile else {}
    context = {"form": ProfileForm(initial=initial), "is_away": profile is None, "profile": profile}
    return page(request, "customer/profile.html", context)


def _profile_take(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            account_services.profile_change(customer=me(request), now=timezone.now(), **form.cleaned_data)
        except DocumentStoreUnavailable:
            errors_to_form(form, DomainError(AWAY))
            status = 503
        except InvalidInput as error:
            errors_to_form(form, error)
        else:
            messages.success(request, "Your details are saved.")
            return redirect_page(request, "customer:profile")
    context = {"form": form, "profile": travellers.profile_of(customer=me(request))}
    return page(request, "customer/profile.html", context, status=status)


@require_safe
@never_cache
@customer_required
def inbox(request: HttpRequest) -> HttpResponse:
    """Messages, the latest first; `before` is the last one of the page before."""
    before = request.GET.get("before", "")
    rows = notification_selectors.inbox_list(
        user=me(request), before=int(before) if is_id(before) else None, limit=INBOX_PAGE + 1
    )
    context = {"notices": rows[:INBOX_PAGE], "older": rows[INBOX_PAGE - 1].pk if len(rows) > INBOX_PAGE else None}
    return page(request, "customer/inbox.html", context)


@require_POST
@customer_required
@translate_domain_errors()
def inbox_read(request: HttpRequest) -> HttpResponse:
    """Mark one message (`notice`) or all of them as read; with `open`, go on to what the one is about."""
    notice = request.POST.get("notice", "")
    if notice and not is_id(notice):
        raise NotFound("There is no such message in your inbox.")
    if notice and "open" in request.POST:
        return inbox_open(request, int(notice), back_to="customer:inbox")
    count = notification_services.inbox_mark_read(
        user=me(request), now=timezone.now(), notification_id=int(notice) if notice else None
    )
    if not notice:
        messages.success(request, "All messages are marked as read." if count else "There was nothing new.")
    return redirect_page(request, "customer:inbox")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@customer_required
def preferences(request: HttpRequest) -> HttpResponse:
    """Choose what is mailed."""

    def render(context: dict[str, Any]) -> HttpResponse:
        return page(request, "customer/preferences.html", context)

    return preferences_page(request, render=render, here="customer:preferences")
