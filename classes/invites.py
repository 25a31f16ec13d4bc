"""What a teacher gives to students so that they can ask to join a class: its code, and a link and a QR code of it."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from classes.models import Class
from classes.qr_codes import qr_svg
from tutorarc.http.public_url import site_url


def invite(request: Any, klass: Class) -> dict[str, Any]:
    """Context of `classes/code_card.html` and of the code's screen."""
    link = _link(request, klass)
    return {"link": link, "text": invite_text(request, klass), "qr": qr_svg(link)}


def invite_text(request: Any, klass: Class) -> str:
    """What a teacher pastes into a message to the students."""
    text = _("Join %(title)s on TutorArc: %(link)s (class code %(code)s)")
    return text % {"title": klass.title, "link": _link(request, klass), "code": klass.class_code}


def _link(request: Any, klass: Class) -> str:
    return site_url(request, reverse("join-code", args=[klass.class_code]))
