"""Employees and their authenticator apps, where a second factor is asked for."""

import re
from datetime import datetime

import pyotp
from django.test import Client
from django.utils import timezone

from tests.accounts.conftest import PASSWORD

SIGN_IN, CODE, ENROL = "/accounts/sign-in/", "/accounts/sign-in/code/", "/accounts/sign-in/second-factor/"

OWN, NEW_CODES, DEVICE = (f"/accounts/second-factor/{rest}" for rest in ("", "recovery-codes/", "device/"))
RECOVERY = re.compile(r"<code>([\d-]{24})</code>")


class Device:
    """An authenticator app: its code of now, or so many steps of 30 seconds from now."""

    def __init__(self, secret: str) -> None:
        self.totp = pyotp.TOTP(secret)

    def code(self, step: int = 0) -> str:
        return self.at(timezone.now(), step)

    def at(self, now: datetime, step: int = 0) -> str:
        return self.totp.generate_otp(int(now.timestamp()) // 30 + step)


def half(person, client=None, **more) -> Client:
    client = client or Client()
    answer = client.post(SIGN_IN, {"username": person.email, "password": PASSWORD} | more)
    assert (answer.status_code, answer["Location"]) == (302, CODE)
    return client


def offered(client, url=ENROL) -> tuple[Device, dict[str, str]]:
    page = client.get(url).content.decode()
    secret = re.search(r'id="secret">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    return Device(secret), {"sealed": re.search(r'name="sealed" value="([^"]+)"', page)[1]}


def enrolled(person) -> tuple[Client, Device, list[str]]:
    """Sign in for the first time, with the code of the step before, so that the present one is not used yet."""
    client = half(person)
    device, given = offered(client)
    page = client.post(ENROL, given | {"code": device.code(-1)})
    assert page.status_code == 200, page.content.decode()
    return client, device, RECOVERY.findall(page.content.decode())
