"""An index for codes with one prefix."""

from django.db import migrations, models

from tutorarc.db.migration_operations import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("classes", "0005_fold_texts")]

    operations = [
        AddIndexConcurrently(
            model_name="class",
            index=models.Index(
                fields=["class_code"], name="classes_by_code_prefix", opclasses=["varchar_pattern_ops"]
            ),
        ),
    ]
