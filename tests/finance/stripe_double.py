"""
A server on the loopback that answers like Stripe in what localstripe cannot: keys, lost answers, checks, refusals.

Payment methods decide: pm_card_visa pays, pm_poor and pm_stolen are declined, pm_careful wants the bank's check,
pm_slow stays in processing; others are unknown. `lose` has the next answer of a path done but not sent.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from stripe import WebhookSignature

DECLINES = {"pm_poor": "insufficient_funds", "pm_stolen": "stolen_card"}


class StripeDouble:
    """The books of the double, and what it was told to do wrong."""

    def __init__(self) -> None:
        self.intents: dict[str, dict] = {}
        self.refunds: dict[str, dict] = {}
        self.answers: dict[str, tuple[int, dict]] = {}
        self.calls: list[tuple[str, str, str]] = []  # method, path, idempotency key
        self.keys: list[str] = []
        self.lose: set[str] = set()
        self.break_down: set[str] = set()
        self.refund_refusal = ""
        self.refund_status = "succeeded"
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                self._do("GET")

            def do_POST(self) -> None:
                self._do("POST")

            def _do(self, method: str) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                asked = urlsplit(self.path)
                given = {name: values[0] for name, values in parse_qs(body or asked.query).items()}
                path, key = asked.path, self.headers.get("Idempotency-Key", "")
                double.calls.append((method, path, key))
                double.keys.append(self.headers["Authorization"])
                name = path.rsplit("/", 1)[-1]
                if name in double.break_down:
                    status, answer = 500, {"error": {"type": "api_error", "message": "We are down."}}
                else:
                    status, answer = double.once(key, method, path, given)
                if name in double.lose:
                    double.lose.discard(name)
                    self.close_connection = True
                    self.connection.close()
                    return
                sent = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def a_day_passes(self) -> None:
        """Forget the keys, as Stripe does after 24 hours."""
        self.answers.clear()

    # --- what Stripe would do -------------------------------------------------------------------
    def once(self, key: str, method: str, path: str, given: dict) -> tuple[int, dict]:
        if not key:
            return self.answer(method, path, given)
        asked = json.dumps([path, sorted(given.items())])
        if key in self.answers:
            before, status, answer = self.answers[key]
            if before != asked:
                error = {"type": "idempotency_error", "message": "Keys for idempotent requests can only be used..."}
                return 400, {"error": error}
            return status, answer
        status, answer = self.answer(method, path, given)
        self.answers[key] = asked, status, json.loads(json.dumps(answer))
        return status, answer

    def answer(self, method: str, path: str, given: dict) -> tuple[int, dict]:
        parts = path.removeprefix("/v1/").split("/")
        if parts == ["payment_intents"]:
            return 200, self._intent_new(given)
        if parts[0] == "payment_intents" and parts[1] in self.intents:
            intent = self.intents[parts[1]]
            if len(parts) == 2:
                return 200, intent
            return self._confirm(intent, given) if parts[2] == "confirm" else self._cancel(intent)
        if parts == ["refunds"] and method == "GET":
            found = [one for one in self.refunds.values() if one["payment_intent"] == given["payment_intent"]]
            return 200, {"object": "list", "data": found, "has_more": False, "url": path}
        if parts == ["refunds"]:
            return self._refund(given)
        if parts[0] == "refunds" and parts[1] in self.refunds:
            return 200, self.refunds[parts[1]]
        return 404, _error("resource_missing", f"No such thing: {path}")

    def _intent_new(self, given: dict) -> dict:
        intent = {
            "id": f"pi_{len(self.intents) + 1}",
            "object": "payment_intent",
            "amount": int(given["amount"]),
            "currency": given["currency"],
            "status": "requires_payment_method",
            "metadata": {"payment_id": given["metadata[payment_id]"]},
            "client_secret": f"pi_{len(self.intents) + 1}_secret_x",
            "last_payment_error": None,
            "payment_method": None,
        }
        self.intents[intent["id"]] = intent
        return intent

    def _confirm(self, intent: dict, given: dict) -> tuple[int, dict]:
        if intent["status"] not in ("requires_payment_method", "requires_confirmation"):
            return 400, _error("payment_intent_unexpected_state", "Not now.")
        method = given.get("payment_method") or intent["payment_method"]["id"]
        if method in DECLINES:
            error = {"type": "card_error", "code": "card_declined", "decline_code": DECLINES[method], "message": "No."}
            intent["last_payment_error"] = error
            return 402, {"error": {**error, "payment_intent": intent}}
        outcomes = {"pm_card_visa": "succeeded", "pm_careful": "requires_action", "pm_slow": "processing"}
        if method not in outcomes:
            return 400, _error("resource_missing", f"No such PaymentMethod: '{method}'")
        intent["payment_method"] = {
            "id": method,
            "object": "payment_method",
            "card": {"brand": "visa", "last4": "4242"},
        }
        intent["status"] = outcomes[method]
        return 200, intent

    def _cancel(self, intent: dict) -> tuple[int, dict]:
        if intent["status"] in ("succeeded", "canceled", "processing"):
            return 400, _error("payment_intent_unexpected_state", "Not now.")
        intent["status"] = "canceled"
        return 200, intent

    def _refund(self, given: dict) -> tuple[int, dict]:
        if self.refund_refusal:
            return 400, _error("charge_already_refunded", self.refund_refusal)
        refund = {
            "id": f"re_{len(self.refunds) + 1}",
            "object": "refund",
            "amount": int(given["amount"]),
            "currency": self.intents[given["payment_intent"]]["currency"],
            "created": 1_800_000_000,
            "payment_intent": given["payment_intent"],
            "status": self.refund_status,
            "metadata": {"refund_id": given["metadata[refund_id]"]},
        }
        self.refunds[refund["id"]] = refund
        return 200, refund


def _error(code: str, message: str) -> dict:
    return {"error": {"type": "invalid_request_error", "code": code, "message": message}}


def message(
    kind: str, thing: dict, *, secret: str, number: int = 1, at: int | None = None
) -> tuple[dict[str, str], bytes]:
    """A webhook as Stripe would send it: headers and body."""
    import time

    at = int(time.time()) if at is None else at
    body = json.dumps(
        {"id": f"evt_{number}", "object": "event", "type": kind, "data": {"object": thing}, "api_version": "x"}
    )
    signature = WebhookSignature._compute_signature(f"{at}.{body}", secret)
    return {"Stripe-Signature": f"t={at},v1={signature}"}, body.encode()
