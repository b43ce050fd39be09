"""Addresses below /api/v1/customer/."""

from django.urls import path

from finance.api import views

customer_urlpatterns = [
    path("bookings/<slug:reference>/payment/", views.PaymentView.as_view()),
    path("bookings/<slug:reference>/payment/challenge/", views.ChallengeView.as_view()),
]
