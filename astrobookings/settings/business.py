"""Business numbers (domain.md), defaults that an operator may change; payments (docs/payments.md)."""

from astrobookings.settings import env

HOLD_MINUTES = env.integer("HOLD_MINUTES", 15, at_least=1)
HOLD_EXTENSION_MINUTES = env.integer("HOLD_EXTENSION_MINUTES", 10, at_least=1)  # once
HOLD_WARN_MINUTES = env.integer("HOLD_WARN_MINUTES", 5, at_least=1)  # before the end
HOLDS_PER_CUSTOMER = env.integer("HOLDS_PER_CUSTOMER", 5, at_least=1)  # unpaid ones, over all launches
HOLDS_PER_ADDRESS = env.integer("HOLDS_PER_ADDRESS", 20, at_least=1)
QUOTE_MINUTES = env.integer("QUOTE_MINUTES", 15, at_least=1)
REBOOKING_DAYS = env.integer("REBOOKING_DAYS", 30)  # before departure: until then a customer may move to another launch
SLIP_DAYS = env.integer("SLIP_DAYS", 30, at_least=1)  # a delay of so many asks every booking what it wants
SLIP_ANSWER_DAYS = env.integer("SLIP_ANSWER_DAYS", 14, at_least=1)
SEAT_LIMIT = env.integer("SEAT_LIMIT", 4, at_least=1)
SEAT_LIMIT_VIP = env.integer("SEAT_LIMIT_VIP", 6, at_least=1)
VIP_TRIPS = env.integer("VIP_TRIPS", 2, at_least=1)  # earlier trips booked and not cancelled
WAITING_OFFER_HOURS = env.integer("WAITING_OFFER_HOURS", 24, at_least=1)
PASSENGER_CHANGE_DAYS = env.integer("PASSENGER_CHANGE_DAYS", 30)  # the same for details of passengers, and seats
PASSENGER_AGE_MIN = env.integer("PASSENGER_AGE_MIN", 18)
PASSENGER_AGE_MAX = env.integer("PASSENGER_AGE_MAX", 70)
MINIMUM_OCCUPANCY_PERCENT = env.integer("MINIMUM_OCCUPANCY_PERCENT", 20)
VIABILITY_MONTHS = env.integer("VIABILITY_MONTHS", 3, at_least=1)  # before departure
VIABILITY_WARNING_MONTHS = env.integer("VIABILITY_WARNING_MONTHS", 1, at_least=1)  # before that
INVOICE_DUE_DAYS = env.integer("INVOICE_DUE_DAYS", 30)
INVOICE_REMINDER_DAYS = env.integer("INVOICE_REMINDER_DAYS", 14, at_least=1)  # between two reminders
TAX_PERCENT = env.decimal("TAX_PERCENT", "0")  # contained in every price and fee
FEE_PERCENT = env.decimal("FEE_PERCENT", "1")  # of a launch's net revenue
FEE_PERCENT_RELIABLE = env.decimal("FEE_PERCENT_RELIABLE", "0.8")
RELIABLE_AFTER = env.integer("RELIABLE_AFTER", 2, at_least=1)  # successful launches before this one
ABORT_FEE_USD = env.decimal("ABORT_FEE_USD", "1000")
PAYOUT_DAYS = env.integer("PAYOUT_DAYS", 7)  # after the statement
# Who issues invoices; an empty line is left out of them.
COMPANY_NAME = env.text("COMPANY_NAME", "Astro Bookings")
COMPANY_ADDRESS = env.text("COMPANY_ADDRESS", "")
COMPANY_TAX_ID = env.text("COMPANY_TAX_ID", "")
COMPANY_BANK = env.text("COMPANY_BANK", "")  # where suppliers pay what they owe

PAYMENT_GATEWAY = env.choice("PAYMENT_GATEWAY", ("sandbox", "stripe"))
# Read also while the sandbox is on: payments made at Stripe before are asked about and refunded there.
_needs_stripe = PAYMENT_GATEWAY == "stripe"
STRIPE_SECRET_KEY = env.secret("STRIPE_SECRET_KEY", needed=_needs_stripe)
STRIPE_PUBLISHABLE_KEY = env.secret("STRIPE_PUBLISHABLE_KEY", needed=_needs_stripe)
STRIPE_WEBHOOK_SECRET = env.secret("STRIPE_WEBHOOK_SECRET", needed=_needs_stripe)
STRIPE_API_BASE = env.text("STRIPE_API_BASE", "https://api.stripe.com").rstrip("/")
GATEWAY_TIMEOUT_S = env.integer("GATEWAY_TIMEOUT_S", 8, at_least=1)  # a call to a gateway over the network
