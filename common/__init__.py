"""
What every package may use: errors, dates, money, context, outbox, idempotency, web glue. No business noun ever.

Entry rule: a thing moves in when two packages use it, and not before.
"""
