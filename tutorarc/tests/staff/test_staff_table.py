"""The table in docs/staff.md says what each group of staff can do: each cell is tried with real requests."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import transaction

from apikeys.models import ApiKey
from classes.models import Class
from members.models import Membership
from sessions.models import LiveSession
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.exports.models import DataExport
from tutorarc.jobs.models import Job
from tutorarc.models import Note, User
from tutorarc.testing.client import Client
from tutorarc.tests.imports.importing import can_start, consent, newest, preview
from tutorarc.tests.ops.documents import DOCS, table
from tutorarc.tests.staff.admin_site import Site
from tutorarc.webhooks.models import Endpoint

PAGE, FIRST_COLUMN = DOCS / "staff.md", "people with the staff flag can"
GROUPS = ["no group", "Auditor", "Support", "Registrar", "superuser"]
PEOPLE, CLASSES, MEMBERS, SESSIONS, KEYS, GROUP, JOBS, WEBHOOKS = (
    "tutorarc_user",
    "classes_class",
    "members_membership",
    "live_sessions_livesession",
    "apikeys_apikey",
    "auth_group",
    "jobs_job",
    "webhooks_endpoint",
)
PASSWORD = "a-longer-staple-7"
FUTURE = datetime(2036, 3, 20, 10, tzinfo=UTC)


@dataclass
class World:
    """The member of staff, and rows for each thing to try. `stan` teaches, and his password is from the user."""

    user: Any
    bob: Any
    admin: Any
    colleague: Any
    stan: Any
    alice: Any
    dora: Any
    algebra: Any
    botany: Any
    members: dict[str, Any]
    session: Any
    series: Any
    key: Any
    job: Any
    webhook: Any

    def site(self, kind: str) -> Site:
        return Site(self.user, kind)

    def sees(self, kind: str, *pages: str, pk: Any = None) -> list[bool]:
        site = self.site(kind)
        with_key = {"change", "history"}
        return [site.get(site.address(page, *([pk] if page in with_key else []))).status_code == 200 for page in pages]

    def changes(self, person: Any, **changes: Any) -> bool:
        """Whether the form of a person changes them."""
        sent = {"email": person.email, "display_name": person.display_name, "global_role": person.global_role}
        flags = {name: "on" for name in ("is_active", "is_staff", "is_superuser") if getattr(person, name)}
        before = rights_and_names(person)
        page = self.site(PEOPLE).page(person.pk)
        if page.status_code == 200:
            sent = {name: value for name, value in {**sent, **flags, **changes}.items() if value is not None}
            self.site(PEOPLE).change_on(page, person.pk, **sent)
        return rights_and_names(person) != before

    def imports(self, kind: str, text: str) -> bool:
        """Whether the import has a preview without problems and is written."""
        page = preview(self.site(kind), text)
        return can_start(page) and newest().count("failed") == 0 and "Done:" in consent(self.site(kind), page)

    def acts(self, kind: str, action: str, row: Any, **fields: Any) -> bool:
        """Whether an action of a list changes the row."""
        before = type(row).objects.filter(pk=row.pk).values().get()
        page = self.site(kind).address("changelist")
        self.site(kind).post(page, {"action": action, "_selected_action": row.pk, "sure": "yes", **fields})
        return type(row).objects.filter(pk=row.pk).values().get() != before

    def adds(self, kind: str, model: Any, **fields: Any) -> bool:
        before = model.objects.count()
        self.site(kind).add(**fields)
        return model.objects.count() > before

    def sets_password(self, person: Any) -> bool:
        fields = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
        self.site(PEOPLE).post(f"/admin/tutorarc/user/{person.pk}/password/", fields)
        return User.objects.get(pk=person.pk).check_password(PASSWORD)

    def makes_link(self, person: Any) -> bool:
        return self.acts(PEOPLE, "make_password_links", person)

    def enrols(self, klass: Any, person: Any, role: str = "STUDENT") -> bool:
        return self.adds(MEMBERS, Membership, klass=klass.pk, user=person.pk, role=role)


def rights_and_names(person: Any) -> Any:
    user = User.objects.get(pk=person.pk)
    flags = (user.is_active, user.is_staff, user.is_superuser, user.global_role)
    return flags, user.email, user.display_name, sorted(user.groups.values_list("name", flat=True))


def people_file(*rows: str) -> str:
    return "\n".join(["email,display_name,global_role", *rows])


def roster(*rows: str) -> str:
    return "\n".join(["class,email,role,status", *rows])


def export_all_about(who: str) -> Callable[[World], list[bool]]:
    def tried_by(world: World) -> list[bool]:
        person = getattr(world, who)
        world.site(PEOPLE).post("/admin/tutorarc/user/", {"action": "export_data", "_selected_action": person.pk})
        page = world.site(PEOPLE).get(f"/admin/tutorarc/user/{person.pk}/data-export/")
        return [DataExport.objects.filter(user=person).exists(), page.status_code == 200]

    return tried_by


def new_person(world: World, **fields: Any) -> dict[str, Any]:
    return {"email": "eve@example.org", "display_name": "Eve", "global_role": "STUDENT", "usable_password": "false"} | {
        **fields
    }


def add_people(world: World) -> list[bool]:
    added = world.adds(PEOPLE, User, **new_person(world))
    return [added, world.imports(PEOPLE, people_file("zoe@example.org,Zoë,TEACHER"))]


def appoint(world: World) -> list[bool]:
    by_import = world.imports(PEOPLE, people_file("bob@example.org,Bob,ADMIN"))
    added = world.adds(PEOPLE, User, **new_person(world, global_role="ADMIN"))
    return [by_import, added, world.changes(world.alice, global_role="ADMIN")]


def give_rights(world: World) -> list[bool]:
    support = Group.objects.get(name="Support").pk
    return [
        world.changes(world.bob, is_staff="on"),
        world.changes(world.alice, is_superuser="on"),
        world.changes(world.stan, groups=[support]),
    ]


def give_themselves(world: World) -> list[bool]:
    """A superuser has every flag, and could take one away."""
    support, flag = Group.objects.get(name="Support").pk, None if world.user.is_superuser else "on"
    own = people_file(f"{world.user.email},{world.user.display_name},TEACHER")
    return [
        world.imports(PEOPLE, own),
        world.changes(world.user, global_role="ADMIN"),
        world.changes(world.user, groups=[support], is_superuser="on") or flag is None,
    ]


def write_notes(world: World) -> list[bool]:
    site, address = world.site(PEOPLE), f"/admin/tutorarc/user/{world.alice.pk}/notes/"
    site.post(address, {"note": "Called"})
    added = world.alice.notes.first()
    own = added or Note.objects.create(person=world.alice, author=world.user, text="Before")
    site.post(f"{address}{own.pk}/delete/")
    return [bool(added), not world.alice.notes.exists()]


def touch_people_with_rights(world: World) -> list[bool]:
    done = [world.changes(person, display_name="X") for person in (world.admin, world.colleague)]
    done += [world.sets_password(person) for person in (world.admin, world.colleague)]
    return done + [world.makes_link(person) for person in (world.admin, world.colleague)]


def change_class(world: World) -> list[bool]:
    added = world.adds(CLASSES, Class, title="Chemistry", description="", first_teacher=world.alice.pk)
    site = world.site(CLASSES)
    page = site.page(world.algebra.pk)
    if page.status_code == 200:
        site.change_on(page, world.algebra.pk, title="Rings", description="")
    renamed = Class.objects.get(pk=world.algebra.pk).title == "Rings"
    return [
        added,
        renamed,
        *(world.acts(CLASSES, verb, world.algebra) for verb in ("renew_code", "archive", "unarchive")),
    ]


def add_class_for(teacher: str) -> Callable[[World], list[bool]]:
    return lambda world: [
        world.adds(CLASSES, Class, title="C", description="", first_teacher=getattr(world, teacher).pk)
    ]


def move_members(world: World) -> list[bool]:
    done = [world.enrols(world.botany, world.bob)]
    done += [world.acts(MEMBERS, verb, world.members[who]) for verb, who in (("approve", "bob"), ("remove", "cleo"))]
    done += [world.acts(MEMBERS, "reopen", world.members["cleo"]), world.acts(MEMBERS, "reject", world.members["cleo"])]
    return [*done, world.imports(MEMBERS, roster(f"{world.botany.pk},admin@example.org,STUDENT,"))]


def make_class_teacher_of_stan(world: World) -> list[bool]:
    """As a student in Algebra, and without a membership in Botany."""
    return [
        world.imports(MEMBERS, roster(f"{world.algebra.pk},stan@example.org,TEACHER,")),
        world.acts(MEMBERS, "make_teacher", world.members["stan"]) or world.user.is_superuser,
        world.enrols(world.botany, world.stan, "TEACHER"),
    ]


def hand_over_to(teacher: str) -> Callable[[World], list[bool]]:
    """Botany, from the list of classes, and Algebra with the other classes of its teacher."""

    def tried_by(world: World) -> list[bool]:
        to = {"option-to": getattr(world, teacher).pk}
        world.site(CLASSES).act("hand_over", [world.botany], **to)
        world.site(MEMBERS).post(f"/admin/members/membership/hand-over/{world.alice.pk}/", to)
        return [teaches(getattr(world, teacher), klass) for klass in (world.botany, world.algebra)]

    return tried_by


def teaches(person: Any, klass: Any) -> bool:
    return bool(klass.memberships.teachers().filter(user=person).exists())


def take_a_place(world: World) -> list[bool]:
    own = world.members["own"]
    return [
        world.acts(MEMBERS, "approve", own),
        world.enrols(world.botany, world.user),
        world.acts(MEMBERS, "remove", own)
        and world.imports(MEMBERS, roster(f"{world.algebra.pk},{own.user.email},,APPROVED")),
    ]


def change_sessions(world: World) -> list[bool]:
    site = world.site(SESSIONS)
    start = {"start_time_0": "2036-01-01", "start_time_1": "10:00", "duration": "5"}
    added = world.adds(SESSIONS, LiveSession, title="S", teacher_ref="x", klass=world.algebra.pk, **start)
    page = site.page(world.session.pk)
    if page.status_code == 200:
        site.change_on(page, world.session.pk, title="Moved", **start)
    moved = LiveSession.objects.get(pk=world.session.pk).title == "Moved"
    return [added, moved, world.acts(SESSIONS, "cancel", world.session)]


def change_keys(world: World) -> list[bool]:
    made = [
        world.adds(KEYS, ApiKey, owner=owner.pk, name="X", scopes=["classes:read"])
        for owner in (world.bob, world.admin, world.colleague)
    ]
    return [*made, world.acts(KEYS, "revoke", world.key)]


def change_groups(world: World) -> list[bool]:
    group, site = Group.objects.get(name="Auditor"), world.site(GROUP)
    added = world.adds(GROUP, Group, name="Night watch")
    return [
        added,
        *world.sees(GROUP, "changelist", "change", pk=group.pk),
        site.get(site.address("add")).status_code == 200,
    ]


def use_rest(world: World) -> list[bool]:
    client = Client()
    client.force_login(world.user)
    of_classes = [f"/classes/{world.algebra.pk}", f"/classes/{world.botany.pk}/members"]
    paths = ["/users", *of_classes, f"/sessions/{world.session.pk}"]
    member = {"user_ids": [world.bob.pk]}
    return [
        *(client.get(path).status_code == 200 for path in paths),
        client.post(f"/classes/{world.algebra.pk}/members/approve", member).status_code == 200,
        client.post("/classes", {"title": "C"}).status_code == 201,
    ]


VERBS: dict[str, Callable[[World], list[bool]]] = {
    "see people and export them": lambda world: world.sees(PEOPLE, "changelist", "export", "change", pk=world.bob.pk),
    "export everything about a person who asks for it": export_all_about("bob"),
    "export everything about an ADMIN or staff": export_all_about("colleague"),
    "see notes on a person": lambda world: ["Likes tea" in world.site(PEOPLE).page(world.bob.pk).text],
    "add notes on a person, and delete their own": write_notes,
    "see the history of a person": lambda world: world.sees(PEOPLE, "history", pk=world.bob.pk),
    "add people, by the form and by an import": add_people,
    "change the name or address of a person, or deactivate them": lambda world: [
        world.changes(world.bob, display_name="Robert"),
        world.changes(world.bob, email="bob2@example.org"),
        world.changes(world.stan, is_active=None),
    ],
    "set a person's password, or make a one-time link for them": lambda world: [
        world.sets_password(world.bob),
        world.makes_link(world.stan),
    ],
    "set the password or address of somebody who teaches a class, or make a link for them": lambda world: [
        world.sets_password(world.alice),
        world.makes_link(world.alice),
        world.changes(world.alice, email="alice2@example.org"),
    ],
    "make a person a TEACHER": lambda world: [
        world.changes(world.bob, global_role="TEACHER"),
        world.imports(PEOPLE, people_file("cleo@example.org,Cleo,TEACHER")),
    ],
    "make a TEACHER of somebody whose password they set": lambda world: [
        world.imports(PEOPLE, people_file("sue@example.org,Sue,TEACHER")),
        world.changes(User.objects.get(email="sue@example.org"), global_role="TEACHER") or world.user.is_superuser,
    ],
    "change, or make a password or a link for, an ADMIN or staff": touch_people_with_rights,
    "appoint an ADMIN, by the form and by an import": appoint,
    "give others the staff flag, the superuser flag or a group": give_rights,
    "give themselves a global role, a flag or a group": give_themselves,
    "confirm an e-mail address": lambda world: [
        world.acts(PEOPLE, "confirm_address", world.bob, shown=f"{world.bob.pk} {world.bob.email}")
    ],
    "see classes and export them, and their history": lambda world: world.sees(
        CLASSES, "changelist", "export", "change", "history", pk=world.algebra.pk
    ),
    "add, change, archive and unarchive a class, and replace its code": change_class,
    "add a class for a teacher whose password they set": add_class_for("stan"),
    "see memberships and export them, and their history": lambda world: world.sees(
        MEMBERS, "changelist", "export", "change", "history", pk=world.members["bob"].pk
    ),
    "add, approve, reject, remove and reopen, by hand and by an import": move_members,
    "make a member a teacher of the class, or a student": lambda world: [
        world.acts(MEMBERS, "make_teacher", world.members["dora"]),
        world.acts(MEMBERS, "make_student", world.members["dora"]),
    ],
    "make a class teacher of somebody whose password they set": make_class_teacher_of_stan,
    "hand classes over to another teacher": hand_over_to("dora"),
    "hand classes over to somebody whose password they set": hand_over_to("stan"),
    "make themselves a member of a class, by hand and by an import": take_a_place,
    "see live sessions and their history, and series": lambda world: [
        *world.sees(SESSIONS, "changelist", "export", "change", "history", pk=world.session.pk),
        *world.sees("live_sessions_series", "changelist", "export", "change", pk=world.series.pk),
    ],
    "schedule, change, cancel or end a live session": change_sessions,
    "see API keys and their history": lambda world: world.sees(
        KEYS, "changelist", "export", "change", "history", pk=world.key.pk
    ),
    "make an API key for others, or revoke one": change_keys,
    "see the security log": lambda world: world.sees("tutorarc_securityevent", "changelist"),
    "see all events and export them": lambda world: world.sees("tutorarc_event", "changelist", "export"),
    "see background work and why it failed": lambda world: [
        *world.sees(JOBS, "changelist", "export", "change", pk=world.job.pk),
        *world.sees("jobs_eventconsumer", "changelist"),
    ],
    "let failed work be tried again": lambda world: [world.acts(JOBS, "try_again", world.job)],
    "see webhooks and their deliveries": lambda world: [
        *world.sees(WEBHOOKS, "changelist", "export", "change", pk=world.webhook.pk),
        *world.sees("webhooks_delivery", "changelist"),
    ],
    "disable a webhook": lambda world: [world.acts(WEBHOOKS, "disable", world.webhook)],
    "see or change groups": change_groups,
    "use users, classes, members and sessions by REST": use_rest,
}


@pytest.fixture
def world(make_user, alice, bob, dora, admin, algebra, join, schedule, schedule_series):
    """`world("Registrar")`: a member of staff in that group, and what they may try to change."""

    def make(group):
        user = make_user("Clerk", is_staff=True, is_superuser=group == "superuser")
        user.groups.set(Group.objects.filter(name=group))
        stan, cleo = make_user("Stan", "TEACHER"), make_user("Cleo")
        sue, colleague = make_user("Sue"), make_user("Colleague", is_staff=True)
        for person in (stan, sue):
            person.change_password(Actor(user), PASSWORD)
        people = {"bob": bob, "own": user}
        members = {name: join(algebra, person, "PENDING") for name, person in people.items()}
        members["cleo"] = join(algebra, cleo)
        for name, person in (("dora", dora), ("stan", stan)):
            members[name] = algebra.memberships.enrol(algebra, person, "STUDENT", Actor(alice))
        botany = Class.objects.create_with_teacher(Actor(alice), title="Botany")
        key, _ = ApiKey.objects.issue(alice, SYSTEM)
        session = schedule(klass=algebra, start_time=FUTURE)
        Note.objects.add(bob, "Likes tea", Actor(colleague))
        webhook, _ = Endpoint.objects.register(alice, Actor(alice), url="https://example.org/")
        job = Job.objects.create(kind="prune", due_at=FUTURE, failed_at=FUTURE)
        series = schedule_series(klass=algebra)[0].series
        rows = (algebra, botany, members, session, series, key, job, webhook)
        return World(user, bob, admin, colleague, stan, alice, dora, *rows)

    return make


def tried(world, verb):
    """The cell as the requests show it: "some" if a part is allowed. Everything is undone."""
    with transaction.atomic():
        results = verb(world)
        transaction.set_rollback(True)
    return {(True, True): "yes", (False, False): "no"}.get((all(results), any(results)), "some")


def test_the_table_has_a_row_for_each_verb_and_a_column_for_each_group(db):
    assert [row[0] for row in table(PAGE, FIRST_COLUMN)] == list(VERBS)
    assert f"| {FIRST_COLUMN} | {' | '.join(GROUPS)} |" in PAGE.read_text()
    assert set(Group.objects.values_list("name", flat=True)) == {"Auditor", "Support", "Registrar"}


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS)
def test_each_cell_says_what_the_group_can_do(world, group):
    column = GROUPS.index(group) + 1
    said = {row[0]: row[column] for row in table(PAGE, FIRST_COLUMN)}
    made = world(group)
    assert {name: tried(made, verb) for name, verb in VERBS.items()} == said
