import django.db.models.deletion
import tutorarc.db.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('classes', '0012_unique_external_id'),
        ('live_sessions', '0016_registrars_see_sessions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='livesession',
            name='is_moved_by_hand',
            field=models.BooleanField(db_default=False, default=False, editable=False, help_text='Moved on its own: changes to its series leave it out.'),
        ),
        migrations.CreateModel(
            name='Series',
            fields=[
                ('id', tutorarc.db.ids.TypeIDField('ser', editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=200)),
                ('start_time', models.DateTimeField(help_text='Of the first session.')),
                ('duration', models.PositiveSmallIntegerField(help_text='Minutes.')),
                ('rule', models.CharField(help_text='RRULE of RFC 5545.', max_length=200)),
                ('time_zone', models.CharField(help_text='In whose local time the rule repeats.', max_length=64)),
                ('created_at', tutorarc.db.ids.IdDateTimeField(editable=False)),
                ('created_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='series', to=settings.AUTH_USER_MODEL)),
                ('klass', models.ForeignKey(db_column='class_id', db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='series', to='classes.class', verbose_name='class')),
            ],
            options={
                'verbose_name_plural': 'series',
                'ordering': ['-id'],
            },
        ),
        migrations.AddField(
            model_name='livesession',
            name='series',
            field=models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='live_sessions.series'),
        ),
        migrations.AddIndex(
            model_name='series',
            index=models.Index(fields=['created_by', 'id'], name='series_of_a_creator'),
        ),
        migrations.AddIndex(
            model_name='series',
            index=models.Index(fields=['klass', 'id'], name='series_of_a_class'),
        ),
    ]
