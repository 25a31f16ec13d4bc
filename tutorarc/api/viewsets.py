"""Base class of the API's viewsets: how each call is answered. Its checks are in `call_checks`."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet
from django.http import QueryDict
from rest_framework.request import Request
from rest_framework.response import Response

from tutorarc.api.actions import described_actions
from tutorarc.api.browsable import HtmlPage
from tutorarc.api.call_checks import CallChecks
from tutorarc.api.html_forms import PatchForm
from tutorarc.api.idempotency import buffer_body, run_idempotently, stored_response
from tutorarc.api.page_renderer import PageRenderer
from tutorarc.api.pagination import NEWEST_FIRST, Ordering
from tutorarc.api.schema.operation_ids import NOUNS
from tutorarc.db.keyset import Window
from tutorarc.domain.events import Actor
from tutorarc.http.public_url import site_url
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.models import User


class ApiViewSet(CallChecks):
    """A resource of the API. Each of its actions is described by `@api_action`; without that it is denied."""

    tag: ClassVar[str]  # section of the API reference
    secrets: frozenset[str] = frozenset()  # response fields that are never stored
    location = ""  # path of a created object, with fields of the response: the `Location` of a 201
    html_page_class: type[HtmlPage] = HtmlPage  # HTML page of the responses
    changes: type[PatchForm] | None = None  # form that sends a PATCH
    represent: Callable[[Any], Any] | None = (
        None  # converts one object without creating a serializer, where no context is needed
    )

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

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"  # caches don't know that responses depend on X-API-Key
        if self.request_limit and response.status_code >= HTTPStatus.BAD_REQUEST:
            self.request_limit.count_cost()
        for name, value in self.request_limit.headers.items() if self.request_limit else ():
            response[name] = value
        if response.status_code == HTTPStatus.CREATED:
            response["Location"] = site_url(request, self.location_of(response.data))
        response.add_post_render_callback(break_reference_cycles)
        return response

    def location_of(self, data: Any) -> str:
        """The path of a created object, given the answer."""
        return self.location.format_map(data)

    @property
    def is_page(self) -> bool:
        """Whether the answer is an HTML page."""
        return self.request.accepted_renderer.format == PageRenderer.format

    @property
    def is_page_for_person(self) -> bool:
        """Whether somebody uses the page. A call with a key is the API's in every way, also one that asks for HTML."""
        return self.is_page and self.request.auth is None

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
