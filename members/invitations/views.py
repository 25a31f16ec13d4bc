"""The API of invitations (docs/contract.md, "Invitations")."""

from django.db.models import QuerySet
from django.urls import reverse
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from classes.lookups import ClassLookupMixin
from classes.models import Class
from classes.permissions import IsClassTeacher
from members.invitations import examples
from members.invitations.filters import InvitationFilter
from members.invitations.limits import count_invitations
from members.invitations.pages import InvitationsPage
from members.invitations.serializers import InvitationSerializer, NewInvitationsSerializer
from members.models import Invitation
from members.models.invitation_queryset import Guest
from tutorarc.api.actions import api_action
from tutorarc.api.permissions import IsAdmin
from tutorarc.api.viewsets import ApiViewSet
from tutorarc.db.keyset import Window
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.http.public_url import link_for_others


class InvitationViewSet(ClassLookupMixin, ApiViewSet):
    """Invitations to a class by mail. No answer depends on who has an account."""

    tag = "Invitations"
    queryset = Invitation.objects.all()
    serializer_class = InvitationSerializer
    represent = staticmethod(Invitation.as_shown)
    filterset_class = InvitationFilter
    html_page_class = InvitationsPage
    lookup_url_kwarg = "invitation_id"

    invitation: Invitation

    @property
    def location(self) -> str:  # type: ignore[override] # of all invitations, as a call makes several
        return reverse("invitation-list", args=[self.kwargs["class_id"]])

    def load_object(self, request: Request) -> None:
        """An unknown invitation is 404 before the class role is checked."""
        if "invitation_id" in self.kwargs:
            named = {"klass_id": self.kwargs["class_id"], "pk": self.kwargs["invitation_id"]}
            self.invitation = get_object_or_404(Invitation, **named)
        super().load_object(request)

    def page(self, queryset: QuerySet[Invitation], window: Window) -> QuerySet[Invitation]:
        return queryset.filter(klass=self.klass)

    @api_action(
        summary="List the invitations to a class",
        permission=IsClassTeacher | IsAdmin,
        scope="members:read",
        many=True,
        examples=examples.LIST,
    )
    def list(self, request: Request, class_id: str) -> Response:
        """All of them, newest first."""
        return self.answer_page()

    @api_action(
        summary="Invite people to a class",
        permission=IsClassTeacher | IsAdmin,
        scope="members:write",
        request=NewInvitationsSerializer,
        status=201,
        many=True,
        errors=[Class.Archived, ErrorReason.TOO_MANY_INVITATIONS],
        examples=examples.CREATE,
    )
    def create(self, request: Request, class_id: str) -> Response:
        """Each address gets a mail with a link, in the order given. An address with an unanswered invitation to this
        class gets that one again, with the new role and message.
        """
        body = self.read_body()
        guests = [Guest(email) for email in body["emails"]]
        count_invitations(self.user, len(guests))
        about = {"message": body["message"], "site": link_for_others(request)}
        return self.answer(Invitation.objects.send(self.klass, guests, body["role"], self.actor, **about))

    @api_action(
        summary="Revoke an invitation",
        permission=IsClassTeacher | IsAdmin,
        scope="members:write",
        errors=[Class.Archived, Invitation.NotOpen],
        examples=examples.REVOKED,
    )
    def destroy(self, request: Request, class_id: str, invitation_id: str) -> Response:
        """Its link no longer works. Also for an expired one."""
        self.read_body()
        return self.answer(self.invitation.revoke(self.actor))

    @action(detail=True, methods=["post"])
    @api_action(
        summary="Send an invitation again",
        permission=IsClassTeacher | IsAdmin,
        scope="members:write",
        errors=[Class.Archived, Invitation.NotOpen, ErrorReason.TOO_MANY_INVITATIONS],
        examples=examples.ONE,
    )
    def resend(self, request: Request, class_id: str, invitation_id: str) -> Response:
        """With a new link, which expires in 14 days; the link before stops working. Also for an expired one."""
        self.read_body()
        count_invitations(self.user, 1)
        return self.answer(self.invitation.resend(self.actor, link_for_others(request)))
