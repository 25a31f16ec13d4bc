"""Admin actions for selected rows of a list, also offered as buttons on a record's page."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.admin import helpers
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.text import capfirst

from tutorarc.domain.errors import DomainError
from tutorarc.staff.forms import REASONS_SHOWN, explain, may_be_key
from tutorarc.staff.links import admin_address
from tutorarc.staff.page import admin_page

MAX_AT_ONCE = 500  # the API's batch limit
NOTHING_TICKED = "Nothing was changed: select at least one row first."


class RecordActions:
    """ModelAdmin mixin: reports results of actions, limits their size, and offers them on the record's page."""

    change_form_outer_before_template = "admin/record_actions.html"
    model: Any
    opts: Any
    actions: Any
    message_user: Any
    get_actions: Any
    has_change_permission: Any

    def each(
        self, request: HttpRequest, items: Iterable[Any], verb: Callable[[Any], int], done: str, *, of: int
    ) -> None:
        """Apply the verb, which returns how many rows it changed, to each item, and report the result.

        `done` completes the message: "archived" gives "Class archived." or "2 of 3 classes archived."
        """
        changed, refused, refusals = 0, 0, []
        for item in items:
            try:
                changed += verb(item)
            except DomainError as error:
                refused += getattr(item, "size", 1)
                refusals.append(f"{item}: {' '.join(explain(error))}")
        level = messages.SUCCESS if changed else messages.WARNING
        self.message_user(request, f"{self.counted(changed, of)} {done}.", level)
        if rest := of - changed - refused:
            self.message_user(request, f"{rest} {'was' if rest == 1 else 'were'} already {done}.", messages.INFO)
        for refusal in refusals[:REASONS_SHOWN]:
            self.message_user(request, refusal, messages.ERROR)
        if unseen := refusals[REASONS_SHOWN:]:
            self.message_user(request, f"{len(unseen)} more were refused.", messages.ERROR)

    def counted(self, changed: int, of: int) -> str:
        """The changed rows with their noun: "Class", "3 classes" or "2 of 3 classes"."""
        if changed == of == 1:
            return capfirst(self.opts.verbose_name)
        return f"{changed if changed == of else f'{changed} of {of}'} {self.opts.verbose_name_plural}"

    def ask_first(self, request: HttpRequest, action: str, rows: Sequence[Any]) -> HttpResponse | None:
        """Confirmation page for an action that can't be undone. None once it was confirmed."""
        if request.POST.get("sure") == "yes":
            return None
        label, _, why = self.get_actions(request)[action][2].partition(": ")
        keys = [str(row.pk) for row in rows]
        back = self.page_to_go_back_to(request, keys)
        return admin_page(
            self,
            request,
            "tutorarc/staff/ask_first.html",
            title=f"{label}?",
            label=label,
            why=why,
            action=action,
            rows=rows,
            back=request.POST.get("back", ""),
            back_address=back.url if back else request.get_full_path(),
        )

    def offered(self, request: HttpRequest, row: Any) -> Iterable[str]:
        """Names of the actions that apply to this record."""
        return self.actions or ()

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any) -> Any:
        row = options.get("obj")
        allowed = self.get_actions(request) if row else {}
        context["record_actions"] = [
            (name, *description.partition(": "))
            for name, (_, _, description) in allowed.items()
            if name in self.offered(request, row)
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

    def response_action(self, request: HttpRequest, queryset: Any, *args: Any) -> HttpResponse | None:
        selected = request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)
        refusal, response = "", None
        if not all(may_be_key(self.model, key) for key in selected):
            refusal = "one of the rows doesn't exist."
        elif request.POST.get("select_across") == "1" and queryset.count() > MAX_AT_ONCE:
            refusal = f"at most {MAX_AT_ONCE} can be changed at once."
        if refusal:
            self.message_user(request, f"Nothing was changed: {refusal}", messages.ERROR)
        else:
            response = super().response_action(request, queryset, *args)  # type: ignore[misc]
        back = self.page_to_go_back_to(request, selected)
        return back if back and getattr(response, "status_code", 302) == 302 else response

    def page_to_go_back_to(self, request: HttpRequest, selected: list[str]) -> HttpResponseRedirect | None:
        """Redirect to the page with the button: the record's page or the index; None for the list."""
        if request.POST.get("back") == "index":
            return redirect("admin:index")
        if request.POST.get("back") == "record" and len(selected) == 1:
            return redirect(admin_address(self.model, "change", selected[0]))
        return None
