"""The addresses below /api/v1/auth/, and those of profiles below /api/v1/customer/."""

from django.urls import path

from accounts.api import profile, views

app_name = "auth-api"
urlpatterns = [
    path("token/", views.TokenView.as_view(), name="token"),
    path("token/refresh/", views.TokenRefreshView.as_view(), name="token-refresh"),
    path("token/revoke/", views.TokenRevokeView.as_view(), name="token-revoke"),
]
customer_urlpatterns = [
    path("profile/", profile.ProfileView.as_view()),
    path("profile/passengers/", profile.SavedPassengerListView.as_view()),
    path("profile/passengers/<slug:passenger_id>/", profile.SavedPassengerView.as_view()),
]
