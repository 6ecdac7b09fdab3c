"""The traps of an estate as Django's system checks: `manage.py check --tag divio`."""
