"""Is there a PostgreSQL at this address, awake?"""

import socket
import struct

MAY_WE_SPEAK_TLS = struct.pack("!ii", 8, 80877103)  # the protocol's SSLRequest: any server says yes or no, in one byte


def knock(host: str, port: int | str, patience: float) -> None:
    """Raises OSError where nobody answers, TimeoutError where somebody is there but asleep."""
    try:
        with _connect(host, int(port), patience) as line:
            line.sendall(MAY_WE_SPEAK_TLS)
            if not line.recv(1):
                raise ConnectionResetError
    except BlockingIOError:
        raise TimeoutError from None  # a queue of connections that nobody takes


def _connect(host: str, port: int, patience: float) -> socket.socket:
    """By TCP, or where the host is a directory by the socket in it."""
    if not host.startswith("/"):
        return socket.create_connection((host, port), timeout=patience)
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(patience)
    try:
        line.connect(f"{host}/.s.PGSQL.{port}")
    except OSError:
        line.close()
        raise
    return line
