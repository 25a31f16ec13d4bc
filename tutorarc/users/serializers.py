"""Bodies of the calls about users."""

from typing import Any

from rest_framework import serializers

from tutorarc.api.fields import (
    EmailAddressField,
    ExternalIdField,
    StrictBooleanField,
    StrictCharField,
    StrictChoiceField,
)
from tutorarc.api.strict_serializer import StrictSerializer
from tutorarc.models import User
from tutorarc.models.user_events import ACTIVE, DEACTIVATED

EMAIL = "The address that they sign in with."
NAME = "The name that teachers and classmates see."
ROLE = "Their role on the whole site. Roles in classes are memberships."
STATUS = "`ACTIVE`, or `DEACTIVATED`: then they can't sign in, and their keys don't work."
EXTERNAL_ID = "Their id in your system, unique on this site; null without one."


class UserSerializer(serializers.ModelSerializer[User]):
    """A user: somebody with an account."""

    id = serializers.CharField(read_only=True, help_text="The id of the user.")
    status = serializers.ChoiceField(choices=[ACTIVE, DEACTIVATED], read_only=True, help_text=STATUS)

    class Meta:
        model = User
        fields = ["id", "email", "display_name", "global_role", "status", "external_id", "time_zone"]
        read_only_fields = fields
        extra_kwargs = {
            "email": {"help_text": EMAIL},
            "display_name": {"help_text": NAME},
            "global_role": {"help_text": ROLE},
            "external_id": {"help_text": EXTERNAL_ID},
            "time_zone": {"help_text": "The IANA name of their time zone; empty while it isn't known."},
        }

    @staticmethod
    def to_representation(user: User) -> dict[str, Any]:
        """Written as one dict, which events have too. A test compares it with the fields."""
        return user.as_shown()


class NewUserSerializer(StrictSerializer):
    """Create a user."""

    email = EmailAddressField(max_length=254, help_text=EMAIL)
    display_name = StrictCharField(max_length=200, help_text=f"{NAME} Spaces around it are removed.")
    global_role = StrictChoiceField(choices=User.GlobalRole.choices, help_text=ROLE)
    external_id = ExternalIdField(required=False, default=None, help_text=EXTERNAL_ID)
    invite = StrictBooleanField(
        required=False, default=False, help_text="Whether to mail them a link to choose a password."
    )


class UserChangesSerializer(StrictSerializer):
    """Fields of a user that can be changed; any subset."""

    display_name = StrictCharField(required=False, max_length=200, help_text=f"{NAME} Spaces around it are removed.")
    global_role = StrictChoiceField(required=False, choices=User.GlobalRole.choices, help_text=ROLE)
    external_id = ExternalIdField(required=False, help_text=EXTERNAL_ID)
    status = StrictChoiceField(required=False, choices=[ACTIVE, DEACTIVATED], help_text=STATUS)

    def to_internal_value(self, data: Any) -> Any:
        changes = super().to_internal_value(data)
        if status := changes.pop("status", ""):
            changes["is_active"] = status == ACTIVE
        return changes
