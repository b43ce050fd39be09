"""What becomes of endpoints by themselves: who hears of a pause, what is kept how long, secrets at rest."""

from datetime import timedelta

import pytest
from django.utils import timezone

from documents import cipher
from documents.errors import SecretUnreadable
from documents.repositories import WebhookSecrets
from notifications import handlers as message_handlers
from notifications.models import Notification
from notifications.webhooks import services, signing
from notifications.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookMessage
from tests.factories import MemberFactory
from tests.notifications.builders import event
from tests.notifications.webhooks.builders import NOW, deliveries, queue

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loopback")]
URL = "http://127.0.0.1:9/hooks?token=of-the-receiver"


# --- the mail -------------------------------------------------------------------------------------------------------
def paused(made, **changes):
    facts = {
        "webhook_id": str(made.pk),
        "supplier_id": made.supplier_id,
        "address": made.address_shown,
        "has_money_events": made.has_money_events,
        "cause": "failing",
        "error": "The receiver answered 500.",
    }
    return event("notifications.webhook.paused", **{**facts, **changes})


def test_owners_and_operators_get_a_mail_when_we_pause_and_none_when_somebody_does(endpoint, owner, mailoutbox):
    from notifications import services as message_services

    operator = MemberFactory(supplier=owner.supplier, role="operator").user
    MemberFactory(supplier=owner.supplier, role="finance")
    made = endpoint(URL)
    WebhookEndpoint.objects.update(status="paused", pause_cause="failing", paused_at=NOW)

    message_handlers.event_tell(paused(made, cause="person"))
    assert Notification.objects.count() == 0
    message_handlers.event_tell(paused(made))
    message_services.notifications_send_due(now=timezone.now(), limit=10)

    assert sorted(mail.to[0] for mail in mailoutbox) == sorted([owner.user.email, operator.email])
    assert mailoutbox[0].subject == "Webhooks to http://127.0.0.1:9/hooks are paused"
    assert "The receiver answered 500." in mailoutbox[0].body
    assert f"/supplier/webhooks/{made.pk}/" in mailoutbox[0].body
    assert "of-the-receiver" not in mailoutbox[0].body


def test_of_an_endpoint_with_money_only_owners_hear_and_of_the_platforms_it(endpoint, owner, it):
    MemberFactory(supplier=owner.supplier, role="operator")
    message_handlers.event_tell(paused(endpoint(URL, event_types=("launch.delayed", "statement.paid_out"))))
    assert [row.address for row in Notification.objects.all()] == [owner.user.email]

    Notification.objects.all().delete()
    platforms = endpoint(URL, by=it)
    WebhookEndpoint.objects.update(status="paused", pause_cause="failing", paused_at=NOW)
    message_handlers.event_tell(paused(platforms))
    assert [(row.address, row.link) for row in Notification.objects.all()] == [
        (it.email, f"/employee/webhooks/{platforms.pk}/")
    ]


# --- keeping house --------------------------------------------------------------------------------------------------
def test_what_is_kept_long_enough_goes(endpoint, owner, settings):
    made = endpoint(URL)
    old, recent = queue(made, at=NOW - timedelta(days=40))[0], queue(made, at=NOW - timedelta(days=20))[0]
    WebhookDelivery.objects.update(status="delivered")
    WebhookDelivery.objects.filter(pk=old.pk).update(done_at=NOW - timedelta(days=31))
    WebhookDelivery.objects.filter(pk=recent.pk).update(done_at=NOW - timedelta(days=20))
    stale, young = queue(made, at=NOW - timedelta(days=15))[0], queue(made, at=NOW - timedelta(days=13))[0]
    services.endpoint_pause(actor=owner.user, endpoint_id=made.pk, now=NOW)

    assert services.webhooks_keep_house(now=NOW) == 1

    assert [(row.pk, row.status) for row in deliveries(made)] == [
        (recent.pk, "delivered"),
        (stale.pk, "failed"),
        (young.pk, "waiting"),
    ]
    assert WebhookMessage.objects.count() == 3


def test_secrets_that_sign_no_more_are_forgotten(endpoint, owner):
    kept, removed = endpoint(URL), endpoint(URL)
    services.endpoint_rotate_secret(actor=owner.user, endpoint_id=kept.pk, now=NOW)
    services.endpoint_remove(actor=owner.user, endpoint_id=removed.pk, now=NOW)

    services.webhooks_keep_house(now=NOW + timedelta(hours=23))
    assert WebhookSecrets.count() == 2
    services.webhooks_keep_house(now=NOW + timedelta(hours=24))

    kept.refresh_from_db()
    assert (WebhookSecrets.count(), kept.previous_secret_id) == (1, None)
    assert WebhookSecrets.get(secret_id=kept.secret_id, endpoint_id=kept.pk) is not None


# --- at rest --------------------------------------------------------------------------------------------------------
def test_an_encrypted_secret_opens_only_where_it_belongs_and_survives_a_new_secret_key(settings):
    secret = signing.new_secret()
    encrypted = cipher.encrypt(secret, context="webhook a")

    assert secret not in encrypted
    assert cipher.encrypt(secret, context="webhook a") != encrypted
    assert cipher.decrypt(encrypted, context="webhook a") == secret
    for altered in (encrypted[:-4] + "AAAA", "v1.", "nonsense", "v1." + "A" * 80):
        with pytest.raises(SecretUnreadable):
            cipher.decrypt(altered, context="webhook a")
    with pytest.raises(SecretUnreadable):
        cipher.decrypt(encrypted, context="webhook b")

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a-newer-key", [settings.SECRET_KEY]
    assert cipher.decrypt(encrypted, context="webhook a") == secret
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(SecretUnreadable):
        cipher.decrypt(encrypted, context="webhook a")
