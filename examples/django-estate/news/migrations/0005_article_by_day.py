from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("news", "0004_fill_published_at")]

    operations = [
        migrations.AddIndex(
            model_name="article",
            index=models.Index(fields=["site", "-published_at"], name="news_article_by_day"),
        ),
    ]
