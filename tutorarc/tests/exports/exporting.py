"""An export as a worker makes it, and the file as its owner reads it."""

import csv
import io
import json
from typing import Any
from zipfile import ZipFile

from django.test import Client

from tutorarc.exports.models import KIND
from tutorarc.jobs.models import Job
from tutorarc.jobs.run import run

PAGE = "/accounts/data"
FILE = "/accounts/data/file"


def browse(user: Any) -> Client:
    """A browser in which the user has just signed in."""
    client = Client()
    client.force_login(user)
    return client


def work() -> None:
    for job in Job.objects.claim([KIND], "test", 10):
        run(job)


def exported(browser: Any) -> ZipFile:
    """The file that the person in this browser asks for and downloads."""
    browser.post(PAGE)
    work()
    return opened(browser.get(FILE))


def opened(response: Any) -> ZipFile:
    return ZipFile(io.BytesIO(b"".join(response.streaming_content)))


def rows(archive: ZipFile, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(archive.read(f"{name}.json"))
    return found


def table(archive: ZipFile, name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(archive.read(f"{name}.csv").decode("utf-8-sig"))))
