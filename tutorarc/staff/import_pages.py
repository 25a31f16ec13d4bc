"""CSV import in the admin site: the file is validated, a preview is shown, and after confirmation all of it is written.

Between the steps the signed file is kept in the page, so that any server can do the second step and no temporary files
are needed. The plan is computed again before writing; if it differs from the preview, nothing is written.
"""

import logging
from collections.abc import Callable, Iterator
from typing import Any

from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponseBase
from django.http.response import StreamingHttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.html import format_html

from tutorarc.domain.errors import DomainError
from tutorarc.domain.events import Actor
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.models import SecurityEvent, SecurityEventKind
from tutorarc.staff.csv_file import MAX_BYTES, MAX_ROWS, Unreadable, read
from tutorarc.staff.import_plans import ADD, CHANGE, KEEP, Plan, Planner
from tutorarc.staff.page import admin_page
from tutorarc.staff.page_links import admin_url

SALT = "tutorarc.import"
LIFETIME = 3600  # seconds between preview and confirmation
SHOWN = 100  # rows of each kind shown in the preview
PROGRESS = "<!-- progress -->"
TOO_OLD = "This preview is more than an hour old, or isn't whole. Choose the file again."
MEANWHILE = "Nothing was written: something changed since the preview. Choose the file again to see what is different."
FAILED = "Nothing was written: something went wrong here, and it is logged. Try again."
log = logging.getLogger("tutorarc.imports")


class Changed(Exception):
    """The plan differs from the preview."""


class CsvImport:
    """ModelAdmin mixin with the page `import/`, for users who may add and change. Needs a `planner`."""

    planner: Planner | None = None
    import_title = ""
    import_help = ""  # template that explains the columns

    def get_urls(self: Any) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_import"
        own = [path("import/", self.admin_site.admin_view(self.import_view), name=name)] if self.planner else []
        return [*own, *super().get_urls()]  # type: ignore[misc]

    def has_import_permission(self: Any, request: HttpRequest) -> bool:
        return bool(self.planner and self.has_add_permission(request) and self.has_change_permission(request))

    def import_choices(self, request: HttpRequest) -> dict[str, Any]:
        """Context of the help text, limited to what this user may write."""
        return {}

    def changelist_view(self: Any, request: HttpRequest, extra_context: Any = None) -> Any:
        context = {"has_import_permission": self.has_import_permission(request), **(extra_context or {})}
        return super().changelist_view(request, context)  # type: ignore[misc]

    def import_view(self: Any, request: HttpRequest) -> HttpResponseBase:
        if not self.has_import_permission(request):
            raise PermissionDenied
        try:
            if "ticket" in request.POST:
                return self._carry_out(request, _redeem(request, self.opts.label))
            if request.method == "POST":
                return self._preview(request, _upload(request))
        except Unreadable as refusal:
            return self._page(request, errors=refusal.reasons)
        return self._page(request)

    def _page(self: Any, request: HttpRequest, **context: Any) -> TemplateResponse:
        limits = {
            "columns": self.planner.columns,
            "max_rows": f"{MAX_ROWS:,}",
            "max_kib": f"{MAX_BYTES // 1024:,}",
            "shown": SHOWN,
        }
        help_context = {"import_help": self.import_help, **self.import_choices(request)}
        page = "tutorarc/staff/import.html"
        return admin_page(self, request, page, title=self.import_title, **help_context, **limits, **context)

    def _preview(self: Any, request: HttpRequest, data: bytes) -> TemplateResponse:
        plan = self._plan(request, data)
        if plan.problems:
            problems = sorted(plan.problems)
            return self._page(request, plan=plan, problems=problems[:SHOWN], more=len(problems[SHOWN:]))
        groups = [
            (outcome, len(steps), steps[:SHOWN]) for outcome in (ADD, CHANGE, KEEP) if (steps := plan.of(outcome))
        ]
        ticket = _issue(request, self.opts.label, data, plan)
        return self._page(request, plan=plan, groups=groups, ticket=ticket)

    def _plan(self: Any, request: HttpRequest, data: bytes, lock: bool = False) -> Plan:
        may_change: Callable[[Any], bool] = lambda row: self.has_change_permission(request, row)  # noqa: E731
        by = Actor(signed_in_user(request))
        return self.planner.plan(read(data, self.planner.columns), may_change, lock, by)

    def _carry_out(self: Any, request: HttpRequest, ticket: dict[str, str]) -> StreamingHttpResponse:
        list_page = admin_url(self.model, "changelist")
        context = {"title": self.import_title, "list_page": list_page, "import_page": request.path}
        top, bottom = render_to_string("tutorarc/staff/importing.html", context, request).split(PROGRESS)

        def page() -> Iterator[str]:
            yield top
            yield from _outcome(self._write(request, ticket))
            yield bottom

        # Neither proxies nor compression may buffer, so that the progress is visible and a lost client is noticed.
        headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store", "Content-Encoding": "identity"}
        return StreamingHttpResponse(page(), headers=headers)

    def _write(self: Any, request: HttpRequest, ticket: dict[str, str]) -> Iterator[str]:
        """Write everything or nothing; a client that disconnects rolls it back."""
        yield _step("Checking the file once more.")
        with transaction.atomic():
            plan = self._plan(request, ticket["text"].encode(), lock=True)
            if plan.problems or plan.fingerprint != ticket["plan"]:
                raise Changed
            done, by = 0, Actor(signed_in_user(request))
            for count in self.planner.write(plan, by):
                done += count
                yield _progress(done, plan.changes)
            self._record(plan, by)
        yield _step(f"Done: {plan.summary}.", "good")

    def _record(self: Any, plan: Plan, by: Actor) -> None:
        added, changed = len(plan.of(ADD)), len(plan.of(CHANGE))
        details = {"rows": len(plan.steps), "added": added, "changed": changed}
        records = str(self.opts.verbose_name_plural)
        SecurityEvent.objects.record(SecurityEventKind.IMPORT, by=by, records=records, **details)


