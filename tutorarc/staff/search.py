"""Search in admin lists with 100,000 rows."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, TypeVar, cast

from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import Model, Q, QuerySet
from django.utils.functional import cached_property
from django.utils.text import smart_split, unescape_string_literal

from tutorarc.domain.folded_fields import search_condition
from tutorarc.staff.forms import may_be_key

MAX_WORDS = 5  # each word scans all people and classes
MAX_FOUND = 1_000
MAX_COUNTED = 100_000  # rows of a very long list
MAX_SORTED = 10_000  # rows from the nearer end of a list that isn't sorted by id

Row = TypeVar("Row", bound=Model)


def search(rows: QuerySet[Row], fields: Sequence[str], term: str) -> QuerySet[Row]:
    """Rows with every word of the term in one of the fields, or with the term as id.

    For `user__email` the matching people are found first. Django would join all rows with all people and classes, which
    takes several times as long.
    """
    term = term.replace("\0", "").strip()
    for word in [term] if is_phrase(term) else _words(term):
        rows = rows.filter(_holds(rows.model, fields, word))
    return rows


def is_phrase(term: str) -> bool:
    """Whether the term has so many words that it is searched as one phrase."""
    return len(_words(term)) > MAX_WORDS


def _words(term: str) -> list[str]:
    """Words of the term; quoted text is one word."""
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
        related: Any = model._meta.get_field(relation).related_model if relation else model
        found = Q(*(search_condition(related, name, text) for name in names), _connector=Q.OR)
        if relation:
            holds |= Q(**{f"{relation}__in": related._base_manager.filter(found).values("pk")})
        else:
            holds |= found
    return holds


class LastPageInstead(Paginator[Model]):
    """Paginator that shows the last page in place of one whose rows are gone."""

    def validate_number(self, number: Any) -> int:
        return super().validate_number(min(number, self.num_pages))


class KeysFirst(LastPageInstead):
    """Paginator that selects ids first, from the nearer end, and joins only the rows of the page."""

    are_all: Any = True  # of the requested rows

    @property
    def is_by_age(self) -> bool:
        ordering = cast(QuerySet[Model], self.object_list).query.order_by
        return not ordering or ordering[0] in ("-id", "-pk", "id", "pk")

    def validate_number(self, number: Any) -> int:
        """Raises InvalidPage also for pages too deep in a sorted list, where sorting takes a third of a second."""
        number = super().validate_number(number)
        if not self.is_by_age and min(number - 1, self.num_pages - number) * self.per_page > MAX_SORTED:
            raise InvalidPage(number)
        return number

    def page(self, number: Any) -> Page[Model]:
        page = super().page(number)
        rows: Any = self.object_list
        found: Any = page.object_list
        if self.are_all and page.number > self.num_pages / 2:
            found = rows.reverse()[self.count - page.end_index() : self.count - page.start_index() + 1]
        page.object_list = _rows_of(rows, found.values("pk"))
        return page


class NewestRows(KeysFirst):
    """Paginator for very long lists: of more than `MAX_COUNTED` rows, it has the first ones of a list by age."""

    @cached_property
    def counted(self) -> int:
        """All rows, or one more than `MAX_COUNTED`."""
        rows = cast(QuerySet[Model], self.object_list)
        return self.count_of(rows, MAX_COUNTED + 1) if self.is_by_age else rows.count()

    def count_of(self, rows: QuerySet[Model], most: int) -> int:
        return rows.order_by()[:most].count()

    @cached_property
    def count(self) -> int:
        return self.counted if self.are_all else MAX_COUNTED

    @cached_property
    def are_all(self) -> bool:
        return not self.is_by_age or self.counted <= MAX_COUNTED


class NewestMatches(LastPageInstead):
    """Paginator for searches: loads the ids of the newest matches once and sorts those."""

    def __init__(self, rows: Any, *args: Any, **options: Any) -> None:
        found = list(rows.order_by("-pk").values_list("pk", flat=True)[: MAX_FOUND + 1])
        self.are_all, self.count = len(found) <= MAX_FOUND, min(len(found), MAX_FOUND)
        super().__init__(_rows_of(rows, found[:MAX_FOUND]), *args, **options)


def _rows_of(rows: Any, keys: Any) -> QuerySet[Model]:
    whole = rows.all()
    whole.query.clear_where()  # already applied to find the keys
    return whole.filter(pk__in=keys)
