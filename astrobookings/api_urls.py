"""Every address of the API; each portal's part is put together from the packages that serve it."""

from django.urls import include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from accounts.api import urls as accounts
from astrobookings import audit_api, delivery_api, operations_api
from bookings.api import urls as bookings
from common.web import problems
from finance.api import urls as finance
from launches.api import urls as launches
from notifications.api import urls as notifications
from notifications.webhooks.api import urls as webhooks

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="api-docs")),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    path("v1/auth/", include("accounts.api.urls")),
    path(
        "v1/customer/",
        include(
            finance.customer_urlpatterns  # first, for a rush asks for its checkouts
            + bookings.customer_urlpatterns
            + accounts.customer_urlpatterns
            + notifications.customer_urlpatterns
        ),
    ),
    path(
        "v1/supplier/",
        include(
            launches.supplier_urlpatterns
            + bookings.supplier_urlpatterns
            + finance.supplier_urlpatterns
            + notifications.supplier_urlpatterns
            + webhooks.supplier_urlpatterns
        ),
    ),
    path(
        "v1/employee/",
        include(
            bookings.employee_urlpatterns
            + finance.employee_urlpatterns
            + webhooks.employee_urlpatterns
            + operations_api.urlpatterns
            + delivery_api.urlpatterns
            + audit_api.urlpatterns
            + notifications.employee_urlpatterns
        ),
    ),
    path("v1/payments/", include(finance.gateway_urlpatterns)),
    re_path("", problems.api_not_found),
]
