"""
What suppliers offer: suppliers, rockets and their cabins, spaceports, destinations, launches, seats on sale.

Never knows who booked what. Emits launches.launch.* and launches.supplier.* events; writes offer documents from them.
"""
