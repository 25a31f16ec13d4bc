"""Files of which a needed column isn't known: somebody chooses what the columns are."""

import pytest

from tutorarc.imports.models import ImportFile
from tutorarc.models import User
from tutorarc.tests.imports.importing import groups, newest, page_of, preview

pytestmark = pytest.mark.django_db

KIND = "tutorarc_user"
FILE = "Kontakt;Wer;Hobby\nzoe@example.org;Zoë;Chess\n"


def choose(site, page, *columns):
    return site.post(page_of(page), {"column": columns}, follow=True)


def test_the_columns_are_shown_with_their_first_values(site):
    page = preview(site, FILE)
    assert (page.context["missing"], page.context["columns"]) == (
        ["E-mail address"],
        [("Kontakt", ["zoe@example.org"], ""), ("Wer", ["Zoë"], ""), ("Hobby", ["Chess"], "")],
    )
    assert "Zoë" not in ImportFile.objects.get().content


def test_the_file_is_read_with_the_chosen_columns(site):
    page = choose(site, preview(site, FILE), "email", "display_name", "-")
    assert groups(page) == {"added": [(2, "zoe@example.org", "Zoë, STUDENT")]}
    assert newest().notes == ["Cells are separated by semicolons.", "Columns that are not imported: Hobby."]


@pytest.mark.parametrize(
    ("columns", "error"),
    [
        (["-", "display_name", "-"], "Choose which column is: E-mail address."),
        (["email", "email", "-"], "The column “E-mail address” is there twice."),
        (["junk", "", "x"], "Choose which column is: E-mail address."),
        ([], "Choose which column is: E-mail address."),
    ],
)
def test_a_choice_that_is_not_enough_is_asked_for_again(site, columns, error):
    page = choose(site, preview(site, FILE), *columns)
    assert (page.status_code, page.context["errors"], newest().state) == (200, [error], "mapping")


def test_it_can_be_cancelled(site):
    page = preview(site, FILE)
    site.post(page_of(page), {"cancel": "yes", "column": ["email", "-", "-"]})
    assert (ImportFile.objects.count(), User.objects.count()) == (0, 1)
