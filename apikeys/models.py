"""API keys. The secret is shown once, when the key is created; only a digest and a hint are stored."""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, models, transaction
from django.db.models import F, Q
from django.utils import timezone

from apikeys import secrets
from apikeys.refused_calls import RefusedCall as RefusedCall  # Django looks for models here
from tutorarc.api.scopes import SCOPES
from tutorarc.db.compiled import compile_once
from tutorarc.db.ids import IdDateTimeField, TypeIDField, first_id_from
from tutorarc.db.outage import is_outage
from tutorarc.domain.direct_writes import ChangedByVerbs
from tutorarc.domain.errors import Conflict
from tutorarc.domain.events import Actor, EventSource, change, insert, record
from tutorarc.domain.text_fields import LineField
from tutorarc.http.summary_log import SummaryLog
from tutorarc.models import User

unwritable = SummaryLog(logging.getLogger("tutorarc.apikeys"))
LAST_USED_RESOLUTION = timedelta(minutes=1)
UNUSED_AFTER = timedelta(days=90)
MAX_KEYS = 50  # that work, for each person
# Columns that authentication reads, without digest and password. Others are loaded when they are used.
KEY_FIELDS = ("owner", "hint", "scopes", "last_used_at")
OWNER_FIELDS = ("email", "display_name", "global_role", "is_active")


def all_scopes() -> list[str]:
    return list(SCOPES)


