"""The addresses below /mails/."""

from django.urls import path

from notifications.doors import tracking, unsubscribing

app_name = "notifications"
urlpatterns = [
    path("off/<str:token>/", unsubscribing.unsubscribe, name="unsubscribe"),
    path("tracking/<str:provider>/", tracking.tracked, name="tracking"),
]
