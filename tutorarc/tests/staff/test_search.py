"""A search of a list runs one query, and says when it shows only a part of the matches."""

import re

import pytest

from classes.models import Class
from tutorarc.domain.events import Actor
from tutorarc.models.event import number_events
from tutorarc.staff import record_list
from tutorarc.staff import search as adminsearch
from tutorarc.tests.staff.admin_site import Site, shown_messages

KIND = "members_membership"
NOTES = r'<p class="list-note" role="status">(.*?)</p>'
CUT = (
    "More memberships match than these newest 30. One more word or a filter brings up the others; "
    "an export has them all."
)
PHRASE = "Long searches match the words as one phrase. Search for fewer words to match each of them anywhere."


@pytest.fixture(autouse=True)
def _lower_limit(monkeypatch):
    monkeypatch.setattr(adminsearch, "MAX_FOUND", 30)


def notes(page):
    return re.findall(NOTES, page.content.decode())


def test_only_the_newest_of_too_many_matches_are_searched_with_a_notice(site, algebra, crowd):
    crowd(algebra, 31)
    page = site.listing(q="approved")
    text = page.content.decode()
    assert (notes(page), page.context["cl"].result_count) == ([CUT], 30)
    assert ("the newest 30 memberships" in text, "30 results" in text) == (True, False)
    assert [len(site.rows(q="approved", p=number)) for number in ("1", "2")] == [25, 5]
    assert len(site.rows(q="approved", p="3")) == 5


def test_too_many_matches_can_not_be_shown_on_one_page(site, algebra, crowd, monkeypatch):
    monkeypatch.setattr(adminsearch, "MAX_FOUND", 210)
    crowd(algebra, 211)
    assert len(site.rows(q="approved", all="")) == 25


def test_the_newest_are_shown_in_the_order_that_was_chosen(site, algebra, crowd):
    crowd(algebra, 31)
    names = [row.user.display_name for number in "12" for row in site.rows(q="approved", o="1", p=number)]
    assert names == sorted(f"Approved {number}" for number in range(1, 31))


def test_all_matches_are_counted_as_before(site, algebra, crowd):
    crowd(algebra, 30)
    page = site.listing(q="approved")
    assert (notes(page), page.context["cl"].result_count, "30 results" in page.content.decode()) == ([], 30, True)


def test_a_list_without_search_has_all_its_pages(site, algebra, crowd):
    crowd(algebra, 60)
    page = site.listing(p="3", q=" ", status__exact="APPROVED")
    assert (notes(page), page.context["cl"].result_count, len(page.context["cl"].result_list)) == ([], 61, 11)


