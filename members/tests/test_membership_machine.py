"""Random calls by random users over HTTP, compared with a model that predicts each answer and the stored rows."""

from typing import NamedTuple

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from classes.models import Class
from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.models import Event

pytestmark = pytest.mark.slow

BOUNDED = settings(
    max_examples=50,
    stateful_step_count=30,
    derandomize=True,  # the same ones in every run
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),  # they time
)
TEACHERS, STUDENTS = ["alice", "dora"], ["bob", "charlie"]
ANYONE = st.sampled_from([*TEACHERS, *STUDENTS, "admin"])
MOSTLY_ALICE = st.sampled_from(["alice"] * 7 + [*TEACHERS, *STUDENTS, "admin"])
MOSTLY_STUDENTS = st.sampled_from([*STUDENTS * 3, *TEACHERS, "admin"])
ONE_OR_MORE = st.one_of(
    st.sampled_from([*STUDENTS, "dora"]).map(lambda name: [name]),
    st.lists(ANYONE, min_size=1, max_size=3, unique=True),
)
ROLES = st.sampled_from(["STUDENT", "TEACHER"])
STATUSES = ["", "PENDING", "APPROVED", "REJECTED", "REMOVED"]
ALLOWED = {
    ("", "PENDING"),
    ("", "APPROVED"),
    ("PENDING", "APPROVED"),
    ("PENDING", "REJECTED"),
    ("PENDING", "PENDING"),  # withdrawn, and shown as it was
    ("APPROVED", "REMOVED"),
    ("APPROVED", "APPROVED"),  # a change of role
    ("REJECTED", "PENDING"),
    ("REMOVED", "PENDING"),
}


class Member(NamedTuple):
    role: str
    status: str


class Record(NamedTuple):
    whose: str
    happened: str
    by: str
    before: str
    after: str
    role: str


class World:
    """What stays the same in every example: the people and their keys."""

    def __init__(self, people, api):
        self.people = people
        known = Class.objects.create_with_teacher(Actor(people["alice"]), title="Known people")
        for name, user in people.items():  # so that either teacher may enrol anybody
            if name != "alice":
                known.memberships.enrol(known, user, "TEACHER" if name == "dora" else "STUDENT", Actor(people["alice"]))
        self.clients = {name: api(user) for name, user in people.items()}
        self.names = {user.pk: name for name, user in people.items()}
        self.tried = set()  # verb and status before, or that the class was archived, by someone who may
        self.keys = {name: user.api_keys.get().pk for name, user in people.items()}


