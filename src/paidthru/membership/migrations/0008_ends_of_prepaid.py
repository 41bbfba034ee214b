from django.db import migrations, models


class Migration(migrations.Migration):
    # only indexes, for what the calendar asks every minute: whose prepaid term is over, who waits for an hour

    dependencies = [
        ('membership', '0007_ends_by_day'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='membership',
            index=models.Index(
                condition=models.Q(('bill_from__isnull', False)),
                fields=['organization', 'bill_from'],
                name='membership_bill_from',
            ),
        ),
        migrations.AddIndex(
            model_name='membership',
            index=models.Index(
                condition=models.Q(('next_plan', None), ('renewed_through__isnull', False), ('state__in', ['pending', 'active'])),
                fields=['plan', 'renewed_through'],
                name='membership_over',
            ),
        ),
    ]
