"""Events as they are numbered, and the notices that follow from them."""

from collections.abc import Sequence

from tutorarc.jobs.consumers import event_consumer
from tutorarc.jobs.models import Job
from tutorarc.mail.kinds import KINDS
from tutorarc.mail.outgoing import sends_mail
from tutorarc.models import Event


@event_consumer("notices")
def queue_notices(events: Sequence[Event]) -> None:
    """The people are looked up by a job, as a class may have thousands: this transaction stays short."""
    types = {name for kind in KINDS.values() for name in kind.event_types}
    told = [event.pk for event in events if event.type in types]
    if told and sends_mail():
        Job.objects.enqueue("notify", {"events": told})
