"""How often a network address may try to sign in."""

from rest_framework.throttling import ScopedRateThrottle


class AttemptThrottle(ScopedRateThrottle):
    """Counts attempts by network address; one that came to nothing through our fault can be given back."""

    duration: int  # seconds, which the library sets but does not declare

    def give_back(self) -> None:
        """Forget the attempt that this object counted."""
        history = self.cache.get(self.key, [])
        if self.now in history:
            history.remove(self.now)
            self.cache.set(self.key, history, self.duration)
