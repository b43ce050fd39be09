"""
MongoDB behind repositories: the only place where the driver is imported.

Owns the customer document store (profiles, launch offers, trips), the logs document store (system log, audit trail,
credentials, refresh tokens) and reconciliation between the stores. It knows no business rule: each business package
decides what its documents say and registers the data sets it owns. Hears every event (the audit trail); emits none.
Others enter through `repositories`, `records`, `errors`, `reconcile`, `services` and `selectors`.
"""
