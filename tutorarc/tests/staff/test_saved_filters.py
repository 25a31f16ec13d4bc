"""Links above a list of the admin site that filter it."""

from tutorarc.domain.events import Actor
from tutorarc.tests.staff.admin_site import Site

KIND = "tutorarc_user"


def names(site, query):
    rows = site.get(f"{site.address('changelist')}?{query}").context["cl"].result_list
    return [person.display_name for person in rows]


def test_each_link_of_the_list_of_people_filters_it(site, root, alice, bob, dora, algebra):
    bob.edit(Actor(root), is_active=False)
    page = site.listing().context
    found = {label: names(site, query) for label, query in page["saved_filters"]}
    assert found == {
        "Never signed in": ["Dora", "Bob", "Alice", "Root"],
        "Deactivated": ["Bob"],
        "Teachers without a class": ["Dora"],
    }


def test_the_link_of_the_shown_filter_is_marked(site):
    page = site.get(f"{site.address('changelist')}?is_active__exact=0").content.decode()
    assert '<a href="?is_active__exact=0" aria-current="true">Deactivated</a>' in page


def test_lists_without_saved_filters_have_no_links(root):
    assert "list-filters" not in Site(root, "apikeys_apikey").listing().content.decode()
