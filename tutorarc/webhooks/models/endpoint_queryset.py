"""Which endpoints there are, and their creation."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.lookups import IsNull
from django.utils import timezone

from tutorarc.domain import encryption
from tutorarc.domain.events import Actor
from tutorarc.models import SecurityEventKind, User
from tutorarc.webhooks.secrets import new_secret

if TYPE_CHECKING:
    from tutorarc.webhooks.models import Endpoint

MAX_ENDPOINTS = 50  # for each person


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    @transaction.atomic
    def register(
        self,
        owner: User,
        by: Actor,
        *,
        url: str,
        event_types: Iterable[str] = (),
        description: str = "",
        class_id: str | None = None,
    ) -> tuple["Endpoint", str]:
        """Create an endpoint. Returns it with its secret, which can't be read again.

        Without event types it gets all. With a class it gets that class's events, as long as the owner teaches it;
        whether they do is the caller's to check. Raises Endpoint.TooMany, User.NeedsSuperuser, User.SignedOut, and
        ValidationError for a wrong value.
        """
        secret = new_secret()
        endpoint = self.model(
            owner=owner,
            url=url,
            event_types=list(event_types),
            description=description,
            class_id=class_id,
            secret=encryption.encrypt(secret),
        )
        endpoint.full_clean(exclude=["owner"])
        User.objects.lock_account(owner.pk, by)  # so that endpoints created at the same time are counted
        if self.filter(owner=owner).count() >= MAX_ENDPOINTS:
            raise self.model.TooMany()
        endpoint.save()
        endpoint.log(SecurityEventKind.WEBHOOK_MADE, by)
        return endpoint, secret

    def active(self) -> "EndpointQuerySet":
        """Endpoints that get events: enabled, and of an active person."""
        return self.filter(state=self.model.State.ACTIVE, owner__is_active=True)

    def in_lock_order(self) -> "EndpointQuerySet":
        """The order in which several endpoints are locked, so that nobody waits for each other."""
        return self.order_by("owner_id", "class_id", "pk")  # "owner" would join the table of users

    def locked(self) -> "EndpointQuerySet":
        """Locked in that order, without their owners: verbs lock an owner first, and would wait for each other."""
        return self.in_lock_order().select_for_update(of=("self",), no_key=True)

    def free(self, now: datetime) -> "EndpointQuerySet":
        """Enabled endpoints to which nothing is being sent, and that asked for no pause.

        Those that work come first, and of them those that were not used for longest.
        """
        not_leased = Q(leased_until=None) | Q(leased_until__lte=now)
        not_paused = Q(paused_until=None) | Q(paused_until__lte=now)
        return self.filter(not_leased, not_paused, state=self.model.State.ACTIVE).order_by(
            IsNull(F("failing_since"), False), F("leased_until").asc(nulls_first=True), "pk"
        )

    def take(self, until: datetime) -> list["Endpoint"]:
        """Lease those of these endpoints that nobody else is taking, with their owners: nobody else sends to them until
        they are released, or `until` if the process is lost.
        """
        rows = self.select_related("owner").select_for_update(of=("self",), skip_locked=True, no_key=True)
        with transaction.atomic():
            taken = list(rows)
            self.model.objects.filter(pk__in=[endpoint.pk for endpoint in taken]).update(leased_until=until)
        return taken

    def forget_former_secrets(self) -> None:
        """Remove those whose rotation is over."""
        self.filter(former_secret_until__lte=timezone.now()).update(former_secret="", former_secret_until=None)

    def release(self) -> None:
        self.update(leased_until=timezone.now())
