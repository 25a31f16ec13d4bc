"""Protection of models with events: only domain verbs, which write events, change their rows."""

from collections.abc import Iterable
from typing import Any, NoReturn, Self

from django.db import models
from django.db.models.base import ModelBase


class DirectWriteError(TypeError):
    """Code called `save()` or `delete()` on a row that only verbs may change. This is a programming error."""


class ChangedByVerbs(models.Model):
    """A model whose existing rows refuse `save()` and `delete()`. Its verbs write by `QuerySet.update`.

    `saved_by_django` are fields that Django itself saves, and that no event tells.
    """

    saved_by_django: frozenset[str] = frozenset()

    class Meta:
        abstract = True

    def save(
        self,
        *,
        force_insert: bool | tuple[ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Inserts a new row. Raises DirectWriteError for one that exists, unless Django saves its own fields."""
        if update_fields is not None and self.saved_by_django.issuperset(fields := list(update_fields)):
            super().save(force_update=force_update, using=using, update_fields=fields)
        elif self._state.adding and update_fields is None and not force_update:
            super().save(force_insert=force_insert or True, using=using)  # never an UPDATE of a row with the same key
        else:
            raise DirectWriteError(f"{type(self).__name__} {self.pk} was not saved: change it by one of its verbs.")

    def write(self, **values: Any) -> Self:
        """For verbs: change columns of this row, which is locked, and of this instance."""
        type(self)._base_manager.filter(pk=self.pk).update(**values)
        for name, value in values.items():
            setattr(self, name, value)
        return self

    def delete(self, using: Any = None, keep_parents: bool = False) -> NoReturn:  # noqa: ARG002
        raise DirectWriteError(f"{type(self).__name__} {self.pk} was not deleted: change it by one of its verbs.")
