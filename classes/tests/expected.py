"""What tests of classes compare with."""

SETTINGS = {"external_id": None, "room_url": None, "time_zone": None}  # of a new class
