"""Words for roles and states in the cells of files, in the spellings of other systems and some languages."""

from tutorarc.imports.columns import plain
from tutorarc.models import User

STUDENT, TEACHER, ADMIN = User.GlobalRole.STUDENT, User.GlobalRole.TEACHER, User.GlobalRole.ADMIN
ROLES = {
    STUDENT: "student, students, learner, pupil, schüler, schülerin, lernende, élève, étudiant, étudiante, "
    "alumno, alumna, estudiante",
    TEACHER: "teacher, tutor, instructor, lehrer, lehrerin, lehrkraft, professeur, professeure, enseignant, "
    "enseignante, profesor, profesora, docente",
    ADMIN: "admin",
}
STATES = {
    "1": "1, true, yes, y, active, enabled, ja, aktiv, oui, actif, active, sí, activo, activa",
    "0": "0, false, no, n, inactive, suspended, disabled, deactivated, nein, inaktiv, non, inactif, inactivo",
}
_role_of = {plain(word): role for role, words in ROLES.items() for word in words.split(",")}
_state_of = {plain(word): state for state, words in STATES.items() for word in words.split(",")}


def role_word(text: str) -> str:
    """The role that a word means, or the word itself."""
    return str(_role_of.get(plain(text), text))


def state_word(text: str) -> str | None:
    """ "1" for active, "0" for not, "" for a blank cell; None for an unknown word."""
    return _state_of.get(plain(text)) if text else ""
