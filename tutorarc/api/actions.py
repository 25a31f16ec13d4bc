"""The decorator `@api_action`, which describes an API action. The API, its reference, OPTIONS and the pages use it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from inspect import getattr_static, getdoc
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from drf_spectacular.utils import OpenApiExample
from rest_framework.serializers import BaseSerializer

from tutorarc.api.permissions import DenyAll, Permission, PermissionClass, operands
from tutorarc.api.scopes import SCOPES
from tutorarc.api.strict_serializer import NoBody, StrictSerializer
from tutorarc.domain.errors import DOMAIN_ERRORS, DomainError
from tutorarc.http.error_reasons import ErrorReason

Method = TypeVar("Method", bound=Callable[..., Any])
PossibleError = type[DomainError] | ErrorReason
SUCCESSES = (200, 201, 204)


@dataclass(frozen=True, kw_only=True)
class ActionSpec:
    """Describes a viewset method: `@api_action(summary=…, permission=…, scope=…)`. Its docstring is the description."""

    summary: str
    permission: PermissionClass
    scope: (
        str | tuple[str, ...] | None
    )  # required of an API key; one of several is enough (see ApiViewSet.check_body_scope)
    request: type[StrictSerializer] = NoBody  # serializer of the body
    response: type[BaseSerializer[Any]] | BaseSerializer[Any] | None = (
        None  # serializer of the answer; by default that of the viewset
    )
    status: int = 200
    many: bool = False
    needs_confirmation: bool = False  # of a user with a session cookie: see tutorarc/http/confirmation.py
    errors: Sequence[PossibleError] = ()  # domain errors, and reasons that only some actions give
    examples: Sequence[OpenApiExample] = ()

    def __call__(self, method: Method) -> Method:
        """Attach this description to the method. Raises ImproperlyConfigured if an argument is wrong."""
        if problems := [*self._problems(), *([] if getdoc(method) else ["it has no docstring"])]:
            raise ImproperlyConfigured(f"@api_action of {method.__qualname__}: {', '.join(problems)}.")
        method.spec = self  # type: ignore[attr-defined]
        return method

    @cached_property
    def scopes(self) -> tuple[str, ...]:
        return (self.scope,) if isinstance(self.scope, str) else self.scope or ()

    @cached_property
    def checker(self) -> Any:
        """The permission's instance, shared by all requests because it has no state."""
        return self.permission()

    def _problems(self) -> Iterator[str]:
        if not self.summary:
            yield "its summary is empty"
        if not all(isinstance(one, type) and issubclass(one, Permission) for one in operands(self.permission)):
            yield "its permission is not a subclass of Permission"
        if unknown := [scope for scope in self.scopes if scope not in SCOPES]:
            yield f"there is no scope {unknown[0]}"
        if not (isinstance(self.request, type) and issubclass(self.request, StrictSerializer)):
            yield "its request is not a StrictSerializer"
        if self.status not in SUCCESSES:
            yield f"its status is not one of {SUCCESSES}"
        if wrong := [error for error in self.errors if not _has_reason(error)]:
            yield f"{wrong[0]!r} is not an error with a reason"
        if not all(isinstance(example, OpenApiExample) for example in self.examples):
            yield "an example is not an OpenApiExample"


api_action = ActionSpec
CLOSED = ActionSpec(summary="", permission=DenyAll, scope=None)  # of an action without a description


def described_actions(view: type) -> dict[str, ActionSpec]:
    """The descriptions of a viewset's methods by method name, including inherited ones."""
    methods = {name: getattr_static(view, name) for name in dir(view)}
    return {name: method.spec for name, method in methods.items() if isinstance(_spec(method), ActionSpec)}


def _spec(method: Any) -> Any:
    return getattr(method, "spec", None)


def _has_reason(error: Any) -> bool:
    return isinstance(error, ErrorReason) or error in DOMAIN_ERRORS.values()
