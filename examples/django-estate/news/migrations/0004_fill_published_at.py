from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def publish(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    articles = apps.get_model("news", "Article").objects.using(schema_editor.connection.alias)
    articles.filter(published_at=None).update(published_at=models.F("created_at"))


class Migration(migrations.Migration):
    dependencies = [("news", "0003_article_published_at")]

    operations = [
        # estate: expand, it fills a column that the release before this one neither reads nor writes
        migrations.RunPython(publish, migrations.RunPython.noop),
    ]
