"""A compiled query returns the rows of its queryset, for every user and every page."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import F
from rest_framework.serializers import ModelSerializer, Serializer

from apikeys import models as apikeys
from apikeys.models import ApiKey
from apikeys.serializers import ApiKeySerializer, IssuedKeySerializer
from classes import models as classes
from classes import reads
from classes.models import Class
from classes.serializers import ClassSerializer
from members.models import Membership
from members.models import membership as members
from members.serializers import MembershipSerializer, MemberUserSerializer
from members.visibility import Reader
from sessions import lookups as sessions
from sessions.serializers import LinksSerializer, LiveSessionSerializer
from tutorarc.api.serializers import MeSerializer
from tutorarc.db.compiled import MAX_SHAPES, CompiledRead, compile_once
from tutorarc.db.keyset import Window
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.models import User

READS = [
    apikeys._usable_keys,
    classes._locked,
    classes._locked_for_share,
    reads.class_with_role,
    reads._page,
    members._page,
    sessions.session_with_role,
]
WINDOWS = [Window(("pk",), descending, size) for descending in (True, False) for size in (2, 21)]


def contents(row):
    """All values of a row, with its related rows."""
    held = {name: value for name, value in vars(row).items() if name != "_state"}
    along = row._state.fields_cache
    related = {name: other and contents(other) for name, other in along.items()}
    return type(row), row._state.adding, row._state.db, held, related


def same(read, *shape, **values):
    """The contents of the rows, which are the queryset's and the compiled statement's alike, the second time too."""
    absent = dict.fromkeys(read.fields.keys() - values.keys())
    ordinary = [contents(row) for row in read.queryset(*shape, **values, **absent)]
    assert [contents(row) for row in read(*shape, **values)] == ordinary
    assert [contents(row) for row in read(*shape, **values)] == ordinary
    return ordinary


@pytest.fixture
def school(alice, bob, dora, join):
    """Classes of Alice's and of Dora's, some with Bob in them, one of each other's."""
    made = [
        Class.objects.create_with_teacher(Actor(teacher), title=f"Class {n}")
        for n, teacher in enumerate([alice, dora] * 4)
    ]
    for klass in made[:5]:
        join(klass, bob)
    Membership.objects.enrol(made[1], alice, "TEACHER", Actor(dora))
    made[2].archive(Actor(alice))
    return made


