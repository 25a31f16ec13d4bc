"""A feed as ical.js reads it, the library in Thunderbird and in Nextcloud's calendar."""

import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from sessions.calendars.tokens import feed_path
from tutorarc.domain.events import Actor
from tutorarc.testing.generated_clients import run

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
TITLE = "Größe, Fläche; \\n 👩‍🏫 " + "数学" * 60
PROGRAM = """
import ICAL from "ical.js";
import { readFileSync } from "node:fs";
ICAL.design.strict = true;
const calendar = new ICAL.Component(ICAL.parse(readFileSync("feed.ics", "utf8")));
const events = calendar.getAllSubcomponents("vevent").map((component) => {
  const event = new ICAL.Event(component);
  const status = component.getFirstPropertyValue("status");
  const times = [event.startDate, event.endDate].map((time) => time.toJSDate().toISOString());
  return [event.uid, event.sequence, status, event.summary, ...times];
});
console.log(JSON.stringify({ refresh: calendar.getFirstPropertyValue("refresh-interval").toString(), events }));
"""


def test_it_reads_every_event(half_past_nine, alice, algebra, schedule, node_tools, tmp_path):
    planned = schedule(klass=algebra, title=TITLE, start_time=NOW + timedelta(days=1))
    off = schedule(klass=algebra, title="Off", start_time=NOW + timedelta(days=2))
    off.cancel(Actor(alice), "Line one\nline two; ill, sorry")
    work = tmp_path / "work"
    shutil.copytree(node_tools, work, symlinks=True)
    (work / "feed.ics").write_bytes(Client().get(feed_path(alice)).content)
    (work / "read.mjs").write_text(PROGRAM)
    assert json.loads(run(["node", "read.mjs"], work)) == {
        "refresh": "PT1H",
        "events": [
            [f"{planned.pk}@tutorarc", 0, "CONFIRMED", TITLE, "2026-03-15T09:30:00.000Z", "2026-03-15T10:30:00.000Z"],
            [
                *(f"{off.pk}@tutorarc", 1, "CANCELLED", "Cancelled: Off"),
                *("2026-03-16T09:30:00.000Z", "2026-03-16T10:30:00.000Z"),
            ],
        ],
    }
