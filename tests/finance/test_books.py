"""The gateways' books as reconciliation reads them: the sandbox's tables, and Stripe's lists over HTTP."""

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from finance.errors import GatewayUnavailable
from finance.gateways import books, stripe_books

INSTANT = datetime(2027, 1, 15, 12, 0, tzinfo=UTC)


class Lists:
    """A server on the loopback that gives Stripe's lists, page by page."""

    def __init__(self) -> None:
        self.things: dict[str, list[dict]] = {"payment_intents": [], "refunds": []}
        self.asked: list[tuple[str, dict]] = []
        self.is_down = False
        lists = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                path, given = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
                status, answer = lists.answer(path.rsplit("/", 1)[-1], {name: one[0] for name, one in given.items()})
                sent = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, name: str, given: dict) -> tuple[int, dict]:
        self.asked.append((name, given))
        if self.is_down:
            return 500, {"error": {"type": "api_error", "message": "We are down."}}
        found = [one for one in self.things[name] if given.get("payment_intent") in (None, one.get("payment_intent"))]
        ids = [one["id"] for one in found]
        start = ids.index(given["starting_after"]) + 1 if "starting_after" in given else 0
        end = start + int(given["limit"])
        return 200, {"object": "list", "data": found[start:end], "has_more": end < len(found), "url": f"/v1/{name}"}


@pytest.fixture
def stripe(settings):
    lists = Lists()
    settings.STRIPE_SECRET_KEY = "sk_test_books"
    settings.STRIPE_API_BASE = f"http://127.0.0.1:{lists.server.server_port}"
    yield lists
    lists.server.shutdown()
    lists.server.server_close()


def intent(number: int, **changes) -> dict:
    return {
        "id": f"pi_{number}",
        "object": "payment_intent",
        "amount": 45000000,
        "amount_received": 45000000,
        "currency": "usd",
        "status": "succeeded",
        "metadata": {"payment_id": f"p{number}"},
        "created": int(INSTANT.timestamp()),
        **changes,
    }


def refund(number: int, **changes) -> dict:
    return {
        "id": f"re_{number}",
        "object": "refund",
        "amount": 40500000,
        "currency": "usd",
        "status": "succeeded",
        "payment_intent": "pi_1",
        "metadata": {"refund_id": f"r{number}"},
        "created": int(INSTANT.timestamp()),
        **changes,
    }


def test_stripes_charges_come_page_by_page(stripe, monkeypatch):
    monkeypatch.setattr(stripe_books, "PAGE", 2)
    stripe.things["payment_intents"] = [
        intent(1),
        intent(2, currency="jpy", amount=500, amount_received=500, metadata={}),
        intent(3, status="requires_action", amount_received=0),
    ]

    found = list(books.books_of("stripe").charges_list(since=INSTANT, until=None))

    assert [(one.key, one.reference, str(one.amount), one.currency, one.is_collected) for one in found] == [
        ("p1", "pi_1", "450000.00", "USD", True),
        ("", "pi_2", "500", "JPY", True),
        ("p3", "pi_3", "450000.00", "USD", False),
    ]
    assert found[0].created_at == INSTANT
    assert [given.get("starting_after") for _, given in stripe.asked] == [None, "pi_2"]
    assert stripe.asked[0][1]["created[gte]"] == str(int(INSTANT.timestamp()))


def test_stripes_refunds_are_listed_by_period_and_by_charge(stripe):
    stripe.things["refunds"] = [refund(1), refund(2, payment_intent="pi_2", status="pending")]

    everything = list(books.books_of("stripe").refunds_list(since=None, until=None))
    of_one = books.books_of("stripe").refunds_of(charge_reference="pi_2")

    assert [(one.key, one.reference, one.charge_reference, one.is_paid) for one in everything] == [
        ("r1", "re_1", "pi_1", True),
        ("r2", "re_2", "pi_2", False),
    ]
    assert of_one == everything[1:]
    assert "created[gte]" not in stripe.asked[0][1]


def test_stripes_silence_is_told_as_such(stripe):
    stripe.is_down = True

    with pytest.raises(GatewayUnavailable):
        list(books.books_of("stripe").charges_list(since=None, until=None))


def test_books_of_a_gateway_that_is_not_set_up_cannot_be_read(settings):
    settings.STRIPE_SECRET_KEY = ""

    with pytest.raises(GatewayUnavailable):
        books.books_of("stripe")
