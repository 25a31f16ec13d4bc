"""History wording of memberships for the admin site."""

from classes.models import Class
from members.models import Invitation, Membership
from tutorarc.models import User
from tutorarc.staff.history_registry import ModelHistory

MEMBERSHIP_HISTORY = ModelHistory(
    model=Membership,
    phrases={
        "found": "made {person} the first teacher of {klass}",
        "requested": "asked to join {klass}",
        "withdrawn": "withdrew the request to join {klass}",
        "enrolled": "enrolled {person} in {klass}",
        "approved": "approved {person} in {klass}",
        "rejected": "rejected {person} in {klass}",
        "removed": "removed {person} from {klass}",
        "reopened": "reopened the request of {person} in {klass}",
        "left": "left {klass}",
        "invited_accepted": "joined {klass} by invitation",
        "role_changed": "changed the role of {person} in {klass}",
    },
    refers_to={"person": User, "klass": Class},
    fields=("role",),
)

INVITATION_HISTORY = ModelHistory(
    model=Invitation,
    phrases={
        "sent": "invited somebody to {klass}",
        "accepted": "accepted the invitation to {klass}",
        "declined": "declined the invitation to {klass}",
        "revoked": "revoked an invitation to {klass}",
    },
    refers_to={"person": User, "klass": Class},
    fields=("role",),
)
