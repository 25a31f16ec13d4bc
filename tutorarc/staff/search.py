"""Finding records by half a word, at 100,000 of them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, cast

from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import Model, Q, QuerySet
from django.utils.text import smart_split, unescape_string_literal

from tutorarc.staff.forms import may_be_key

MAX_WORDS = 5  # each is looked for in the text of all people and all classes
MAX_FOUND = 1_000
MAX_SORTED = 10_000  # rows from the nearer end of a list that is sorted by something else than its age


def search(rows: QuerySet, fields: Sequence[str], term: str) -> QuerySet:
    """The rows that hold every word of the term in one of the fields, or have it as their id.

    `user__email` looks for people first, once, and then for the rows that name them. Django would join all rows with
    all people and classes, and look through the joined text of each: several times the work.
    """
    term = term.replace("\0", "").strip()
    for word in [term] if is_phrase(term) else _words(term):
        rows = rows.filter(_holds(rows.model, fields, word))
    return rows


def is_phrase(term: str) -> bool:
    """Whether it has so many words that they are looked for as they stand, like the title of a class."""
    return len(_words(term)) > MAX_WORDS


def _words(term: str) -> list[str]:
    """What stands in quotation marks is one word."""
    return [
        unescape_string_literal(word) if word[0] in "\"'" and len(word) > 1 and word[0] == word[-1] else word
        for word in smart_split(term)
    ]


def _holds(model: type[Model], fields: Sequence[str], text: str) -> Q:
    holds = Q(pk=text) if may_be_key(model, text) else Q()
    of_relation: dict[str, list[str]] = defaultdict(list)
    for path in fields:
        relation, _, field = path.rpartition("__")
        of_relation[relation].append(field)
    for relation, names in of_relation.items():
        found = Q(*((f"{name}__icontains", text) for name in names), _connector=Q.OR)
        if relation:
            related: Any = model._meta.get_field(relation).related_model
            holds |= Q(**{f"{relation}__in": related._base_manager.filter(found).values("pk")})
        else:
            holds |= found
    return holds


class KeysFirst(Paginator):
    """Finds the ids of a page first, from the nearer end, and joins only its rows: not all those before it."""

    are_all = True  # of the rows that were asked for

    def validate_number(self, number: Any) -> int:
        """Raises InvalidPage for the depths of a sorted list, too: to sort all of it takes a third of a second."""
        number, rows = super().validate_number(number), cast(QuerySet, self.object_list)
        is_by_age = not rows.query.order_by or rows.query.order_by[0] in ("-id", "-pk", "id", "pk")
        if not is_by_age and min(number - 1, self.num_pages - number) * self.per_page > MAX_SORTED:
            raise InvalidPage(number)
        return number

    def page(self, number: Any) -> Page:
        page = super().page(number)
        rows: Any = self.object_list
        found: Any = page.object_list
        if page.number > self.num_pages / 2:
            found = rows.reverse()[self.count - page.end_index() : self.count - page.start_index() + 1]
        page.object_list = _rows_of(rows, found.values("pk"))
        return page


class NewestMatches(Paginator):
    """Asks a search once, for the ids of its newest matches, and sorts those: to find, count and sort all of them takes
    several times as long.
    """

    def __init__(self, rows: Any, *args: Any, **options: Any) -> None:
        found = list(rows.order_by("-pk").values_list("pk", flat=True)[: MAX_FOUND + 1])
        self.are_all, self.count = len(found) <= MAX_FOUND, min(len(found), MAX_FOUND)
        super().__init__(_rows_of(rows, found[:MAX_FOUND]), *args, **options)


def _rows_of(rows: Any, keys: Any) -> QuerySet:
    whole = rows.all()
    whole.query.clear_where()  # which the keys were found by: to search twice takes twice as long
    return whole.filter(pk__in=keys)
