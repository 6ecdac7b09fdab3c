import os
import time
from pathlib import Path

from django.db import migrations, models


def hold(apps, schema_editor):
    """Stay in the middle of migrating as long as the file that a test made is there."""
    while Path(os.environ.get("HOLD_MIGRATION", "/nowhere")).exists():
        time.sleep(0.02)


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.RunPython(hold, migrations.RunPython.noop),
        migrations.AddField("product", "price", models.IntegerField(default=0)),
    ]
