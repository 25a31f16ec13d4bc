"""Read forms, notices and errors from the HTML of a page of the API."""

import re
from html import unescape
from urllib.parse import urlencode

HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}  # as browsers send it
FORM = "application/x-www-form-urlencoded"


def offers(response):
    """The calls that the page's forms make, each once: `["PATCH /classes/cls_1", "POST /classes/cls_1/archive"]`."""
    found, content = set(), response.content.decode()
    for form in re.findall(r'<form method="post".*?</form>', content, re.DOTALL):
        method = next(iter(re.findall(r'name="_method" value="(\w+)"', form)), "POST")
        own = re.search(r'^<form[^>]* id="([^"]*)"', form)
        buttons = re.findall(rf'<button [^>]*form="{own[1]}"[^>]*>', content) if own else []
        if own and not buttons:  # buttons elsewhere on the page would send it
            continue
        shown = [part for part in buttons if "formaction" in part] if buttons else [form]
        if any("formaction" not in button for button in buttons):
            shown.append(form)
        actions = [path for part in shown for path in re.findall(r'(?:form)?action="/api/v1([^"]*)"', part)]
        found |= {f"{method} {path}" for path in actions}
        assert "/accounts/logout/" in form or re.search(r'name="csrfmiddlewaretoken" value="\w+"', form)
    return sorted(found)


def notices(response):
    """The texts of the page's notices, without the buttons in them."""
    notice = r'<(p|div)[^>]*role="(?:status|alert)"[^>]*>(.*?)</\1>'
    found = [words for _, words in re.findall(notice, response.content.decode(), re.DOTALL)]
    found = [re.sub("<form.*?</form>", "", words, flags=re.DOTALL) for words in found]
    return [unescape(" ".join(re.sub(r"<[^>]+>", " ", re.sub("</?bdi>", "", words)).split())) for words in found]


def field_errors(response, name):
    """The errors of each field of the form `name` in the context."""
    return {field: list(errors) for field, errors in response.context[name].errors.items()}


def headline(response):
    [h1] = re.findall(r"<h1[^>]*>(.*?)</h1>", response.content.decode(), re.S)
    return unescape(re.sub(r"<[^>]+>", "", h1)).strip()


def form(**fields):
    """A form's body."""
    return urlencode(fields, doseq=True)
