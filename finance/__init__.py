"""
Money: payments through a gateway, refunds, invoices.

Decides when a booking is paid and tells bookings. Emits finance.*; hears bookings.booking.* (refunds, invoices).
"""
