"""The addresses below /api/v1/auth/."""

from django.urls import path

from accounts.api import views

app_name = "auth-api"
urlpatterns = [
    path("token/", views.TokenView.as_view(), name="token"),
    path("token/refresh/", views.TokenRefreshView.as_view(), name="token-refresh"),
    path("token/revoke/", views.TokenRevokeView.as_view(), name="token-revoke"),
]
