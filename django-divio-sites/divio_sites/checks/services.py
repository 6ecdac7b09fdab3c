"""Traps of services that several sites use: caches, task queues, search indexes, schedulers."""

import re

from divio_sites.checks.probe import Probe, Settings
from divio_sites.checks.traps import Findings

# No other site reaches what is in the process or its container, or (Wagtail's index) beside rows that are shared anyway.
_OWN = re.compile("(?i)locmem|dummy|memory(:|ch|huey)|immediate|stub|simple_backend|whoosh|search.backends.database")
# What tells two keys in one cache apart. Where the cache itself says how it writes a key, that decides instead.
_KEY = ("KEY_PREFIX", "VERSION", "KEY_FUNCTION")
# Settings that lead to a broker; settings that give a site its part of Celery's; and those with an entry for each queue.
_BROKERS = ("CELERY_BROKER_URL", "BROKER_URL", "DRAMATIQ_BROKER", "HUEY", "Q_CLUSTER")
_PARTS = ("CELERY_TASK_DEFAULT_QUEUE", "CELERY_DEFAULT_QUEUE", "TASK_DEFAULT_QUEUE", "CELERY_BROKER_TRANSPORT_OPTIONS")
_QUEUES = ("RQ_QUEUES", "CHANNEL_LAYERS", "TASKS")
_INDEXES = ("HAYSTACK_CONNECTIONS", "WAGTAILSEARCH_BACKENDS", "ELASTICSEARCH_DSL", "OPENSEARCH_DSL")
_SCHEDULES = ("CELERY_BEAT_SCHEDULE", "CELERYBEAT_SCHEDULE", "CRONJOBS", "CRON_CLASSES")
# They keep schedules, jobs or mail in the shared database, for whoever comes first.
_SCHEDULERS = ("django_celery_beat", "django_apscheduler", "django_crontab", "django_cron", "django_q", "kronos")
_DATABASE_QUEUES = ("background_task", "procrastinate.contrib.django", "mailer", "post_office", "django_yubin")


def check(probe: Probe) -> Findings:
    """No cache, queue or index is the same on original and mirror, and the mirror schedules nothing."""
    for alias, cache in probe.mirror["CACHES"].items():
        keys = [_cache_key(settings, alias) for settings in (probe.original, probe.mirror)]
        if keys[0] == keys[1] and not _OWN.search(str(cache.get("BACKEND"))):
            yield "E004", f"CACHES[{alias!r}] writes a key alike on every site: each reads what others stored."
    for name in () if probe.mirror.get("CELERY_TASK_ALWAYS_EAGER") else _BROKERS:
        broker, parts = probe.mirror.get(name), _PARTS if "URL" in name else ()
        if broker and not _OWN.search(str(broker)) and probe.same(name, *parts):
            yield "E009", f"{name} leads to one queue for every site: each runs the others' tasks."
    for name in _QUEUES + _INDEXES:
        original, mirror = probe.original.get(name) or {}, probe.mirror.get(name)
        for alias, entry in mirror.items() if isinstance(mirror, dict) else ():
            if entry == original.get(alias) and not _OWN.search(str(entry)):
                yield "E009", f"{name}[{alias!r}] is the same on every site: each takes what is the others'."
    for name in _SCHEDULES:
        if probe.mirror.get(name):
            yield "W005", f"{name} has jobs on a mirror too: on a shared database every site runs each of them."
    for app in probe.installed(*_SCHEDULERS, *_DATABASE_QUEUES):
        yield "W005", f"{app} is installed on a mirror too: every site may run or send what is in the shared database."


def _cache_key(settings: Settings, alias: str) -> tuple[object, ...]:
    cache, key = settings["CACHES"].get(alias, {}), settings["CACHE_KEYS"].get(alias)
    return key, *sorted((name, str(value)) for name, value in cache.items() if key is None or name not in _KEY)
