from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from classes.lookups import ClassLookupMixin
from classes.models import Class
from classes.permissions import IsClassTeacher
from classes.roles import ClassRole, MembershipStatus
from classes.serializers import ClassSerializer
from members import examples
from members.models import Membership
from members.serializers import TransferSerializer
from members.transfer_page import TransferPage
from members.transfers import NotATeacher, SamePerson, SeveralTeachers, transfer
from tutorarc.api.actions import api_action
from tutorarc.api.permissions import IsAdmin
from tutorarc.api.viewsets import ApiViewSet
from tutorarc.domain.errors import ExternalIdTaken
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.models import User


class TransferViewSet(ClassLookupMixin, ApiViewSet):
    """The transfer of a class from one teacher to another."""

    tag = "Classes"
    queryset = Class.objects.all()
    serializer_class = ClassSerializer
    html_page_class = TransferPage

    @api_action(
        summary="Transfer a class to another teacher",
        permission=IsClassTeacher | IsAdmin,
        scope="classes:write",
        request=TransferSerializer,
        errors=[
            ErrorReason.NOT_THE_OWNER,
            SamePerson,
            Class.Archived,
            NotATeacher,
            SeveralTeachers,
            Membership.UnknownPerson,
            Membership.StudentCannotTeach,
            User.NotActive,
            ExternalIdTaken,
        ],
        examples=examples.TRANSFER,
    )
    def transfer(self, request: Request, class_id: str) -> Response:
        """One person becomes class teacher, the other is removed, and the coming sessions follow.

        Class teachers give up their own place, to another teacher of the class. Administrators replace any teacher by
        anybody who can teach, who is enrolled if needed.
        """
        body = self.read_body()
        giver = body.get("from_user_id") or self._own_place()
        if not self.user.is_admin and giver != self.user.pk:
            message = "You can give up only your own place: leave out from_user_id."
            raise PermissionDenied(message, code=ErrorReason.NOT_THE_OWNER)
        klass = transfer(self.klass, body["to_user_id"], self.actor, from_user_id=giver, may_enrol=self.user.is_admin)
        klass.is_code_hidden = not self.user.is_admin  # who gave up their place is no longer a member
        return self.answer(klass)

    def _own_place(self) -> str:
        """The caller's id, if they teach the class."""
        teaches = (self.klass.my_role, self.klass.my_status) == (ClassRole.TEACHER, MembershipStatus.APPROVED)
        return self.user.pk if teaches else ""
