from members.views.joining import JoiningViewSet, OwnMembershipViewSet
from members.views.members import MembershipViewSet

__all__ = ["JoiningViewSet", "MembershipViewSet", "OwnMembershipViewSet"]
