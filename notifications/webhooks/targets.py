"""
Where webhooks may go: public addresses alone, whatever name leads there.

# Note [The address that was checked is the one that is used]
A name may lead to a harmless address when it is checked and to ours a second later. So a name is resolved here, once
for each delivery; every address it gives must be public; and `transport` connects to one of these very addresses, and
keeps the name only for the certificate and the Host header.
"""

import ipaddress
import queue
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from common.errors import InvalidInput
from notifications.webhooks.errors import TargetRefused

URL_MAX = 500
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Global unicast is all that may be meant; within it, what tunnels into IPv4 or is set apart (IANA registry).
_IPV6_PUBLIC = ipaddress.IPv6Network("2000::/3")
_IPV6_SET_APART = tuple(
    map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48"))
)
_IPV4_SET_APART = tuple(map(ipaddress.IPv4Network, ("192.0.0.0/24", "192.88.99.0/24", "100.64.0.0/10")))


@dataclass(frozen=True, kw_only=True)
class Target:
    """A checked address on the web, taken apart."""

    is_secure: bool
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        """The host as the receiver expects to be called."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_secure else 80) else f"{host}:{self.port}"


def target_of(url: str) -> Target:
    """
    Take a URL apart. Raises: InvalidInput with a sentence for `url`.

    Only its form is checked here; where its name leads, `addresses_of` asks.
    """
    if len(url) > URL_MAX:
        raise _bad(f"Give an address of at most {URL_MAX} characters.")
    if not url.isascii() or any(character <= " " or character in '\x7f"<>\\^`{|}' for character in url):
        raise _bad("Give the address with plain characters only, without spaces; write others as %20 or xn--.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _bad("Give a whole address, like https://example.com/webhooks.") from error
    host = (parts.hostname or "").rstrip(".")
    is_local = settings.WEBHOOK_ALLOW_LOOPBACK and parts.scheme == "http"
    if parts.scheme != "https" and not is_local:
        raise _bad("Give an address that begins with https://.")
    if not host or len(host) > 253:
        raise _bad("Give a whole address, like https://example.com/webhooks.")
    if parts.username is not None or parts.password is not None:
        raise _bad("Leave the user name and password out of the address: our signature proves who is calling.")
    if parts.fragment:
        raise _bad("Leave out the part after #.")
    port = port if port is not None else (443 if parts.scheme == "https" else 80)
    if port not in settings.WEBHOOK_PORTS and not settings.WEBHOOK_ALLOW_LOOPBACK:
        ports = " or ".join(map(str, settings.WEBHOOK_PORTS))
        raise _bad(f"Use port {ports}.")
    path = parts.path or "/"
    return Target(
        is_secure=parts.scheme == "https",
        host=host,
        port=port,
        path=f"{path}?{parts.query}" if parts.query else path,
    )


def addresses_of(target: Target, *, within_s: float) -> list[str]:
    """
    Resolve the target's host to public addresses; one that is not public spoils them all.

    Raises: TargetRefused (which names no address of ours), OSError when the name is unknown, TimeoutError.
    """
    found = list(dict.fromkeys(one.partition("%")[0] for one in _resolve(target.host, target.port, within_s)))
    if not found:
        raise TargetRefused(f"{target.host} has no address.")
    if not target.is_secure and not all(ipaddress.ip_address(address).is_loopback for address in found):
        raise TargetRefused("Only this machine may be called by http://.")
    if not all(is_allowed(address) for address in found):
        raise TargetRefused(f"{target.host} leads to an address that is not public. Webhooks go to public ones only.")
    return found


def is_allowed(address: str) -> bool:
    """Tell whether we send to an address: a public one, or loopback where a setting says so."""
    parsed = ipaddress.ip_address(address)
    if settings.WEBHOOK_ALLOW_LOOPBACK and parsed.is_loopback:
        return True
    return is_public(parsed)


def is_public(address: _Address) -> bool:
    """Tell whether an address is one of the public internet, and no disguise of one that is not."""
    if isinstance(address, ipaddress.IPv4Address):
        is_apart = any(address in network for network in _IPV4_SET_APART)
        return address.is_global and not (address.is_multicast or address.is_reserved or is_apart)
    # IPv4-mapped and -compatible ones, NAT64, link-local, unique local and multicast all lie outside 2000::/3.
    return address in _IPV6_PUBLIC and address.is_global and not any(address in net for net in _IPV6_SET_APART)


def _resolve(host: str, port: int, within_s: float) -> Sequence[str]:
    """Ask the system's resolver, which knows no time limit of its own, in a thread that may be left behind."""
    told: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            told.put([str(row[4][0]) for row in rows])
        except (OSError, UnicodeError) as error:
            told.put(error if isinstance(error, OSError) else OSError(f"{host} is no host name"))

    threading.Thread(target=ask, daemon=True, name="webhook-resolver").start()
    try:
        answer = told.get(timeout=max(within_s, 0.001))
    except queue.Empty:
        raise TimeoutError(f"{host} could not be looked up in time") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _bad(sentence: str) -> InvalidInput:
    return InvalidInput(fields={"url": sentence})
