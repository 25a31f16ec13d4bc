"""The members of a class: looking them up, adding them, and answering their requests."""

from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from classes.models import Class
from classes.permissions import IsClassTeacher, IsOnRecord
from members import examples
from members.models import Membership
from members.page_verbs import Verb, as_many_as_possible, let_in
from members.serializers import (
    EnrolmentSerializer,
    RoleSerializer,
    UserIdSerializer,
    UserIdsSerializer,
)
from members.views.roster import RosterViewSet
from tutorarc.api.actions import api_action
from tutorarc.api.permissions import IsAdmin
from tutorarc.http.error_reasons import ErrorReason


class MembershipViewSet(RosterViewSet):
    """The members of a class and their join requests."""

    lookup_url_kwarg = "user_id"
    left_out: list[str] = []  # people for whom a page could not do what was asked

    @api_action(
        summary="Add someone without a join request",
        permission=IsClassTeacher | IsAdmin,
        scope="members:write",
        request=EnrolmentSerializer,
        status=201,
        errors=[
            Class.Archived,
            Class.Full,
            Membership.UnknownPerson,
            Membership.InviteInstead,
            Membership.StudentCannotTeach,
            Membership.AlreadyOnRecord,
        ],
        examples=examples.ENROL,
    )
    def create(self, request: Request, class_id: str) -> Response:
        """Direct enrolment: the membership is approved at once. Use it to add a co-teacher.

        Teachers of the class can add people who are or were in a class that they teach, administrators everybody.
        """
        body = self.read_body()
        person = Membership.objects.person_to_enrol(self.klass, self.user, body["role"], **_who(body))
        email = person.email if "email" in body else ""
        enrol = let_in if self.is_page_for_person else Membership.objects.enrol
        return self.answer(enrol(self.klass, person, body["role"], self.actor, email))

    @api_action(
        summary="Look up one person of a class",
        permission=IsOnRecord | IsAdmin,
        scope="members:read",
        errors=[ErrorReason.UNKNOWN_ID],
        examples=examples.ONE,
    )
    def retrieve(self, request: Request, class_id: str, user_id: str) -> Response:
        """The membership of this person, whatever its status. 404 for a person without a record in the class."""
        return self.answer(get_object_or_404(self.klass.memberships, user=user_id))

    @api_action(
        summary="Change the class role of a member",
        permission=IsClassTeacher | IsAdmin,
        scope="members:write",
        request=RoleSerializer,
        errors=[
            Class.Archived,
            Class.Full,
            Membership.NotApproved,
            Membership.StudentCannotTeach,
            Membership.LastTeacher,
        ],
        examples=examples.CHANGE_ROLE,
    )
    def partial_update(self, request: Request, class_id: str, user_id: str) -> Response:
        """The member must be APPROVED. A class must keep at least one active teacher."""
        role = self.read_body()["role"]
        return self.answer(Membership.objects.change_role(self.klass, user_id, role, self.actor))

    @action(detail=False, methods=["post"])
    @api_action(
        summary="Approve pending join requests",
        permission=IsClassTeacher | IsAdmin,
        scope="members:write",
        request=UserIdsSerializer,
        many=True,
        errors=[Class.Archived, Class.Full, Membership.NotInState],
        examples=examples.APPROVE,
    )
    def approve(self, request: Request, class_id: str) -> Response:
        """All or nothing: if one person isn't PENDING, or there is no seat for one, nothing changes."""
        return self._batch(Membership.objects.approve)

    @action(detail=False, methods=["post"])
    @api_action(
        summary="Reject pending join requests",
        permission=IsClassTeacher | IsAdmin,
        scope="members:write",
        request=UserIdsSerializer,
        many=True,
        errors=[Class.Archived, Membership.NotInState],
        examples=examples.REJECT,
    )
    def reject(self, request: Request, class_id: str) -> Response:
        """All or nothing: if one person isn't PENDING, nothing changes."""
        return self._batch(Membership.objects.reject)

    @action(detail=False, methods=["post"])
    @api_action(
        summary="Reopen a rejected or removed record",
        permission=IsClassTeacher | IsAdmin,
        scope="members:write",
        request=UserIdsSerializer,
        many=True,
        errors=[Class.Archived, Membership.NotInState],
        examples=examples.REOPEN,
    )
    def reopen(self, request: Request, class_id: str) -> Response:
        """REJECTED or REMOVED people become PENDING again, all or nothing."""
        return self._batch(Membership.objects.reopen)

    @action(detail=False, methods=["post"])
    @api_action(
        summary="Remove an approved member",
        permission=IsClassTeacher | IsAdmin,
        scope="members:write",
        request=UserIdSerializer,
        errors=[Class.Archived, Membership.NotApproved, Membership.LastTeacher],
        examples=examples.REMOVE,
    )
    def remove(self, request: Request, class_id: str) -> Response:
        """The record stays, as REMOVED. The last active teacher of a class can't be removed."""
        return self.answer(Membership.objects.remove(self.klass, self.read_body()["user_id"], self.actor))

    def _batch(self, verb: Verb) -> Response:
        user_ids = self.read_body()["user_ids"]
        if not self.is_page_for_person:
            return self.answer(verb(self.klass, user_ids, self.actor))
        changed, self.left_out = as_many_as_possible(verb, self.klass, user_ids, self.actor)
        return self.answer(changed)


def _who(body: dict[str, str]) -> dict[str, str]:
    return {"pk": body["user_id"]} if "user_id" in body else {"email": body["email"]}
