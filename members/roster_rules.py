"""Rules about all rows of a class together: a roster leaves it a teacher, and does not exceed its capacity."""

from collections import Counter, defaultdict

from django.db.models import Count

from classes.models import Class
from classes.roles import ClassRole, MembershipStatus
from members.models import Membership
from members.roster_places import Work
from tutorarc.imports.plans import ADD, CHANGE, Plan, Step


def keep_a_teacher(result: Plan) -> None:
    """Refuse rows that would leave a class without an active teacher."""
    works = [(step, step.work) for step in result.of(ADD) + result.of(CHANGE)]
    losing = [(step, _class_pk(work)) for step, work in works if work.place.teaches and not work.will_teach]
    if not losing:
        return
    teachers: Counter[str] = Counter(dict.fromkeys((pk for _, pk in losing), 0))
    active = Membership.objects.active_teachers().filter(klass__in=list(teachers))
    teachers.update(active.values_list("klass_id", flat=True))
    for _, work in works:
        teachers[_class_pk(work)] += work.will_teach - work.place.teaches
    result.refuse_steps([(step, Membership.LastTeacher.message) for step, pk in losing if teachers[pk] < 1])


def keep_to_capacity(result: Plan) -> None:
    """Refuse the last rows for which a class has no seat. Seats that other rows free count for later files only."""
    by_class: dict[Class, list[Step]] = defaultdict(list)
    for step in sorted(result.of(ADD) + result.of(CHANGE), key=lambda step: step.row.line):
        if (klass := step.work.place.klass) and klass.capacity is not None:
            by_class[klass].append(step)
    students = Membership.objects.filter(
        klass__in=list(by_class), role=ClassRole.STUDENT, status=MembershipStatus.APPROVED
    )
    taken = dict(students.order_by().values_list("klass").annotate(Count("pk"))) if by_class else {}
    for klass, steps in by_class.items():
        coming = [step for step in steps if step.work.needs_seat and not step.work.place.has_seat]
        free = max(0, (klass.capacity or 0) - taken.get(klass.pk, 0))
        result.refuse_steps([(step, Class.Full.message) for step in coming[free:]])


def _class_pk(work: Work) -> str:
    return work.place.klass.pk if work.place.klass else ""
