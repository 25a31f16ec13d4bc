from rest_framework import serializers

from tutorarc.models import User


class MeSerializer(serializers.ModelSerializer[User]):
    """The current user."""

    id = serializers.CharField(read_only=True)
    status = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ["id", "email", "display_name", "global_role", "status"]
        read_only_fields = fields

    def get_status(self, user: User) -> str:
        return "ACTIVE" if user.is_active else "INACTIVE"
