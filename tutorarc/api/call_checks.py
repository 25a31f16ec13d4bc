"""The checks of every call, in order (docs/contract.md, "Order of checks")."""

from collections.abc import Mapping
from typing import Any, ClassVar, NoReturn

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import AuthenticationFailed, MethodNotAllowed, NotAuthenticated, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from tutorarc.api.actions import CLOSED, ActionSpec
from tutorarc.api.exceptions import InvalidParameter
from tutorarc.api.fields import METHOD_OF_A_FORM
from tutorarc.api.permissions import PermissionClass, refusal, refusal_reason
from tutorarc.http.confirmation import is_confirmed
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.http.error_words import no_such
from tutorarc.http.throttling import RequestLimit, count_unknown_key, count_without_credential, request_limit

ALWAYS_ALLOWED_PARAMETERS = {"format"}
PAGE_PARAMETERS = {"cursor", "page_size"}
METHODS_OF_FORMS = {"patch", "delete"}  # beside POST


class CallChecks(GenericViewSet[Any]):
    """`authorize` checks the caller, `validate` the rest of the request."""

    specs: ClassVar[Mapping[str, ActionSpec]] = {}
    extra_parameters: list[OpenApiParameter] = []
    repeatable_parameters: frozenset[str] = frozenset()
    cookie_only = False
    request_limit: RequestLimit | None = None  # set once the caller is known, for the response headers
    denied: PermissionClass | None = None  # the permission that refused the caller

    @property
    def spec(self) -> ActionSpec:
        return self.specs.get(self.action, CLOSED)

    def authorize(self, request: Request) -> None:
        try:
            self.require_known_caller(request)
        except (AuthenticationFailed, NotAuthenticated) as refusal:
            count = count_unknown_key if refusal.get_codes() == ErrorReason.UNKNOWN_KEY else count_without_credential
            count(request)
            raise
        self.request_limit = request_limit(request)
        self.apply_form_method(request)
        if self.action is None:
            raise MethodNotAllowed(str(request.method))
        if self.action != "metadata":
            self.check_permissions(request)
            self.check_scope(request)
            self.check_confirmation(request)
        self.check_throttles(request)

    def apply_form_method(self, request: Request) -> None:
        """Treat a form's POST with `_method=PATCH` or DELETE as such a request. Only with the session cookie."""
        taken = getattr(self, "action_map", {})
        if request.method != "POST" or taken.keys().isdisjoint(METHODS_OF_FORMS) or request.auth is not None:
            return
        method = request._request.POST.get(METHOD_OF_A_FORM, "").lower()
        if method in METHODS_OF_FORMS and method in taken:
            request._request.method, self.action = method.upper(), taken[method]

    def validate(self, request: Request) -> None:
        self.load_object(request)
        self.parse_body(request)
        self.check_parameters(request)
        self.check_body_scope(request)

    def require_known_caller(self, request: Request) -> None:
        if not (request.user and request.user.is_authenticated):
            raise self.no_credential(request)

    def no_credential(self, request: Request) -> NotAuthenticated:
        """The error of a request without a credential. It says what was sent in place of one."""
        authenticators: Any = request.authenticators
        sent = (authenticator.sent_instead(request) for authenticator in authenticators)
        return NotAuthenticated(next(filter(None, sent), None))

    def get_permissions(self) -> list[Any]:
        return [self.spec.checker]

    def check_permissions(self, request: Request) -> None:
        if not self.spec.checker.has_permission(request, self):
            self.deny(self.spec.permission)

    def check_object_permissions(self, request: Request, obj: Any) -> None:
        if not self.spec.checker.has_object_permission(request, self, obj):
            self.deny(self.spec.permission, obj)

    def deny(self, permission: PermissionClass, obj: Any = None) -> NoReturn:
        """Raises PermissionDenied with the message and the reason of the permission."""
        self.denied = permission
        raise PermissionDenied(refusal(permission), code=refusal_reason(permission, obj))

    def check_scope(self, request: Request) -> None:
        """Raises PermissionDenied if the API key lacks the scope. A session cookie has every scope."""
        if self.cookie_only and request.auth is not None:
            raise PermissionDenied(ErrorReason.SIGN_IN_REQUIRED.message, code=ErrorReason.SIGN_IN_REQUIRED)
        if scopes := self.spec.scopes:
            self.require_scope(*scopes)

    def check_confirmation(self, request: Request) -> None:
        """Raises PermissionDenied if the user has to enter the password again first."""
        if self.spec.needs_confirmation and request.auth is None and not is_confirmed(request._request):
            raise PermissionDenied(ErrorReason.CONFIRMATION_REQUIRED.message, code=ErrorReason.CONFIRMATION_REQUIRED)

    def require_scope(self, *scopes: str) -> None:
        """Raises PermissionDenied if the API key has none of these scopes."""
        key: Any = self.request.auth
        if key is not None and not any(key.allows(scope) for scope in scopes):
            message = f"This API key lacks the scope {' or '.join(scopes)}."
            raise PermissionDenied(message, code=ErrorReason.MISSING_SCOPE)

    def check_throttles(self, request: Request) -> None:
        if self.request_limit:
            self.request_limit.refuse_if_over()

    def load_object(self, request: Request) -> None:
        """Load the object named in the path: raises Http404, then checks the object permission. Lists have none."""

    def parse_body(self, request: Request) -> None:
        """Parse the body. Raises UnsupportedMediaType or ParseError."""
        if request.method not in SAFE_METHODS:
            request.data  # noqa: B018

    def check_parameters(self, request: Request) -> None:
        """Raises ValidationError for unknown or repeated query parameters."""
        if not request.query_params:
            return
        known = ALWAYS_ALLOWED_PARAMETERS | self.known_parameters()
        for name, values in request.query_params.lists():
            if name not in known:
                message = no_such("query parameter", name, sorted(self.known_parameters()))
                raise InvalidParameter(name, message, reason=ErrorReason.UNKNOWN_PARAMETER, code="unknown_parameter")
            if len(values) > 1 and name not in self.repeatable_parameters:
                raise InvalidParameter(name, reason=ErrorReason.REPEATED_PARAMETER, code="repeated_parameter")

    def check_body_scope(self, request: Request) -> None:
        """Check scopes that depend on the body. Raises PermissionDenied. Also runs before a replay."""

    def known_parameters(self) -> set[str]:
        known = {parameter.name for parameter in self.extra_parameters}
        if self.action == "list":
            filterset = getattr(self, "filterset_class", None)
            known |= PAGE_PARAMETERS | set(filterset.base_filters if filterset else ())
        return known
