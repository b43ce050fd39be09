"""Who uses the site while its parts fail: they speak HTTP, and ask again as patient callers do."""

import http.client
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.models import User

ANSWER_WITHIN_S = 30
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)

    @property
    def code(self) -> str:
        """The code of a refusal; '' when it is none of ours."""
        is_ours = self.headers.get("content-type") == "application/problem+json"
        return str(self.body["code"]) if is_ours else ""


class Cut(Exception):
    """The connection was refused, or ended before the answer was whole."""


def ask(port: int, method: str, path: str, body: str = "", *, source: str = "127.0.0.1", **headers: str) -> Answer:
    """Send one request, from this address of the loopback network. Raises: Cut."""
    caller = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_WITHIN_S, source_address=(source, 0))
    sent = {"Host": "127.0.0.1", "X-Forwarded-Proto": "https"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        caller.request(method, path, body.encode() or None, sent)
        got = caller.getresponse()
        return Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, got.read().decode())
    except (http.client.HTTPException, OSError) as error:
        raise Cut(repr(error)) from error
    finally:
        caller.close()


@dataclass
class Person:
    """A customer with a browser that is signed in, and a program of theirs that has a token."""

    port: int
    user: User
    cookies: dict[str, str] = field(default_factory=dict)

    def sign_in(self) -> None:
        """Have a session, as after signing in."""
        client = Client()
        client.force_login(self.user)
        self.cookies["__Host-session"] = client.cookies[settings.SESSION_COOKIE_NAME].value

    def page(self, path: str, *, request_id: str = "") -> Answer:
        """Open a page."""
        return self._browse("GET", path, "", **({"X_Request_ID": request_id} if request_id else {}))

    def submit(self, path: str, values: dict[str, str]) -> Answer:
        """Open a page and send its form."""
        opened = self.page(path)
        cookie = opened.headers.get("set-cookie", "")
        if found := re.search(r"__Host-csrf=([^;]+)", cookie):
            self.cookies["__Host-csrf"] = found[1]
        token = _TOKEN.search(opened.text)
        assert token, f"no form on {path}: {opened.status}"
        body = urlencode({"csrfmiddlewaretoken": token[1], **values})
        kind = "application/x-www-form-urlencoded"
        return self._browse("POST", path, body, Content_Type=kind, Referer=f"https://127.0.0.1{path}")

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Call the API with a token."""
        token = tokens.make(user=self.user, purpose=tokens.ACCESS, now=timezone.now())
        sent = {"Authorization": f"Bearer {token}", **headers}
        if body is not None:
            sent["Content_Type"] = "application/json"
        return ask(self.port, method, path, json.dumps(body) if body is not None else "", **sent)

    def _browse(self, method: str, path: str, body: str, **headers: str) -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return ask(self.port, method, path, body, Cookie=cookie, **headers)
