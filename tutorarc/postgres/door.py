"""Is there a PostgreSQL at this address, awake?"""

import socket
import struct

# With the wait for an answer before (base.py), short of a second. Less, and a busy machine is taken for a hung one.
PATIENCE_SECONDS = 0.55
MAY_WE_SPEAK_TLS = struct.pack("!ii", 8, 80877103)  # the protocol's SSLRequest: any server says yes or no, in one byte


def knock(host: str, port: int | str) -> None:
    """Raises OSError where nobody answers, TimeoutError where somebody is there but asleep."""
    try:
        with _connect(host, int(port)) as line:
            line.sendall(MAY_WE_SPEAK_TLS)
            if not line.recv(1):
                raise ConnectionResetError
    except BlockingIOError:
        raise TimeoutError from None  # a queue of connections that nobody takes


def _connect(host: str, port: int) -> socket.socket:
    """By TCP, or where the host is a directory by the socket in it."""
    if not host.startswith("/"):
        return socket.create_connection((host, port), timeout=PATIENCE_SECONDS)
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(PATIENCE_SECONDS)
    try:
        line.connect(f"{host}/.s.PGSQL.{port}")
    except OSError:
        line.close()
        raise
    return line
