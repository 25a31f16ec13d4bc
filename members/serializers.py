from typing import Any

from django.utils.functional import cached_property
from rest_framework import serializers

from classes.roles import ClassRole, MembershipStatus
from classes.seats import position_of
from members.models import Membership
from members.visibility import Reader
from tutorarc.api.fields import NO_NUL_NOT_BLANK, EmailAddressField, StrictCharField, StrictChoiceField, TypeIdField
from tutorarc.api.list_fields import TypeIdListField, errors_of
from tutorarc.api.strict_serializer import StrictSerializer
from tutorarc.models import User

MAX_BATCH = 500


class MemberUserSerializer(serializers.ModelSerializer[User]):
    """The person of a membership, with `?expand=user`."""

    shown_on_demand = {"email"}

    id = serializers.CharField(read_only=True, help_text="The id of the person.")
    email = serializers.EmailField(
        read_only=True,
        required=False,
        help_text="For administrators, and for a teacher of the class if the person asked to join, or if this teacher "
        "added the person by this address.",
    )

    class Meta:
        model = User
        fields = ["id", "display_name", "email"]
        read_only_fields = fields
        extra_kwargs = {"display_name": {"help_text": "The name that teachers and classmates see."}}

    def to_representation(self, user: User) -> dict[str, Any]:
        return {"id": user.pk, "display_name": user.display_name, "email": user.email}


class MembershipSerializer(serializers.ModelSerializer[Membership]):
    """A membership: one person's role and status in one class."""

    shown_on_demand = {"user"}

    user_id = serializers.CharField(read_only=True, help_text="The id of the person.")
    class_id = serializers.CharField(read_only=True, source="klass_id", help_text="The id of the class.")
    user = MemberUserSerializer(
        read_only=True,
        required=False,
        help_text="The person, with `expand=user`, if the caller may read the name.",
    )

    class Meta:
        model = Membership
        fields = ["user_id", "class_id", "role", "status", "joined_at", "user"]
        read_only_fields = fields
        extra_kwargs = {
            "role": {"help_text": "The person's role in this class."},
            "status": {"help_text": "Where the membership is in its lifecycle."},
            "joined_at": {"help_text": "When the person was first approved, in UTC; null before that."},
        }

    @cached_property
    def _expands_user(self) -> bool:
        return self.context["view"].expands_user

    @cached_property
    def _reader(self) -> Reader:
        return self.context["view"].reader

    def to_representation(self, member: Membership) -> dict[str, Any]:
        """Written as one dict: field by field takes three times as long. A test compares the two."""
        shown = member.as_shown()
        if self._expands_user and self._reader.sees_name(member):
            shown["user"] = self._shown_person(member)
        return shown

    def _shown_person(self, member: Membership) -> dict[str, Any]:
        person = self.fields["user"].to_representation(member.user)
        if not self._reader.sees_email(member):
            del person["email"]
        return person


class OwnMembershipSerializer(MembershipSerializer):
    """The caller's own membership, with their place on the waiting list."""

    position = serializers.SerializerMethodField(
        help_text="While it is PENDING, the place among those who wait, from 1; otherwise null."
    )

    class Meta(MembershipSerializer.Meta):
        fields = [*MembershipSerializer.Meta.fields, "position"]
        read_only_fields = fields

    def to_representation(self, member: Membership) -> dict[str, Any]:
        return super().to_representation(member) | {"position": self.get_position(member)}

    def get_position(self, member: Membership) -> int | None:
        if member.status != MembershipStatus.PENDING:
            return None
        return position_of(self.context["view"].klass, self.context["request"].user)


class ClassCodeField(StrictCharField):
    """A class code as it is typed or pasted, with any characters around and between."""

    pattern = NO_NUL_NOT_BLANK
    clean = staticmethod(str)


class JoinSerializer(StrictSerializer):
    """Body of a join request."""

    class_code = ClassCodeField(
        max_length=40, help_text="The class code, such as `ALGO-7P4X`. Case, dashes and blanks are ignored."
    )


def each_once(user_ids: list[str]) -> list[str]:
    """The ids. Raises ValidationError, naming those that are there before."""
    seen: set[str] = set()
    twice = [index for index, user_id in enumerate(user_ids) if user_id in seen or seen.add(user_id)]  # type: ignore[func-returns-value]
    if twice:
        error = [serializers.ErrorDetail("This person is named twice.", code="duplicate")]
        raise serializers.ValidationError(errors_of(twice, lambda _: error))  # type: ignore[arg-type]
    return user_ids


class UserIdsSerializer(StrictSerializer):
    """People of a batch, which is all or nothing."""

    user_ids = TypeIdListField("usr", min_length=1, max_length=MAX_BATCH, help_text="The ids of the people, each once.")

    def validate_user_ids(self, user_ids: list[str]) -> list[str]:
        return each_once(user_ids)


class UserIdSerializer(StrictSerializer):
    """One person."""

    user_id = TypeIdField("usr", help_text="The id of the person.")


class TransferSerializer(StrictSerializer):
    """The two people of a transfer."""

    to_user_id = TypeIdField("usr", help_text="The id of the person who becomes class teacher.")
    from_user_id = TypeIdField(
        "usr",
        required=False,
        help_text="The id of the class teacher who is removed. By default you, if you teach the class, otherwise its "
        "only teacher.",
    )


class RoleSerializer(StrictSerializer):
    """A role in the class."""

    role = StrictChoiceField(choices=ClassRole.choices, help_text="The person's role in this class.")


class EnrolmentSerializer(RoleSerializer):
    """A person, by id or e-mail address, and a role."""

    schema_says_too = {"minProperties": 2, "maxProperties": 2}

    user_id = TypeIdField("usr", required=False, help_text="The id of the person. Give this or `email`.")
    email = EmailAddressField(required=False, help_text="The person's address. Give this or `user_id`.")

    def validate(self, attributes: dict[str, Any]) -> dict[str, Any]:
        if ("user_id" in attributes) == ("email" in attributes):
            raise serializers.ValidationError("Give either user_id or email.", code="user_id_or_email")
        return attributes
