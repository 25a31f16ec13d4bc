"""Names in Unicode NFC, without characters that are refused now; e-mail addresses in their canonical form."""

import logging

from django.core.exceptions import ValidationError
from django.db import IntegrityError, migrations

from tutorarc.db.backfill import in_batches, rewrite, write
from tutorarc.domain.email import canonical
from tutorarc.domain.text import repaired_line

log = logging.getLogger("tutorarc.migrations")


def new_name(user):
    name = repaired_line(user.display_name)[:200] or user.email.partition("@")[0]
    return {"display_name": name} if name != user.display_name else {}


def normalize_names(apps, schema_editor):
    rewrite(apps, "tutorarc.User", ("display_name",), new_name, "edit")


def normalize_addresses(apps, schema_editor):
    """An address without a free canonical form stays as it is, still signs in, and is logged."""
    for batch in in_batches(apps.get_model("tutorarc", "User"), "email"):
        for user in batch:
            try:
                address = canonical(user.email)
                if address != user.email:
                    write(apps, user, {"email": user.email}, {"email": address}, "edit")
            except ValidationError:
                log.warning("The address of %s is left as it is: it has no canonical form.", user.pk)
            except IntegrityError:
                log.warning("The address of %s is left as it is: somebody else has its canonical form.", user.pk)


class Migration(migrations.Migration):
    atomic = False  # each row in a transaction of its own
    dependencies = [("tutorarc", "0009_session_version_default")]
    operations = [
        migrations.RunPython(normalize_names, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(normalize_addresses, migrations.RunPython.noop, elidable=True),
    ]
