"""Organizations that were there before dunning: no case of theirs begins before the day on which it came."""

from django.db import migrations
from django.db.models import F
from django.db.models.functions import Coalesce, Now

from paidthru.kernel.ids import new_id


def begin(apps, schema_editor):
    Organization = apps.get_model("organizations", "Organization")
    Mark = apps.get_model("organizations", "Mark")
    for organization in Organization.objects.annotate(today=Coalesce(F("sandbox_now"), Now())):
        Mark.objects.get_or_create(
            organization=organization,
            name="dunning_began",
            defaults={"id": new_id(), "at": organization.today},
        )


class Migration(migrations.Migration):
    dependencies = [("dunning", "0001_cases"), ("organizations", "0003_freeze")]
    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