class Memberships(RuleBasedStateMachine):
    world: World

    def __init__(self):
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.klass = Class.objects.create_with_teacher(Actor(self.world.people["alice"]), title="Algebra")
        self.members = {"alice": Member("TEACHER", "APPROVED")}
        self.archived = False
        self.records = [Record("alice", "enrolled", "alice", "", "APPROVED", "TEACHER")]

    def teardown(self):
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    # The model

    def status_of(self, name):
        return self.members[name].status if name in self.members else ""

    def can_manage_class(self, name):
        return name == "admin" or self.members.get(name) == ("TEACHER", "APPROVED")

    def is_last_teacher(self, name):
        teaching = [other for other, member in self.members.items() if member == ("TEACHER", "APPROVED")]
        return teaching == [name]

    def note(self, name, verb, by, role, status):
        before = self.status_of(name)
        self.members[name] = Member(role, status)
        self.records.append(Record(name, Membership.event_source.types[verb], by, before, status, role))

    def post(self, by, path, body, expected, method="post"):
        response = getattr(self.world.clients[by], method)(f"/classes/{self.klass.pk}{path}", body)
        assert response.status_code == expected, response.content
        return expected < 400

    def tries(self, verb, name, expected):
        if expected != 403:
            self.world.tried.add((verb, "archived" if self.archived else self.status_of(name)))

    def id_of(self, name):
        return self.world.people[name].pk

    # The verbs

    @initialize(bob=st.sampled_from(STATUSES), charlie=st.sampled_from(STATUSES))
    def some_have_a_past(self, bob, charlie):
        for name, status in (("bob", bob), ("charlie", charlie)):
            if status:
                self.ask_to_join(name)
            if status == "REJECTED":
                self.reject("alice", [name])
            if status in ("APPROVED", "REMOVED"):
                self.approve("alice", [name])
            if status == "REMOVED":
                self.remove("alice", name)

    @rule(by=ANYONE)
    def ask_to_join(self, by):
        free = by not in self.members and not self.archived
        expected = 403 if by not in STUDENTS else 201 if free else 409
        self.tries("join_request", by, expected)
        if self.post(by, "/join-request", {"class_code": self.klass.class_code}, expected):
            self.note(by, "join_request", by, "STUDENT", "PENDING")

    @rule(by=ANYONE)
    def withdraw(self, by):
        possible = self.status_of(by) == "PENDING" and not self.archived
        expected = 403 if by not in self.members else 204 if possible else 409
        self.tries("withdraw", by, expected)
        if self.post(by, "/join-request", "", expected, "delete"):
            self.note(by, "withdraw", by, self.members[by].role, "PENDING")
            del self.members[by]

    def decide(self, by, verb, people, sources, target):
        possible = not self.archived and all(self.status_of(name) in sources for name in people)
        expected = 403 if not self.can_manage_class(by) else 200 if possible else 409
        self.tries(verb, people[0], expected)
        if self.post(by, f"/members/{verb}", {"user_ids": [self.id_of(name) for name in people]}, expected):
            order = [name for source in sources for name in people if self.members[name].status == source]
            for name in order:
                self.note(name, verb, by, self.members[name].role, target)

    @rule(by=MOSTLY_ALICE, people=ONE_OR_MORE)
    def approve(self, by, people):
        self.decide(by, "approve", people, ["PENDING"], "APPROVED")

    @rule(by=MOSTLY_ALICE, people=ONE_OR_MORE)
    def reject(self, by, people):
        self.decide(by, "reject", people, ["PENDING"], "REJECTED")

    @rule(by=MOSTLY_ALICE, people=ONE_OR_MORE)
    def reopen(self, by, people):
        self.decide(by, "reopen", people, ["REJECTED", "REMOVED"], "PENDING")

    @rule(by=MOSTLY_ALICE, whom=MOSTLY_STUDENTS)
    def remove(self, by, whom):
        possible = not self.archived and self.status_of(whom) == "APPROVED" and not self.is_last_teacher(whom)
        expected = 403 if not self.can_manage_class(by) else 200 if possible else 409
        self.tries("remove", whom, expected)
        if self.post(by, "/members/remove", {"user_id": self.id_of(whom)}, expected):
            self.note(whom, "remove", by, self.members[whom].role, "REMOVED")

    @rule(by=ANYONE)
    def leave(self, by):
        possible = not self.archived and not self.is_last_teacher(by)
        expected = 403 if self.status_of(by) != "APPROVED" else 200 if possible else 409
        if self.post(by, "/leave", {}, expected):
            self.note(by, "leave", by, self.members[by].role, "REMOVED")

    @rule(by=MOSTLY_ALICE, whom=MOSTLY_STUDENTS, role=ROLES)
    def enrol(self, by, whom, role):
        may_be = role == "STUDENT" or whom not in STUDENTS
        possible = not self.archived and whom not in self.members and may_be
        expected = 403 if not self.can_manage_class(by) else 201 if possible else 409
        self.tries("enrol", whom, expected)
        if self.post(by, "/members", {"user_id": self.id_of(whom), "role": role}, expected):
            self.note(whom, "enrol", by, role, "APPROVED")

    @rule(by=MOSTLY_ALICE, whom=MOSTLY_STUDENTS, role=ROLES)
    def change_role(self, by, whom, role):
        same = whom in self.members and self.members[whom].role == role
        may_be = role == "STUDENT" or whom not in STUDENTS
        possible = same or (may_be and not self.is_last_teacher(whom))
        possible = not self.archived and self.status_of(whom) == "APPROVED" and possible
        expected = 403 if not self.can_manage_class(by) else 200 if possible else 409
        self.tries("change_role", whom, expected)
        if self.post(by, f"/members/{self.id_of(whom)}", {"role": role}, expected, "patch") and not same:
            self.note(whom, "change_role", by, role, "APPROVED")

    @rule(by=MOSTLY_ALICE, archived=st.booleans())
    def archive_or_unarchive(self, by, archived):
        if self.post(by, "/archive" if archived else "/unarchive", {}, 200 if self.can_manage_class(by) else 403):
            self.archived = archived

    # What holds after every step

    @invariant()
    def the_rows_are_the_models(self):
        rows = self.klass.memberships.values_list("user_id", "role", "status")
        assert sorted((self.world.names[user], *member) for user, *member in rows) == sorted(
            (name, *member) for name, member in self.members.items()
        )
        assert Class.objects.get(pk=self.klass.pk).is_archived == self.archived

    @invariant()
    def the_class_has_an_approved_teacher(self):
        assert self.klass.memberships.teachers().exists()

    @invariant()
    def each_change_has_one_record_with_its_actor_and_key(self):
        names, keys = self.world.names, self.world.keys
        kept = list(Event.objects.filter(class_id=self.klass.pk, user_id__isnull=False).order_by("pk"))
        assert [
            Record(
                names[row.user_id],
                row.happened,
                names[row.actor_user_id],
                row.from_status,
                row.data["status"],
                row.data["role"],
            )
            for row in kept
        ] == self.records
        founding, *calls = kept
        assert founding.actor_key_id is None
        assert [row.actor_key_id for row in calls] == [keys[record.by] for record in self.records[1:]]
        assert {(row.from_status, row.data["status"]) for row in kept} <= ALLOWED


@pytest.fixture
def world(alice, dora, bob, charlie, admin, api, settings):
    settings.RATE_LIMIT = settings.CODE_GUESS_LIMIT = None
    return World({"alice": alice, "dora": dora, "bob": bob, "charlie": charlie, "admin": admin}, api)


def test_the_server_agrees_with_the_model(world):
    machine = type("MembershipsOfThisWorld", (Memberships,), {"world": world})
    run_state_machine_as_test(machine, settings=BOUNDED)
    assert len(world.tried) >= 34, sorted(world.tried)  # of 42, or the walk was too short to say anything
