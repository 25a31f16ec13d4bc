"""The client's address and scheme, as trusted proxies write them."""

import logging

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from tutorarc.domain import caller
from tutorarc.http import proxies, request_id
from tutorarc.http.client_address import network_of
from tutorarc.http.proxies import TrustedProxiesMiddleware
from tutorarc.http.summary_log import SummaryLog


def seen(headers, peer="127.0.0.1"):
    """The request after the middleware."""
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer)
    TrustedProxiesMiddleware(lambda request: HttpResponse())(request)
    return request


def address(header, peer="127.0.0.1"):
    return seen({"X-Forwarded-For": header}, peer).META["REMOTE_ADDR"]


@pytest.fixture
def unreadable(monkeypatch, caplog):
    """What was logged of unreadable entries."""
    monkeypatch.setattr(proxies, "unreadable", SummaryLog(logging.getLogger("tutorarc.proxies")))
    return lambda: [record.getMessage() for record in caplog.records if record.name == "tutorarc.proxies"]


@pytest.mark.parametrize(
    ("trusted", "header", "client"),
    [
        (0, "203.0.113.1", "127.0.0.1"),
        (1, "203.0.113.1", "203.0.113.1"),
        (1, "198.51.100.9, 203.0.113.1", "203.0.113.1"),
        (1, "198.51.100.9,203.0.113.1", "203.0.113.1"),
        (2, "192.0.2.1, 198.51.100.9, 203.0.113.1", "198.51.100.9"),
        (2, "203.0.113.1", "203.0.113.1"),
        (1, " , ", "127.0.0.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_only_the_last_entries_of_trusted_proxies_are_used(settings, trusted, header, client):
    settings.TRUSTED_PROXIES = trusted
    assert address(header) == client


@pytest.mark.parametrize(
    ("entry", "client"),
    [
        ("203.0.113.1:51234", "203.0.113.1"),  # Azure Application Gateway
        ("2001:db8::1", "2001:db8::1"),
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:51234", "2001:db8::1"),
        ('"[2001:db8::1]:51234"', "2001:db8::1"),  # quoted, as in RFC 7239
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:203.0.113.1", "203.0.113.1"),
        ("[::ffff:203.0.113.1]:51234", "203.0.113.1"),
        ("::ffff:cb00:7101", "203.0.113.1"),
        ("64:ff9b::203.0.113.1", "203.0.113.1"),  # NAT64
    ],
)
def test_an_address_is_read_in_every_common_notation(settings, unreadable, entry, client):
    settings.TRUSTED_PROXIES = 1
    assert address(f"192.0.2.1, {entry}") == client
    assert unreadable() == []


@pytest.mark.parametrize(
    "entry", ["unknown", "_hidden", "203.0.113", "203.0.113.1:port", "[203.0.113.1", "::1::2", "٣.0.0.1", "x" * 5000]
)
def test_an_unreadable_entry_is_logged_and_the_proxys_address_used(settings, unreadable, entry):
    settings.TRUSTED_PROXIES = 1
    assert [address(entry) for _ in range(3)] == ["127.0.0.1"] * 3
    [line] = unreadable()
    assert line.startswith(f"X-Forwarded-For: {entry[:100]!r} is no address")


def test_an_unreadable_entry_of_an_untrusted_proxy_is_not_logged(settings, unreadable):
    settings.TRUSTED_PROXIES = 1
    assert address("unknown, 203.0.113.1") == "203.0.113.1"
    assert unreadable() == []


def test_a_peer_of_a_server_that_listens_on_ipv6_too_is_its_ipv4_address(settings):
    settings.TRUSTED_PROXIES = 0
    assert address("203.0.113.1", peer="::ffff:10.0.0.7") == "10.0.0.7"


def test_a_peer_without_an_address_stays_as_it_is(settings):
    settings.TRUSTED_PROXIES = 0
    assert address("203.0.113.1", peer="") == ""


@pytest.mark.parametrize(
    ("trusted", "header", "secure"),
    [
        (0, "https", False),
        (1, "https", True),
        (1, "HTTPS", True),
        (1, "https, http", False),
        (2, "https, http", True),
        (1, "junk", False),
    ],
)
def test_a_trusted_proxy_says_whether_the_client_came_by_tls(settings, trusted, header, secure):
    settings.TRUSTED_PROXIES = trusted
    assert seen({"X-Forwarded-Proto": header}).is_secure() is secure


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("203.0.113.1", "203.0.113.1"),
        ("::ffff:203.0.113.1", "203.0.113.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("", ""),
    ],
)
def test_limits_count_an_ipv6_address_by_its_64_bit_network(text, network):
    assert network_of(text) == network


def test_the_security_log_knows_the_caller(settings):
    settings.TRUSTED_PROXIES = 1
    request_id.current.set("req_1")
    seen({"X-Forwarded-For": "203.0.113.1", "User-Agent": "curl/8.5.0"})
    assert caller.current.get() == caller.Caller("203.0.113.1", "curl/8.5.0", "req_1")
    seen({}, peer="::ffff:203.0.113.2")
    assert caller.current.get() == caller.Caller("203.0.113.2", "", "req_1")
