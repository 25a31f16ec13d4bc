"""The calls about keys in a browser lead to the developer page, which is made for people."""

from tutorarc.api.browsable import HtmlPage, Page


class KeyPage(HtmlPage):
    def facts(self) -> Page:
        _, context = super().facts()
        return "apikeys/answer.html", context
