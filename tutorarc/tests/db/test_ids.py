import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from classes.models import Class
from tutorarc.db import ids
from tutorarc.db.ids import MalformedId, TypeIDField

# typeid.io, "valid.json" and "invalid.json" of the specification
VALID = [
    ("00000000000000000000000000", "00000000-0000-0000-0000-000000000000"),
    ("00000000000000000000000001", "00000000-0000-0000-0000-000000000001"),
    ("0000000000000000000000000a", "00000000-0000-0000-0000-00000000000a"),
    ("0000000000000000000000000g", "00000000-0000-0000-0000-000000000010"),
    ("00000000000000000000000010", "00000000-0000-0000-0000-000000000020"),
    ("7zzzzzzzzzzzzzzzzzzzzzzzzz", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    ("0123456789abcdefghjkmnpqrs", "0110c853-1d09-52d8-d73e-1194e95b5f19"),
    ("01h455vb4pex5vsknk084sn02q", "01890a5d-ac96-774b-bcce-b302099a8057"),
]


@pytest.mark.parametrize(("suffix", "value"), VALID)
def test_an_id_is_a_uuid_in_the_base32_of_typeid(suffix, value):
    assert ids.to_text("cls", uuid.UUID(value)) == f"cls_{suffix}"
    assert ids.to_uuid("cls", f"cls_{suffix}") == uuid.UUID(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cls",
        "cls_",
        "cls_123",
        "usr_00000000000000000000000000",
        "00000000000000000000000000",
        "_00000000000000000000000000",
        "CLS_00000000000000000000000000",
        "cls-00000000000000000000000000",
        "cls_cls_00000000000000000000000000",
        "cls_0000000000000000000000000",
        "cls_000000000000000000000000000",
        "cls_80000000000000000000000000",
        "cls_0000000000000000000000000I",
        "cls_0000000000000000000000000i",
        "cls_0000000000000000000000000l",
        "cls_0000000000000000000000000o",
        "cls_0000000000000000000000000u",
        "cls_0000000000000000000000000A",
        "cls_00000000000000000000000000\n",
        " cls_00000000000000000000000000",
        "cls_0000000000000000000000000٠",
        "00000000-0000-0000-0000-000000000000",
    ],
)
def test_anything_else_is_malformed(text):
    with pytest.raises(MalformedId):
        ids.to_uuid("cls", text)


def test_new_ids_of_one_field_sort_by_creation_time():
    field = TypeIDField("cls", primary_key=True)
    made = [field.new() for _ in range(1000)]
    assert made == sorted(set(made))


def test_an_id_contains_the_millisecond_of_its_creation():
    earliest = datetime.now(UTC) - ids.MILLISECOND
    moment = ids.moment_of("cls", TypeIDField("cls", primary_key=True).new())
    assert earliest <= moment <= datetime.now(UTC)


MOMENT = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)


def at(moment, low=True):
    milliseconds = (moment - ids.EPOCH) // ids.MILLISECOND
    return ids.to_text("cls", uuid.UUID(bytes=milliseconds.to_bytes(6) + (bytes(10) if low else b"\xff" * 10)))


@pytest.mark.parametrize(
    ("microseconds", "first_from", "first_after"), [(0, 0, 1), (1, 1, 1), (999, 1, 1), (1000, 1, 2), (1500, 2, 2)]
)
def test_a_range_of_times_is_a_range_of_ids(microseconds, first_from, first_after):
    moment = MOMENT + timedelta(microseconds=microseconds)
    assert ids.first_id_from("cls", moment) == at(MOMENT + first_from * ids.MILLISECOND)
    assert ids.first_id_after("cls", moment) == at(MOMENT + first_after * ids.MILLISECOND)
    assert ids.first_id_after("cls", MOMENT) > at(MOMENT, low=False)


def test_every_time_maps_to_an_id_and_early_times_to_the_lowest():
    lowest = "cls_00000000000000000000000000"
    assert ids.first_id_from("cls", datetime.min.replace(tzinfo=UTC)) == lowest
    assert ids.first_id_after("cls", datetime.max.replace(tzinfo=UTC)) > at(MOMENT, low=False)


def test_created_at_is_the_time_of_the_id(algebra):
    algebra.refresh_from_db()
    assert algebra.created_at == algebra.updated_at == ids.moment_of("cls", algebra.pk)


def test_the_database_stores_a_uuid_and_the_model_its_text(algebra):
    [stored] = Class.objects.values_list("pk", flat=True)
    assert stored == algebra.pk
    assert Class.objects.get(pk=ids.to_uuid("cls", algebra.pk)) == algebra
    assert Class.objects.filter(pk__in=[algebra.pk], pk__gte=algebra.pk).exists()


@pytest.mark.parametrize("value", ["cls_123", "usr_00000000000000000000000000", 7, "", b"x", ["x"]])
def test_a_lookup_by_any_other_value_is_a_validation_error(db, value):
    with pytest.raises(ValidationError):
        Class.objects.filter(pk=value).exists()


def test_a_field_has_its_prefix_and_no_default_in_a_migration():
    _name, path, args, options = TypeIDField("cls", primary_key=True).deconstruct()
    assert (path, args, options) == ("tutorarc.db.ids.TypeIDField", ["cls"], {"primary_key": True, "editable": False})
