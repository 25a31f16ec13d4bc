"""Classes that rows of an import name: by code in any spelling, by id, by external id or by a unique title."""

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Q, QuerySet

from classes import codes
from classes.models import Class
from tutorarc.db import ids
from tutorarc.domain.folding import folded
from tutorarc.imports.columns import Row
from tutorarc.imports.plans import Terms, in_batches

UNKNOWN = "No class has this code, id or title."
AMBIGUOUS = "{count} classes have this title or external id. Name the class by its code."


def find_classes(rows: Sequence[Row], terms: Terms) -> dict[str, Class | str | None]:
    """The class of each text in the column `class`: None if the file adds it before, or why there is none."""
    texts = {row.cells.get("class", "") for row in rows}
    keys = {text: terms.classes.get(text, text) for text in texts}
    return _Lookup([text for text in keys.values() if text], lock=terms.lock).all(keys)


class _Lookup:
    def __init__(self, texts: Sequence[str], *, lock: bool) -> None:
        classes: QuerySet[Class] = Class.objects.order_by("pk")  # locked in one order to avoid deadlocks
        self._rows = classes.select_for_update(no_key=True) if lock else classes
        self._by_name: dict[str, Class] = {}
        self._others: dict[str, list[Class]] = defaultdict(list)  # by folded title and by external id
        for some in in_batches(texts):
            self._read_names(some)
        for some in in_batches([text for text in texts if self._named(text) is None]):
            self._read_others(some)

    def all(self, keys: dict[str, str]) -> dict[str, Class | str | None]:
        return {text: None if text and not key else self._one(key) for text, key in keys.items()}

    def _one(self, text: str) -> Class | str:
        if klass := self._named(text):
            return klass
        found = {klass.pk: klass for key in (folded(text), f"={text}") for klass in self._others.get(key, [])}
        if len(found) > 1:
            found = {pk: klass for pk, klass in found.items() if not klass.is_archived} or found
        if len(found) == 1:
            return next(iter(found.values()))
        return AMBIGUOUS.format(count=len(found)) if found else UNKNOWN

    def _named(self, text: str) -> Class | None:
        return next((self._by_name[name] for name in _names(text) if name in self._by_name), None)

    def _read_names(self, texts: Sequence[str]) -> None:
        names = [name for text in texts for name in _names(text)]
        wanted = Q(class_code__in=names) | Q(pk__in=[name for name in names if _is_id(name)])
        for klass in self._rows.filter(wanted):
            self._by_name |= {klass.pk: klass, klass.class_code: klass}

    def _read_others(self, texts: Sequence[str]) -> None:
        titles = [folded(text) for text in texts if text]
        for klass in self._rows.filter(Q(folded_title__in=titles) | Q(external_id__in=texts)):
            self._others[klass.folded_title].append(klass)
            self._others[f"={klass.external_id}"].append(klass)


def _names(text: str) -> tuple[str, ...]:
    """The id of a class, or the codes that the text may mean."""
    return (text,) if text.startswith("cls_") else tuple(codes.possible_codes(text))


def _is_id(name: str) -> bool:
    try:
        return bool(ids.to_uuid("cls", name))
    except ids.MalformedId:
        return False