@pytest.fixture(params=["alice", "bob", "charlie", "dora", "admin"])
def someone(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("window", WINDOWS)
def test_a_page_of_classes(school, someone, window):
    user_id = None if someone.is_admin else someone.pk
    values = {} if someone.is_admin else {"user_id": user_id}
    rows = same(reads._page, someone.global_role, window, **values)
    visible = set(Class.objects.visible_to(someone).values_list("pk", flat=True))
    assert len(rows) == min(window.size, len(visible))
    for klass in school:
        same(reads._page, someone.global_role, window, **values, position=klass.pk)


def test_each_role_sees_the_expected_classes(school, alice, bob, charlie, dora, admin):
    def count(user):
        return len(reads.page_of_classes(user, WINDOWS[1]))

    assert [count(user) for user in (alice, bob, charlie, dora, admin)] == [5, 5, 0, 4, 8]


def test_a_class_with_the_callers_role(school, someone):
    found = [same(reads.class_with_role, class_id=klass.pk, user_id=someone.pk) for klass in school]
    assert [len(rows) for rows in found] == [1] * len(school)


def test_a_locked_class(school):
    for read in (classes._locked, classes._locked_for_share):
        assert [len(same(read, class_id=klass.pk)) for klass in school] == [1] * len(school)
    with pytest.raises(Class.DoesNotExist):
        Class.objects.lock(Class(title="Never saved").pk)


def test_an_unknown_class(alice):
    assert same(reads.class_with_role, class_id=Class(title="Never saved").pk, user_id=alice.pk) == []


@pytest.mark.parametrize("with_people", [True, False])
@pytest.mark.parametrize("window", WINDOWS)
def test_a_page_of_members(school, crowd, window, with_people):
    crowd(school[0], 5)
    rows = same(members._page, with_people, window, class_id=school[0].pk)
    assert len(rows) == min(window.size, 7)
    for member in Membership.objects.filter(klass=school[0]):
        same(members._page, with_people, window, class_id=school[0].pk, position=member.pk)


def test_a_session_with_class_and_role(school, someone, schedule):
    for session in (schedule(), schedule(klass=school[0])):
        assert len(same(sessions.session_with_role, session_id=session.pk)) == 1
        assert len(same(sessions.session_with_role, session_id=session.pk, user_id=someone.pk)) == 1


def test_a_usable_key_with_its_owner(someone):
    key, _ = ApiKey.objects.issue(someone, SYSTEM)
    now = datetime.now(UTC)
    [(_, _, _, held, related)] = same(apikeys._usable_keys, digest=key.digest, now=now)
    assert related["owner"] == contents(User.objects.only(*apikeys.OWNER_FIELDS).get(pk=someone.pk))
    # Neither digest nor, of whose it is, password
    assert set(held) == {"id", "owner_id", "hint", "scopes", "last_used_at"}
    ApiKey.objects.update(expires_at=now)
    assert same(apikeys._usable_keys, digest=key.digest, now=now) == []
    assert len(same(apikeys._usable_keys, digest=key.digest, now=now - timedelta(seconds=1))) == 1


def test_every_compiled_query_is_tested_here():
    """Which also compiles each: one whose values don't all reach the SQL fails the first time."""
    modules = (apikeys, classes, reads, members, sessions)
    compiled = [read for module in modules for read in vars(module).values() if isinstance(read, CompiledRead)]
    assert compiled == READS


def test_a_value_missing_from_the_sql_is_refused(alice):
    @compile_once(user_id=User._meta.pk, other=User._meta.pk)
    def read(*, user_id, other):
        return User.objects.filter(pk=user_id)

    assert [user.pk for user in read(user_id=alice.pk)] == [alice.pk]
    with pytest.raises(ValueError, match="Not in the SQL, as they were given: other"):
        read(user_id=alice.pk, other=alice.pk)


def test_a_chain_of_relations_is_refused(db):
    @compile_once(pk=Membership._meta.pk)
    def read(*, pk):
        return Membership.objects.select_related("klass__created_by").filter(pk=pk)

    with pytest.raises(ValueError, match="Only the relations of the row itself"):
        read(pk=1)


def test_a_null_value_uses_another_statement(alice, bob):
    @compile_once(email=User._meta.get_field("email"))
    def read(*, email):
        return User.objects.filter(email=email) if email else User.objects.order_by("email")

    assert [user.pk for user in read(email=None)] == [alice.pk, bob.pk]
    assert [user.pk for user in read(email=bob.email)] == [bob.pk]


def test_the_queryset_is_built_once_for_each_shape(alice):
    built = []

    @compile_once(user_id=User._meta.pk)
    def read(size, *, user_id):
        built.append(size)
        return User.objects.filter(pk=user_id)[:size]

    for size in (1, 2, 1, 2):
        assert [user.pk for user in read(size, user_id=alice.pk)] == [alice.pk]
    assert built == [1, 2]


def test_the_number_of_cached_shapes_is_limited(db, monkeypatch):
    monkeypatch.setattr("tutorarc.db.compiled.MAX_SHAPES", 3)

    @compile_once()
    def read(size):
        return User.objects.all()[:size]

    for size in range(1, 9):
        read(size)
        assert len(read.statements) <= 3 < MAX_SHAPES


def test_annotations_are_loaded_too(alice):
    @compile_once(user_id=User._meta.pk)
    def read(*, user_id):
        return User.objects.annotate(again=F("email")).filter(pk=user_id)

    [user] = read(user_id=alice.pk)
    assert user.again == alice.email


def test_it_is_one_statement_and_counted_as_a_query(alice, django_assert_num_queries):
    reads.page_of_classes(alice, WINDOWS[0])
    with django_assert_num_queries(1):
        reads.page_of_classes(alice, WINDOWS[0])
    assert connection.in_atomic_block


# The other thing that is written out for speed: what serializers show


def field_by_field(serializer, row):
    return dict(ModelSerializer.to_representation(serializer, row))


def test_the_compiled_representation_of_a_class_matches_its_serializer(school):
    for klass in Class.objects.all():
        assert ClassSerializer().to_representation(klass) == field_by_field(ClassSerializer(), klass)


class View:
    expands_user = True
    reader = Reader(User(global_role="ADMIN"), None)


def test_the_compiled_representation_of_a_member_matches_its_serializer(school, crowd):
    crowd(school[0], 2, "PENDING")
    for member in Membership.objects.all():
        shown = MembershipSerializer(context={"view": View}).to_representation(member)
        assert shown == field_by_field(MembershipSerializer(context={"view": View}), member)


def test_the_compiled_representation_of_a_new_session_matches_its_serializer(schedule):
    session = schedule()
    shown = Serializer.to_representation(LinksSerializer(), session)
    assert LinksSerializer.to_representation(session) == dict(shown)


def test_the_compiled_representation_of_a_person_matches_its_serializer(alice):
    serializer = MemberUserSerializer(context={"view": View})
    assert serializer.to_representation(alice) == field_by_field(serializer, alice)


def test_the_dict_of_a_session_matches_its_serializer(schedule, alice, rf):
    request = rf.get("/")
    request.user, request.auth = alice, None
    serializer = LiveSessionSerializer(context={"request": request})
    session = schedule()
    assert serializer.to_representation(session) == dict(Serializer.to_representation(serializer, session))


def test_the_dict_of_a_key_matches_its_serializer(alice):
    key, secret = ApiKey.objects.issue(alice, SYSTEM)
    for serializer in (ApiKeySerializer(), IssuedKeySerializer(context={"plaintext": secret})):
        assert serializer.to_representation(key) == field_by_field(serializer, key)


def test_the_dict_of_the_current_user_matches_its_serializer(alice):
    assert MeSerializer().to_representation(alice) == field_by_field(MeSerializer(), alice)
