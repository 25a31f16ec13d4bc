"""The roof: the one module that knows every app's views."""

from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from classes.views import ClassViewSet
from members.views import JoiningViewSet, MembershipViewSet
from tutorarc import views

router = SimpleRouter(trailing_slash=False)
router.register("classes", ClassViewSet, basename="class")
router.register("classes/(?P<class_id>[^/.]+)/members", MembershipViewSet, basename="member")

v1 = [
    path("me", views.MeViewSet.as_view({"get": "retrieve"}), name="me"),
    path("classes/<class_id>/join-request", JoiningViewSet.as_view({"post": "join"}), name="join"),
    path("classes/<class_id>/leave", JoiningViewSet.as_view({"post": "leave"}), name="leave"),
    path("join-requests", JoiningViewSet.as_view({"post": "join_by_code"}), name="join-by-code"),
    *router.urls,
]

urlpatterns = [
    path("api/v1/", include(v1)),
    path("api/schema", views.SchemaView.as_view(), name="schema"),
    path("api/docs", views.ReferenceView.as_view(url_name="schema"), name="docs"),
    path("admin/", admin.site.urls),
    path("accounts/login/", auth_views.LoginView.as_view(template_name="admin/login.html"), name="login"),
    path("accounts/logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
