"""What to do, and why: a declaration and what was there before become ids, variables, waves and decisions."""
