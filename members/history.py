"""History wording of memberships for the admin site."""

from members.models import Membership
from tutorarc.staff.history_registry import ModelHistory

MEMBERSHIP_HISTORY = ModelHistory(
    model=Membership,
    phrases={
        "found": "made {person} the first teacher of {klass}",
        "join_request": "asked to join {klass}",
        "enrol": "enrolled {person} in {klass}",
        "approve": "approved {person} in {klass}",
        "reject": "rejected {person} in {klass}",
        "remove": "removed {person} from {klass}",
        "reopen": "reopened the request of {person} in {klass}",
        "leave": "left {klass}",
        "change_role": "changed the role of {person} in {klass}",
    },
    refers_to={"person": "user", "klass": "klass"},
    fields=("role",),
)
