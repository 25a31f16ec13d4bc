"""What apps add to the home page. Each part is called with the user (see `tutorarc.api.page_slots`)."""

from tutorarc.api.page_slots import Slot

# What waits for the user: requests to answer, lessons to end, webhooks that fail.
NEEDS_YOU = Slot()
