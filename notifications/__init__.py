"""
What we tell people: a queue of messages, each at most once, by mail and in the portals' inboxes.

Never decides anything about bookings or money. Emits nothing; hears events of all packages below.
"""
