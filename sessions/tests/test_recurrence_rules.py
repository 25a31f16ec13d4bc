"""Recurrence rules as text."""

from datetime import UTC, date, datetime

import pytest

from sessions.recurrence.rules import Day, Frequency, InvalidRule, Rule, parse


@pytest.mark.parametrize(
    ("text", "rule", "written"),
    [
        ("FREQ=DAILY;COUNT=3", Rule(Frequency.DAILY, count=3), "FREQ=DAILY;COUNT=3"),
        (
            " count=12;byday=TH,TU,TU;freq=weekly;interval=2 ",
            Rule(Frequency.WEEKLY, 2, (Day(1), Day(3)), 12),
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;COUNT=12",
        ),
        (
            "FREQ=MONTHLY;BYDAY=+1MO,-1FR;UNTIL=20261218",
            Rule(Frequency.MONTHLY, 1, (Day(0, 1), Day(4, -1)), None, date(2026, 12, 18)),
            "FREQ=MONTHLY;BYDAY=1MO,-1FR;UNTIL=20261218",
        ),
        (
            "FREQ=DAILY;INTERVAL=1;UNTIL=20261218T160000Z",
            Rule(Frequency.DAILY, until=datetime(2026, 12, 18, 16, tzinfo=UTC)),
            "FREQ=DAILY;UNTIL=20261218T160000Z",
        ),
    ],
)
def test_a_rule_is_read_and_written_in_one_form(text, rule, written):
    assert (parse(text), str(parse(text))) == (rule, written)


KNOWN = "A rule has the parts FREQ, INTERVAL, BYDAY, COUNT and UNTIL, such as FREQ=WEEKLY;BYDAY=TU;COUNT=12."


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("", "unknown_part", f"'' can't be used here. {KNOWN}"),
        ("RRULE:FREQ=DAILY;COUNT=3", "unknown_part", f"'RRULE:FREQ=DAILY' can't be used here. {KNOWN}"),
        ("FREQ=DAILY;COUNT=3;BYHOUR=9", "unknown_part", f"'BYHOUR=9' can't be used here. {KNOWN}"),
        ("FREQ=DAILY;COUNT=3;\u202eX=1", "unknown_part", f"A part can't be used here. {KNOWN}"),
        ("FREQ=DAILY;COUNT=3;ınterval=2", "unknown_part", f"A part can't be used here. {KNOWN}"),
        ("FREQ=daıly;COUNT=3", "invalid_rule", "FREQ: give DAILY, WEEKLY or MONTHLY."),
        ("FREQ=DAILY;COUNT=3;COUNT=4", "repeated_part", "COUNT is given twice."),
        ("COUNT=3", "invalid_rule", "FREQ is missing: give FREQ=DAILY, FREQ=WEEKLY or FREQ=MONTHLY."),
        ("FREQ=YEARLY;COUNT=3", "invalid_rule", "FREQ: give DAILY, WEEKLY or MONTHLY."),
        ("FREQ=DAILY", "invalid_rule", "Give either COUNT or UNTIL, so that the series has an end."),
        (
            "FREQ=DAILY;COUNT=3;UNTIL=20261218",
            "invalid_rule",
            "Give either COUNT or UNTIL, so that the series has an end.",
        ),
        ("FREQ=DAILY;COUNT=201", "invalid_rule", "COUNT: give a whole number from 1 to 200."),
        ("FREQ=DAILY;COUNT=٣", "invalid_rule", "COUNT: give a whole number from 1 to 200."),
        ("FREQ=DAILY;COUNT=3;INTERVAL=0", "invalid_rule", "INTERVAL: give a whole number from 1 to 999."),
        (
            "FREQ=DAILY;COUNT=3;BYDAY=MO,",
            "invalid_rule",
            "BYDAY: give days out of MO, TU, WE, TH, FR, SA, SU, separated by commas.",
        ),
        (
            "FREQ=WEEKLY;COUNT=3;BYDAY=1MO",
            "invalid_rule",
            "BYDAY: only FREQ=MONTHLY takes numbers before the days, such as 1MO.",
        ),
        *(
            (
                f"FREQ=DAILY;UNTIL={until}",
                "invalid_rule",
                "UNTIL: give a day such as 20261218, or a time in UTC such as 20261218T160000Z.",
            )
            for until in ("2026-12-18", "20260230", "20261218T160000", "00000101T000000Z")
        ),
        ("FREQ=DAILY;COUNT=" + "3" * 200, "max_length", "Give at most 200 characters, not 217."),
    ],
)
def test_a_wrong_rule_is_refused_and_its_part_named(text, code, message):
    with pytest.raises(InvalidRule) as refused:
        parse(text)
    assert (refused.value.code, refused.value.message) == (code, message)
