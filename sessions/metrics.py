from django.utils import timezone

from sessions.models import LiveSession
from tutorarc.http.metrics.gauges import gauge


@gauge("live_sessions", "Live sessions that are on. Those that nobody ended count for an hour after their planned end.")
def live_sessions() -> float:
    now = timezone.now()
    return LiveSession.objects.upcoming(now).filter(start_time__lte=now).count()
