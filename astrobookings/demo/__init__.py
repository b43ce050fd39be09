"""The demo data: real vehicles and places, invented schedules, bookings of travellers without names of real people."""
