"""Two workers that mail one person at once, as when a lease has ended before its job: real threads.

| at once | outcome |
| --- | --- |
| two workers mail a person, newer notices are written | each is in one mail; what is sent twice has one Message-ID |
"""

import re
from collections import defaultdict
from uuid import uuid4

import pytest

from tutorarc.mail import kinds
from tutorarc.mail.kinds import Letter, NoticeKind, Section
from tutorarc.mail.models import Notice
from tutorarc.mail.notices import add_notices, mail_notices

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("attempt", range(3))
def test_each_notice_is_in_one_mail(attempt, alice, mailoutbox, monkeypatch, run_together):
    def compose(_, notices):
        return Letter(" ".join(sorted(notice.details["number"] for notice in notices)), [Section("Text.")])

    def add(*numbers):
        add_notices([Notice(user=alice, kind="trial", about=uuid4(), details={"number": each}) for each in numbers])

    def send():
        mail_notices({"user": alice.pk, "kind": "trial"})

    monkeypatch.setitem(kinds.KINDS, "trial", NoticeKind("trial", "Trial", "A hint.", "you try it", compose))
    add("1", "2", "3")
    assert run_together([send, send, lambda: add("4", "5")]) == [None] * 3
    send()
    mails = defaultdict(set)
    for mail in mailoutbox:
        mails[mail.extra_headers["Message-ID"]].add(mail.subject)
    told = " ".join(" ".join(subjects) for subjects in mails.values())
    assert sorted(re.findall(r"\d", told)) == ["1", "2", "3", "4", "5"]
    assert not Notice.objects.filter(told_at=None).exists()
