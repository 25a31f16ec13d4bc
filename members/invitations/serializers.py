from typing import Any

from rest_framework import serializers

from classes.roles import ClassRole
from members.models import Invitation
from members.models.invitation import MAX_MESSAGE_LENGTH
from members.models.invitation_queryset import MAX_GUESTS
from tutorarc.api.fields import StrictChoiceField, StrictProseField
from tutorarc.api.list_fields import EmailListField, errors_of
from tutorarc.api.strict_serializer import StrictSerializer


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    """An invitation of an e-mail address to a class."""

    id = serializers.CharField(read_only=True, help_text="The id of the invitation.")
    status = serializers.ChoiceField(
        read_only=True,
        choices=Invitation.Status.choices,
        help_text="PENDING until it is answered, revoked or expires.",
    )

    class Meta:
        model = Invitation
        fields = ["id", "email", "role", "status", "expires_at"]
        read_only_fields = fields
        extra_kwargs = {
            "email": {"help_text": "The invited address. It tells nothing about an account."},
            "role": {"help_text": "The role in the class that comes with accepting."},
            "expires_at": {"help_text": "Until when it can be accepted, in UTC: 14 days after it was last sent."},
        }

    def to_representation(self, invitation: Invitation) -> dict[str, Any]:
        return invitation.as_shown()


class NewInvitationsSerializer(StrictSerializer):
    """Addresses to invite, in one role."""

    emails = EmailListField(
        min_length=1,
        max_length=MAX_GUESTS,
        help_text="The addresses to invite, each once.",
    )
    role = StrictChoiceField(choices=ClassRole.choices, help_text="The role in the class that comes with accepting.")
    message = StrictProseField(
        required=False,
        allow_blank=True,
        max_length=MAX_MESSAGE_LENGTH,
        default="",
        help_text="What the mail says in your own words.",
    )

    def validate_emails(self, emails: list[str]) -> list[str]:
        first = {email: index for index, email in reversed(list(enumerate(emails)))}
        if twice := [index for index, email in enumerate(emails) if first[email] != index]:
            error = [serializers.ErrorDetail("This address is named twice.", code="duplicate")]
            raise serializers.ValidationError(errors_of(twice, lambda _: error))  # type: ignore[arg-type]
        return emails
