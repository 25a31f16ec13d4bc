from tutorarc.api.page_slots import Slot


def test_parts_stand_in_their_order_whichever_app_is_imported_first():
    slot = Slot()
    slot.register("sessions.html", lambda page: {"of": page}, order=20)
    slot.register("members.html", lambda page: {"of": page}, order=10)
    assert slot.fill("a page") == [
        {"of": "a page", "template": "members.html"},
        {"of": "a page", "template": "sessions.html"},
    ]


def test_a_part_without_a_context_is_left_out():
    slot = Slot()
    slot.register("members.html", lambda page: None)
    assert slot.fill("a page") == []
