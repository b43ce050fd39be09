"""The sandbox, card by card, and which gateway is asked."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from astrobookings.settings import env
from finance.errors import CardInvalid, ChallengeRefused, GatewayUnavailable, RefundRefused
from finance.gateways import CardToken, gateway
from finance.gateways.sandbox import TEST_CARDS, SandboxGateway
from finance.models import SandboxCharge
from tests.factories import NOW, card

pytestmark = pytest.mark.django_db
sandbox = SandboxGateway()
CHARGE = {"amount": Decimal(100), "currency": "USD"}
NUMBERS = {one.outcome: one.number for one in TEST_CARDS if one.decline_reason != "insufficient funds"}


def charge(outcome, key="k"):
    return sandbox.create(key=key, means=card(NUMBERS[outcome]), **CHARGE)


def status(key="k"):
    return sandbox.status(key=key, reference="", **CHARGE)


def clock(minutes):
    """Let the sandbox's clock go on."""
    for kept in SandboxCharge.objects.exclude(settles_at=None):
        kept.settles_at -= timedelta(minutes=minutes)
        kept.save()


@pytest.mark.parametrize(
    ("outcome", "answered"),
    [
        ("succeeded", "succeeded"),
        ("declined", "declined"),
        ("challenge", "challenge"),
        ("slow", "processing"),
        ("no_refund", "succeeded"),
        ("refund_later", "succeeded"),
    ],
)
def test_each_card_does_what_it_says_and_a_repeated_key_charges_once(outcome, answered):
    first, again = charge(outcome), charge(outcome)

    assert (first.status, again) == (answered, first)
    assert status() == first
    assert SandboxCharge.objects.count() == 1


def test_a_lost_answer_is_a_charge_all_the_same():
    with pytest.raises(GatewayUnavailable):
        charge("lost")

    assert status().status == "succeeded"


def test_a_slow_charge_comes_in_by_the_sandboxs_clock():
    charge("slow")
    clock(minutes=2)

    assert status().status == "succeeded"


def test_a_challenge_takes_the_right_code_only():
    reference = charge("challenge").reference
    with pytest.raises(ChallengeRefused):
        sandbox.confirm(key="k", reference=reference, code="000000")

    assert sandbox.confirm(key="k", reference=reference, code=" 123456 ").status == "succeeded"


def test_only_a_challenge_can_be_given_up():
    charge("challenge", "c")
    charge("succeeded", "s")

    answers = [sandbox.abandon(key=key, reference="", **CHARGE) for key in ("c", "s", "unheard of")]

    assert [answer and answer.status for answer in answers] == ["abandoned", "succeeded", None]
    assert sandbox.confirm(key="c", reference=answers[0].reference, code="123456").status == "abandoned"


def refund(reference, key="r", amount=60):
    return sandbox.refund(key=key, charge_reference=reference, amount=Decimal(amount), currency="USD")


def test_a_refund_is_paid_once_a_key_and_never_above_the_charge():
    reference = charge("succeeded").reference
    first, again = refund(reference), refund(reference)

    assert (first.status, again) == ("succeeded", first)
    with pytest.raises(RefundRefused, match="exceeds"):
        refund(reference, key="other")


def test_a_bank_that_is_away_takes_the_refund_later():
    reference = charge("refund_later").reference
    with pytest.raises(RefundRefused, match="just now"):
        refund(reference)
    clock(minutes=2)

    assert refund(reference, key="r:1").status == "succeeded"


def test_a_closed_account_takes_no_refund_ever():
    reference = charge("no_refund").reference
    clock(minutes=60)

    with pytest.raises(RefundRefused, match="closed"):
        refund(reference)


def test_the_sandbox_takes_no_tokens():
    with pytest.raises(CardInvalid):
        sandbox.means_check(means=CardToken(token="pm_1"), today=NOW.date())
    with pytest.raises(CardInvalid):
        sandbox.means_check(means=None, today=NOW.date())


def test_every_test_card_has_a_number_that_can_be_one():
    for one in TEST_CARDS:
        sandbox.means_check(means=card(one.number), today=timezone.now().date())


def test_the_sandbox_is_asked_unless_settings_say_otherwise(settings):
    assert gateway().name == "sandbox"
    settings.PAYMENT_GATEWAY = "stripe"
    settings.STRIPE_SECRET_KEY = "sk_test_x"

    assert (gateway().name, gateway("sandbox").name) == ("stripe", "sandbox")


def test_wrong_settings_stop_the_start_with_a_sentence(monkeypatch):
    monkeypatch.setenv("PAYMENT_GATEWAY", "paypal")
    with pytest.raises(ImproperlyConfigured, match="PAYMENT_GATEWAY is 'paypal'; it must be sandbox or stripe"):
        env.choice("PAYMENT_GATEWAY", ("sandbox", "stripe"))
    monkeypatch.delenv("STRIPE_SECRET_KEY", raising=False)
    with pytest.raises(ImproperlyConfigured, match="Set STRIPE_SECRET_KEY"):
        env.secret("STRIPE_SECRET_KEY", needed=True)

    assert env.secret("STRIPE_SECRET_KEY", needed=False) == ""
