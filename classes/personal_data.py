"""What classes hold of a person: who created them."""

from classes.code_notice import CodeNotice
from classes.models import Class
from tutorarc.domain.personal_data import PersonalData, Shown, holds_none, register
from tutorarc.models import User


def _class(klass: Class, _: User) -> Shown:
    """Without the code, with which anybody may ask to join."""
    shown = klass.as_shown()
    del shown["class_code"]
    settings = ("time_zone", "capacity", "code_mode", "code_expires_at", "external_id")
    return shown | {name: getattr(klass, name) for name in settings}


register(
    PersonalData(name="classes", model=Class, rows=lambda user: Class.objects.filter(created_by=user), show=_class)
)
holds_none("That codes with some prefix were guessed, not by whom.", CodeNotice)
