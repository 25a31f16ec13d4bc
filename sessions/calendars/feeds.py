"""What calendar programs read: the feeds, and the file of one lesson."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from classes.models import Class
from sessions.calendars.entries import calendar, feed_of
from sessions.calendars.reads import entries_of, entry_of
from sessions.calendars.tokens import Feed, find_feed
from sessions.lookups import session_for
from sessions.permissions import MayRead
from tutorarc.domain.sliding_window import Limit
from tutorarc.http.error_pages import not_found
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.http.throttling import GuessLimits, RequestLimit, address_of

CONTENT_TYPE = "text/calendar; charset=utf-8"
READS_IN_A_MINUTE = 60


@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The feed of a person or of one of their classes, or 304 to a calendar that has it already.

    404 for a token that no longer holds. Raises Throttled.
    """
    feed = find_feed(token)
    if feed is None:
        _count_unknown(request)
        return not_found(request)
    _count(token)
    response = HttpResponse(_text(feed), CONTENT_TYPE, headers={"Cache-Control": "private, no-cache"})
    set_response_etag(response)
    return get_conditional_response(request, response["ETag"], response=response) or response


@require_safe
@login_required
def lesson_file(request: HttpRequest, session_id: str) -> HttpResponse:
    """A file with one lesson, for those who may see it. Raises Http404 and PermissionDenied."""
    user = signed_in_user(request)
    session = session_for(user, session_id)
    if not MayRead().has_object_permission(request, None, session):
        raise PermissionDenied
    attachment = {"Content-Disposition": 'attachment; filename="lesson.ics"'}
    return HttpResponse(calendar([entry_of(user, session)]), CONTENT_TYPE, headers=attachment)


def _text(feed: Feed) -> str:
    return feed_of(_title(feed) or _("Lessons"), entries_of(feed.user, feed.class_id, timezone.now()))


def _title(feed: Feed) -> str | None:
    """That of the class, for those who may see it: the address stays valid when somebody leaves the class."""
    if feed.class_id is None:
        return None
    return Class.objects.visible_to(feed.user).filter(pk=feed.class_id).values_list("title", flat=True).first()


def _count(token: str) -> None:
    """Raises Throttled for an address that is read too often."""
    if settings.RATE_LIMIT is not None:
        RequestLimit(Limit("calendar-feed", token, READS_IN_A_MINUTE)).refuse_if_over()


def _count_unknown(request: HttpRequest) -> None:
    """Raises Throttled for a client that has tried too many tokens which don't hold."""
    if settings.RATE_LIMIT is not None:
        GuessLimits([Limit("calendar-token", address_of(request), settings.RATE_LIMIT)]).take()