def _upload(request: HttpRequest) -> bytes:
    """Read a file. Raises Unreadable."""
    file = request.FILES.get("file")
    if file is None:
        raise Unreadable("Choose a file.")
    if (file.size or 0) > MAX_BYTES:
        raise Unreadable(f"The file is larger than {MAX_BYTES // 1024:,} KiB. Split it.")
    return bytes(file.read())


def _issue(request: HttpRequest, model_label: str, data: bytes, plan: Plan) -> str:
    claims = {"for": [model_label, request.user.pk], "text": data.decode("utf-8-sig"), "plan": plan.fingerprint}
    return signing.dumps(claims, salt=SALT, compress=True)


def _redeem(request: HttpRequest, model_label: str) -> dict[str, str]:
    """The file in a ticket. Raises Unreadable if it is malformed, too old, of another user or another import."""
    try:
        claims = signing.loads(request.POST["ticket"], salt=SALT, max_age=LIFETIME)
    except signing.BadSignature:
        raise Unreadable(TOO_OLD) from None
    if claims["for"] != [model_label, request.user.pk]:
        raise Unreadable(TOO_OLD)
    return dict(claims)


def _outcome(steps: Iterator[str]) -> Iterator[str]:
    """The steps, and the error that stopped them."""
    try:
        yield from steps
    except (Changed, Unreadable):
        yield _step(MEANWHILE, "warn")
    except (DomainError, ValidationError) as refusal:
        log.info("An import was refused: %s", refusal)
        yield _step(MEANWHILE, "warn")
    except DatabaseError:
        log.exception("An import failed")
        yield _step(FAILED, "warn")


def _step(text: str, css_class: str = "") -> str:
    return format_html('<li class="notice {}">{}</li>\n', css_class, text)


def _progress(done: int, total: int) -> str:
    text = f"{done:,} of {total:,} changes made. Nothing is saved until all are made."
    bar = '<li class="notice"><progress max="{}" value="{}" aria-label="Progress"></progress> {}</li>\n'
    return format_html(bar, total, done, text)
