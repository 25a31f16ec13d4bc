"""Domain errors: each has a reason of its own, which programs can rely on."""

import re

import pytest

from tutorarc.domain.errors import DOMAIN_ERRORS, Conflict, Invalid
from tutorarc.http.error_reasons import STATUSES, ErrorReason


@pytest.mark.parametrize("reason", [None, "", "Class archived", "CLASS_ARCHIVED", "class-archived", "class_archived_"])
def test_an_error_without_a_slug_as_its_reason_is_no_class(reason):
    namespace = {} if reason is None else {"reason": reason}
    with pytest.raises(TypeError, match="Nameless needs a reason: a slug such as class_archived"):
        type("Nameless", (Conflict,), namespace)


def test_a_reason_belongs_to_one_error():
    with pytest.raises(TypeError, match=r"Second has the reason of Class\.Archived: class_archived"):
        type("Second", (Conflict,), {"reason": "class_archived"})


def test_a_subclass_needs_a_reason_of_its_own():
    with pytest.raises(TypeError, match="Closer needs a reason"):
        type("Closer", (DOMAIN_ERRORS["class_archived"],), {})


@pytest.mark.parametrize("error", [Conflict, Invalid])
def test_an_error_without_a_reason_is_never_raised(error):
    with pytest.raises(TypeError, match=f"{error.__name__} is abstract: raise a subclass with a reason"):
        error("No.")


def test_domain_and_http_reasons_do_not_overlap():
    assert DOMAIN_ERRORS.keys() & set(ErrorReason) == set()


@pytest.mark.parametrize("reason", ErrorReason)
def test_a_reason_of_http_is_a_slug_with_a_code_and_a_message(reason):
    assert re.fullmatch("[a-z]+(_[a-z0-9]+)*", reason)
    assert reason.code in STATUSES
    assert reason.message.endswith(".")
