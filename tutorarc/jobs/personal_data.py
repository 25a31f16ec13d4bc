"""What background work holds of a person: ids in its payloads, and mails that wait, encrypted."""

from tutorarc.domain.personal_data import PersonalData, holds_none, register
from tutorarc.jobs.models import EventConsumer, Job, Worker

register(
    PersonalData(name="jobs", model=Job, not_exported="Work in progress: ids of people, and mails that are encrypted.")
)
holds_none("How far the server's own work is.", EventConsumer, Worker)
