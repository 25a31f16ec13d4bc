"""Sessions, sign-ins and messages are kept by cookies: a call of the API that sends none is spared all three."""

from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest


class SparesApiClients:
    get_response: Any

    def __call__(self, request: HttpRequest) -> Any:
        if not request.META.get("HTTP_COOKIE") and request.path.startswith("/api/v1/"):
            return self.get_response(request)
        return super().__call__(request)  # type: ignore[misc]


class Sessions(SparesApiClients, SessionMiddleware):
    pass


class SignIns(SparesApiClients, AuthenticationMiddleware):
    pass


class Messages(SparesApiClients, MessageMiddleware):
    pass
