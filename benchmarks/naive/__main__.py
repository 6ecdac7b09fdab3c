"""The naive design's program: the steps in `steps.json`, each after the one ahead of it.

`steps.json` is a list of steps; a step maps a name to the `environment`, the `release` and the `variables` of one
deployment.
"""

import json
from pathlib import Path

import pulumi

from benchmarks.naive.deployed import Deployed

before: list[Deployed] = []
for step in json.loads(Path("steps.json").read_text(encoding="utf-8")):
    before = [Deployed(name, **given, opts=pulumi.ResourceOptions(depends_on=before)) for name, given in step.items()]
