"""Root URLconf."""

from django.contrib import admin
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import RedirectView
from rest_framework.routers import SimpleRouter

from apikeys import developer_pages, log_page, webhook_pages
from apikeys.views import ApiKeyViewSet, RefusedCallViewSet
from classes.code_screen import code_screen
from classes.new_page import new_class
from classes.settings_views import ClassSettingsViewSet
from members import join_pages
from members.history_search import history_search
from members.invitations.views import InvitationViewSet
from members.invite_page import invite_page
from members.transfer_page import transfer_page
from members.transfer_views import TransferViewSet
from members.views import JoiningViewSet, MembershipViewSet, OwnMembershipViewSet
from sessions import lobby
from sessions.admission_preview_views import AdmissionPreviewViewSet
from sessions.admission_views import AdmissionViewSet
from sessions.agenda.page import calendar_page
from sessions.attendance.class_file import attendance_file
from sessions.attendance.views import AttendanceViewSet
from sessions.calendars.feeds import calendar_feed, lesson_file
from sessions.calendars.views import CalendarViewSet
from sessions.examples import SAMPLE_CALL
from sessions.lesson_pages import new_lesson
from sessions.personal_links.views import PersonalLinkViewSet
from sessions.scheduling_views import ClassOrSessionViewSet
from sessions.series_views import SeriesViewSet
from sessions.views import LiveSessionViewSet
from tutorarc.api import undo, views
from tutorarc.feed.views import EventViewSet
from tutorarc.http import error_pages
from tutorarc.http.metrics.page import metrics
from tutorarc.site.accounts import views as accounts
from tutorarc.site.home import home
from tutorarc.site.joining.invitation_pages import invitation
from tutorarc.site.reference import pages
from tutorarc.site.reference.contents import address_of_call
from tutorarc.site.styleguide import styleguide
from tutorarc.users.views import UserViewSet
from tutorarc.webhooks.views import DeliveryViewSet, WebhookViewSet

router = SimpleRouter(trailing_slash=False)
router.register("api/v1/classes", ClassOrSessionViewSet, basename="class")
router.register("api/v1/classes/(?P<class_id>[^/.]+)/members", MembershipViewSet, basename="member")
router.register("api/v1/classes/(?P<class_id>[^/.]+)/invitations", InvitationViewSet, basename="invitation")
router.register("api/v1/api-keys", ApiKeyViewSet, basename="api-key")
router.register("api/v1/api-keys/(?P<key_id>[^/.]+)/refusals", RefusedCallViewSet, basename="refused-call")
router.register("api/v1/webhooks", WebhookViewSet, basename="webhook")
router.register("api/v1/webhooks/(?P<webhook_id>[^/.]+)/deliveries", DeliveryViewSet, basename="webhook-delivery")
router.register("api/v1/sessions", LiveSessionViewSet, basename="session")
router.register("api/v1/series", SeriesViewSet, basename="series")
router.register("api/v1/users", UserViewSet, basename="user")
router.register("api/v1/events", EventViewSet, basename="event")

JOINING = JoiningViewSet.as_view({"post": "join", "delete": "withdraw"})

# One flat list: nested URLconfs slow down resolving.
v1 = [
    path("api/v1/classes/<class_id>/members/me", OwnMembershipViewSet.as_view({"get": "own"}), name="member-me"),
    *router.urls,
    path("api/v1/me", views.MeViewSet.as_view({"get": "retrieve"}), name="me"),
    path("api/v1/me/calendar", CalendarViewSet.as_view({"get": "retrieve"}), name="my-calendar"),
    path("api/v1/me/calendar/renew", CalendarViewSet.as_view({"post": "renew"}), name="my-calendar-renew"),
    path(
        "api/v1/classes/<class_id>/settings",
        ClassSettingsViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="class-settings",
    ),
    path("api/v1/classes/<class_id>/transfer", TransferViewSet.as_view({"post": "transfer"}), name="class-transfer"),
    path("api/v1/classes/<class_id>/join-request", JOINING, name="join"),
    path("api/v1/classes/<class_id>/leave", JoiningViewSet.as_view({"post": "leave"}), name="leave"),
    path(
        "api/v1/sessions/<session_id>/attendance",
        AttendanceViewSet.as_view({"get": "list", "patch": "mark"}),
        name="session-attendance",
    ),
    path(
        "api/v1/sessions/<session_id>/attendance/<user_id>",
        AttendanceViewSet.as_view({"patch": "partial_update"}),
        name="session-attendance-of",
    ),
    path(
        "api/v1/sessions/<session_id>/admission/preview",
        AdmissionPreviewViewSet.as_view({"get": "list"}),
        name="admission-preview",
    ),
    path("api/v1/sessions/<session_id>/admission", AdmissionViewSet.as_view({"get": "admission"}), name="admission"),
    path(
        "api/v1/sessions/<session_id>/link",
        PersonalLinkViewSet.as_view({"get": "personal_link"}),
        name="session-personal-link",
    ),
    path("api/v1/join-requests", JoiningViewSet.as_view({"post": "join_by_code"}), name="join-by-code"),
]