@pytest.mark.slow
@pytest.mark.parametrize("order", ["1", "3.-1", "-5"])
@pytest.mark.parametrize("others", [0, 25, 99])
def test_the_pages_of_a_list_have_each_row_once_and_in_order(site, algebra, crowd, order, others):
    """From whichever end they are read."""
    crowd(algebra, others)
    whole = site.listing(o=order, all="").context["cl"].result_list
    pages = [site.rows(o=order, p=str(number)) for number in range(1, -(-len(whole) // 25) + 1)]
    assert [row for page in pages for row in page] == list(whole)


@pytest.mark.parametrize(("order", "pages"), [("1", [1, 2, 4, 5]), ("-6", [1, 2, 3, 4, 5]), ("", [1, 2, 3, 4, 5])])
def test_the_last_pages_of_a_sorted_list_are_not_shown_and_the_page_says_so(
    site, algebra, crowd, monkeypatch, order, pages
):
    monkeypatch.setattr(adminsearch, "MAX_SORTED", 40)
    crowd(algebra, 110)
    answers = {number: site.listing(o=order, p=str(number)) for number in range(1, 6)}
    assert [number for number, answer in answers.items() if answer.status_code == 200] == pages
    told = [shown_messages(answer) for answer in answers.values() if answer.status_code == 302]
    assert told == [[record_list.NO_SUCH_PAGE]] * (5 - len(pages))


@pytest.mark.parametrize("parameters", [{}, {"q": "approved"}, {"o": "1"}, {"status__exact": "APPROVED"}])
@pytest.mark.parametrize("number", ["3", "99999999999999999999"])
def test_a_page_whose_rows_are_gone_shows_the_last_one(site, algebra, crowd, parameters, number):
    crowd(algebra, 29)
    page = site.listing(p=number, **parameters)
    shown = page.context["cl"]
    assert (page.status_code, len(shown.result_list), shown.page_num) == (200, shown.result_count - 25, 2)


def test_so_does_the_list_on_the_page_of_a_class(root, algebra, crowd):
    crowd(algebra, 24)
    page = Site(root, "classes_class").get(f"/admin/classes/class/{algebra.pk}/change/?memberships-2-page=9")
    formsets = {inline.formset.prefix: inline.formset for inline in page.context["inline_admin_formsets"]}
    assert (formsets["memberships-2"].page.number, len(formsets["memberships-2"].page)) == (2, 5)


@pytest.mark.parametrize("number", ["00", "0", "-1", "x"])
def test_a_page_of_a_tab_that_is_no_number_is_the_first(root, algebra, number):
    page = Site(root, "classes_class").get(f"/admin/classes/class/{algebra.pk}/change/?memberships-page={number}")
    assert page.status_code == 200


def test_an_export_has_all_matches(site, algebra, crowd):
    crowd(algebra, 31)
    file = b"".join(site.get(site.address("export"), {"q": "approved"}).streaming_content).decode()
    assert file.count("@example.org") == 31


@pytest.mark.parametrize(("asked", "statements"), [({"q": "appr"}, 6), ({"q": "appr", "all": ""}, 6), ({"q": "no"}, 5)])
@pytest.mark.parametrize("people", [1, 27])
def test_a_search_runs_one_query_whatever_it_finds(
    site, algebra, crowd, asked, statements, people, django_assert_num_queries
):
    crowd(algebra, people)
    number_events()
    with django_assert_num_queries(statements) as sent:
        site.listing(**asked)
    assert sum(f"%{asked['q']}%" in query["sql"].lower() for query in sent) == 1


def test_many_words_are_searched_as_a_phrase(site, alice):
    titles = ["Trade and Art of Early Venice", "Early Art and Trade of Venice"]
    classes = [Class.objects.create_with_teacher(Actor(alice), title=title) for title in titles]
    page = site.listing(q=" trade and art of early venice ")
    assert (notes(page), [row.klass for row in page.context["cl"].result_list]) == ([PHRASE], classes[:1])


def test_few_words_are_found_in_any_order(site, alice):
    klass = Class.objects.create_with_teacher(Actor(alice), title="Trade and Art of Early Venice")
    page = site.listing(q='venice trade "early venice" alice')
    assert (notes(page), [row.klass for row in page.context["cl"].result_list]) == ([], [klass])


@pytest.mark.parametrize("others", [0, 29])
@pytest.mark.parametrize(
    ("field", "term"),
    [
        ("members.membership.user", "example"),
        ("members.membership.klass", "alg"),
        ("classes.class.created_by", "example"),
        ("live_sessions.livesession.klass", "alg"),
        ("apikeys.apikey.owner", "example"),
    ],
)
def test_an_autocomplete_costs_four_statements_for_1_row_and_for_30(
    site, algebra, make_user, alice, field, term, others, django_assert_num_queries
):
    for number in range(others):
        make_user(f"Teacher{number}", "TEACHER")
        Class.objects.create_with_teacher(Actor(alice), title=f"Algebra {number}")
    names = dict(zip(("app_label", "model_name", "field_name"), field.split("."), strict=True))
    with django_assert_num_queries(4):
        answer = site.get("/admin/autocomplete/", {"term": term, **names})
    assert len(answer.json()["results"]) == (20 if others else {"alg": 1, "example": 2}[term])


@pytest.mark.parametrize("text", ["jan muller", "МУЛ", "ÉLAN"])
def test_case_and_accents_are_ignored(root, alice, make_user, text):
    for name in ("Jan Müller", "Мул Élan"):
        make_user(f"P{len(name)}").edit(Actor(root), display_name=name)
    found = Site(root, "tutorarc_user").rows(q=text)
    assert [user.display_name for user in found] == ["Jan Müller" if text == "jan muller" else "Мул Élan"]


@pytest.mark.parametrize(("kind", "column"), [("classes_class", "1"), ("members_membership", "2")])
def test_titles_sort_as_people_sort_them(root, alice, kind, column):
    titles = ["2 Ways", "10 Ways", "apple", "Banana", "élan", "zebra"]
    for title in sorted(titles):
        Class.objects.create_with_teacher(Actor(alice), title=title)
    rows = Site(root, kind).rows(o=column)
    assert [getattr(row, "klass", row).title for row in rows] == titles
