"""What a wrong path under /api/ may have meant."""

import re
from difflib import SequenceMatcher, get_close_matches
from functools import cache

from django.urls import get_resolver

BASE = "/api/v1"
LONGEST_PATH = 200
SIMILARITY = 0.7
ID = "{id}"


def no_such_path(path: str) -> str:
    """Message for a path that does not exist: the rule that it breaks, and the most similar path."""
    return f"{_broken_rule(path)}{_did_you_mean(path)}"


def _broken_rule(path: str) -> str:
    if path.strip("/") in ("api", "api/v1"):
        return "The reference of the API is at /api/docs."
    if not path.startswith(f"{BASE}/"):
        return f"The API is at {BASE}."
    return "Paths have no trailing slash." if path.endswith("/") else "There is no such path."


def _did_you_mean(path: str) -> str:
    known, segments = _known_paths(), _without_ids(path).split("/")
    similar = [one for one in known if _are_similar(segments, one.split("/"))]
    closest = get_close_matches("/".join(segments), similar, n=1, cutoff=0)
    return f" Did you mean {known[closest[0]]}?" if closest else ""


def _are_similar(segments: list[str], known: list[str]) -> bool:
    return len(segments) == len(known) and all(map(_is_similar, segments, known))


def _is_similar(segment: str, known: str) -> bool:
    """Whether a segment is the beginning of a known one, or differs from it by a few letters."""
    is_beginning = bool(segment) and known.startswith(segment)
    return is_beginning or known == ID or SequenceMatcher(None, segment, known).ratio() >= SIMILARITY


@cache
def _known_paths() -> dict[str, str]:
    """The paths below /api/v1, such as `/api/v1/classes/{class_id}`, by their form without names of ids."""
    routes = (str(pattern.pattern) for pattern in get_resolver().url_patterns)
    paths = [path_template(route) for route in routes if "api/v1/" in route]
    return {_without_ids(path): path for path in paths}


@cache
def path_template(route: str) -> str:
    """A route as `/api/v1/classes/{class_id}`."""
    plain = re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", route.strip("^$").removesuffix(r"\Z"))
    return f"/{plain.replace('<', '{').replace('>', '}')}"


def _without_ids(path: str) -> str:
    """The path below the version, in lower case, with each segment that looks like an id replaced."""
    if len(path) > LONGEST_PATH:
        return ""
    inner = re.sub(r"^(/api)?(/v\d+)?/", "", path.lower())
    plain = re.sub(r"\.\w+$", "", re.sub("/+", "/", inner).strip("/"))
    return re.sub(r"[^/]*[\d{}<>:][^/]*", ID, plain)
