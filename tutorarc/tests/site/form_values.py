"""What a browser would send of the forms on a page."""

from html.parser import HTMLParser
from typing import Any

NOT_KEPT = {"csrfmiddlewaretoken", "token"}  # new on each page


class PageForms(HTMLParser):
    """`forms`: (action, names and values) of each form, without buttons."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, list[str]]]] = []
        self._form: dict[str, list[str]] | None = None
        self._select: tuple[str, list[tuple[str, bool]]] | None = None
        self._area: tuple[str, list[str]] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        given = dict(attributes)
        name = given.get("name") or ""
        if tag == "form":
            self._form = {}
            self.forms.append((given.get("action", ""), self._form))
        elif tag == "input":
            is_box = given.get("type") in ("checkbox", "radio")
            if not is_box or "checked" in given:
                self._add(name, given.get("value", "on" if is_box else ""))
        elif tag == "select":
            self._select = (name, [])
        elif tag == "option" and self._select:
            self._select[1].append((given.get("value", ""), "selected" in given))
        elif tag == "textarea":
            self._area = (name, [])

    def handle_startendtag(self, tag: str, attributes: Any) -> None:
        self.handle_starttag(tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select" and self._select:
            name, options = self._select
            chosen = [value for value, is_chosen in options if is_chosen] or [value for value, _ in options[:1]]
            for value in chosen:
                self._add(name, value)
            self._select = None
        elif tag == "textarea" and self._area:
            name, parts = self._area
            self._add(name, "".join(parts).removeprefix("\n"))
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self._area[1].append(data)

    def _add(self, name: str, value: str) -> None:
        if self._form is not None and name and name not in NOT_KEPT:
            self._form.setdefault(name, []).append(value)


def form_with(response: Any, field: str) -> tuple[str, dict[str, list[str]]]:
    """The action, and the names and values, of the form on the page that has this field."""
    [found] = [form for form in PageForms(response.content.decode()).forms if field in form[1]]
    return found
