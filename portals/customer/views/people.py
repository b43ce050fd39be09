"""People whom a customer often books for: saved, corrected, removed; offered when seats are named."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import errors
from accounts import selectors as account_selectors
from accounts import services as account_services
from common.errors import DomainError, InvalidInput
from documents.errors import DocumentStoreUnavailable
from portals.customer import travellers
from portals.customer.forms.account import NewSavedPassengerForm, SavedPassengerForm
from portals.customer.rendering import me, page
from portals.customer.views.account import AWAY
from portals.shared.doors import customer_required, errors_to_form, translate_domain_errors
from portals.shared.htmx import redirect_page

LIST = "customer:saved-passengers"


@require_safe
@never_cache
@customer_required
def saved_passengers(request: HttpRequest) -> HttpResponse:
    """Everybody who is saved, in the order in which they were."""
    profile = travellers.profile_of(customer=me(request))
    given = [one for one in profile.consents if one.name == account_services.CONSENT_TO_KEEP] if profile else []
    context = {
        "profile": profile,
        "agreed_at": given[-1].at if given and given[-1].is_given else None,
        "most": account_services.SAVED_PASSENGERS_MAX,
        "is_full": profile is not None and len(profile.saved_passengers) >= account_services.SAVED_PASSENGERS_MAX,
    }
    return page(request, "customer/saved_passengers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@customer_required
@translate_domain_errors()
def saved_passenger_add(request: HttpRequest) -> HttpResponse:
    """Save somebody."""
    form = NewSavedPassengerForm(request.POST or None)
    profile = travellers.profile_of(customer=me(request))
    has_agreed = profile is not None and profile.has_agreed(account_services.CONSENT_TO_KEEP)
    if request.method == "POST":
        done = _saved(
            form, lambda: account_services.saved_passenger_add(customer=me(request), now=_now(), **form.cleaned_data)
        )
        if done == 200:
            messages.success(request, f"{form.cleaned_data['full_name'].strip()} is saved.")
            return redirect_page(request, LIST)
        return _form_page(request, form, status=done, has_agreed=has_agreed)
    return _form_page(request, form, has_agreed=has_agreed)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@customer_required
@translate_domain_errors()
def saved_passenger_edit(request: HttpRequest, passenger_id: str) -> HttpResponse:
    """Correct somebody's details."""
    if request.method == "POST":
        form = SavedPassengerForm(request.POST)
        done = _saved(
            form,
            lambda: account_services.saved_passenger_change(
                customer=me(request), passenger_id=passenger_id, now=_now(), **form.cleaned_data
            ),
        )
        if done == 200:
            messages.success(request, "The details are saved.")
            return redirect_page(request, LIST)
        return _form_page(request, form, status=done, is_edit=True)
    found = account_selectors.profile_get(customer=me(request)).saved_passenger(passenger_id)
    if found is None:
        raise errors.SavedPassengerNotFound
    initial = {name: getattr(found, name) for name in travellers.FIELDS}
    return _form_page(request, SavedPassengerForm(initial=initial), is_edit=True)


@require_POST
@customer_required
@translate_domain_errors()
def saved_passenger_remove(request: HttpRequest, passenger_id: str) -> HttpResponse:
    """Forget somebody; bookings stay as they are."""
    gone = account_services.saved_passenger_remove(customer=me(request), passenger_id=passenger_id, now=_now())
    messages.success(request, f"{gone.full_name} is not kept any more. Bookings stay as they are.")
    return redirect_page(request, LIST)


@require_POST
@customer_required
@translate_domain_errors()
def saved_passengers_forget(request: HttpRequest) -> HttpResponse:
    """Take the consent back and forget everybody."""
    account_services.saved_passengers_forget(customer=me(request), now=_now())
    messages.success(request, "Nobody is kept any more. Bookings stay as they are.")
    return redirect_page(request, LIST)


def _now() -> Any:
    return timezone.now()


def _saved(form: SavedPassengerForm, save: Callable[[], object]) -> int:
    """Save what was typed; return the status to answer with, its problems told by the form."""
    if not form.is_valid():
        return 422
    try:
        save()
    except DocumentStoreUnavailable:
        errors_to_form(form, DomainError(AWAY))
        return 503
    except (InvalidInput, errors.SavedPassengersFull) as error:
        errors_to_form(form, error)
        return 422
    return 200


def _form_page(request: HttpRequest, form: SavedPassengerForm, *, status: int = 200, **context: Any) -> HttpResponse:
    return page(request, "customer/saved_passenger.html", {"form": form, **context}, status=status)
