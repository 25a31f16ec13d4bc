"""Components of the site, their colours, and the page that shows them all."""

import re
from pathlib import Path

import pytest
from django.conf import settings as project
from django.template import Context, Template

from tutorarc.templatetags.initials import TINTS, initials, tint

STATIC = Path(project.BASE_DIR) / "tutorarc/static/tutorarc"
CSS = (STATIC / "site.css").read_text()
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", part)) for part in CSS.split("prefers-color-scheme: dark", 1)
)
ON = [
    *(("on-tint", f"tint-{number}") for number in range(TINTS)),
    *((colour, f"{colour}-wash") for colour in ("good", "warn", "bad", "accent")),
    *((text, ground) for text in ("ink", "soft", "accent") for ground in ("paper", "card", "sunk")),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("card", "bad"),
]


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, LIGHT | DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), ON)
def test_text_is_readable_on_its_ground(scheme, text, ground):
    assert contrast(scheme[text], scheme[ground]) >= 4.5


def test_every_tint_has_a_colour_of_its_own():
    for scheme in (LIGHT, DARK):
        assert len({scheme[f"tint-{number}"] for number in range(TINTS)}) == TINTS
    assert set(re.findall(r"\.tint-(\d)", CSS)) == {str(number) for number in range(1, TINTS)}


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Sam Oyelaran", "SO"),
        ("Ludwig van Beethoven", "LB"),
        ("amy", "A"),
        ("王小明", "王"),
        ("דוד בן־גוריון", "דב"),
        ("(Ms) Ada Byron", "AB"),
        ("42", "4"),
        ("", ""),
    ],
)
def test_initials_are_those_of_the_first_and_the_last_name(name, letters):
    assert initials(name) == letters


def test_a_name_keeps_its_colour_and_names_differ():
    assert tint("Sam Oyelaran") == tint("Sam Oyelaran") == "tint-5"
    assert len({tint(f"Person {number}") for number in range(100)}) == TINTS


def test_a_message_offers_undo_as_a_form():
    undo = {"address": "/api/v1/classes/cls_1/unarchive", "fields": {"_method": "POST"}}
    shown = Template('{% include "components/message.html" %}').render(
        Context({"kind": "good", "text": "Archived.", "undo": undo})
    )
    assert '<div class="notice good" role="status" tabindex="-1"><p>Archived.</p>' in shown
    assert '<form method="post" action="/api/v1/classes/cls_1/unarchive" class="undo" hx-post=' in shown
    assert '<input type="hidden" name="_method" value="POST">' in shown


def test_the_style_sheet_stays_small():
    assert len(CSS.encode()) < 30_000


def test_all_rules_of_the_style_sheet_are_in_a_layer():
    rules = re.sub(r"/\*.*?\*/", "", CSS, flags=re.DOTALL)
    assert [line for line in rules.splitlines() if line[:1].strip(" ")] == [
        "@layer tokens, base, components, pages;",
        *("@layer tokens {", "}", "@layer base {", "}", "@layer components {", "}", "@layer pages {", "}"),
    ]


def test_the_style_guide_is_there_for_developers_only(client, db, settings):
    assert client.get("/styleguide").status_code == 404
    settings.DEBUG = True
    assert client.get("/styleguide").status_code == 200


def test_the_style_guide_shows_every_component(client, db, settings):
    settings.DEBUG = True
    used = {template.name for template in client.get("/styleguide").templates}
    folder = Path(project.BASE_DIR) / "tutorarc/templates/components"
    assert {f"components/{path.name}" for path in folder.glob("*.html")} - used == set()


def test_htmx_evaluates_nothing_and_writes_no_style(client, bob):
    client.force_login(bob)
    page = client.get("/").text
    [config] = re.findall(r"<meta name=\"htmx-config\" content='(.*?)'>", page)
    assert '"includeIndicatorStyles": false' in config
    assert '"allowEval": false' in config
    assert "django_htmx/htmx-2.min.js" in page
