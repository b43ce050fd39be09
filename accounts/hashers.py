"""How passwords are hashed."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """
    argon2id at OWASP's minimum (Password Storage Cheat Sheet): 19 MiB, 2 passes, 1 lane.

    About 30 ms on one core, where Django's own numbers take 250 ms: with those, two cores would let eight people a
    second sign in. Hashes with other numbers are renewed at the next sign-in.
    """

    time_cost = 2  # passes
    memory_cost = 19_456  # KiB
    parallelism = 1  # lanes
