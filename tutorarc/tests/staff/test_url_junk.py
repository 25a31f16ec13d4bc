"""Malformed input to every URL of the admin site causes no server error.

All junk for all parameters of all pages would take minutes. So each kind of record is asked a share of it, another one
than the kinds beside it.
"""

from itertools import product

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile

from apikeys.models import ApiKey
from tutorarc.domain.events import SYSTEM
from tutorarc.models import SecurityEvent, SecurityEventKind
from tutorarc.tests.staff.admin_site import Site

pytestmark = pytest.mark.slow

# The record of each kind, the filters of its list, what its form can be filled with from an address, and an action.
KINDS = {
    "tutorarc_user": (
        ["global_role__exact", "is_active__exact", "is_staff__isnull"],
        ["groups"],
        "make_password_links",
    ),
    "classes_class": (["status__exact", "created_by__id__exact"], ["first_teacher"], "archive"),
    "members_membership": (
        ["status__exact", "klass__id__exact", "user__id__exact", "klass__status__exact"],
        ["user", "klass"],
        "approve",
    ),
    "live_sessions_livesession": (
        ["when", "state", "strict__exact", "klass__id__exact", "created_by__id__exact"],
        ["klass", "created_by", "start_time"],
        "cancel",
    ),
    "apikeys_apikey": (["use", "owner__id__exact"], ["owner", "scopes", "expires_at"], "revoke"),
    "auth_group": ([], ["permissions"], "delete_selected"),
    "tutorarc_securityevent": (
        ["kind__exact", "user__id__exact", "actor__id__exact", "created_at_from", "created_at_to"],
        ["user"],
        "delete_selected",
    ),
}
JUNK = [
    "\0",
    "²",
    "-1",
    "9" * 5000,
    "usr_01h455vb4pex5vsknk084sn02q",
    "018c8f1e-7b1c-7c3a-9f5e-2b1d4c6a8e90",
    ".-'%00,",
]
OF_LISTS = [
    "q",
    "p",
    "o",
    "all",
    "e",
    "junk__junk",
    "id__in",
    "password__startswith",
    "owner__digest",
    "created_at__year",
]
OF_ALL = ["_popup", "_facets", "_changelist_filters", "_source_model"]
TO_FIELDS = [{"_to_field": ""}, {"_to_field": "junk"}]
OF_RECORDS = ["_popup", "_changelist_filters", "q", "memberships-page", "memberships-2-page", "live_sessions-page"]


@pytest.fixture
def rows(algebra, bob, join, schedule, alice):
    """A record of each kind."""
    member, session = join(algebra, bob, "PENDING"), schedule(klass=algebra)
    key, _ = ApiKey.objects.issue(alice, SYSTEM)
    event = SecurityEvent.objects.record(SecurityEventKind.SIGN_OUT, user=bob)
    return dict(zip(KINDS, [bob, algebra, member, session, key, Group.objects.first(), event], strict=True))


@pytest.fixture
def any_site(root, rows, request):
    site = Site(root, getattr(request, "param", "tutorarc_user"))
    site.raise_request_exception = False
    return site


def faults(call, asked):
    """The calls, each a URL and its parameters, that are answered with a server error."""
    return [(address, sent) for address, sent in asked if call(address, sent).status_code >= 500]


def dealt(site, names):
    """One piece of junk for each name, and another for each kind of record."""
    first = list(KINDS).index(site.kind)
    return [(name, JUNK[(first + place) % len(JUNK)]) for place, name in enumerate(names)]


def at_once(names):
    """Junk for all names together, turn by turn other junk: for pages that refuse none of it."""
    return [{name: JUNK[(place + turn) % len(JUNK)] for place, name in enumerate(names)} for turn in range(len(JUNK))]


def share(site, asked, parts):
    """One part of all that may be asked, and the next part for the next kind of record."""
    return list(asked)[list(KINDS).index(site.kind) % parts :: parts]


of_each_kind = pytest.mark.parametrize("any_site", KINDS, indirect=True)


@of_each_kind
def test_no_parameter_of_a_list_causes_a_server_error(any_site):
    asked = [*dealt(any_site, OF_LISTS), *share(any_site, product(KINDS[any_site.kind][0], JUNK), 2)]
    asked = [*({name: junk} for name, junk in asked), *at_once(OF_ALL)[2:3], *TO_FIELDS]
    assert faults(any_site.get, [(any_site.address("changelist"), query) for query in asked]) == []
    asked = [{name: junk} for name, junk in dealt(any_site, ["q", "o", "junk__junk", *KINDS[any_site.kind][0]])]
    assert faults(any_site.get, [(any_site.address("export"), query) for query in asked]) == []


