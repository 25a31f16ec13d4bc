"""Users as the API shows them."""


def shown(user, **values):
    return {
        "id": user.pk,
        "email": user.email,
        "display_name": user.display_name,
        "global_role": user.global_role,
        "status": "ACTIVE",
        "external_id": None,
        "time_zone": "",
        **values,
    }
