"""The application's side of an estate on Divio: one Django project that runs as many sites on one database."""
