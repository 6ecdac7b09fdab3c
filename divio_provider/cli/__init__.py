"""The verbs of `divio-estate`, one file each."""
