"""HTML pages of the API key calls, which lead to the developer pages."""

from tutorarc.api.browsable import HtmlPage, Page


class KeyPage(HtmlPage):
    template = "apikeys/answer.html"

    def facts(self) -> Page:
        _, context = super().facts()
        return self.template, context


class RefusedCallPage(KeyPage):
    template = "apikeys/refused_calls.html"
