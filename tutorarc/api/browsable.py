"""The browsable API: every response as an HTML page, with forms for what the user may do.

HTML is another representation of the same call, with the same status. JSON clients never reach this code.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlsplit

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException
from rest_framework.utils.urls import replace_query_param

from tutorarc.api import json as jsontext
from tutorarc.api.actions import CLOSED, ActionSpec
from tutorarc.api.html_forms import ActionForm, field_of
from tutorarc.api.pagination import KeysetPagination
from tutorarc.api.permissions import refusal_on_page
from tutorarc.api.representation import about
from tutorarc.api.schema.operation_ids import operation_id
from tutorarc.domain.clock import datetime_text
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.http.error_words import with_field
from tutorarc.http.sign_out_reasons import label, sign_out_reason, typed_texts
from tutorarc.models import User

Page = tuple[str, dict[str, Any]]

HEADLINES = {
    401: _("Please sign in"),
    403: _("You don’t have access to this page"),
    404: _("Page not found"),
    405: _("This page can’t be opened directly"),
    429: _("Too many requests"),
}

PLAIN_MESSAGES = {
    ErrorReason.METHOD_NOT_ALLOWED: _("It belongs to a button on another page."),
    ErrorReason.NO_CREDENTIAL: _("Sign in to see this page."),
    ErrorReason.UNKNOWN_ID: _("There is nothing at this address."),
    ErrorReason.NOT_A_MEMBER: _("Only people who are in the class have access to it. Ask its teacher to add you."),
    ErrorReason.NOT_THE_OWNER: _("It belongs to somebody else."),
}
CHANGING = ("POST", "PATCH", "DELETE")
STALE = _("This page was open for too long")
NOT_IN_CLASS = _("You don’t have access to this class")
MARKED = _("Please correct the fields marked below.")


class HtmlPage:
    """HTML page of a resource's responses. This base class lists the fields; resources have subclasses."""

    success_messages: dict[str, str | Promise] = {}  # message after each action
    after_deletion = ""  # route of the page that a form leads to if it deletes the object
    detail_overrides: Mapping[str, Mapping[str, str | Promise]] = {}  # replacements for error details, by code

    def __init__(self, view: Any, request: Any, response: Any, data: Any) -> None:
        self.view, self.request, self.response, self.data = view, request, response, data
        self.status: int = response.status_code
        self.user = cast(User, request.user)  # anonymous on error pages alone
        self.fields_on_page: set[str] = set()  # fields of forms on this page, which show their own errors
        self.is_error_on_form = False  # whether the refused form shows the error
        self.error: dict[str, Any] | None = self.without_jargon(data["error"]) if self.status >= 400 else None
        self.changed = self.error is None and request.method in CHANGING
        self.action: str = view.action or view.action_map.get("post", "")  # for a 405 to GET, the action of POST

    def without_jargon(self, error: dict[str, Any]) -> dict[str, Any]:
        """The error with messages for users. Developers see the original in the JSON below."""
        details = [{**detail, **self.detail_overrides.get(detail["code"], {})} for detail in error["details"]]
        message = PLAIN_MESSAGES.get(error["reason"], error["message"])
        if error["reason"] == ErrorReason.NO_CREDENTIAL:
            message = sign_out_reason(self.request._request) or message
        denied = getattr(self.view, "denied", None)
        if denied is not None and error["reason"] not in PLAIN_MESSAGES:
            message = refusal_on_page(denied)
        return {**error, "message": message, "details": details}

    def page(self) -> Page:
        return self.refusal() if self.error else self.facts()

    def facts(self) -> Page:
        data = self.data.get("data", self.data) if isinstance(self.data, dict) else {}
        facts = {} if "results" in data or not isinstance(data, dict) else data
        shown = [(label(name), _shown(value)) for name, value in facts.items() if not isinstance(value, dict)]
        title = self.spec_of(self.action).summary or facts.get("name", "")
        return "browse/facts.html", {"title": title, "facts": shown}

    def refusal(self) -> Page:
        """Error page for calls without a form to show the error on."""
        title = HEADLINES.get(self.status, _("That didn’t work"))
        if self.error is not None and self.error["reason"] == ErrorReason.NOT_A_MEMBER:
            title = NOT_IN_CLASS
        is_stale = self.error is not None and self.error["reason"] == ErrorReason.CSRF_FAILED
        is_signed_out = self.status == 401 and self.request.method == "POST"
        typed = self.typed if is_stale or is_signed_out else None
        kept = list(typed_texts(typed)) if typed else []
        context = {"is_stale": is_stale, "is_signed_out": is_signed_out, "kept": kept}
        return "browse/refusal.html", {"title": STALE if is_stale else title, **context}

    def base_context(self) -> dict[str, Any]:
        """Template context that every page needs."""
        view, spec, tag = self.view, self.spec_of(self.action), getattr(self.view, "tag", "")
        operation = "" if spec is CLOSED else operation_id(tag, self.action, many=spec.many)
        as_json = replace_query_param(self.request.get_full_path(), "format", "json")
        return {
            "html_page": self,
            "status": self.status,
            "problem": self.problem,
            "errors": [] if self.single_error else self.other_errors,
            "success": self.success_messages.get(self.action, _("Done.")) if self.changed else "",
            "call": f"{self.request.method} {self.request.path}",
            "purpose": about(view, self.action),
            "raw": jsontext.dump(self.data, indented=True).decode() if self.shows_call else "",
            "shows_call": self.shows_call,
            "as_json": as_json if self.request.method == "GET" else "",
            "reference": f"{reverse('docs')}#{operation}" if operation else reverse("docs"),
        }

    @property
    def shows_call(self) -> bool:
        """Whether the page tells the call behind it: of no use to students, and to visitors who have yet to sign in."""
        return self.request.auth is not None or (self.user.is_authenticated and self.user.can_teach)

    @property
    def problem(self) -> str:
        """The error message at the top of the page; empty if a form on the page shows it."""
        if self.error is None or self.status == 405 or self.is_error_on_form:
            return ""
        marked = self.status == 400 and self.error["details"] and not self.other_errors
        return str(MARKED) if marked else self.single_error or self.error["message"]

    @property
    def other_errors(self) -> list[str]:
        """Errors of fields that no form on this page shows."""
        details = self.error["details"] if self.error and self.status == 400 else []
        return [
            with_field(detail["field"], detail["message"])
            for detail in details
            if field_of(detail) not in self.fields_on_page
        ]

    @property
    def single_error(self) -> str:
        """The error of a single field, which the message repeats."""
        return self.other_errors[0] if self.error and len(self.other_errors) == len(self.error["details"]) == 1 else ""

    def spec_of(self, action: str) -> ActionSpec:
        return self.view.specs.get(action, CLOSED)

    def may(self, action: str, obj: Any = None) -> bool:
        """Whether the view's permission allows the action, for an object loaded with the user's role."""
        if not self.user.is_authenticated:
            return False
        permission = self.spec_of(action).checker
        allowed = permission.has_permission(self.request, self.view)
        return bool(allowed and (obj is None or permission.has_object_permission(self.request, self.view, obj)))

    def form(self, form_class: type[ActionForm], action: str, address: str, **options: Any) -> Any:
        """The form of an action. If it was just refused, it has the typed values and the errors."""
        if not self.refused(action) or not self.error:
            return form_class(action, address, **options)
        options |= {"typed": self.typed, "details": self.error["details"]}
        self.fields_on_page |= form_class.shown()
        form = form_class(action, address, **options)
        if self.status in (409, 429) and form.visible_fields():
            form.refusal = self.error["message"]
            self.is_error_on_form = True
        return form

    def refused(self, action: str) -> bool:
        """Whether this action's form was just submitted and refused."""
        return self.error is not None and action == self.action and self.request.method in CHANGING

    @property
    def is_throttled_read(self) -> bool:
        """Whether this is a 429 to a read, where no typed values can be lost."""
        return self.status == 429 and self.request.method in ("GET", "HEAD")

    @property
    def typed(self) -> QueryDict | None:
        with suppress(APIException, BadRequest, SuspiciousOperation):
            if isinstance(self.request.data, QueryDict):
                return self.request.data
        return None

    def filters(self, form_class: type[ActionForm]) -> Any:
        """The filter form above a list, with errors for wrong query parameters."""
        details = self.error["details"] if self.error else []
        self.fields_on_page |= form_class.shown()
        return form_class("filter", self.request.path, typed=self.request.query_params, details=details)

    def reload_object(self) -> None:
        """Reload the object after a change, or load it if an error came before that."""
        if self.user.is_authenticated and (self.changed or self.error):
            with suppress(APIException, Http404):
                self.view.load_object(self.request)

    def listing(self) -> dict[str, Any]:
        """Rows and links of the requested list; empty after an error."""
        data = {} if self.error else self.data
        rows = [] if self.error else self.view.paginator.rows
        return {"rows": rows, "next": data.get("next"), "previous": data.get("previous")}

    def first_page(self, queryset: QuerySet[Any], address: str, view: Any = None) -> dict[str, Any]:
        """Rows and links of the first page of another list. `view` gives its ordering and rows if not this view."""
        paginator = KeysetPagination()
        start: Any = _Start(self.request, address)
        rows = paginator.paginate_queryset(queryset, start, view or self.view)
        return {"rows": rows, "next": paginator.next_link(), "previous": None}


class _Start:
    """Request for the first page of a list."""

    def __init__(self, request: Any, address: str) -> None:
        self.scheme, self.get_host = request.scheme, request.get_host
        self.get_full_path = lambda: address
        self.query_params = QueryDict(urlsplit(address).query)


def _shown(value: Any) -> Any:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, datetime):
        return datetime_text(value)
    return "–" if value is None else value
