from tutorarc.api.page_slots import Slot


def test_parts_are_ordered_independently_of_the_import_order():
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