@of_each_kind
def test_an_order_of_more_columns_than_there_are_is_cut(any_site):
    """The links of each column repeat all of them: 9,000 cost half a second."""
    page = any_site.listing(o=".".join(["1"] * 9_000))
    columns = page.context["cl"].list_display
    assert page.context["cl"].params["o"] == ".".join(["1"] * len(columns))


def test_no_form_input_causes_a_server_error(any_site):
    asked = [*share(any_site, at_once(OF_ALL + KINDS[any_site.kind][1]), 2), *TO_FIELDS]
    assert faults(any_site.get, [(any_site.address("add"), query) for query in asked]) == []


@of_each_kind
def test_no_parameter_of_a_record_page_causes_a_server_error(any_site, rows):
    pages = [any_site.address(page, rows[any_site.kind].pk) for page in ("change", "history")]
    asked = [*share(any_site, at_once(OF_RECORDS), 3), *TO_FIELDS, dict(dealt(any_site, ["before"]))]
    assert faults(any_site.get, product(pages, asked)) == []


@of_each_kind
def test_no_record_id_causes_a_server_error(any_site):
    pages = [any_site.address(page, junk) for junk, page in product(JUNK[1:], ["change", "history", "delete"])]
    assert faults(any_site.get, [(page, {}) for page in pages]) == []
    assert faults(any_site.post, [(page, {}) for page in pages[::3]]) == []


@of_each_kind
def test_no_action_name_causes_a_server_error(any_site, rows):
    whole = {
        "action": KINDS[any_site.kind][2],
        "_selected_action": rows[any_site.kind].pk,
        "index": "0",
        "sure": "yes",
    }
    junk = [("_selected_action", junk) for junk in JUNK]
    junk += dealt(any_site, ["action", "index", "select_across", "back", "sure", "_popup"])
    asked = [(any_site.address("changelist"), {**whole, name: value}) for name, value in junk]
    assert faults(any_site.post, asked) == []


@of_each_kind
def test_no_formset_row_causes_a_server_error(any_site, rows):
    """No rows, half of the management form, and unknown ids."""
    counts = {"TOTAL_FORMS": "1", "INITIAL_FORMS": "1"}
    sent = [{**counts, name: junk} for name, junk in dealt(any_site, [*counts, "0-id", "0-DELETE"])]
    asked = [
        {f"{prefix}-{name}": value for prefix in ("memberships", "form") for name, value in s.items()} for s in sent
    ]
    pages = [any_site.address("changelist"), any_site.address("change", rows[any_site.kind].pk)]
    assert faults(any_site.post, product(pages, asked)) == []


@pytest.mark.parametrize("any_site", ["tutorarc_user", "classes_class", "members_membership"], indirect=True)
def test_no_import_input_causes_a_server_error(any_site):
    files = [SimpleUploadedFile("junk.csv", data) for data in (b"", b"\0", b"\xff\xfe\0", b"email\n" + b"9" * 5000)]
    asked = [{"file": file} for file in files] + [{"mode": junk, "invite": junk} for junk in JUNK] + [{"file": "x"}, {}]
    assert faults(any_site.post, [(any_site.address("import"), sent) for sent in asked]) == []


def test_no_autocomplete_input_causes_a_server_error(any_site):
    whole = {"app_label": "members", "model_name": "membership", "field_name": "user", "term": "bob", "page": "1"}
    asked = [{**whole, name: junk} for name, junk in product([*whole, "_to_field"], JUNK)]
    asked += [{name: value for name, value in whole.items() if name != left_out} for left_out in whole]
    assert faults(any_site.get, [("/admin/autocomplete/", query) for query in asked]) == []


def test_no_parameter_of_the_site_pages_causes_a_server_error(any_site):
    pages = ["/admin/", "/admin/search/", "/admin/login/", "/admin/password_change/", "/admin/jsi18n/"]
    asked = [
        (page, {name: junk}) for page in pages for name, junk in dealt(any_site, ["s", "q", "next", "page", "extended"])
    ]
    asked += [(f"/admin/{junk}/{page}", {}) for junk in JUNK[1:] for page in ("", "user/", "user/1/change/")]
    assert faults(any_site.get, asked) == []
