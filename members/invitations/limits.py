"""How many people somebody may invite in a day, so that nobody sends mail in bulk in the name of this site."""

from django.conf import settings
from rest_framework.exceptions import Throttled

from tutorarc.domain.sliding_window import Limit
from tutorarc.http.counters import guess_counters, now
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.models import User

DAY = 24 * 3600


def count_invitations(user: User, number: int) -> None:
    """Count mails that the user is about to cause. Raises Throttled if they are too many, and then counts none, unless
    other calls of the user count at the same moment.
    """
    if settings.INVITATION_LIMIT is None:
        return
    limit = Limit("invitations", user.pk, settings.INVITATION_LIMIT, DAY)
    [usage] = guess_counters().read([limit], now())
    wait = limit.wait(usage, now(), number)
    if not wait:
        [usage] = guess_counters().add([limit], now(), number)
        wait = limit.wait(usage, now()) if usage.refused else 0
    if wait:
        raise Throttled(wait=wait, code=ErrorReason.TOO_MANY_INVITATIONS)
