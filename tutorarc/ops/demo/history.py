"""The steps that lead to a class of the quickstart: from its creation to the latest join request."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from classes.models import Class
from members.models import Membership
from sessions.models import LiveSession
from tutorarc.domain.events import Actor
from tutorarc.models import User
from tutorarc.ops.demo.past import Step
from tutorarc.ops.demo.plans import DAY, HOUR, MINUTE, ClassPlan, LessonPlan
from tutorarc.ops.demo.series import SeriesHistory, mark_attendance

STEP = 5 * MINUTE


class ClassHistory:
    def __init__(self, plan: ClassPlan, teacher: User, people: dict[str, User], now: datetime) -> None:
        self.plan, self.by, self.people, self.now = plan, Actor(teacher), people, now
        self.created = now - plan.created
        self.lessons: dict[str, LiveSession] = {}

    def steps(self, next_lesson: datetime) -> Iterator[Step]:
        yield Step(self.created, self._create)
        yield from self._requests()
        yield from self._departures()
        for index, lesson in enumerate(self.plan.lessons):
            yield from self._lesson(lesson, next_lesson + lesson.start, index * MINUTE)
        for series in self.plan.series:
            yield from SeriesHistory(series, self.by, lambda: self.klass, self.now).steps()
        if self.plan.archived:
            yield Step(self.now - self.plan.archived, lambda: self.klass.archive(self.by))

    def _create(self) -> None:
        self.klass = Class.objects.create_with_teacher(
            self.by, title=self.plan.title, description=self.plan.description
        )

    def _requests(self) -> Iterator[Step]:
        """Students ask on the first days, one after the other, and are approved together a day later."""
        plan, start = self.plan, self.created + 2 * HOUR
        joined = (*plan.students, *plan.left, *plan.removed)
        for index, name in enumerate((*joined, *plan.declined)):
            yield self._request(name, start + index * 3 * STEP)
        answered = start + DAY
        yield Step(answered, lambda: Membership.objects.approve(self.klass, self._ids(joined), self.by))
        if plan.declined:
            rejected = self._ids(plan.declined)
            yield Step(answered + MINUTE, lambda: Membership.objects.reject(self.klass, rejected, self.by))
        for name, ago in plan.waiting.items():
            yield self._request(name, self.now - ago)

    def _request(self, name: str, moment: datetime) -> Step:
        by = Actor(self.people[name])
        return Step(moment, lambda: Membership.objects.request(self.klass, self.klass.class_code, by))

    def _departures(self) -> Iterator[Step]:
        for name in self.plan.left:
            yield Step(self.created + 9 * DAY, partial(self._leave, Actor(self.people[name])))
        for name in self.plan.removed:
            yield Step(self.created + 12 * DAY, partial(self._remove, self.people[name].pk))

    def _leave(self, by: Actor) -> None:
        Membership.objects.leave(self.klass, by)

    def _remove(self, user_id: str) -> None:
        Membership.objects.remove(self.klass, user_id, self.by)

    def _lesson(self, plan: LessonPlan, start: datetime, delay: timedelta) -> Iterator[Step]:
        """A past one was planned six days before, one to come yesterday."""
        end = start + plan.minutes * MINUTE
        planned = (self.now - DAY if start > self.now else start - 6 * DAY) + delay
        yield Step(planned, lambda: self._schedule(plan, start))
        if plan.moved_from:
            yield Step(self.now - 4 * HOUR, lambda: self.lessons[plan.title].reschedule(self.by, start_time=start))
        if plan.is_cancelled:
            yield Step(start - 8 * HOUR, lambda: self.lessons[plan.title].cancel(self.by))
        if end < self.now and not (plan.strict or plan.is_cancelled or plan.is_left_open):
            yield Step(end, lambda: self.lessons[plan.title].end(self.by))
        for moment in (start, end):  # of events of the clock
            if moment < self.now:
                yield Step(moment, lambda: None)
        if end < self.now and not plan.is_cancelled:
            yield Step(end + MINUTE, lambda: mark_attendance(self.lessons[plan.title], self.by))

    def _schedule(self, plan: LessonPlan, start: datetime) -> None:
        self.lessons[plan.title] = LiveSession.objects.schedule(
            self.by,
            klass=self.klass,
            title=plan.title,
            start_time=start - plan.start + plan.moved_from if plan.moved_from else start,
            duration=plan.minutes,
            strict=plan.strict,
            teacher_ref=self.by.person.pk,
        )

    def _ids(self, names: tuple[str, ...]) -> list[str]:
        return [self.people[name].pk for name in names]
