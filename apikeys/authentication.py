"""Authentication by `X-API-Key`. A request with this header is authenticated by the key alone, never by a cookie."""

import re
from collections.abc import Iterator

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from apikeys.models import ApiKey
from apikeys.secrets import PREFIX, fault, is_well_formed
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.http.error_words import excerpt
from tutorarc.models import User

SCHEMES = {"api-key", "apikey", "basic", "bearer", "digest", "key", "token"}
NAME_OF_A_KEY = re.compile(r"(X_)?((API|AUTH|ACCESS|TUTORARC)_?)*(KEY|TOKEN)")


class ApiKeyAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        plaintext = request.META.get("HTTP_X_API_KEY")
        if plaintext is None:
            return None
        key = ApiKey.objects.find(plaintext.strip())
        if key is None:
            raise _refusal(plaintext.strip())
        key.touch()
        return key.owner, key

    def authenticate_header(self, request: Request) -> str:
        return 'ApiKey realm="TutorArc", header="X-API-Key"'

    def sent_instead(self, request: Request) -> str:
        """What a request without a credential sent in its place; empty if it sent nothing. Repeats no secret."""
        sent = next(_misplaced_keys(request), "")
        return f"You sent `{excerpt(sent)}`; send the key in `X-API-Key`." if sent else ""


def _refusal(plaintext: str) -> AuthenticationFailed:
    if is_well_formed(plaintext):
        return AuthenticationFailed(ErrorReason.UNKNOWN_KEY.message, code=ErrorReason.UNKNOWN_KEY)
    return AuthenticationFailed(fault(plaintext), code=ErrorReason.MALFORMED_KEY)


def _misplaced_keys(request: Request) -> Iterator[str]:
    """Other headers and parameters that seem to contain a key."""
    if authorization := request.META.get("HTTP_AUTHORIZATION"):
        scheme = authorization.split()[:1]
        yield " ".join(["Authorization:", *scheme]) if scheme and scheme[0].lower() in SCHEMES else "Authorization"
    for name, value in request.META.items():
        header = name.removeprefix("HTTP_")
        if header != name and (NAME_OF_A_KEY.fullmatch(header) or PREFIX in value):
            yield header.replace("_", "-").title()
    for name, value in request.query_params.items():
        if NAME_OF_A_KEY.fullmatch(name.upper().replace("-", "_")) or PREFIX in value:
            yield f"?{name}="
