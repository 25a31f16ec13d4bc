"""Admin actions for selected rows of a list, also offered as buttons on a record's page."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import helpers
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.text import capfirst

from tutorarc.domain.errors import DomainError
from tutorarc.staff.forms import REASONS_SHOWN, explain, may_be_key, unsaved_changes
from tutorarc.staff.page import admin_page
from tutorarc.staff.page_links import admin_url
from tutorarc.staff.remedies import remedy_for

MAX_AT_ONCE = 500  # the API's batch limit
NOTHING_TICKED = "Nothing was changed: select at least one row first."
OPTIONS = "option"  # prefix of the fields of an action's form
ROWS_NAMED = 10  # on the confirmation page
SELECTED = "selected"  # query parameter of a list: the ids of the rows whose boxes are ticked
FIELDS_OF_ACTIONS = {"csrfmiddlewaretoken", "action", "back", "sure", "index", "select_across"} | {
    helpers.ACTION_CHECKBOX_NAME
}


class RecordActions:
    """ModelAdmin mixin: reports results of actions, limits their size, and offers them on the record's page."""

    change_form_outer_before_template = "admin/record_actions.html"
    asks_first: tuple[str, ...] = ()  # actions that can't be undone, or that take access away from people
    model: Any
    opts: Any
    actions: Any
    message_user: Any
    get_actions: Any
    get_form: Any
    has_change_permission: Any

    def each(
        self, request: HttpRequest, items: Iterable[Any], verb: Callable[[Any], int], done: str, *, of: int
    ) -> None:
        """Apply the verb, which returns how many rows it changed, to each item, and report the result.

        An item is a row, or has several `rows` that change together. Refused rows stay selected. `done` completes the
        message: "archived" gives "Class archived." or "2 of 3 classes archived."
        """
        changed, refusals = 0, []
        refused: list[Any] = []
        for item in items:
            try:
                changed += verb(item)
            except DomainError as error:
                refused += getattr(item, "rows", [item])
                told = f"{item}: {' '.join(explain(error))}"
                remedy = remedy_for(request, item, error)
                refusals.append(format_html("{} {}", told, remedy) if remedy else told)
        request.refused = [str(row.pk) for row in refused]  # type: ignore[attr-defined]
        self._report(request, changed, of - changed - len(refused), refusals, done, of=of)

    def _report(
        self, request: HttpRequest, changed: int, unchanged: int, refusals: Sequence[str], done: str, *, of: int
    ) -> None:
        level = messages.SUCCESS if changed else messages.WARNING
        self.message_user(request, f"{self.counted(changed, of)} {done}.", level)
        if unchanged:
            verb = "was" if unchanged == 1 else "were"
            self.message_user(request, f"{unchanged} {verb} already {done}.", messages.INFO)
        for refusal in refusals[:REASONS_SHOWN]:
            self.message_user(request, refusal, messages.ERROR)
        if unseen := refusals[REASONS_SHOWN:]:
            self.message_user(request, f"{len(unseen)} more were refused.", messages.ERROR)

    def counted(self, changed: int, of: int) -> str:
        """The changed rows with their noun: "Class", "3 classes" or "2 of 3 classes"."""
        if changed == of == 1:
            return capfirst(self.opts.verbose_name)
        return f"{changed if changed == of else f'{changed} of {of}'} {self.opts.verbose_name_plural}"

    def offered(self, request: HttpRequest, row: Any) -> Iterable[str]:
        """Names of the actions that apply to this record."""
        return self.actions or ()

    def further_offered(self, request: HttpRequest, row: Any) -> Iterable[str]:
        """Names of those that other apps registered for this list."""
        return ()

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any) -> Any:
        row = options.get("obj")
        allowed = self.get_actions(request) if row else {}
        context["record_actions"] = [
            (name, *description.partition(": "))
            for name, (_, _, description) in allowed.items()
            if name in (*self.offered(request, row), *self.further_offered(request, row))
        ]
        return super().render_change_form(request, context, *args, **options)  # type: ignore[misc]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Report an empty selection also for buttons outside of the list."""
        ticked = request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)
        back = self.page_to_go_back_to(request, ticked)
        if back and not ticked and self.has_change_permission(request):
            self.message_user(request, NOTHING_TICKED, messages.WARNING)
            return back
        return super().changelist_view(request, extra_context)  # type: ignore[misc]

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any], *args: Any) -> HttpResponse:
        """Run the action, ask first, or refuse it. Back in the list, rows that did not change stay selected."""
        selected = request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)
        unchanged = [key for key in selected if may_be_key(self.model, key)]
        response: HttpResponse | None = None
        if refusal := self._refusal(request, queryset, selected):
            self.message_user(request, f"Nothing was changed: {refusal}", messages.ERROR)
        elif background := self._background(request, queryset, selected):
            return background
        elif question := self._question(request, _chosen(request, queryset, selected), selected):
            return question
        elif response := super().response_action(request, queryset, *args):  # type: ignore[misc]
            unchanged = getattr(request, "refused", [])
        if response and response.status_code != 302:
            return response
        return self.page_to_go_back_to(request, selected) or redirect(list_url(request, unchanged))

    def _refusal(self, request: HttpRequest, queryset: QuerySet[Any], selected: list[str]) -> str:
        if not all(may_be_key(self.model, key) for key in selected):
            return "one of the rows doesn't exist."
        if request.POST.get("action") in self.in_background and _is_across(request):
            return ""
        count = queryset.count() if _is_across(request) else len(selected)
        return f"at most {MAX_AT_ONCE} can be changed at once." if count > MAX_AT_ONCE else ""

    @property
    def in_background(self) -> frozenset[str]:
        """Names of the actions that take more rows than others, and are worked off later then."""
        return frozenset()

    def most_at_once(self, action: str) -> int:
        """How many rows one request changes."""
        return MAX_AT_ONCE

    def options_form(self, request: HttpRequest, action: str) -> Any:
        """The form of an action that asks for more than the rows; None for others."""
        return None

    def begin_in_background(self, request: HttpRequest, queryset: QuerySet[Any], action: str) -> HttpResponse:
        raise NotImplementedError

    def _background(self, request: HttpRequest, queryset: QuerySet[Any], selected: list[str]) -> HttpResponse | None:
        """Begin the action on more rows than one request changes. It asks first, because they can't all be shown."""
        action, actions = request.POST.get("action", ""), self.get_actions(request)
        chosen = _chosen(request, queryset, selected)
        is_offered = action in self.in_background and action in actions
        if not is_offered or (count := chosen.count()) <= self.most_at_once(action):
            return None
        form = self.options_form(request, action)
        if _is_sure(request, form):
            return self.begin_in_background(request, chosen, action)
        if not _is_across(request):
            return None  # rows of one page can be shown: see `_question`
        context = _asked(action, actions[action][2], form)
        context |= {"count": count, "selected": selected[:1], "back_address": list_url(request, selected)}
        return admin_page(self, request, "tutorarc/staff/ask_many.html", **context)

    def _question(self, request: HttpRequest, queryset: QuerySet[Any], selected: list[str]) -> HttpResponse | None:
        """Confirmation page of an action that asks first, or that would lose changes to the form of the record."""
        action, actions = request.POST.get("action", ""), self.get_actions(request)
        if action not in actions or _is_sure(request, form := self.options_form(request, action)):
            return None
        from_record = request.POST.get("back") == "record"
        unsaved = self._unsaved(request, queryset.first()) if from_record else []
        if not (unsaved or form or action in self.asks_first) or not (rows := list(queryset)):
            return None
        back = self.page_to_go_back_to(request, selected)
        context = _asked(action, actions[action][2], form) | self._named(action, rows)
        context |= {
            "unsaved": unsaved,
            "kept": _fields_of_the_record(request) if unsaved else [],
            "back": request.POST.get("back", ""),
            "back_address": back.url if back else list_url(request, selected),
        }
        return admin_page(self, request, "tutorarc/staff/ask_first.html", **context)

    def _named(self, action: str, rows: Sequence[Any]) -> dict[str, Any]:
        """The rows for the confirmation page, which names the first ones, or all whose values it shows."""
        shown = self.shown_values(action, rows)
        named = rows if shown else rows[:ROWS_NAMED]
        return {"rows": rows, "rows_named": named, "rows_not_named": len(rows) - len(named), "shown": shown}

    def shown_values(self, action: str, rows: Sequence[Any]) -> list[str]:
        """What the confirmation page sends back as `shown`, for an action on a value that may change meanwhile."""
        return []

    def _unsaved(self, request: HttpRequest, row: Any) -> list[tuple[str, str]]:
        form = self.get_form(request, row, change=True)
        return unsaved_changes(form(request.POST, instance=row)) if row else []

    def page_to_go_back_to(self, request: HttpRequest, selected: list[str]) -> HttpResponseRedirect | None:
        """Redirect to the page with the button: the record's page or the index; None for the list."""
        if request.POST.get("back") == "index":
            return redirect("admin:index")
        if request.POST.get("back") == "record" and len(selected) == 1:
            return redirect(admin_url(self.model, "change", selected[0]))
        return None


