from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("news", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="article",
            name="cover",
            field=models.FileField(blank=True, null=True, upload_to="news/%Y"),
        ),
    ]
