"""The page /developers/log: the refused calls of all one's keys, found by request id, key and status."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from apikeys.log_page import CALLS_ON_A_PAGE
from apikeys.models import ApiKey
from tutorarc.domain.events import SYSTEM, Actor

PAGE = "/developers/log"


@pytest.fixture
def shown(client, alice):
    """`shown(status=409)`: the ids of the calls on Alice's page."""
    client.force_login(alice)

    def get(**query):
        answer = client.get(PAGE, query)
        assert answer.status_code == 200
        return [row.call.pk for row in answer.context["rows"]]

    return get


@pytest.fixture
def browser(client, alice):
    client.force_login(alice)
    return client


def test_it_asks_for_a_sign_in_first(client, db):
    answer = client.get(PAGE)
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={PAGE}")


def test_it_takes_no_other_methods_than_reading(browser):
    assert [browser.head(PAGE).status_code, browser.post(PAGE).status_code] == [200, 405]


def test_calls_of_all_own_keys_are_shown_newest_first(shown, refuse, key, alice, bob):
    _, fresh = key, key.rotate(Actor(alice), timedelta(hours=1))[0]
    refuse(of=ApiKey.objects.issue(bob, SYSTEM)[0])
    older, newer = refuse(), refuse(of=fresh)
    assert shown() == [newer.pk, older.pk]


def test_calls_of_the_last_week_are_shown(shown, refuse):
    kept = refuse(age=settings.KEEP_REFUSED_CALLS - timedelta(minutes=1))
    refuse(age=settings.KEEP_REFUSED_CALLS + timedelta(minutes=1))
    assert shown() == [kept.pk]


def test_a_row_explains_the_refusal(logged, browser, key_of, alice, algebra):
    key, program = key_of(alice, name="Timetable")
    answer = program.post(f"/classes/{algebra.pk}/members/approve", {"users": []}, headers={"X-Request-ID": "mine-1"})
    error = answer.json()["error"]
    logged()
    page = browser.get(PAGE).text
    assert f"<code>POST /api/v1/classes/{algebra.pk}/members/approve</code>" in page
    assert '<span class="badge warn">400</span>' in page
    assert f"<p><bdi>{error['message']}</bdi></p>" in page
    assert f'<a href="/api/docs/errors#{error["reason"]}"><code>{error["reason"]}</code></a>' in page
    assert [f"<code><bdi>{one['field']}</bdi></code> {one['code']}" in page for one in error["details"]] == [True, True]
    assert f"<bdi>Timetable</bdi> <code>{key.hint}</code>" in page
    assert "<code>mine-1</code>" in page
    assert '<a href="/api/docs/joining#approveMembers">' in page


def test_a_call_that_is_not_in_the_reference_has_no_link_to_it(browser, refuse):
    refuse(route="")
    assert "in the reference" not in browser.get(PAGE).text


def test_what_was_sent_is_escaped(browser, refuse):
    refuse(message="<script>x", path="/<b>", fields=[{"field": "<i>", "code": "x"}], request_id="&lt;")
    page = browser.get(PAGE).text
    assert [text in page for text in ("<script>x", "/<b>", "<i>", "<code>&lt;</code>")] == [False] * 4


# Filters


@pytest.mark.parametrize("typed", ["req_2", "  req_2\n", "req_ 2", '"req_2",', "req_2;"])
def test_a_request_id_is_found_however_it_was_pasted(shown, refuse, typed):
    refuse()
    wanted = refuse(request_id="req_2")
    assert shown(request_id=typed) == [wanted.pk]


def test_a_part_of_a_request_id_finds_nothing(shown, refuse):
    refuse()
    assert shown(request_id="req") == []


def test_calls_are_filtered_by_key_and_status(shown, refuse, key, alice):
    other = ApiKey.objects.issue(alice, SYSTEM)[0]
    first, second = refuse(of=other), refuse(status=409)
    assert [shown(key=other.pk), shown(key=key.pk), shown(status="409"), shown(key=other.pk, status="409")] == [
        [first.pk],
        [second.pk],
        [second.pk],
        [],
    ]


def test_empty_filters_show_everything(shown, refuse):
    call = refuse()
    assert shown(request_id="", key="", status="", before="") == [call.pk]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("status", value) for value in ("200", "x", "\0")),
        *(("key", value) for value in ("x", "key_01h455vb4pex5vsknk084sn02q")),
        *(("request_id", value) for value in ("x" * 201, "a\0b")),
        *(("before", value) for value in ("x", "\0", "key_01h455vb4pex5vsknk084sn02q")),
    ],
)
def test_a_wrong_filter_is_told(browser, refuse, name, value):
    refuse()
    answer = browser.get(PAGE, {name: value})
    assert (answer.status_code, list(answer.context["form"].errors), answer.context["rows"]) == (400, [name], [])
    assert answer.text.count('class="errorlist"') == 1


def test_the_key_of_somebody_else_is_no_choice(browser, bob, key):
    other = ApiKey.objects.issue(bob, SYSTEM)[0]
    assert browser.get(PAGE, {"key": other.pk}).status_code == 400


# Pages


def test_older_calls_are_on_further_pages_with_the_same_filters(shown, browser, refuse):
    calls = [refuse(status=409).pk for _ in range(CALLS_ON_A_PAGE + 1)]
    refuse()
    page = browser.get(PAGE, {"status": "409"}).text
    assert shown(status="409") == calls[:0:-1]
    assert f'href="?status=409&amp;before={calls[1]}">Older calls</a>' in page
    assert shown(status="409", before=calls[1]) == calls[:1]
    assert (
        '<a class="button second small" href="?status=409">Newest calls</a>'
        in browser.get(PAGE, {"status": "409", "before": calls[1]}).text
    )


@pytest.mark.parametrize("number", [1, CALLS_ON_A_PAGE])
def test_the_page_takes_four_statements(browser, refuse, number, django_assert_num_queries):
    for _ in range(number):
        refuse()
    with django_assert_num_queries(4):  # session, person, keys, calls
        assert len(browser.get(PAGE).context["rows"]) == number


# Without calls


def test_without_a_key_it_leads_to_one(client, bob):
    client.force_login(bob)
    page = client.get(PAGE).text
    assert "You have no API key yet." in page
    assert '<a href="/developers/keys">Create a key</a>' in page


def test_without_refused_calls_it_says_what_will_be_here(browser, key):
    assert "None of your calls was refused lately." in browser.get(PAGE).text


def test_a_search_that_finds_nothing_says_what_is_not_here(browser, refuse):
    refuse()
    page = browser.get(PAGE, {"request_id": "nothing"}).text
    assert "No refused call matches." in page
    assert page.count(f'<a href="{PAGE}">Show all</a>') == 2


def test_the_page_of_keys_leads_to_the_calls_of_each(browser, key, alice):
    key.revoke(Actor(alice))
    assert f'href="{PAGE}?key={key.pk}"' in browser.get("/developers/keys").text


def test_a_key_opens_no_page(alice):
    _, secret = ApiKey.objects.issue(alice, SYSTEM)
    assert Client().get(PAGE, headers={"X-API-Key": secret}).status_code == 302
