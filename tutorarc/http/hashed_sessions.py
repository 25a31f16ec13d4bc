"""Database sessions that a copy of the database does not open: keys are digests of the cookies, contents are encrypted.

A cookie has 32 random characters. The key of its session, in the table and for all code, is the cookie's digest.
"""

import hashlib
import logging
import re
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions import middleware
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.models import Session
from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import get_random_string

from tutorarc.domain import encryption

COOKIE_LENGTH, KEY_LENGTH = 32, 40  # a digest is cut to the length of the column; 160 bits are enough
_COOKIE = re.compile(r"[a-z0-9]{32}", re.ASCII)
log = logging.getLogger("tutorarc.sessions")


def is_cookie(text: str) -> bool:
    return _COOKIE.fullmatch(text) is not None


def key_of(cookie: str) -> str:
    """The key of a cookie's session: the beginning of its SHA-256 digest in hex."""
    return hashlib.sha256(cookie.encode()).hexdigest()[:KEY_LENGTH]


class SessionMiddleware(middleware.SessionMiddleware):
    """Django's, for cookies that are not the keys of their sessions."""

    def process_request(self, request: HttpRequest) -> None:
        """A malformed cookie, and so the key of a session too, opens nothing and costs no query."""
        cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        request.session = self.SessionStore(cookie if is_cookie(cookie) else None)
        request.first_session = request.session  # type: ignore[attr-defined]

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response = super().process_response(request, response)
        name = settings.SESSION_COOKIE_NAME
        if name in response.cookies and response.cookies[name].value:  # not a deletion
            cookie = _cookie_of(request)
            response.cookies[name].set(name, cookie, cookie)
        return response


def _cookie_of(request: Any) -> str:
    """The cookie of the request's session. django-allauth opens the session anew by its key, which tells no cookie."""
    for session in (request.session, request.first_session):
        if session.cookie and session.session_key == request.session.session_key:
            return str(session.cookie)
    return str(request.COOKIES[settings.SESSION_COOKIE_NAME])


class HashedSessionStore(db.SessionStore):
    """`SessionStore(cookie)` or `SessionStore(session_key)`. The cookie of a new session is its `cookie`.

    A row that the previous version wrote has the cookie itself as its key, and signed content. It is found by its
    cookie, and stays as it is until `hash_former_keys`, so that machines with the previous version find it too.
    """

    stored = ""  # the content as it was loaded

    def __init__(self, session_key: str | None = None) -> None:
        self.cookie = session_key if session_key and len(session_key) == COOKIE_LENGTH else None
        super().__init__(key_of(self.cookie) if self.cookie else session_key)

    def _get_session_from_db(self) -> Session | None:
        keys = [self.session_key, self.cookie] if self.cookie else [self.session_key]
        row = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now()).first()
        self._session_key = row.session_key if row else None
        return row

    def _get_new_session_key(self) -> str:
        while True:
            self.cookie = get_random_string(COOKIE_LENGTH, VALID_KEY_CHARS)
            if not self.exists(key := key_of(self.cookie)):
                return key

    def encode(self, session_dict: dict[str, Any]) -> str:
        signed: str = super().encode(session_dict)
        is_of_former_version = self.session_key and len(self.session_key) == COOKIE_LENGTH
        return signed if is_of_former_version else encryption.encrypt(signed)

    def decode(self, session_data: Any) -> dict[str, Any]:
        """Empty if no secret key can read it."""
        self.stored = session_data
        try:
            signed = encryption.decrypt_if_encrypted(session_data)
        except encryption.InvalidToken:
            log.warning("A session was encrypted with a secret key that is no longer accepted.")
            return {}
        content: dict[str, Any] = super().decode(signed)
        return content

    def cycle_key(self) -> None:
        """Keep the key where Django cycles it only because a former secret key made the sign-in.

        Another tab's request may be on its way with the same cookie; it would sign the browser out.
        """
        stored, self.stored = self.stored, ""
        if SESSION_KEY in self and stored and encryption.is_by_former_key(stored):
            self.modified = True
            return
        super().cycle_key()


def hash_former_keys(store: HashedSessionStore) -> int:
    """Rewrite the rows of the previous version, whose keys are cookies. Returns their number."""
    former = Session.objects.annotate(length=Length("session_key")).filter(length=COOKIE_LENGTH)
    rows = list(former.values_list("session_key", "session_data"))
    for cookie, content in rows:
        hashed = {"session_key": key_of(cookie), "session_data": store.encode(store.decode(content))}
        Session.objects.filter(session_key=cookie).update(**hashed)
    return len(rows)
