"""Events as they are numbered, and the notices that follow from them."""

from collections.abc import Sequence

from tutorarc.jobs.consumers import event_consumer
from tutorarc.jobs.models import Job
from tutorarc.mail.kinds import KINDS
from tutorarc.mail.outgoing import sends_mail
from tutorarc.models import Event

TOGETHER = 50  # events of a job, so that it ends before its lease, also if all are about large classes


@event_consumer("notices")
def queue_notices(events: Sequence[Event]) -> None:
    """The people are looked up by a job, as a class may have thousands: this transaction stays short."""
    types = {name for kind in KINDS.values() for name in kind.event_types}
    told = [event.pk for event in events if event.type in types]
    if told and sends_mail():
        parts = [told[start : start + TOGETHER] for start in range(0, len(told), TOGETHER)]
        Job.objects.enqueue_all("notify", [{"events": part} for part in parts])
