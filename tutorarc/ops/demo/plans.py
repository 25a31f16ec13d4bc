"""The people and classes of the quickstart: who is in them, and their lessons, relative to the present."""

from datetime import timedelta
from typing import NamedTuple

DAY, WEEK, HOUR, MINUTE = timedelta(days=1), timedelta(weeks=1), timedelta(hours=1), timedelta(minutes=1)


class LessonPlan(NamedTuple):
    """`start` and `moved_from` are relative to the next lesson of all, which starts in about 25 minutes."""

    title: str
    start: timedelta
    minutes: int = 60
    strict: bool = False
    moved_from: timedelta | None = None
    is_cancelled: bool = False
    is_left_open: bool = False  # nobody ends it


class SeriesPlan(NamedTuple):
    """A weekly series. `first` is the day of its first lesson, from today. The numbers of lessons begin with 0."""

    title: str
    first: timedelta
    hour: int  # local, and none at which clocks change
    time_zone: str
    minutes: int
    number: int
    planned: timedelta  # ago
    cancelled: dict[int, str] = {}  # messages by the number of the lesson
    moved: dict[int, timedelta] = {}


class ClassPlan(NamedTuple):
    """Students by name. `waiting` says how long ago each of them asked to join."""

    title: str
    description: str
    created: timedelta  # ago
    students: tuple[str, ...]
    lessons: tuple[LessonPlan, ...] = ()
    series: tuple[SeriesPlan, ...] = ()
    waiting: dict[str, timedelta] = {}
    declined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    archived: timedelta | None = None  # ago


PASSWORD = "learn-by-doing"  # noqa: S105 (printed by the quickstart, which serves this machine alone)
TEACHER, STUDENT, ADMIN = "teacher@example.org", "student@example.org", "admin@example.org"
SAM = "Sam Oyelaran"

CALCULUS = ClassPlan(
    "Introduction to Calculus",
    "Limits, derivatives and integrals, with a live hour and a homework hour a week.",
    created=50 * DAY,
    students=(
        *(SAM, "Amara Okafor", "Ben Hoffmann", "Chloé Dubois", "Daniel Kim", "Elena Petrov", "Fatima Haddad"),
        *("Hana Sato", "Ibrahim Rahman", "Júlia Santos", "Kofi Mensah", "Lena Bakker"),
    ),
    waiting={"Omar Yilmaz": 26 * HOUR, "Nadia Ivanova": 3 * HOUR, "Mateo García": 12 * MINUTE},
    declined=("Viktor Varga",),
    left=("Tom Becker",),
    removed=("Uma Patel",),
    lessons=(
        LessonPlan("Limits", -3 * WEEK, strict=True),
        LessonPlan("Continuity", -2 * WEEK, strict=True),
        LessonPlan("The derivative", -WEEK, strict=True),
        LessonPlan("Extra questions", -3 * DAY, 30, is_cancelled=True),
        LessonPlan("Exercises: derivatives", 2 * DAY, 45, moved_from=DAY),
        LessonPlan("Integrals", WEEK, strict=True),
        LessonPlan("The area under a curve", 2 * WEEK, strict=True),
        LessonPlan("The chain rule", 0 * DAY, strict=True),
    ),
    series=(
        SeriesPlan(
            "Homework hour",
            first=-31 * DAY,
            hour=16,
            time_zone="Europe/Berlin",
            minutes=60,
            number=10,
            planned=34 * DAY,
            cancelled={1: "I am ill today. Please send me your questions, and I answer them next week."},
            moved={6: DAY + HOUR},
        ),
    ),
)
HISTORY = ClassPlan(
    "European History",
    "From the French Revolution to the fall of the Wall.",
    created=64 * DAY,
    students=("Amara Okafor", "Ben Hoffmann", "Grace Osei", "Jonas Weber", "Kofi Mensah", "Mina Khan"),
    waiting={SAM: 5 * HOUR, "Priya Banerjee": 40 * MINUTE},
    lessons=(
        LessonPlan("The Congress of Vienna", -WEEK - HOUR, 50),
        LessonPlan("The year 1848", -HOUR, 50),
        LessonPlan("Industry and the cities", 3 * DAY, 50),
        LessonPlan("The road to 1914", WEEK - HOUR, 50),
    ),
)
WRITING = ClassPlan(
    "Creative Writing",
    "Short stories, read aloud and discussed.",
    created=80 * DAY,
    students=("Chloé Dubois", "Hana Sato", "Lucía Castillo", "Noah Andersson"),
    lessons=(
        LessonPlan("Openings", -8 * DAY, 90),
        LessonPlan("First drafts, read aloud", -DAY, 90, is_left_open=True),
        LessonPlan("Dialogue", 6 * DAY, 90),
    ),
)
GEOMETRY = ClassPlan(
    "Geometry, Summer School",
    "Proofs with ruler and compass, then with coordinates.",
    created=170 * DAY,
    archived=95 * DAY,
    students=(SAM, "Daniel Kim", "Hana Sato"),
    lessons=(LessonPlan("Circles and tangents", -120 * DAY, 90),),
)
SPANISH = ClassPlan(
    "Spanish Conversation",
    "Everyday situations, songs and short films.",
    created=90 * DAY,
    students=(SAM, "Jonas Weber", "Lena Bakker", "Mina Khan", "Yara Costa"),
    lessons=(
        LessonPlan("At the market", -4 * DAY, 45),
        LessonPlan("Asking the way", DAY + 2 * HOUR, 45),
        LessonPlan("A weekend in Seville", 5 * DAY, 45),
    ),
)
