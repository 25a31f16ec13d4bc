"""Names and titles on pages stand in `<bdi>`, so that one in Hebrew or Arabic leaves the text around it in order."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from classes.models import Class
from tutorarc.domain.events import Actor
from tutorarc.tests.browser.browsing import FORM, HTML, form

TEMPLATES = [path for path in Path(settings.BASE_DIR).glob("**/templates/**/*.html") if ".venv" not in path.parts]
NAME = re.compile(r"\{\{ (?:(?:\w+\.)*display_name|(?:\w+\.)?klass\.title|session\.title|key\.name) \}\}")
PLAIN_TEXT = re.compile(r"<[^>]*>|\{% block title %\}.*")  # attributes and the title of a page can't hold markup


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_name_in_a_template_is_isolated(path):
    text = re.sub("<bdi[^>]*>", "[", path.read_text())
    shown = PLAIN_TEXT.sub("", text)
    assert [name[0] for name in NAME.finditer(shown) if shown[name.start() - 1] != "["] == []


@pytest.mark.django_db
def test_names_in_messages_are_isolated(signed_in, algebra, bob, join, alice):
    join(algebra, bob)
    sent = signed_in(alice).post(f"/classes/{algebra.pk}/members/remove", form(user_id=bob.pk), FORM, headers=HTML)
    assert '<bdi dir="auto">Bob</bdi> was removed.' in sent.content.decode()
    again = signed_in(alice).post(f"/classes/{algebra.pk}/members/approve", form(user_ids=bob.pk), FORM, headers=HTML)
    assert '<bdi dir="auto">Bob</bdi> is no longer in the class.' in again.content.decode()


@pytest.mark.django_db
def test_names_are_isolated_in_the_admin_site(client, root, alice):
    klass = Class.objects.create_with_teacher(Actor(alice), title="אלגברה")
    klass.edit(Actor(alice), title="חשבון")
    client.force_login(root)
    history = client.get(f"/admin/classes/class/{klass.pk}/history/").content.decode()
    assert "<del><bdi>אלגברה</bdi></del> → <ins><bdi>חשבון</bdi></ins>" in history
    assert "<bdi>Alice</bdi></a>" in history
    assert "<bdi>Alice</bdi></td>" in client.get("/admin/classes/class/").content.decode()
