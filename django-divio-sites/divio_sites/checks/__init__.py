"""System checks for the traps of many sites on one database: `manage.py check --tag divio`."""
