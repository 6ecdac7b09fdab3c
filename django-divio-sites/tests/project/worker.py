"""A process that stays: it runs `manage.py` commands that a test writes to it, a JSON list [environment, argv] a line."""

import contextlib
import io
import json
import os
import sys

import django
from django.core.management import call_command
from django.core.management.base import CommandError

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()
from django.db import connections  # noqa: E402 - after setup

for line in sys.stdin:
    environment, argv = json.loads(line)
    os.environ.update(environment)
    said = io.StringIO()
    code = 0
    with contextlib.redirect_stdout(said):
        try:
            call_command(*argv)
        except CommandError as error:
            code, said = 1, io.StringIO(f"{error}")
    # What the next command finds is a new process's.
    connections.close_all()
    print(json.dumps([code, said.getvalue()]), flush=True)
