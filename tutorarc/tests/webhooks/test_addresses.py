"""No request reaches an address that is not public, however it is spelled, unless its network is allowed."""

import socket
from ipaddress import ip_network

import pytest
from django.core.exceptions import ValidationError

from tutorarc.conf.networks import allowed_networks
from tutorarc.tests.webhooks.receiver import with_status
from tutorarc.webhooks import client
from tutorarc.webhooks.addresses import validate_url

NOT_PUBLIC = "The host leads to an address that is not public, so nothing was sent."
NOT_ALLOWED = "This address is not allowed: webhooks are sent to public addresses only, spelled in the usual way."
USER = "The URL can't hold a user name or password. The signature shows that a request is from TutorArc."
PORT = "The port must be 80, 443, or 1024 or higher."
SCHEME = "The URL starts with https:// or http://."
NO_HOST = "This is no URL of a server: it starts with https:// or http://, and a host follows."
# {port} is that of a server on 127.0.0.1, which must get nothing.
REFUSED = {
    "http://127.0.0.1:{port}/": NOT_ALLOWED,
    "http://127.1:{port}/": NOT_ALLOWED,
    "http://127.0.0.1.:{port}/": NOT_ALLOWED,
    "http://127.255.255.254:{port}/": NOT_ALLOWED,
    "http://2130706433:{port}/": NOT_ALLOWED,  # decimal
    "http://017700000001:{port}/": NOT_ALLOWED,  # octal
    "http://0177.0.0.1:{port}/": NOT_ALLOWED,
    "http://0x7f000001:{port}/": NOT_PUBLIC,  # hexadecimal: a name, until it is looked up
    "http://0x7f.0.0.1:{port}/": NOT_PUBLIC,
    "http://①②⑦.⓪.⓪.①:{port}/": NOT_ALLOWED,
    "http://127。0。0。1:{port}/": NOT_ALLOWED,
    "http://0.0.0.0:{port}/": NOT_ALLOWED,
    "http://0:{port}/": NOT_ALLOWED,
    "http://localhost:{port}/": NOT_PUBLIC,
    "http://localhost.:{port}/": NOT_PUBLIC,
    "http://LOCALHOST:{port}/": NOT_PUBLIC,
    "http://[::1]:{port}/": NOT_ALLOWED,
    "http://[::]:{port}/": NOT_ALLOWED,
    "http://[::ffff:127.0.0.1]:{port}/": NOT_ALLOWED,
    "http://[::ffff:7f00:1]:{port}/": NOT_ALLOWED,
    "http://[::7f00:1]:{port}/": NOT_ALLOWED,
    "http://[64:ff9b::7f00:1]:{port}/": NOT_ALLOWED,
    "http://[2002:7f00:1::]:{port}/": NOT_ALLOWED,
    "http://[::ffff:0:7f00:1]:{port}/": NOT_ALLOWED,  # IPv4-translated
    "http://[4000::1]:{port}/": NOT_ALLOWED,  # no part of the public IPv6 addresses
    "http://[8000::1]:{port}/": NOT_ALLOWED,
    "http://168.63.129.16:{port}/": NOT_ALLOWED,  # the host of a machine in Azure
    "http://[fe80::1%25lo]:{port}/": NOT_ALLOWED,
    "http://[fc00::1]:{port}/": NOT_ALLOWED,
    "http://10.0.0.1:{port}/": NOT_ALLOWED,
    "http://172.16.0.1:{port}/": NOT_ALLOWED,
    "http://192.168.1.1:{port}/": NOT_ALLOWED,
    "http://100.64.0.1:{port}/": NOT_ALLOWED,
    "http://169.254.169.254/latest/meta-data/": NOT_ALLOWED,
    "http://[fd00:ec2::254]/": NOT_ALLOWED,
    "http://224.0.0.1:{port}/": NOT_ALLOWED,
    "http://user@127.0.0.1:{port}/": USER,
    "http://example.org@127.0.0.1:{port}/": USER,
    "http://example.org\\@127.0.0.1:{port}/": USER,
    "http://127.0.0.1:{port}\\@example.org/": USER,
    "http://127.0.0.1%2f@example.org:{port}/": USER,
    "http://127.0.0.1:{port}#@example.org/": NOT_ALLOWED,
    "http://127.0.0.1:{port}?@example.org/": NOT_ALLOWED,
    "http://8.8.8.8:25/": PORT,
    "http://8.8.8.8:70000/": NOT_ALLOWED,
    "file:///etc/passwd": NO_HOST,
    "gopher://127.0.0.1:{port}/": SCHEME,
    "//127.0.0.1:{port}/": SCHEME,
    "http:///127.0.0.1:{port}/": NO_HOST,
    "http://127.0.0.1:{port}\t/": NOT_ALLOWED,
    "http://[::1": NO_HOST,
}


