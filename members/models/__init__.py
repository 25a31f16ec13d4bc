from members.models.membership import Membership, page_of_members  # isort: skip (invitations need it)
from members.models.invitation import Invitation

__all__ = ["Invitation", "Membership", "page_of_members"]