def list_url(request: HttpRequest, selected: Sequence[str]) -> str:
    """URL of the same list with these rows selected, up to the 200 that a list can show."""
    query = request.GET.copy()
    query.pop(SELECTED, None)
    if selected:
        query[SELECTED] = ",".join(selected[:200])
    return f"{request.path}?{query.urlencode(safe=',')}" if query else request.path


def _is_sure(request: HttpRequest, form: Any) -> bool:
    """Whether the confirmation page was answered, and the action's form, if it has one, filled in."""
    return request.POST.get("sure") == "yes" and (form is None or form.is_valid())


def _asked(action: str, description: str, form: Any) -> dict[str, Any]:
    """What a confirmation page asks. A description may say more after a colon."""
    label, _, why = description.partition(": ")
    return {"title": f"{label}?", "label": label, "why": why, "action": action, "form": form}


def _is_across(request: HttpRequest) -> bool:
    """Whether all rows of the filtered list were selected, on all its pages."""
    return bool(forms.BooleanField().to_python(request.POST.get("select_across")))


def _chosen(request: HttpRequest, queryset: QuerySet[Any], selected: list[str]) -> QuerySet[Any]:
    return queryset if _is_across(request) else queryset.filter(pk__in=selected)


def _is_of_record(name: str) -> bool:
    return name not in FIELDS_OF_ACTIONS and not name.startswith(f"{OPTIONS}-")


def _fields_of_the_record(request: HttpRequest) -> list[tuple[str, Any]]:
    """Name and value of each field of the record's form, to show the form again."""
    return [(name, value) for name, values in request.POST.lists() if _is_of_record(name) for value in values]
