"""Payment gateways behind one interface (`port`), and which one to ask."""

from django.conf import settings

from finance.errors import GatewayUnavailable
from finance.gateways.port import Card, CardToken, ChargeAnswer, Gateway, Means
from finance.gateways.sandbox import SandboxGateway

__all__ = ["SILENCES_MAX", "Card", "CardToken", "ChargeAnswer", "Gateway", "Means", "gateway"]

SILENCES_MAX = 5  # calls in vain after which a job leaves the rest to its next run, so that it ends in time


def gateway(name: str = "") -> Gateway:
    """
    Return the gateway of that name, without one the gateway that new payments go to (settings.PAYMENT_GATEWAY).

    A payment is asked about and refunded where it was made: give the name in its row.

    Raises: GatewayUnavailable when this installation has no access to it (any more).
    """
    name = name or settings.PAYMENT_GATEWAY
    if name == SandboxGateway.name:
        return SandboxGateway()
    if name == "stripe" and settings.STRIPE_SECRET_KEY:
        from finance.gateways.stripe import StripeGateway  # noqa: PLC0415 - a large library that few installations need

        return StripeGateway()
    raise GatewayUnavailable(f"The gateway {name} is not set up here.")
