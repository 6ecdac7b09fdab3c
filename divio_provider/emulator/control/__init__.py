"""`/_emulator/`: what Divio has not, but demonstrations and tests need."""
