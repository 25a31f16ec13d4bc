"""Join requests by class code, withdrawing them, and leaving a class."""

from typing import Any

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from classes.models import Class
from classes.permissions import IsApprovedMember, IsOnRecord
from members import examples
from members.code_guesses import code_guesses, counted
from members.models import Membership
from members.pages import JoinPage
from members.serializers import JoinSerializer, OwnMembershipSerializer
from members.views.base import MembershipResource
from tutorarc.api.actions import PossibleError, api_action
from tutorarc.api.permissions import IsStudent
from tutorarc.http.error_reasons import ErrorReason

JOIN_ERRORS: list[PossibleError] = [
    Membership.WrongCode,
    Class.Archived,
    Class.CodeClosed,
    Class.CodeExpired,
    Membership.AlreadyOnRecord,
    ErrorReason.TOO_MANY_WRONG_CODES,
]


class OwnMembershipViewSet(MembershipResource):
    """The caller's own membership of a class."""

    serializer_class = OwnMembershipSerializer
    html_page_class = JoinPage

    @api_action(
        summary="Look up your own membership of a class",
        permission=IsOnRecord,
        scope="members:read",
        examples=examples.OWN,
    )
    def own(self, request: Request, class_id: str) -> Response:
        """With your place on the waiting list while it is PENDING."""
        return self.answer(self.klass.memberships.get(user=self.user))


class JoiningViewSet(MembershipResource):
    """Join requests by class code, withdrawing them, and leaving a class."""

    html_page_class = JoinPage

    def check_throttles(self, request: Request) -> None:
        super().check_throttles(request)
        if self.action in ("join", "join_by_code"):
            code_guesses(request).refuse_if_spent()

    @api_action(
        summary="Request to join a class",
        permission=IsStudent,
        scope="members:write",
        request=JoinSerializer,
        status=201,
        errors=JOIN_ERRORS,
        examples=examples.JOIN,
    )
    def join(self, request: Request, class_id: str) -> Response:
        """For students. An existing membership, whatever its status, is a conflict.

        The membership is PENDING, and APPROVED at once if the class lets everybody in and has a free seat.
        """
        return self._request(lambda code: Membership.objects.request(self.klass, code, self.actor))

    @api_action(
        summary="Request to join a class by its code",
        permission=IsStudent,
        scope="members:write",
        request=JoinSerializer,
        status=201,
        errors=JOIN_ERRORS,
        examples=examples.JOIN,
    )
    def join_by_code(self, request: Request) -> Response:
        """For students who have only the code."""
        return self._request(lambda code: Membership.objects.request_by_code(code, self.actor))

    @api_action(
        summary="Withdraw your request to join a class",
        permission=IsOnRecord,
        scope="members:write",
        status=204,
        errors=[Class.Archived, Membership.NoPendingRequest],
    )
    def withdraw(self, request: Request, class_id: str) -> Response:
        """Only while it is PENDING. The record is gone, and you may ask again."""
        self.read_body()
        Membership.objects.withdraw(self.klass, self.actor)
        return Response(status=self.spec.status)

    @api_action(
        summary="Leave a class",
        permission=IsApprovedMember,
        scope="members:write",
        errors=[Class.Archived, Membership.NotApproved, Membership.LastTeacher],
        examples=examples.LEAVE,
    )
    def leave(self, request: Request, class_id: str) -> Response:
        """The record stays, as REMOVED. The last active teacher of a class can't leave."""
        self.read_body()
        return self.answer(Membership.objects.leave(self.klass, self.actor))

    def _request(self, verb: Any) -> Response:
        """Checks the limits once more after the right code: see `GuessLimits`."""
        code = self.read_body()["class_code"]
        with transaction.atomic():
            membership = verb(code)
            code_guesses(self.request).refuse_if_spent()
        return self.answer(membership)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Membership.WrongCode):
            exc = counted(self.request, _typed(self.request), exc)
        return super().handle_exception(exc)


def _typed(request: Any) -> str:
    """The class code that was sent."""
    return str(request.data["class_code"])
