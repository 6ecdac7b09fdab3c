from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel(
            name="SiteOwner",
            fields=[
                ("site_id", models.IntegerField(primary_key=True, serialize=False)),
                ("slug", models.CharField(max_length=100, unique=True)),
                ("role", models.CharField(max_length=8)),
                ("environment", models.CharField(blank=True, max_length=100)),
                ("database", models.TextField()),
            ],
        ),
    ]
