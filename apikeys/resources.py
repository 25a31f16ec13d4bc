from import_export.fields import Field

from apikeys.models import ApiKey
from tutorarc.staff.resources import CsvResource, Moment


class ApiKeyResource(CsvResource):
    """The hint is all that is known of a secret, and the digest stays where it is."""

    owner = Field("owner__email", column_name="owner")
    scopes = Field(column_name="scopes")
    created_at = Moment("created_at")
    expires_at = Moment("expires_at")
    last_used_at = Moment("last_used_at")
    revoked_at = Moment("revoked_at")

    class Meta:
        model = ApiKey
        fields = ("id", "owner", "name", "hint", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")

    def dehydrate_scopes(self, key: ApiKey) -> str:
        return " ".join(key.scopes)
