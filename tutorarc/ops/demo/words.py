"""Names for bulk demo data."""

import unicodedata

FIRST_NAMES = (  # noqa: SIM905
    "Aisha Akira Alma Amara Anton Beatriz Björn Carla Chen Chloé Daniel Dmitri Elena Emeka Fatima Felix Freya Gabriel "
    "Hana Ibrahim Ines Ivan Jamal Joana José Julia Kenji Lena Liam Lucía Maja Malik Marta Mei Miguel Mina Nadia Noah "
    "Olga Omar Priya Rafael Rosa Samuel Sofia Tariq Thandi Tomás Uma Viktor Wanjiru Yara Yusuf Zoë"
).split()
LAST_NAMES = (  # noqa: SIM905
    "Abara Almeida Andersson Bakker Banerjee Becker Castillo Cohen Costa Dubois Eriksen Fernández Fischer García "
    "Haddad Hoffmann Ito Ivanova Jensen Kamau Khan Kim Kowalska Kruger Laurent Lindqvist López Mbeki Mensah Meyer "
    "Moreau Müller Nakamura Novák Nguyen Okafor Oliveira Osei Papadakis Patel Petrov Rahman Rossi Santos Sato Schmidt "
    "Silva Singh Sørensen Suzuki Tanaka Varga Wang Weber Yilmaz Zhang"
).split()

SUBJECTS = (
    ("Algorithms", "Sorting, searching, graphs, and how to tell fast from slow."),
    ("Art History", "From cave walls to video art, one picture a week."),
    ("Biology", "Cells, genes and ecosystems, with a field trip."),
    ("Calculus", "Limits, derivatives and integrals."),
    ("Chemistry", "Atoms, bonds and reactions, in the laboratory wherever possible."),
    ("Creative Writing", "Short stories, read aloud and discussed."),
    ("Databases", "Modelling, queries and transactions on real data."),
    ("Drama", "Voice, movement, and a play at the end of term."),
    ("Economics", "Markets, money and trade, with cases from the news."),
    ("English Grammar", "The rules, their exceptions, and plenty of practice."),
    ("Ethics", "Old questions and new ones, argued in pairs."),
    ("French", "Conversation first, grammar where it helps."),
    ("Geography", "Maps, climates and cities."),
    ("Geometry", "Proofs with ruler and compass, then with coordinates."),
    ("German", "Reading, listening and speaking, level by level."),
    ("Linear Algebra", "Vectors, matrices and what they are good for."),
    ("Mechanics", "Forces, energy and motion, with experiments."),
    ("Music Theory", "Keys, chords and counterpoint at the piano."),
    ("Philosophy", "Plato to Arendt in short readings."),
    ("Programming", "Small programs in Python, from the first line to a game."),
    ("Spanish", "Everyday situations, songs and short films."),
    ("Statistics", "Samples, estimates and honest charts."),
    ("World History", "Eight turning points and how we know of them."),
    ("Öffentliches Recht", "Grundrechte, Verwaltung und Verfahren an Fällen."),
)
TITLES = (
    "{} 101",
    "Introduction to {}",
    "{} for Beginners",
    "Advanced {}",
    "{}, Evening Course",
    "{}: Exam Preparation",
    "{} in Small Groups",
    "{}, Summer School",
)
LESSONS = (
    "Introduction",
    "Worked examples",
    "Questions and answers",
    "Exercises",
    "Group work",
    "Review",
    "Presentations",
    "Test preparation",
    "Discussion",
)
REMARKS = (
    "",
    " Weekly exercises, one project, no exam.",
    " Bring a notebook.",
    " Recordings stay available until the end of term.",
    " Questions are welcome at any time.",
)


def ascii_of(name: str) -> str:
    """A name in ASCII for an e-mail address: `Zoë` becomes `zoe`."""
    plain = unicodedata.normalize("NFKD", name.replace("ø", "o")).encode("ascii", "ignore")
    return plain.decode().lower()
