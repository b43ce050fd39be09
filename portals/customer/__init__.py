"""
The customer portal: HTML pages over the shared services.

Open to all: landing page, catalogue, launch pages, suppliers, help. For customers: the booking flow (seats,
passengers, check, pay), trips, cancelling, invoices, profile, inbox. `rendering` gives every page its navigation;
`progress` says on which page of the flow a booking stands; `sights`, `holds`, `trips` and `quotes` turn what selectors
return into what templates ask.
"""
