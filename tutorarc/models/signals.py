"""Signals of changes of people, for the apps that have to agree."""

from django.dispatch import Signal

# Sent in the transaction of a verb, before it writes, with `people`: those who are about to be deactivated or to become
# a STUDENT, and so can teach no longer. A receiver may raise a Conflict.
people_stop_teaching = Signal()

# Sent in the transaction of a verb, after it wrote, with `people` whose names changed, for copies of the names.
people_renamed = Signal()
