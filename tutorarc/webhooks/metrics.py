from tutorarc.http.metrics.gauges import gauge
from tutorarc.webhooks.models import Endpoint


@gauge("webhooks_failing", "Webhooks whose last delivery failed, without those that are disabled.")
def webhooks_failing() -> float:
    return Endpoint.objects.filter(state=Endpoint.State.ACTIVE, failing_since__isnull=False).count()
