"""Actions on any number of rows: up to 500 at once, more in the background with their progress on a page."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Model

from tutorarc.domain.errors import DomainError
from tutorarc.domain.events import Actor
from tutorarc.jobs.models import Job
from tutorarc.jobs.registry import Payload, job
from tutorarc.models import User
from tutorarc.models.bulk_change import BulkChange
from tutorarc.staff.forms import explain

TOGETHER = 50  # rows of one transaction
TRANSACTIONS_OF_A_JOB = 10

Options = Mapping[str, str]  # `site`, the address of this site, and what the form of the action asks for


class OptionsForm(forms.Form):
    """Asks for what an action needs besides the rows."""

    def options(self) -> Options:
        """The answers, as texts that can be stored."""
        raise NotImplementedError


def _of_all(_: Any) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class BulkAction:
    """`change` changes one row and returns whether it did, or raises a DomainError. `done` completes "3 people …".

    An app that registers an action of another app's list gives the `label` of its button, and says of which rows it is
    `offered`.
    """

    model: type[Model]
    done: str
    change: Callable[[Any, Actor, Options], bool]
    permissions: tuple[str, ...]  # of whom asks for it, until all is done
    gives_rights: bool = False  # asks for the password again
    at_once: int = 500  # so many are changed in one request
    form: type[OptionsForm] | None = None
    label: str = ""
    offered: Callable[[Any], bool] = _of_all


BULK_ACTIONS: dict[str, BulkAction] = {}


def register_bulk_action(name: str, action: BulkAction) -> None:
    BULK_ACTIONS[name] = action


def change_rows(action: BulkAction, rows: Iterable[Any], by: Actor, options: Options) -> list[tuple[Any, bool, str]]:
    """Change each of the rows. Returns their ids, whether they changed, and why they could not be changed."""
    outcomes = []
    for row in rows:
        try:
            with transaction.atomic():
                outcomes.append((row.pk, action.change(row, by, options), ""))
        except DomainError as refusal:
            outcomes.append((row.pk, False, " ".join(explain(refusal))))
    return outcomes


@job("bulk_change", retries=(5, 60, 600))
def continue_bulk_change(payload: Payload) -> None:
    """Change the next rows. Each transaction writes the progress too, so that nothing is changed twice."""
    for _ in range(TRANSACTIONS_OF_A_JOB):
        if _change_some(payload["change"]):
            return
    enqueue(payload["change"])


def enqueue(pk: int) -> None:
    Job.objects.enqueue("bulk_change", {"change": pk}, key=f"bulk_change {pk}")


@transaction.atomic
def _change_some(pk: int) -> bool:
    """Returns whether all is done."""
    run = BulkChange.objects.select_for_update(no_key=True).get(pk=pk)
    keys = run.keys[run.done : run.done + TOGETHER]
    if run.finished_at:
        return True
    action = BULK_ACTIONS[run.action]
    rows = action.model._base_manager.in_bulk(keys)
    by = User.objects.filter(pk=run.by_id).first()
    if by and by.is_active and by.is_staff and by.has_perms(action.permissions):
        found = [rows[key] for key in keys if key in rows]
        outcomes = change_rows(action, found, Actor(by), {"site": run.site, **(run.options or {})})
    else:
        outcomes = [(key, False, "Who asked for this may no longer do it.") for key in rows]
    gone = [(key, False, "It no longer exists.") for key in keys if key not in rows]
    run.note([*outcomes, *gone])
    return run.finished_at is not None
