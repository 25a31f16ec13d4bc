"""Look-ups of the database's host name. test_database_name_lookup.py tries them with the real server."""

import socket
import time
from threading import Event

import psycopg
import pytest

from tutorarc.db.postgres import addresses
from tutorarc.db.postgres.addresses import with_addresses


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


def test_a_name_becomes_its_addresses_in_one_look_up(lookups):
    assert with_addresses({"host": "db", "dbname": "tutorarc"}) == {
        "host": "db,db",
        "hostaddr": "10.0.0.4,fd00::4",
        "port": "5432,5432",
        "dbname": "tutorarc",
    }
    assert lookups == ["db"]


def test_several_hosts_keep_their_ports(lookups):
    given = {"host": "db,10.0.0.9,/run/postgresql", "port": "5433,5434,5435"}
    assert with_addresses(given) == {
        "host": "db,db,10.0.0.9,/run/postgresql",
        "hostaddr": "10.0.0.4,fd00::4,10.0.0.9,",
        "port": "5433,5433,5434,5435",
    }


@pytest.mark.parametrize(
    "params",
    [{}, {"host": ""}, {"host": "/run/postgresql"}, {"host": "@tutorarc"}, {"host": "db", "hostaddr": "10.0.0.4"}],
)
def test_nothing_is_looked_up_without_a_name(lookups, params):
    assert with_addresses(params) == params
    assert lookups == []


def test_a_name_without_an_address_is_an_operational_error(lookups):
    with pytest.raises(psycopg.OperationalError, match=r"Can't look up the host 'gone': .*Name or service not known"):
        with_addresses({"host": "gone"})


def test_a_name_that_is_no_name_is_one_too():
    with pytest.raises(psycopg.OperationalError, match="Can't look up the host"):
        with_addresses({"host": "x" * 64 + ".example"})


def test_a_look_up_that_hangs_is_given_up(lookups, monkeypatch):
    monkeypatch.setattr(addresses, "LOOKUP_SECONDS", 0.05)
    started = time.monotonic()
    with pytest.raises(psycopg.OperationalError, match="Can't look up the host 'slow': no answer"):
        with_addresses({"host": "slow"})
    assert time.monotonic() - started < 5
