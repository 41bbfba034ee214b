from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]

    operations = [
        migrations.RemoveIndex(model_name="attempt", name="attempt_unsent"),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(("state", "created")), fields=["organization", "id"], name="attempt_unsent"
            ),
        ),
    ]
