from typing import Any

from rest_framework import serializers

from tutorarc.models import User


class MeSerializer(serializers.ModelSerializer[User]):
    """The current user."""

    id = serializers.CharField(read_only=True, help_text="Your id.")
    status = serializers.CharField(read_only=True, help_text="`ACTIVE`: others can't make calls.")

    class Meta:
        model = User
        fields = ["id", "email", "display_name", "global_role", "status"]
        read_only_fields = fields
        extra_kwargs = {
            "email": {"help_text": "The address that you sign in with."},
            "display_name": {"help_text": "The name that teachers and classmates see."},
            "global_role": {"help_text": "Your role on the whole site. Roles in classes are memberships."},
        }

    def to_representation(self, user: User) -> dict[str, Any]:
        return {name: getattr(user, name) for name in self.Meta.fields}
