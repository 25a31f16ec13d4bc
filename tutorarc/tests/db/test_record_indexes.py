"""The tables of records have an index for each timeline that is read from them, and no others."""

import pytest
from django.db import connection

from apikeys.models import ApiKey
from classes.models import Class
from members.models import Membership
from sessions.models import LiveSession
from tutorarc.models import User

NEWEST_FIRST = ["history_date", "history_id"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "read_by"),
    [
        (User, ["history_user_id", "id"]),
        (ApiKey, ["history_user_id", "id", "owner_id"]),
        (Class, ["history_user_id", "id"]),
        (Membership, ["class_id", "history_user_id", "id", "user_id"]),
        (LiveSession, ["class_id", "history_user_id", "id"]),
    ],
)
def test_records_have_an_index_for_each_timeline_and_no_others(model, read_by):
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model.history.model._meta.db_table)
    indexes = [entry["columns"] for entry in found.values() if entry["index"] and not entry["primary_key"]]
    assert sorted(indexes) == [[column, *NEWEST_FIRST] for column in read_by]
