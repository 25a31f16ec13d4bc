"""HTML pages of the calls for webhooks, which lead to the developer page."""

from tutorarc.api.browsable import HtmlPage, Page


class WebhookPage(HtmlPage):
    def facts(self) -> Page:
        _, context = super().facts()
        return "webhooks/answer.html", context
