"""Errors of the domain. A model nests its own (`Membership.LastTeacher(Conflict)`); none of them knows HTTP."""

import re
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

DOMAIN_ERRORS: "dict[str, type[DomainError]]" = {}  # by reason
_SLUG = re.compile(r"[a-z]+(_[a-z]+)*", re.ASCII)


class Detail(NamedTuple):
    """One problem. `field` is a path such as `user_ids[1]`; empty for the request as a whole.

    `id` is that of the object the problem is about, if programs can go on with it.
    """

    field: str
    code: str
    message: str
    id: str = ""

    def as_dict(self) -> dict[str, str]:
        told = self._asdict()
        return told if self.id else {name: told[name] for name in ("field", "code", "message")}


class DomainError(Exception):
    """A domain rule refuses the request.

    `reason` tells programs which rule: a slug that never changes and belongs to one class alone. `message` is one
    sentence for a person.
    """

    reason: ClassVar[str]
    message = "That is not possible."

    def __init_subclass__(cls, *, abstract: bool = False) -> None:
        """Raises TypeError for an error without a reason of its own, unless it is `abstract`: only for subclasses."""
        super().__init_subclass__()
        if abstract:
            return
        reason = cls.__dict__.get("reason", "")
        if not _SLUG.fullmatch(reason):
            raise TypeError(f"{cls.__qualname__} needs a reason: a slug such as class_archived.")
        if reason in DOMAIN_ERRORS:
            raise TypeError(f"{cls.__qualname__} has the reason of {DOMAIN_ERRORS[reason].__qualname__}: {reason}.")
        DOMAIN_ERRORS[reason] = cls

    def __init__(self, message: str = "", details: Sequence[Detail] = ()) -> None:
        if not hasattr(self, "reason"):
            raise TypeError(f"{type(self).__qualname__} is abstract: raise a subclass with a reason.")
        self.message = message or self.message
        self.details = list(details)
        super().__init__(self.message)


class Conflict(DomainError, abstract=True):
    """The request is well formed and allowed, but the present state forbids it."""


class UnknownClass(Conflict):
    """An id in a request names no class."""

    reason = "unknown_class"
    message = "No class has this id."


class ExternalIdTaken(Conflict):
    """Another person has this external id, or another class or session of the same creator.

    `details` give its id, so that a client that repeats a call finds what it made before.
    """

    reason = "external_id_taken"
    message = "Something else has this external id."

    @classmethod
    def by_row(cls, pk: str, field: str = "external_id") -> "ExternalIdTaken":
        return cls(details=[cls.detail(field, pk)])

    @classmethod
    def detail(cls, field: str, pk: str) -> Detail:
        return Detail(field, cls.reason, f"{pk} has this external id.", pk)


class Invalid(DomainError, abstract=True):
    """A value is invalid given the stored data, such as a class code that no class has."""
