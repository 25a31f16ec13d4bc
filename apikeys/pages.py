"""HTML pages of the API key calls, which lead to the developer page."""

from tutorarc.api.browsable import HtmlPage, Page


class KeyPage(HtmlPage):
    def facts(self) -> Page:
        _, context = super().facts()
        return "apikeys/answer.html", context
