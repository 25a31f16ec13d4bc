"""Compiled queries: the SQL of a frequent read is generated once and reused.

Django builds and compiles a queryset each time it runs, which for a small read takes several times as long as the
query. `compile_once` calls the function with sample values, keeps the SQL with the positions of the samples, and then
runs it with the real values. Rows pass the fields' converters and are returned as model instances.

    @compile_once(user_id=User._meta.pk)
    def newest_of(size: int, *, user_id: str) -> QuerySet[Class]:
        return Class.objects.filter(created_by=user_id)[:size]

    newest_of(20, user_id=user.pk)           # a list of classes
    newest_of.queryset(20, user_id=user.pk)  # the queryset behind it

Positional arguments change the SQL (a LIMIT, an ordering): each combination is compiled separately. So is which values
are None, because `= NULL` differs from `IS NULL`. Lists of values are not supported. Use it only for reads of every
request.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import update_wrapper
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.base import ModelState
from django.db.models.query import QuerySet

from tutorarc.db.ids import TypeIDField

Row = TypeVar("Row", bound=models.Model)
Fields = dict[str, "models.Field[Any, Any]"]
MAX_SHAPES = 1_000
SAMPLE_MOMENT = datetime(2001, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
SAMPLE_NUMBER = 7_654_321


class Loaded(ModelState):
    """Model state of a row that was loaded from the database."""

    adding, db = False, DEFAULT_DB_ALIAS


class Entity(NamedTuple):
    """A model instance in a row: the row's own, or one from `select_related`."""

    model: type[models.Model]
    names: list[str]
    columns: slice
    converters: list[tuple[str, Callable[..., Any], Any]]  # convert database values to field values
    cached_as: str | None  # attribute of the main instance

    def instance(self, row: tuple[Any, ...], database: Any) -> models.Model:
        """Like `Model.from_db`, without signals and defaults."""
        held = dict(zip(self.names, row[self.columns], strict=True))
        for name, convert, column in self.converters:
            held[name] = convert(held[name], column, database)
        made = self.model.__new__(self.model)
        made.__dict__ = held
        made._state = Loaded()
        return made


class Statement:
    """SQL of a queryset, positions of its parameters, and how to read its rows."""

    def __init__(self, queryset: QuerySet[Any], samples: dict[str, Any], *, for_share: bool = False) -> None:
        """Raises ValueError if a sample value doesn't appear in the SQL."""
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        self.sql, self.parameters = compiler.as_sql()
        if for_share and compiler.connection.features.has_select_for_update:
            self.sql += " FOR SHARE"
        self.places = [
            (index, name)
            for index, parameter in enumerate(self.parameters)
            for name, sample in samples.items()
            if parameter == sample
        ]
        if missing := samples.keys() - {name for _, name in self.places}:
            raise ValueError(f"Not in the SQL, as they were given: {', '.join(sorted(missing))}.")
        columns = [column for column, *_ in compiler.select]
        converters = compiler.get_converters(columns)
        self.entity, *self.related = _entities(compiler.klass_info, columns, converters)
        self.annotations = list(compiler.annotation_col_map.items())

    def run(self, values: dict[str, Any], database: Any) -> list[Any]:
        parameters = list(self.parameters)
        for index, name in self.places:
            parameters[index] = values[name]
        instance = self._instance if self.related or self.annotations else self.entity.instance
        cursor = getattr(database, "read_cursor", database.cursor)()
        cursor.execute(self.sql, parameters)
        return [instance(row, database) for row in cursor.fetchall()]

    def _instance(self, row: tuple[Any, ...], database: Any) -> Any:
        made = self.entity.instance(row, database)
        for related in self.related:
            # All columns are NULL if the join found no row.
            known = any(value is not None for value in row[related.columns])
            made._state.fields_cache[related.cached_as] = related.instance(row, database) if known else None
        for name, place in self.annotations:
            made.__dict__[name] = row[place]
        return made


def _entities(
    info: dict[str, Any], columns: list[Any], converters: dict[int, Any], cached_as: str | None = None
) -> list[Entity]:
    """Raises ValueError for nested relations, which are not supported."""
    first, last = info["select_fields"][0], info["select_fields"][-1] + 1
    names = [column.target.attname for column in columns[first:last]]
    if cached_as and info.get("related_klass_infos", ()):
        raise ValueError("Only the relations of the row itself can be selected along with it.")
    related = [
        entity
        for relation in info.get("related_klass_infos", ())
        for entity in _entities(relation, columns, converters, relation["field"].cache_name)
    ]
    of_these = [
        (name, convert, column)
        for place, name in enumerate(names, first)
        if place in converters
        for converts, column in [converters[place]]
        for convert in converts
    ]
    return [Entity(info["model"], names, slice(first, last), of_these, cached_as), *related]


class CompiledRead(Generic[Row]):
    def __init__(self, build: Callable[..., QuerySet[Row]], fields: Fields, *, for_share: bool = False) -> None:
        self.queryset = build
        self.fields = fields
        self.for_share = for_share
        self.statements: dict[Any, Statement] = {}
        update_wrapper(self, build)

    def __call__(self, *shape: Any, **values: Any) -> list[Row]:
        database = connections[DEFAULT_DB_ALIAS]
        given = {
            name: _prepared(self.fields[name], value, database) for name, value in values.items() if value is not None
        }
        key = (shape, *given)
        statement = self.statements.get(key) or self._compile(key, shape, given, database)
        return statement.run(given, database)

    def _compile(self, key: Any, shape: tuple[Any, ...], given: dict[str, Any], database: Any) -> Statement:
        if len(self.statements) >= MAX_SHAPES:
            self.statements.clear()
        samples = {name: _sample_of(self.fields[name]) for name in given}
        absent = dict.fromkeys(self.fields.keys() - given.keys())
        prepared = {name: _prepared(self.fields[name], value, database) for name, value in samples.items()}
        rows = self.queryset(*shape, **samples, **absent)
        made = self.statements[key] = Statement(rows, prepared, for_share=self.for_share)
        return made


def compile_once(
    *, for_share: bool = False, **fields: "models.Field[Any, Any]"
) -> Callable[[Callable[..., QuerySet[Row]]], CompiledRead[Row]]:
    """Decorate a function that builds a queryset. `fields` maps each value to the model field that converts it.

    With `for_share` the rows are locked against changes until the transaction ends, which others may do as well: a lock
    that Django's querysets don't have.
    """
    return lambda build: CompiledRead(build, fields, for_share=for_share)


def _prepared(field: "models.Field[Any, Any]", value: Any, database: Any) -> Any:
    """A value as a query parameter. Only ids need a conversion."""
    if isinstance(field, TypeIDField):
        value = field.get_prep_value(value)
    return field.get_db_prep_value(value, database, prepared=True)


def _sample_of(field: "models.Field[Any, Any]") -> Any:
    """A value that appears nowhere else in a statement."""
    if isinstance(field, TypeIDField):
        return field.new()
    if isinstance(field, models.DateTimeField):
        return SAMPLE_MOMENT
    return SAMPLE_NUMBER if isinstance(field, models.IntegerField) else "a sample"