handler400, handler404 = error_pages.malformed, error_pages.not_found

urlpatterns = [
    *v1,  # first, because most requests are for these
    path("", home, name="home"),
    path("classes/new", new_class, name="class-new"),
    path("undo", undo.undo, name="undo"),
    path("api/schema", views.SchemaView.as_view(), name="schema"),
    path("api/docs", pages.overview, name="docs"),
    path("api/docs/try", pages.try_calls, name="docs-try"),
    path("api/docs/<slug:slug>", pages.page, name="docs-page"),
    path("api/docs/", csrf_exempt(RedirectView.as_view(pattern_name="docs"))),
    # Django's "view on site" redirect is not used, and fails for malformed ids.
    path("admin/r/<path:record>", error_pages.not_found),
    # unfold's command search is not used, and fails for malformed page numbers.
    path("admin/search/", error_pages.not_found),
    # One sign-in and one password page for all users.
    path("admin/login/", accounts.sign_in_as_staff),
    path("admin/logout/", accounts.sign_out),
    path("admin/password_change/", RedirectView.as_view(pattern_name="password-change")),
    path("admin/", admin.site.urls),
    path("accounts/", include("tutorarc.site.accounts.urls")),
    path("developers/keys", developer_pages.keys, name="developer-keys"),
    path("developers/keys/new", developer_pages.create, {"sample": SAMPLE_CALL}, name="developer-key-create"),
    path(
        "developers/keys/<key_id>/rotate",
        developer_pages.rotate,
        {"sample": SAMPLE_CALL},
        name="developer-key-rotate",
    ),
    path("developers/keys/<key_id>/revoke", developer_pages.revoke, name="developer-key-revoke"),
    path("developers/log", log_page.log, {"address_of_call": address_of_call}, name="developer-log"),
    path("developers/webhooks", webhook_pages.webhooks, name="developer-webhooks"),
    path("developers/webhooks/new", webhook_pages.create, name="developer-webhook-create"),
    path("developers/webhooks/<webhook_id>", webhook_pages.webhook, name="developer-webhook"),
    path("developers/webhooks/<webhook_id>/edit", webhook_pages.edit, name="developer-webhook-edit"),
    path("developers/webhooks/<webhook_id>/rotate", webhook_pages.rotate, name="developer-webhook-rotate"),
    path("developers/webhooks/<webhook_id>/replay", webhook_pages.replay, name="developer-webhook-replay"),
    path("developers/webhooks/<webhook_id>/delete", webhook_pages.delete, name="developer-webhook-delete"),
    path("developers/webhooks/<webhook_id>/test", webhook_pages.send_test, name="developer-webhook-test"),
    path("developers/webhooks/<webhook_id>/enable", webhook_pages.enable, name="developer-webhook-enable"),
    path("developers/webhooks/<webhook_id>/disable", webhook_pages.disable, name="developer-webhook-disable"),
    path(
        "developers/webhooks/<webhook_id>/deliveries/<delivery_id>/resend",
        webhook_pages.resend,
        name="developer-webhook-resend",
    ),
    path("classes/<class_id>/code", code_screen, name="class-code-screen"),
    path("classes/<class_id>/transfer", transfer_page, name="class-transfer-page"),
    path("classes/<class_id>/history", history_search, name="class-history-search"),
    path("classes/<class_id>/attendance.csv", attendance_file, name="class-attendance-file"),
    path("classes/<class_id>/invite", invite_page, name="class-invite"),
    path("j", join_pages.join_page, name="join-page"),
    path("j/<code>", join_pages.join_code, name="join-code"),
    path("invitations/<key>", invitation, name="invitation"),
    path("calendar", calendar_page, name="calendar"),
    path("calendar/<token>.ics", calendar_feed, name="calendar-feed"),
    path("lessons/<session_id>.ics", lesson_file, name="lesson-file"),
    path("lessons/new", new_lesson, name="lesson-new"),
    path("join", lobby.student_lobby, name="lobby-join"),
    path("join/room", lobby.student_room, name="lobby-join-room"),
    path("board", lobby.teacher_lobby, name="lobby-board"),
    path("board/room", lobby.teacher_room, name="lobby-board-room"),
    path("styleguide", styleguide, name="styleguide"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
]
