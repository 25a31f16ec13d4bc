"""Signals of changes of people, for the apps that have to agree, and of security events."""

from django.dispatch import Signal

# Sent in the transaction of a verb, before it writes, with `people`: those who are about to be deactivated or to become
# a STUDENT, and so can teach no longer. A receiver may raise a Conflict.
people_stop_teaching = Signal()

# Sent in the transaction of a verb, before it writes, with `person`, if staff are about to set the password or address
# of this person, or to make a one-time link for them, and so could sign in as them. A receiver may raise a Conflict.
access_given = Signal()

# Sent in the transaction that closes accounts to delete them, before it writes, with `people`. A receiver may raise a
# Conflict.
people_leave = Signal()

# Sent in the transaction that closed an account to delete it, with `user` and `by`, the actor.
account_closed = Signal()

# Sent in the transaction of a verb, after it wrote, with `people` whose names changed, for copies of the names.
people_renamed = Signal()

# Sent in the transaction that records it, with `event`: a SecurityEvent. For mails to the person, for example, which
# are queued in the same transaction.
security_event_recorded = Signal()

# Sent after a sign-in, with `user` and `request`, if the user has not signed in with this browser before: in a new
# browser, in one without cookies, and after the user's known browsers were forgotten.
signed_in_with_new_browser = Signal()

# Sent in the transaction of a verb, after it wrote, with `people` who gained rights and `by`, the actor. Receivers end
# what others made for these people.
people_gain_rights = Signal()

# Sent in a transaction, with `endpoint`: one that was disabled because it fails or its owner gained rights, or whose
# delivery failed for the last time, the first one since a success. The owner is told.
webhook_failing = Signal()
