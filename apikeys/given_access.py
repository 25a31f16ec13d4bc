"""The API keys that end when their owners gain rights, in words for the admin site."""

from collections import defaultdict
from collections.abc import Sequence

from apikeys.models import ApiKey
from tutorarc.models import User
from tutorarc.staff.given_access import names


def keys_of_others(people: Sequence[User]) -> dict[str, list[str]]:
    """By owner's id, the usable keys whose secret somebody else may know."""
    keys = list(ApiKey.objects.usable().made_by_others().filter(owner__in=people).order_by("pk"))
    makers = names(key.made_by_id for key in keys)
    found: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        maker = makers.get(key.made_by_id or "", "perhaps somebody else")
        found[key.owner_id].append(f"the API key {key.name} ({key.hint}), which {maker} made")
    return found
