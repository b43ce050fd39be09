"""Addresses below /api/v1/customer/, /supplier/, /employee/ and /payments/."""

from django.urls import path

from finance.api import callbacks, checkout, giving_up, invoices, ledger, refunds, views

customer_urlpatterns = [
    path("checkouts/", checkout.CheckoutView.as_view()),
    path("bookings/<slug:reference>/release/", giving_up.ReleaseView.as_view()),
    path("bookings/<slug:reference>/payment/", views.PaymentView.as_view()),
    path("bookings/<slug:reference>/payment/challenge/", views.ChallengeView.as_view()),
    path("bookings/<slug:reference>/payment/abandonment/", views.AbandonmentView.as_view()),
    path("rebookings/<uuid:rebooking_id>/payment/", views.RebookingPaymentView.as_view()),
    path("rebookings/<uuid:rebooking_id>/payment/challenge/", views.RebookingChallengeView.as_view()),
    path("rebookings/<uuid:rebooking_id>/payment/abandonment/", views.RebookingAbandonmentView.as_view()),
    path("invoices/", invoices.OwnInvoiceListView.as_view()),
    path("invoices/<id:invoice_id>/", invoices.OwnInvoiceView.as_view()),
    path("invoices/<id:invoice_id>/pdf/", invoices.OwnInvoicePdfView.as_view()),
]
supplier_urlpatterns = [
    path("invoices/", invoices.SupplierInvoiceListView.as_view()),
    path("invoices/<id:invoice_id>/", invoices.SupplierInvoiceView.as_view()),
    path("invoices/<id:invoice_id>/pdf/", invoices.SupplierInvoicePdfView.as_view()),
    path("statements/", invoices.SupplierStatementListView.as_view()),
    path("statements/<id:statement_id>/", invoices.SupplierStatementView.as_view()),
    path("statements/<id:statement_id>/pdf/", invoices.SupplierStatementPdfView.as_view()),
]
employee_urlpatterns = [
    path("ledger/balances/", ledger.BalanceListView.as_view()),
    path("bookings/<slug:reference>/ledger/", ledger.BookingLedgerView.as_view()),
    path("money-reconciliations/", ledger.MoneyRunListView.as_view()),
    path("money-reconciliations/<id:run_id>/", ledger.MoneyRunView.as_view()),
    path("invoices/", invoices.InvoiceListView.as_view()),
    path("invoices/<id:invoice_id>/", invoices.InvoiceView.as_view()),
    path("invoices/<id:invoice_id>/pdf/", invoices.InvoicePdfView.as_view()),
    path("invoices/<id:invoice_id>/payments/", invoices.InvoicePaymentView.as_view()),
    path("statements/", invoices.StatementListView.as_view()),
    path("statements/<id:statement_id>/", invoices.StatementView.as_view()),
    path("statements/<id:statement_id>/pdf/", invoices.StatementPdfView.as_view()),
    path("statements/<id:statement_id>/payout/", invoices.PayoutView.as_view()),
    path("refunds/", refunds.RefundListView.as_view()),
    path("refunds/<uuid:refund_id>/retry/", refunds.RefundRetryView.as_view()),
    path("refunds/<uuid:refund_id>/paid-by-hand/", refunds.RefundPaidByHandView.as_view()),
    path("bookings/<slug:reference>/goodwill-refund/", refunds.GoodwillView.as_view()),
]
gateway_urlpatterns = [path("callbacks/<slug:gateway>/", callbacks.CallbackView.as_view())]
