"""
Secrets that must be read again, encrypted before they reach a store: AES-256-GCM, keys derived from SECRET_KEY.

A hash will not do where we ourselves need the secret, as for signing. Each text is bound to a context (whose it is), so
that one moved to another document is worthless there. What SECRET_KEY_FALLBACKS encrypted is still read.
"""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes

from documents.errors import SecretUnreadable

_PREFIX = "v1."
_NONCE_BYTES = 12  # NIST SP 800-38D, section 8.2.2: random, 96 bits


def encrypt(text: str, *, context: str) -> str:
    """Encrypt a text so that only a process with our SECRET_KEY reads it."""
    nonce = os.urandom(_NONCE_BYTES)
    encrypted = AESGCM(_key(settings.SECRET_KEY)).encrypt(nonce, text.encode(), context.encode())
    return _PREFIX + base64.b64encode(nonce + encrypted).decode()


def decrypt(ciphertext: str, *, context: str) -> str:
    """Return the text. Raises: SecretUnreadable (another key encrypted it, or it was altered or moved)."""
    try:
        raw = base64.b64decode(ciphertext.removeprefix(_PREFIX), validate=True)
    except ValueError as error:
        raise SecretUnreadable from error
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return AESGCM(_key(key)).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], context.encode()).decode()
        except (InvalidTag, ValueError):
            continue
    raise SecretUnreadable


def _key(secret: str | bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"astrobookings cipher v1").derive(force_bytes(secret))
