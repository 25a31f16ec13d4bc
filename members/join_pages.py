"""The pages to join a class: a field for its code at /j, and the link /j/CODE that teachers give to their students.

They only show which class it is. Students ask to join by the API's call, and wrong codes count as they do there.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from rest_framework.exceptions import Throttled

from classes import codes
from classes.models import Class
from classes.roles import ClassRole, MembershipStatus
from classes.seats import free_seats, position_of
from members.code_guesses import class_with_code
from members.forms import CodeForm
from members.models import Membership
from members.pages import NOBODY_JOINS, REFUSALS, UNKNOWN_CODE
from tutorarc.mail.outgoing import sends_mail
from tutorarc.models import User

TOO_MANY_CODES = _("You tried too many wrong codes. Check the code with your teacher, and try again in a minute.")


@require_safe
@never_cache
def join_page(request: HttpRequest) -> HttpResponse:
    """One field that takes any spelling of a code."""
    typed = request.GET.get("code", "")
    if not typed.strip():
        return _code_field(request)
    if code := codes.cleaned(typed):
        return redirect("join-code", code)
    return _code_field(request, typed, UNKNOWN_CODE, status=404)


@require_safe
@never_cache
def join_code(request: HttpRequest, code: str) -> HttpResponse:
    """What the visitor can do with this code. Signed out it tells nothing about it."""
    user = request.user
    if not isinstance(user, User):
        offers_sign_up = settings.SIGN_UP != "off" and sends_mail()
        return render(request, "members/join/signed_out.html", {"code": code, "offers_sign_up": offers_sign_up})
    if not user.is_student:
        return _for_teachers(request, user, code)
    try:
        klass = class_with_code(request, code)
    except Membership.WrongCode:
        return _code_field(request, code, UNKNOWN_CODE, status=404)
    except Throttled as throttled:
        response = _code_field(request, code, TOO_MANY_CODES, status=429)
        response["Retry-After"] = str(throttled.wait)  # type: ignore[attr-defined]
        return response
    return _for_students(request, user, klass)


def _code_field(request: HttpRequest, typed: str = "", error: str | Promise = "", status: int = 200) -> HttpResponse:
    details = [{"field": "code", "message": str(error)}] if error else []
    form = CodeForm("join", reverse("join-page"), typed={"code": typed} if error else None, details=details)
    return render(request, "members/join/code.html", {"form": form}, status=status)


def _for_students(request: HttpRequest, user: User, klass: Class) -> HttpResponse:
    """Asks, or tells what became of the request that was made before."""
    status = klass.memberships.filter(user=user).values_list("status", flat=True).first()
    context: dict[str, Any] = {
        "klass": klass,
        "status": status,
        "sends_mail": sends_mail(),
        "teachers": _teachers(klass),
    }
    if status is None:
        context |= _what_happens(klass)
    elif status == MembershipStatus.PENDING and klass.capacity is not None:
        context["position"] = position_of(klass, user)
    return render(request, "members/join/class.html", context)


def _what_happens(klass: Class) -> dict[str, Any]:
    """What the page says about joining with the right code: why that is impossible, or what happens then."""
    if klass.is_archived:
        return {"refusal": NOBODY_JOINS}
    try:
        klass.require_usable_code()
    except (Class.CodeClosed, Class.CodeExpired) as refusal:
        return {"refusal": REFUSALS[refusal.reason]}
    if klass.code_mode != Class.CodeMode.OPEN:
        return {}
    return {"is_open": True, "has_seat": free_seats(klass) != 0}


def _for_teachers(request: HttpRequest, user: User, code: str) -> HttpResponse:
    """Only students ask with a code. Teachers get a link to a class in which they are, and see no other one."""
    classes: Any = Class.objects.all()
    if not user.is_admin:
        joined = user.memberships.filter(status=MembershipStatus.APPROVED)
        classes = classes.filter(pk__in=joined.values("klass"))
    return render(request, "members/join/teacher.html", {"klass": classes.by_code(code)})


def _teachers(klass: Class) -> list[str]:
    """Names of the first teachers."""
    teachers = klass.memberships.filter(role=ClassRole.TEACHER, status=MembershipStatus.APPROVED).order_by("pk")
    return list(teachers.values_list("user__display_name", flat=True)[:3])
