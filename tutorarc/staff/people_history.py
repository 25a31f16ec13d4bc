from tutorarc.models import User
from tutorarc.staff.history_registry import ModelHistory

PEOPLE_HISTORY = ModelHistory(
    model=User,
    phrases={
        "create": "added {person}",
        "edit": "edited {person}",
        "set_groups": "changed the groups of {person}",
        "give_permissions": "gave {person} further permissions",
        "confirm_address": "confirmed the e-mail address of {person}",
        "remove_second_factors": "removed the passkeys and one-time codes of {person}",
        "set_password": "set a password for {person}",
        "end_sign_ins": "ended all sign-ins of {person}",
        "make_password_link": "made a link to a new password for {person}",
    },
    refers_to={"person": "id"},
    fields=("email", "display_name", "global_role", "is_active", "is_staff", "is_superuser"),
    name="{display_name}",
    detail="groups",
)
