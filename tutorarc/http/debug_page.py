"""Django's debug page, which shows the variables of each frame."""

from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter

from tutorarc.db.outage import is_outage


class DebugPage(ExceptionReporter):
    """Not made while the database is unavailable: UnavailableMiddleware answers, and making it takes long."""

    def get_traceback_html(self) -> SafeString:
        return SafeString() if is_outage(self.exc_value) else super().get_traceback_html()

    def get_traceback_text(self) -> SafeString:
        return SafeString() if is_outage(self.exc_value) else super().get_traceback_text()
