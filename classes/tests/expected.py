"""What tests of classes compare with."""

SETTINGS = {  # of a new class
    "capacity": None,
    "code_mode": "APPROVAL",
    "code_expires_at": None,
    "external_id": None,
    "room_url": None,
    "time_zone": None,
    "seats_taken": 0,
    "waiting": 0,
}
