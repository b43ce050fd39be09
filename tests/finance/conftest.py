"""Stripe as the gateway, with the tests' own double behind it."""

import pytest

from tests import outside
from tests.factories import LaunchFactory, make_pending
from tests.finance.stripe_double import StripeDouble

WEBHOOK_SECRET = "whsec_of_the_tests"


@pytest.fixture
def stripe_double(settings):
    outside.install_stripe()
    double = StripeDouble()
    settings.PAYMENT_GATEWAY = "stripe"
    settings.STRIPE_SECRET_KEY = "sk_test_of_the_tests"
    settings.STRIPE_PUBLISHABLE_KEY = "pk_test_of_the_tests"
    settings.STRIPE_WEBHOOK_SECRET = WEBHOOK_SECRET
    settings.STRIPE_API_BASE = double.url
    yield double
    double.close()


@pytest.fixture
def booking(stripe_double):
    """One that is to be paid through Stripe."""
    return make_pending(launch=LaunchFactory())
