"""The Pulumi program: declares what `resources.json` beside it lists."""

import json
from pathlib import Path

from benchmarks.empty.resource import Empty

for name, given, awaited in json.loads(Path("resources.json").read_text()):
    Empty(name, given, awaited)
