from members.views.joining import JoiningViewSet
from members.views.members import MembershipViewSet

__all__ = ["JoiningViewSet", "MembershipViewSet"]
