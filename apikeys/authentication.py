"""Authentication by `X-API-Key`. A request with this header is authenticated by the key alone, never by a cookie."""

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from apikeys.models import ApiKey
from apikeys.secrets import is_well_formed
from tutorarc.http.error_format import ErrorReason
from tutorarc.models import User


class ApiKeyAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        plaintext = request.META.get("HTTP_X_API_KEY")
        if plaintext is None:
            return None
        key = ApiKey.objects.find(plaintext.strip())
        if key is None:
            is_whole = is_well_formed(plaintext.strip())
            reason = ErrorReason.UNKNOWN_KEY if is_whole else ErrorReason.MALFORMED_KEY
            raise AuthenticationFailed(reason.message, code=reason)
        key.touch()
        return key.owner, key

    def authenticate_header(self, request: Request) -> str:
        return 'ApiKey realm="TutorArc", header="X-API-Key"'
