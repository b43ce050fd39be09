"""Addresses below /api/v1/customer/, /employee/ and /payments/."""

from django.urls import path

from finance.api import callbacks, checkout, giving_up, refunds, views

customer_urlpatterns = [
    path("checkouts/", checkout.CheckoutView.as_view()),
    path("bookings/<slug:reference>/release/", giving_up.ReleaseView.as_view()),
    path("bookings/<slug:reference>/payment/", views.PaymentView.as_view()),
    path("bookings/<slug:reference>/payment/challenge/", views.ChallengeView.as_view()),
    path("bookings/<slug:reference>/payment/abandonment/", views.AbandonmentView.as_view()),
    path("rebookings/<uuid:rebooking_id>/payment/", views.RebookingPaymentView.as_view()),
    path("rebookings/<uuid:rebooking_id>/payment/challenge/", views.RebookingChallengeView.as_view()),
    path("rebookings/<uuid:rebooking_id>/payment/abandonment/", views.RebookingAbandonmentView.as_view()),
]
employee_urlpatterns = [
    path("refunds/", refunds.RefundListView.as_view()),
    path("refunds/<uuid:refund_id>/retry/", refunds.RefundRetryView.as_view()),
    path("refunds/<uuid:refund_id>/paid-by-hand/", refunds.RefundPaidByHandView.as_view()),
    path("bookings/<slug:reference>/goodwill-refund/", refunds.GoodwillView.as_view()),
]
gateway_urlpatterns = [path("callbacks/<slug:gateway>/", callbacks.CallbackView.as_view())]
