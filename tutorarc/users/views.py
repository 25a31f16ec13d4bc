from django.db.models import QuerySet
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from members.models import Membership
from tutorarc.api.actions import api_action
from tutorarc.api.permissions import IsAdmin
from tutorarc.api.viewsets import ApiViewSet
from tutorarc.db.keyset import Window
from tutorarc.domain.errors import ExternalIdTaken
from tutorarc.http.public_url import link_for_others
from tutorarc.mail.outgoing import MailOff
from tutorarc.models import User
from tutorarc.users import examples
from tutorarc.users.accounts import create_account
from tutorarc.users.filters import UserFilter
from tutorarc.users.forms import UserChangesForm
from tutorarc.users.pages import UserPage
from tutorarc.users.serializers import NewUserSerializer, UserChangesSerializer, UserSerializer

READ, WRITE = "users:read", "users:write"
SHOWN = ("email", "display_name", "global_role", "is_active", "external_id", "time_zone")


class UserViewSet(ApiViewSet):
    """People with an account, for administrators and their systems."""

    tag = "Users"
    queryset = User.objects.all()
    serializer_class = UserSerializer
    represent = staticmethod(UserSerializer.to_representation)
    filterset_class = UserFilter
    html_page_class = UserPage
    changes = UserChangesForm
    lookup_url_kwarg = "user_id"
    location = "/api/v1/users/{id}"
    person: User

    def load_object(self, request: Request) -> None:
        if "user_id" in self.kwargs:
            self.person = get_object_or_404(User.objects.only(*SHOWN), pk=self.kwargs["user_id"])

    def page(self, queryset: QuerySet[User], window: Window) -> QuerySet[User]:
        return queryset.only(*SHOWN)

    @api_action(summary="List the users", permission=IsAdmin, scope=READ, many=True, examples=examples.ONE)
    def list(self, request: Request) -> Response:
        """Everybody with an account, newest first. Find one by `email` or by your own `external_id`."""
        return self.answer_page()

    @api_action(
        summary="Create a user",
        permission=IsAdmin,
        scope=WRITE,
        request=NewUserSerializer,
        status=201,
        needs_confirmation=True,
        errors=[User.EmailTaken, ExternalIdTaken, User.NeedsSuperuser, MailOff],
        examples=examples.CREATE,
    )
    def create(self, request: Request) -> Response:
        """An account without a password. With `invite` the person gets a mail with a link to choose one.

        If the address or the external id is taken, `details` gives the `id` of the user who has it, so that you can go
        on with that user. Only superusers create an ADMIN.
        """
        return self.answer(create_account(self.actor, link_for_others(request), **self.read_body()))

    @api_action(summary="Look up a user", permission=IsAdmin, scope=READ, examples=examples.ONE)
    def retrieve(self, request: Request, user_id: str) -> Response:
        """A user by id."""
        return self.answer(self.person)

    @api_action(
        summary="Change a user",
        permission=IsAdmin,
        scope=WRITE,
        request=UserChangesSerializer,
        needs_confirmation=True,
        errors=[
            *(ExternalIdTaken, Membership.LastTeacher, User.OwnRole, User.NeedsSuperuser),
            *(User.AccessFromYou, User.LastSuperuser, User.SignedOut, User.Deleted),
        ],
        examples=examples.UPDATE,
    )
    def partial_update(self, request: Request, user_id: str) -> Response:
        """Name, global role, external id and status. Send only the fields to change.

        Somebody who is the only active teacher of a class can't become a STUDENT or be deactivated: `details` names the
        classes. Nobody can give up their own ADMIN role, and only superusers change staff and other ADMINs.
        """
        return self.answer(self.person.edit(self.actor, **self.read_body()))
