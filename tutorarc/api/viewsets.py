"""Base class of the API's viewsets: the checks of every call, in order (docs/contract.md, "Order of checks")."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, ClassVar, NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet
from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import AuthenticationFailed, MethodNotAllowed, NotAuthenticated, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from tutorarc.api.actions import CLOSED, ActionSpec, described_actions
from tutorarc.api.browsable import HtmlPage
from tutorarc.api.exceptions import InvalidParameter
from tutorarc.api.fields import METHOD_OF_A_FORM
from tutorarc.api.html_forms import PatchForm
from tutorarc.api.idempotency import buffer_body, run_idempotently, stored_response
from tutorarc.api.pagination import NEWEST_FIRST, Ordering
from tutorarc.api.permissions import PermissionClass, refusal, refusal_reason
from tutorarc.api.schema.operation_ids import NOUNS
from tutorarc.db.keyset import Window
from tutorarc.domain.events import Actor
from tutorarc.http.confirmation import is_confirmed
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.http.error_words import no_such
from tutorarc.http.public_url import site_url
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.http.throttling import RequestLimit, count_unknown_key, count_without_credential, request_limit
from tutorarc.models import User

ALWAYS_ALLOWED_PARAMETERS = {"format"}
PAGE_PARAMETERS = {"cursor", "page_size"}
METHODS_OF_FORMS = {"patch", "delete"}  # beside POST


class ApiViewSet(GenericViewSet[Any]):
    """A resource of the API. Each of its actions is described by `@api_action`; without that it is denied."""

    specs: ClassVar[Mapping[str, ActionSpec]] = {}
    tag: ClassVar[str]  # section of the API reference
    extra_parameters: list[OpenApiParameter] = []
    repeatable_parameters: frozenset[str] = frozenset()
    cookie_only = False
    secrets: frozenset[str] = frozenset()  # response fields that are never stored
    location = ""  # path of a created object, with fields of the response: the `Location` of a 201
    html_page_class: type[HtmlPage] = HtmlPage  # HTML page of the responses
    changes: type[PatchForm] | None = None  # form that sends a PATCH
    represent: Callable[[Any], Any] | None = (
        None  # converts one object without creating a serializer, where no context is needed
    )

    request_limit: RequestLimit | None = None  # set once the caller is known, for the response headers
    denied: PermissionClass | None = None  # the permission that refused the caller
    swagger_fake_view = False

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.specs = described_actions(cls)
        if cls.specs and getattr(cls, "tag", None) not in NOUNS:
            raise ImproperlyConfigured(f"{cls.__name__} needs a tag: one of {', '.join(NOUNS)}.")

    @classmethod
    def as_view(cls, actions: Any = None, **initkwargs: Any) -> Any:
        if undescribed := sorted(set((actions or {}).values()) - cls.specs.keys()):
            raise ImproperlyConfigured(f"@api_action is missing: {cls.__name__}.{undescribed[0]}")
        return super().as_view(actions, **initkwargs)

    @property
    def spec(self) -> ActionSpec:
        return self.specs.get(self.action, CLOSED)

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """DRF's own steps, with `respond` in place of the action's method."""
        self.args, self.kwargs, self.headers = args, kwargs, self.default_response_headers
        self.request = self.initialize_request(request, *args, **kwargs)
        try:
            self.initial(self.request, *args, **kwargs)
            response = self.respond(self.request, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 (every error has a response)
            response = self.handle_exception(error)
        self.response = self.finalize_response(self.request, response, *args, **kwargs)
        return self.response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        buffer_body(request)
        self.format_kwarg = self.get_format_suffix(**kwargs)
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        self.authorize(request)

    def respond(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The action's answer, or the stored one to a request that is sent again."""
        if self.action == "metadata":
            return self.options(request, *args, **kwargs)
        if stored := stored_response(self, request):
            self.check_body_scope(request)
            return stored
        self.validate(request)
        return run_idempotently(self, getattr(self, self.action), request, *args, **kwargs)

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

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"  # caches don't know that responses depend on X-API-Key
        if self.request_limit and response.status_code >= HTTPStatus.BAD_REQUEST:
            self.request_limit.count_cost()
        for name, value in self.request_limit.headers.items() if self.request_limit else ():
            response[name] = value
        if response.status_code == HTTPStatus.CREATED:
            response["Location"] = site_url(request, self.location.format_map(response.data))
        response.add_post_render_callback(break_reference_cycles)
        return response

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

    def get_serializer_class(self) -> Any:
        return self.spec.request

    def read_body(self) -> dict[str, Any]:
        """The body validated by the action's serializer. Raises ValidationError."""
        body = self.sent()
        return self.get_serializer(data=body).run_validation(body)

    def sent(self) -> Any:
        """The submitted body; for a PATCH form only the changed fields."""
        body: Any = self.request.data
        if self.changes is None or self.action != "partial_update" or not isinstance(body, QueryDict):
            return body
        return self.changes.changed_fields(body)

    @property
    def user(self) -> User:
        return signed_in_user(self.request)

    @property
    def actor(self) -> Actor:
        return Actor(self.user, self.request.auth)

    def ordering_of(self, request: Request) -> Ordering:
        return NEWEST_FIRST

    def page(self, queryset: Any, window: Window) -> QuerySet[Any]:
        """Rows of a list that the caller may see. Empty unless a view overrides it."""
        return queryset.none()

    def rows(self, queryset: Any, window: Window) -> list[Any]:
        """One page of a list. Frequent lists override this with a compiled query."""
        return list(window.cut(self.page(queryset, window)))

    @property
    def is_filtered(self) -> bool:
        filterset = getattr(self, "filterset_class", None)
        return filterset is not None and not filterset.base_filters.keys().isdisjoint(self.request.query_params)

    def answer_page(self) -> Response:
        """Response with one page of the list."""
        queryset: Any = self.filter_queryset(self.get_queryset()) if self.is_filtered else type(self).queryset
        rows = self.paginate_queryset(queryset)
        return self.get_paginated_response(self.show(rows, many=True))

    def answer(self, result: Any) -> Response:
        """Response with the changed object or objects, and the status that the action declares."""
        return Response(self.show(result, many=self.spec.many), status=self.spec.status)

    def show(self, result: Any, *, many: bool = False) -> Any:
        """Serialize one object or many as plain data."""
        show = self.represent or self.serializer_class(context=self.get_serializer_context()).to_representation  # type: ignore[misc]
        return [show(one) for one in result] if many else show(result)


def break_reference_cycles(response: Any) -> None:
    """Break the reference cycles between view, request and response context after rendering.

    Without this the garbage collector has to find and free them, which takes a tenth of the time of a page of members.
    """
    view, request = response.renderer_context["view"], response.renderer_context["request"]
    request.parser_context.clear()
    response.renderer_context.clear()
    vars(view).clear()