def known_scopes(scopes: Any) -> None:
    """Raises ValidationError unless the value is a list of at least one known scope, each once."""
    if not isinstance(scopes, list) or not scopes or len(set(map(str, scopes))) != len(scopes):
        raise ValidationError("Give at least one scope, each once.", code="scopes")
    if unknown := [scope for scope in scopes if scope not in SCOPES]:
        raise ValidationError(f"Unknown scope: {unknown[0]}. Known are {', '.join(SCOPES)}.", code="unknown_scope")


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    @transaction.atomic
    def issue(
        self,
        owner: User,
        by: Actor,
        *,
        name: str = "API key",
        scopes: Iterable[str] = SCOPES,
        expires_at: datetime | None = None,
        replaces: "ApiKey | None" = None,
    ) -> tuple["ApiKey", str]:
        """Create a key. Returns it with its secret, which is not stored.

        Raises ApiKey.TooMany, User.NeedsSuperuser, User.SignedOut, and ValidationError for a wrong value.
        """
        plaintext = secrets.new_key()
        key = ApiKey(
            owner=owner,
            name=name.strip(),
            digest=secrets.digest(plaintext),
            hint=secrets.hint(plaintext),
            scopes=list(scopes),
            expires_at=expires_at,
            replaces=replaces,
        )
        key.full_clean(exclude=["owner", "made_by", "replaces"])
        key.made_by_id = User.objects.lock_account(owner.pk, by).giver(by)
        self.refuse_if_too_many(owner)
        return insert(key, by, verb="issue"), plaintext

    def refuse_if_too_many(self, owner: User) -> None:
        """Call it with the owner locked, so that keys created at the same time are counted. Raises ApiKey.TooMany."""
        if self.filter(owner=owner).unexpired().count() >= MAX_KEYS:
            raise ApiKey.TooMany()

    def unexpired(self, now: datetime | None = None) -> "ApiKeyQuerySet":
        """Keys that are neither revoked nor expired at `now`."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now or timezone.now()), revoked_at=None)

    def usable(self, now: datetime | None = None) -> "ApiKeyQuerySet":
        """Keys that work at `now`: not revoked, not expired, of an active owner."""
        return self.unexpired(now).filter(owner__is_active=True)

    def made_by_others(self) -> "ApiKeyQuerySet":
        """Keys that are not revoked, and whose secret somebody else than the owner may know."""
        return self.filter(revoked_at=None).exclude(made_by=F("owner"))

    def unused_since(self, time: datetime) -> "ApiKeyQuerySet":
        """Usable keys that were created before `time` and not used since."""
        never = Q(last_used_at=None, pk__lt=first_id_from("key", time))
        return self.usable().filter(Q(last_used_at__lt=time) | never)

    def find(self, plaintext: str) -> "ApiKey | None":
        """The usable key with this secret, and its owner, in one statement; no query if the checksum is wrong."""
        if not secrets.is_well_formed(plaintext):
            return None
        found = _usable_keys(digest=secrets.digest(plaintext), now=timezone.now())
        return found[0] if found else None


class ApiKey(ChangedByVerbs):
    """A key that acts as its owner, with the owner's global role, within its scopes."""

    class Closed(Conflict):
        reason = "api_key_closed"
        message = "This key is revoked or has expired and can't be rotated. Create a new one."

    class TooMany(Conflict):
        reason = "too_many_api_keys"
        message = f"A person can have at most {MAX_KEYS} API keys that work. Revoke one first."

    id = TypeIDField("key", primary_key=True)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_keys", db_index=False)
    name = LineField(max_length=100)
    made_by = models.ForeignKey(
        User,
        on_delete=models.DO_NOTHING,
        null=True,
        editable=False,
        related_name="+",
        db_constraint=False,
        db_index=False,
        help_text="The owner, or who else may know the secret. Null: a command, or unknown.",
    )
    replaces = models.ForeignKey(
        "self",
        on_delete=models.DO_NOTHING,
        null=True,
        editable=False,
        related_name="+",
        db_constraint=False,
        db_index=False,
        help_text="The key that a rotation replaced by this one.",
    )
    digest = models.CharField(max_length=64, editable=False)
    hint = models.CharField(max_length=17, editable=False)
    scopes = models.JSONField(default=all_scopes, validators=[known_scopes])
    created_at = IdDateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()
    event_source = EventSource(
        kind="api_key",
        types={"issue": "created", "revoke": "revoked", "rotate": "rotated"},
        fields={"name": "name", "scopes": "scopes", "expires_at": "expires_at", "revoked_at": "revoked_at"},
        user_id="owner_id",
    )

    class Meta:
        verbose_name = "API key"
        permissions = [("view_historicalapikey", "Can view the history")]
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["digest"], name="one_api_key_per_digest")]
        indexes = [
            models.Index(fields=["owner", "id"], name="api_keys_of_an_owner"),
            models.Index(fields=["last_used_at", "id"], name="api_keys_by_last_use"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint})"

    def clean(self) -> None:
        if self._state.adding and self.expires_at and self.expires_at <= timezone.now():
            raise ValidationError({"expires_at": "The expiry must be in the future."})

    def as_shown(self) -> dict[str, Any]:
        """The key as the API shows it, without its secret."""
        return {
            "id": self.pk,
            "name": self.name,
            "hint": self.hint,
            "scopes": self.scopes,
            "created_at": self.created_at,
            "expires_at": self.expires_at,
            "revoked_at": self.revoked_at,
            "last_used_at": self.last_used_at,
        }

    def allows(self, scope: str) -> bool:
        return scope in self.scopes

    @transaction.atomic
    def revoke(self, by: Actor) -> "ApiKey":
        """Revoke the key permanently. Repeating it changes nothing."""
        now = timezone.now()
        if ApiKey.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=now):
            self.revoked_at = now
            record([self], by, verb="revoke", old=lambda _: {"revoked_at": None})
        return self

    @transaction.atomic
    def rotate(self, by: Actor, overlap: timedelta) -> tuple["ApiKey", str]:
        """Create a key with the same name, scopes and expiry. This one expires after `overlap`.

        Raises ApiKey.Closed, ApiKey.TooMany, User.NeedsSuperuser and User.SignedOut.
        """
        User.objects.lock_account(self.owner_id, by)  # before the key, as other verbs lock
        key = ApiKey.objects.select_for_update(no_key=True).get(pk=self.pk)
        now = timezone.now()
        if key.revoked_at or (key.expires_at and key.expires_at <= now):
            raise self.Closed()
        expires_at = key.expires_at
        end = min(now + overlap, expires_at or datetime.max.replace(tzinfo=UTC))
        change(key, by, verb="rotate", expires_at=end)  # first: without overlap it no longer counts
        same = {"name": key.name, "scopes": key.scopes, "expires_at": expires_at}
        return ApiKey.objects.issue(self.owner, by, **same, replaces=key)

    def touch(self) -> None:
        """Update `last_used_at`, at most once a minute. The request goes on if the database can't be written to."""
        now = timezone.now()
        if self.last_used_at is None or self.last_used_at <= now - LAST_USED_RESOLUTION:
            stale = Q(last_used_at=None) | Q(last_used_at__lte=now - LAST_USED_RESOLUTION)
            try:
                ApiKey.objects.filter(stale, pk=self.pk).update(last_used_at=now)
            except DatabaseError as error:
                if not is_outage(error):
                    raise
                unwritable.note("last_used_at of the key %s could not be updated: %s", self.pk, error)
            else:
                self.last_used_at = now


@compile_once(digest=ApiKey._meta.get_field("digest"), now=ApiKey._meta.get_field("expires_at"))
def _usable_keys(*, digest: str, now: datetime) -> ApiKeyQuerySet:
    keys = ApiKey.objects.usable(now).select_related("owner").filter(digest=digest)
    return keys.only(*KEY_FIELDS, *(f"owner__{name}" for name in OWNER_FIELDS))
