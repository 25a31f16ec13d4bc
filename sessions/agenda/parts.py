"""What apps add to the calendar page, below its head. Each part is called with the user."""

from tutorarc.api.page_slots import Slot

CALENDAR_PARTS = Slot()
