"""The db_default was added later: databases that ran this before get it from 0009."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tutorarc', '0004_registrar_and_support'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='sign_in_round',
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AlterField(
            model_name='historicaluser',
            name='is_active',
            field=models.BooleanField(default=True, help_text='Whoever is not is signed out at once, and their keys are refused. Once active again they sign in anew, and their keys work again unless revoked.', verbose_name='active'),
        ),
        migrations.AlterField(
            model_name='user',
            name='is_active',
            field=models.BooleanField(default=True, help_text='Whoever is not is signed out at once, and their keys are refused. Once active again they sign in anew, and their keys work again unless revoked.', verbose_name='active'),
        ),
    ]
