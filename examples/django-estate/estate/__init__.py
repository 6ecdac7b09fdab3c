"""A Django project that runs as many sites on Divio: settings, urls, and what all sites share."""
