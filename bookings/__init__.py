"""
What customers take: holds, seat claims, bookings, passengers, cancellations.

Sells a seat at most once (docs/locking.md). Knows no gateway and no invoice: finance tells it when money came in.
Emits bookings.hold.* and bookings.booking.*; hears launches.launch.* (aborted, failed, launched, changed).
"""
