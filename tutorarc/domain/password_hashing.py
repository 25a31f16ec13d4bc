"""Password digests: Argon2id with the parameters that OWASP advises, made one after the other in each process.

Settings name these classes in PASSWORD_HASHERS, so this holds for every way in which a password is checked or set.
"""

import unicodedata
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Lock
from typing import Any

from django.contrib.auth import hashers

MAX_WAITING = 200  # threads of a process: at 50 ms each, the last one waits for ten seconds
MEMORY_BEFORE_NORMALIZATION = 102_400  # KiB: Django's default, with which digests were made of passwords as typed


class HashingBusy(Exception):
    """Too many passwords are being checked or set in this process. Answered with 503; nothing was written."""


class HashingQueue:
    """Lets the threads of a process hash one after the other.

    A hash keeps a core busy and takes memory, and there are as many processes as cores.
    """

    def __init__(self) -> None:
        self._turn, self._count = Lock(), Lock()
        self._waiting = 0
        # A context in which the thread neither needs nor holds what other requests could use (`WorkSlots`).
        self.set_aside: Callable[[], AbstractContextManager[None]] = nullcontext

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Raises HashingBusy."""
        with self.set_aside(), self._place(), self._turn:
            yield

    @contextmanager
    def _place(self) -> Iterator[None]:
        with self._count:
            if self._waiting > MAX_WAITING:  # one of them is hashing
                raise HashingBusy()
            self._waiting += 1
        try:
            yield
        finally:
            with self._count:
                self._waiting -= 1


QUEUE = HashingQueue()


class Argon2(hashers.Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes and one lane. Passwords are put into one Unicode form (NFKC) first.

    Digests with other parameters are replaced when their owner signs in.
    """

    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with QUEUE.turn():
            return super().encode(unicodedata.normalize("NFKC", password), salt)

    def verify(self, password: str, encoded: str) -> bool:
        if self.decode(encoded)["memory_cost"] != MEMORY_BEFORE_NORMALIZATION:
            password = unicodedata.normalize("NFKC", password)
        with QUEUE.turn():
            return super().verify(password, encoded)


class PBKDF2(hashers.PBKDF2PasswordHasher):
    """Digests from before Argon2."""

    def encode(self, password: str, salt: str, iterations: Any = None) -> str:
        with QUEUE.turn():
            return super().encode(password, salt, iterations)
