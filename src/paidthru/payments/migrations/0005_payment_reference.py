from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0004_indexes_for_reading'),
    ]

    operations = [
        migrations.AddField(
            model_name='payment',
            name='reference',
            field=models.CharField(blank=True, db_default='', default='', max_length=100),
        ),
    ]
