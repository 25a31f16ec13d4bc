import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('apikeys', '0007_events_instead_of_records'),
    ]

    operations = [
        migrations.AddField(
            model_name='apikey',
            name='replaces',
            field=models.ForeignKey(db_constraint=False, db_index=False, editable=False, help_text='The key that a rotation replaced by this one.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='apikeys.apikey'),
        ),
    ]
