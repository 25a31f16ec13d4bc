from rest_framework.request import Request
from rest_framework.response import Response

from sessions import examples
from sessions.envelope import answer_of, success
from sessions.lookups import session_for
from sessions.permissions import IsMember
from sessions.personal_links.tokens import personal_link
from sessions.serializers import PersonalLinkSerializer
from tutorarc.api.actions import api_action
from tutorarc.api.viewsets import ApiViewSet


class PersonalLinkViewSet(ApiViewSet):
    """The link of one person to a live session, which identifies them."""

    tag = "Live sessions"
    serializer_class = PersonalLinkSerializer

    def load_object(self, request: Request) -> None:
        self.session = session_for(request.user, self.kwargs["session_id"])
        self.check_object_permissions(request, self.session)

    @api_action(
        summary="Get your personal link to a live session",
        permission=IsMember,
        scope="sessions:read",
        response=answer_of(PersonalLinkSerializer),
        examples=examples.PERSONAL_LINK,
    )
    def personal_link(self, request: Request, session_id: str) -> Response:
        """It is the student link with a `token` that identifies you without a sign-in: keep it to yourself.

        It works while you are an approved member of the class, until the links of the session are renewed.
        """
        link = personal_link(self.session, self.user)
        return Response(success({"sessionId": self.session.pk, "userId": self.user.pk, "personalLink": link}))
