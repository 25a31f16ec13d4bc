"""An import as a registrar does it: the file, the preview, the start, and what the page says in the end."""

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tutorarc.imports.models import Import
from tutorarc.jobs.models import Job
from tutorarc.jobs.run import run


def preview(site: Any, text: str | bytes, name: str = "people.csv", **choices: str) -> Any:
    """The page after the upload: a preview, columns to choose, or the upload form with errors."""
    data = text if isinstance(text, bytes) else text.encode()
    return site.post(site.address("import"), {"file": SimpleUploadedFile(name, data), **choices}, follow=True)


def can_start(page: Any) -> bool:
    return bool(page.context and page.context.get("can_start"))


def start(site: Any, page: Any) -> Any:
    """Start the previewed import. The page after it, which is that of the result if the import is small."""
    return site.post(page_of(page), {"start": "yes"}, follow=True)


def consent(site: Any, page: Any) -> str:
    """Start the previewed import, let the worker finish it, and return what its page says."""
    start(site, page)
    work()
    return outcome(site.get(page_of(page)))


def page_of(page: Any) -> str:
    return f"/admin/imports/import/{page.context['about'].pk}/change/"


def work() -> None:
    """Do the jobs of imports until there is none."""
    while jobs := Job.objects.claim(["import"], "test", 1):
        for job in jobs:
            run(job)


def outcome(page: Any) -> str:
    """What the page says about the import."""
    said = re.findall(r'<(?:p|div) class="records-note[^>]*>(.*?)</(?:p|div)>', page.content.decode(), re.DOTALL)
    return " ".join(re.sub("<[^>]*>", "", " ".join(said)).split())


def reasons(page: Any) -> list[tuple[int, str, str]]:
    """Line, label and reason of the bad rows."""
    return [(line.line, line.label, line.reason) for line in page.context["problems"]]


def groups(page: Any) -> dict[str, list[tuple[int, str, str]]]:
    """Line, label and summary of the rows of each outcome that has some."""
    shown = {
        name: [(row["line"], row["label"], row["summary"]) for row in rows] for name, _, rows in page.context["groups"]
    }
    return {name: rows for name, rows in shown.items() if rows}


def newest() -> Import:
    return Import.objects.select_related("by").latest("pk")
