from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("news", "0002_article_cover")]

    operations = [
        migrations.AddField(
            model_name="article",
            name="published_at",
            field=models.DateTimeField(blank=True, help_text="Empty: a draft.", null=True),
        ),
        migrations.AlterModelOptions(name="article", options={"ordering": ["-published_at", "-pk"]}),
    ]
