"""Host name look-ups with a time limit, which those of the operating system don't have."""

import socket
import threading
from concurrent.futures import Future
from typing import Any

import psycopg

LOOKUP_SECONDS = 1.0


def with_host_addresses(params: dict[str, Any]) -> dict[str, Any]:
    """The connection parameters with the addresses of their hosts: neither psycopg nor libpq then looks a name up.

    Raises OperationalError where a name has no address, or the look-up takes longer than a second.
    """
    hosts = str(params.get("host") or "").split(",")
    if "hostaddr" in params or not any(_is_name(host) for host in hosts):
        return params
    ports = str(params.get("port") or "5432").split(",")
    if len(ports) == 1:
        ports *= len(hosts)
    attempts = [
        (host, address, port)
        for host, port in zip(hosts, ports, strict=True)
        for address in (_look_up(host) if _is_name(host) else [""])
    ]
    columns = zip(*attempts, strict=True)
    return params | {name: ",".join(column) for name, column in zip(("host", "hostaddr", "port"), columns, strict=True)}


def _is_name(host: str) -> bool:
    """Whether a host is no directory with the socket of a server (`@`: an abstract one)."""
    return bool(host) and not host.startswith(("/", "@"))


def _look_up(host: str) -> list[str]:
    """In a thread of its own, as nothing else ends a look-up that hangs."""
    found: Future[list[str]] = Future()

    def run() -> None:
        try:
            answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            found.set_result(list(dict.fromkeys(str(answer[4][0]) for answer in answers)))
        except (OSError, UnicodeError) as error:
            found.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        return found.result(LOOKUP_SECONDS)
    except (OSError, UnicodeError) as error:
        raise psycopg.OperationalError(f"Can't look up the host {host!r}: {str(error) or 'no answer'}") from None
