from members.models import Membership
from tutorarc.http.metrics.gauges import gauge


@gauge("people_waiting", "Requests to join a class that wait for an answer.")
def people_waiting() -> float:
    return Membership.objects.waiting().count()
