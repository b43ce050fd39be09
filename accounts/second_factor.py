"""
What a second factor is made of; pure.

One-time codes follow RFC 6238 as every authenticator app knows it: SHA-1, six digits, steps of 30 seconds.
"""

import hashlib
import secrets
from datetime import datetime

import pyotp

ISSUER = "Astro Bookings"
STEP_S = 30
DRIFT = 1  # steps, either way: RFC 6238, section 5.2
DIGITS = 6
RECOVERY_CODES = 10
_LENGTH = 20  # digits, which every phone's number pad has: 66 random bits, so that a fast hash will do


def secret_new() -> str:
    """Return a random secret to share with a device: 160 bits in base32."""
    return pyotp.random_base32()


def address(secret: str, *, email: str) -> str:
    """Return the otpauth:// address that a device reads from a QR code."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER))


def code_plain(code: str) -> str:
    """Return what was typed or pasted without spaces and hyphens."""
    return "".join(code.replace("-", " ").split())


def step_of(secret: str, code: str, *, now: datetime) -> int | None:
    """Return the step that a code belongs to, of now or one beside it; None when it belongs to none of them."""
    if len(code) != DIGITS or not (code.isascii() and code.isdigit()):
        return None
    present = int(now.timestamp()) // STEP_S
    totp = pyotp.TOTP(secret)
    for step in range(present + DRIFT, present - DRIFT - 1, -1):
        if secrets.compare_digest(totp.generate_otp(step), code):
            return step
    return None


def recovery_codes_new() -> list[str]:
    """Return new recovery codes, in groups of four digits."""
    texts = [f"{secrets.randbelow(10**_LENGTH):0{_LENGTH}}" for _ in range(RECOVERY_CODES)]
    return ["-".join(text[place : place + 4] for place in range(0, _LENGTH, 4)) for text in texts]


def recovery_hash(code: str, *, user_id: int) -> str:
    """Return what is kept of a recovery code; the same code of another user has another hash."""
    return hashlib.sha256(f"recovery {user_id} {code_plain(code)}".encode()).hexdigest()
