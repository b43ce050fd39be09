"""
Webhooks: what happens, told to the systems of suppliers and integrators, signed, in order per receiver.

A house of its own within notifications, with the same rooms: an event of the outbox becomes a message with a published
payload (`event_types`, `payloads`), a message becomes one delivery per endpoint, and deliveries go out through
`transport`, which speaks with public addresses only. Secrets live in Logs MongoDB. See docs/webhooks.md.
"""
