"""How long releases take, as ratios to the ideal, beside two other ways to do the same: `python -m benchmarks --help`."""
