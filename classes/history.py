"""History wording of classes for the admin site."""

from typing import Any

from django.db.models import Q, QuerySet

from classes.models import SETTINGS, Class
from tutorarc.domain.folding import folded
from tutorarc.staff.history_registry import ModelHistory


def search_people(klass: Class, term: str) -> QuerySet[Any, Any]:
    """Ids of people with a record in the class whose name or address contains the term."""
    named = Q(user__folded_name__contains=folded(term)) | Q(user__email__icontains=term)
    return klass.memberships.filter(named).values_list("user_id", flat=True)


CLASS_HISTORY = ModelHistory(
    model=Class,
    phrases={
        "created": "created {klass}",
        "updated": "edited {klass}",
        "settings_changed": "changed the settings of {klass}",
        "archived": "archived {klass}",
        "unarchived": "unarchived {klass}",
        "code_renewed": "gave {klass} a new code",
    },
    refers_to={"klass": Class},
    fields=("title", "description", "class_code", *SETTINGS),
    name="{title}",
    search_people=search_people,
)
