"""The invite of a class on its card."""

from typing import Any

from django import template

from classes import invites
from classes.models import Class

register = template.Library()


@register.simple_tag(takes_context=True)
def invite_text(context: Any, klass: Class) -> str:
    return invites.invite_text(context["request"], klass)
