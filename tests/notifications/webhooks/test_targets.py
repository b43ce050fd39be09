"""Where webhooks may go: public addresses alone, whatever name leads there."""

import socket
from ipaddress import ip_address

import pytest
from django.core.exceptions import ImproperlyConfigured

from astrobookings.settings import env
from common.errors import InvalidInput
from notifications.webhooks import targets, transport
from notifications.webhooks.errors import TargetRefused

NOT_PUBLIC = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",  # noqa: S104
    "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::808:808",
    "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:10::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::",
    "3fff::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4003:80f::200e"]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_refused(address):
    assert not targets.is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_taken(address):
    assert targets.is_public(ip_address(address))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://example.com/", "https://"),
        ("ftp://example.com/", "https://"),
        ("javascript:alert(1)", "https://"),
        ("https://", "whole address"),
        ("https:///path", "whole address"),
        ("example.com", "https://"),
        ("https://ada:secret@example.com/", "password"),
        ("https://ada@example.com/", "password"),
        ("https://example.com:22/", "port 443 or 8443"),
        ("https://example.com:99999/", "whole address"),
        ("https://example.com/#top", "after #"),
        ("https://exam ple.com/", "plain characters"),
        ("https://example.com/\r\nHost: other", "plain characters"),
        ("https://exämple.com/", "plain characters"),
        ("https://example.com/" + "x" * 500, "500 characters"),
    ],
)
def test_a_url_of_the_wrong_form_is_refused_with_its_cure(url, says):
    with pytest.raises(InvalidInput) as refused:
        targets.target_of(url)

    assert says in refused.value.fields["url"]


def test_a_url_is_taken_apart():
    target = targets.target_of("https://Example.COM.:8443/a/b?c=d")

    assert (target.host, target.port, target.path, target.is_secure) == ("example.com", 8443, "/a/b?c=d", True)
    assert target.host_header == "example.com:8443"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]", "0"],
)
def test_every_way_to_write_this_machine_is_refused(host):
    with pytest.raises(TargetRefused, match="not public"):
        targets.addresses_of(targets.target_of(f"https://{host}/"), within_s=5)


def names_lead_to(monkeypatch, *addresses: str) -> None:
    """Answer as a name server would."""
    rows = [(socket.AF_INET6 if ":" in one else socket.AF_INET, 1, 6, "", (one, 443)) for one in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: rows)


def test_one_private_address_among_public_ones_spoils_the_name(monkeypatch):
    names_lead_to(monkeypatch, "8.8.8.8", "10.0.0.1")

    with pytest.raises(TargetRefused):
        targets.addresses_of(targets.target_of("https://rebound.example/"), within_s=5)


def test_a_name_is_looked_up_once_for_each_delivery_and_that_very_address_is_used(monkeypatch, receiver):
    """A name that leads to us at the second question gets no second question."""
    asked = []

    def answer(host, port, *_, **__):
        asked.append(host)
        return [(socket.AF_INET, 1, 6, "", ("127.0.0.1", port))]

    target = targets.target_of(f"http://harmless.example:{receiver.port}/")
    monkeypatch.setattr(socket, "getaddrinfo", answer)

    found = transport.post(target=target, headers={}, body=b"{}", timeout_s=5)

    assert (found.status_code, asked) == (204, ["harmless.example"])
    assert receiver.calls[0].headers["host"] == f"harmless.example:{receiver.port}"


def test_a_name_that_has_turned_private_is_refused_at_the_delivery(monkeypatch):
    names_lead_to(monkeypatch, "169.254.169.254")

    found = transport.post(target=targets.target_of("https://metadata.example/"), headers={}, body=b"{}", timeout_s=5)

    assert (found.status_code, found.is_success) == (None, False)
    assert found.error == ("metadata.example leads to an address that is not public. Webhooks go to public ones only.")


def test_proxies_of_the_environment_are_not_used(monkeypatch, receiver):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    found = transport.post(target=targets.target_of(receiver.url), headers={}, body=b"{}", timeout_s=5)

    assert found.status_code == 204
    assert receiver.calls[0].path == "/hooks?from=astro"


def test_only_this_machine_is_called_without_tls_even_where_that_is_allowed(monkeypatch, loopback):
    names_lead_to(monkeypatch, "8.8.8.8")

    with pytest.raises(TargetRefused, match="Only this machine"):
        targets.addresses_of(targets.target_of("http://example.com/"), within_s=5)
    assert targets.addresses_of(targets.target_of("https://example.com/"), within_s=5) == ["8.8.8.8"]


def test_a_wrong_list_of_ports_stops_the_start_with_a_sentence(monkeypatch):
    monkeypatch.setenv("WEBHOOK_PORTS", "443,https")

    with pytest.raises(ImproperlyConfigured, match="WEBHOOK_PORTS is '443, https'; it must be whole numbers"):
        env.integers("WEBHOOK_PORTS", "443")
