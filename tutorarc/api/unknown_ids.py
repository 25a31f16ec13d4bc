"""What is wrong with an id in a path that names nothing."""

from collections.abc import Mapping

from tutorarc.db.ids import MalformedId, to_uuid
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.http.error_words import join_names

KINDS = {  # prefix and name, by the name in the path
    "class_id": ("cls", "class"),
    "user_id": ("usr", "user"),
    "invitation_id": ("inv", "invitation"),
    "session_id": ("session", "live session"),
    "series_id": ("ser", "series"),
    "key_id": ("key", "API key"),
    "webhook_id": ("whk", "webhook"),
    "delivery_id": ("dlv", "delivery"),
}


def is_well_formed(name: str, text: str) -> bool:
    try:
        to_uuid(KINDS[name][0], text)
    except MalformedId:
        return False
    return True


def no_such_id(path_ids: Mapping[str, str]) -> str:
    """Message of a 404: which id of the path is malformed, or which kinds of object were not found."""
    known = {name: text for name, text in path_ids.items() if name in KINDS}
    for name, text in known.items():
        prefix, noun = KINDS[name]
        if not is_well_formed(name, text):
            return f"The path has no complete id of a {noun}: it begins with {prefix}_ and has to be copied whole."
    nouns = [f"no {KINDS[name][1]}" for name in known]
    return f"There is {join_names(nouns)} with this id." if nouns else ErrorReason.UNKNOWN_ID.message