@pytest.fixture
def names(monkeypatch):
    """`names[host]` are the answers to the look-ups of a name, one after the other. No look-up leaves this machine."""
    answers = {}
    real = socket.getaddrinfo

    def getaddrinfo(host, port, *query):
        if host in answers:
            return real(answers[host].pop(0), port, *query)
        if host.startswith("0x") or "localhost" in host:
            return real("127.0.0.1", port, *query)
        return real(host, port, 0, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return answers


def send(url):
    return client.post(url, {}, b"{}", seconds=2)


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_that_is_not_public_gets_nothing(receiver, names, url):
    answer = send(url.format(port=receiver.server.server_port))
    assert (answer.status, answer.error, receiver.received) == (None, REFUSED[url], [])


@pytest.mark.parametrize("url", [url for url, reason in REFUSED.items() if reason != NOT_PUBLIC])
def test_it_is_refused_as_the_url_of_an_endpoint(url):
    with pytest.raises(ValidationError):
        validate_url(url.format(port=8000))


def test_a_name_that_leads_to_an_address_that_is_not_public_gets_nothing(receiver, names):
    names["hook.example.org"] = ["127.0.0.1"]
    answer = send(f"http://hook.example.org:{receiver.server.server_port}/")
    assert (answer.error, receiver.received) == (NOT_PUBLIC, [])


def test_a_name_is_looked_up_once_so_it_can_not_lead_elsewhere_between_check_and_connection(receiver, names, settings):
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.1/32")]
    names["hook.example.org"] = ["127.0.0.1", "10.0.0.1"]
    answer = send(f"http://hook.example.org:{receiver.server.server_port}/")
    assert (answer.status, names["hook.example.org"]) == (204, ["10.0.0.1"])
    assert [request.headers["host"] for request in receiver.received] == [
        f"hook.example.org:{receiver.server.server_port}"
    ]


def test_a_name_with_one_address_that_is_not_public_gets_nothing(receiver, monkeypatch, settings):
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.1/32")]
    real, port = socket.getaddrinfo, receiver.server.server_port
    both = [real(host, port, 0, socket.SOCK_STREAM)[0] for host in ("127.0.0.1", "127.0.0.2")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: both)
    assert (send(f"http://hook.example.org:{port}/").error, receiver.received) == (NOT_PUBLIC, [])


@pytest.mark.usefixtures("loopback_allowed")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(receiver, status):
    receiver.answer = with_status(status, Location=receiver.url.replace("/hook", "/elsewhere"))
    answer = send(receiver.url)
    assert answer.status == status
    assert answer.error.endswith("Redirects are not followed: enter the final address.")
    assert [request.path for request in receiver.received] == ["/hook"]


@pytest.mark.parametrize("proxy", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_no_proxy_of_the_environment_is_used(receiver, names, monkeypatch, proxy):
    monkeypatch.setenv(proxy, f"http://127.0.0.1:{receiver.server.server_port}")
    assert (send("http://10.0.0.1:8000/").error, receiver.received) == (NOT_ALLOWED, [])


def test_an_allowed_network_is_reached(receiver, settings):
    settings.WEBHOOK_NETWORKS = allowed_networks("127.0.0.0/8")
    assert (send(receiver.url).status, len(receiver.received)) == (204, 1)


@pytest.mark.parametrize("allowed", ["169.254.0.0/16", "0.0.0.0/0", "169.254.169.254/32", "10.0.0.0/8"])
def test_the_metadata_service_of_a_cloud_is_never_reached(settings, allowed):
    settings.WEBHOOK_NETWORKS = allowed_networks(allowed)
    assert send("http://169.254.169.254/latest/meta-data/").error == NOT_ALLOWED
    assert send("http://[::ffff:169.254.169.254]/latest/meta-data/").error == NOT_ALLOWED
    assert send("http://168.63.129.16/machine?comp=goalstate").error == NOT_ALLOWED


@pytest.mark.parametrize("text", ["::/0", "::/8", "64:ff9b::/96", "2002::/16", "2000::/3", "::ffff:0:0/96"])
def test_ipv6_networks_that_stand_for_ipv4_networks_are_not_allowed(text):
    with pytest.raises(ValueError, match="IPv4"):
        allowed_networks(text)


@pytest.mark.parametrize(
    "url",
    [
        "https://8.8.8.8/",
        "https://[2606:4700::1]/",
        "https://[64:ff9b::808:808]/",
        "https://example.org",
        "https://example.org:8443/a?b=c#d",
    ],
)
def test_a_public_address_can_be_the_url_of_an_endpoint(settings, url):
    settings.SECURE_TLS = True
    validate_url(url)


def test_with_debug_off_only_https_is_accepted(settings):
    settings.SECURE_TLS = True
    with pytest.raises(ValidationError, match="The URL starts with https://"):
        validate_url("http://example.org/")


@pytest.mark.parametrize("url", ["https://example.org/a b", "https://example.org/\x00", "https://example.org/\u202e"])
def test_a_url_with_blanks_and_control_characters_is_refused(url):
    with pytest.raises(ValidationError, match="without blanks and control characters"):
        validate_url(url)


def test_a_url_without_a_scheme_says_what_is_missing():
    with pytest.raises(ValidationError, match="it starts with https:// or http://, and a host follows"):
        validate_url("example.org/hook")
