"""Look-ups of the database's host name. test_database_name_lookup.py tries them with the real server."""

import socket
import time
from threading import Event

import psycopg
import pytest

from tutorarc.db.postgres import host_lookup
from tutorarc.db.postgres.host_lookup import with_host_addresses


@pytest.fixture
def lookups(monkeypatch):
    """The names that were looked up. `db` has two addresses, `gone` has none and `slow` gets no answer."""
    asked, end = [], Event()

    def getaddrinfo(host, *args, **options):
        asked.append(host)
        if host == "gone":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if host == "slow":
            end.wait()
        found = ["10.0.0.4", "fd00::4"] if host == "db" else [host]
        return [(0, 0, 0, "", (address, 0)) for address in found for _ in range(2)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield asked
    end.set()


def test_a_name_is_resolved_in_one_lookup(lookups):
    assert with_host_addresses({"host": "db", "dbname": "tutorarc"}) == {
        "host": "db,db",
        "hostaddr": "10.0.0.4,fd00::4",
        "port": "5432,5432",
        "dbname": "tutorarc",
    }
    assert lookups == ["db"]


def test_several_hosts_keep_their_ports(lookups):
    given = {"host": "db,10.0.0.9,/run/postgresql", "port": "5433,5434,5435"}
    assert with_host_addresses(given) == {
        "host": "db,db,10.0.0.9,/run/postgresql",
        "hostaddr": "10.0.0.4,fd00::4,10.0.0.9,",
        "port": "5433,5433,5434,5435",
    }


@pytest.mark.parametrize(
    "params",
    [{}, {"host": ""}, {"host": "/run/postgresql"}, {"host": "@tutorarc"}, {"host": "db", "hostaddr": "10.0.0.4"}],
)
def test_an_ip_address_or_socket_is_not_looked_up(lookups, params):
    assert with_host_addresses(params) == params
    assert lookups == []


def test_a_name_without_an_address_is_an_operational_error(lookups):
    with pytest.raises(psycopg.OperationalError, match=r"Can't look up the host 'gone': .*Name or service not known"):
        with_host_addresses({"host": "gone"})


def test_a_malformed_name_is_an_operational_error_too():
    with pytest.raises(psycopg.OperationalError, match="Can't look up the host"):
        with_host_addresses({"host": "x" * 64 + ".example"})


def test_a_lookup_that_hangs_times_out(lookups, monkeypatch):
    monkeypatch.setattr(host_lookup, "LOOKUP_SECONDS", 0.05)
    started = time.monotonic()
    with pytest.raises(psycopg.OperationalError, match="Can't look up the host 'slow': no answer"):
        with_host_addresses({"host": "slow"})
    assert time.monotonic() - started < 5
