from tutorarc.models import User
from tutorarc.staff.history_registry import ModelHistory

PEOPLE_HISTORY = ModelHistory(
    model=User,
    phrases={
        "created": "added {person}",
        "updated": "edited {person}",
        "deactivated": "deactivated {person}",
        "reactivated": "reactivated {person}",
        "groups_changed": "changed the groups of {person}",
        "permissions_given": "gave {person} further permissions",
        "email_confirmed": "confirmed the e-mail address of {person}",
        "second_factors_removed": "removed the passkeys and one-time codes of {person}",
        "password_set": "set a password for {person}",
        "sign_ins_ended": "ended all sign-ins of {person}",
        "password_link_made": "made a link to a new password for {person}",
        "calendar_renewed": "renewed the calendar addresses of {person}",
        "note_added": "added a note on {person}",
        "note_deleted": "deleted a note on {person}",
    },
    refers_to={"person": User},
    fields=("email", "display_name", "global_role", "external_id", "time_zone", "is_staff", "is_superuser"),
    name="{display_name}",
    detail="groups",
)
