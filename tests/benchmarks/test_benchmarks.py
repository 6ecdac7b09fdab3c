"""The benchmarks' program works: that it measures, not what."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.local_divio import ROOT


def benchmarks(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def measured(folder: Path, baseline: str) -> tuple[list[dict[str, Any]], list[str]]:
    """What a small estate's release and rotation gave beside a baseline, and the lines of the table."""
    results = folder / "results.json"
    size = ("--quick", "--mirrors", "2", "--seconds", "0.5")
    done = benchmarks(*size, "--rows", "release-20", "rotation", "--baselines", baseline, "--results", str(results))
    assert done.returncode == 0, done.stderr
    return json.loads(results.read_text())["rows"], done.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.engine
@pytest.mark.timeout(600)
def test_it_measures_a_release_and_a_rotated_password_on_a_small_estate(tmp_path: Path):
    (release, rotation), lines = measured(tmp_path, "naive")
    assert release["ideal"] == 2.5
    assert release["ratio"] == release["ours"][0]["seconds"] / 2.5
    assert len(release["baselines"]["naive"]) == len(rotation["baselines"]["naive"]) == 1
    assert rotation["ours"][0]["seconds"] <= rotation["ours"][0]["ended"]
    assert "2 deployed in" in release["ours"][0]["durations"]["mirrors-test"]
    assert lines[0].split()[:2] == ["figure", "ideal"]
    assert lines[2].startswith("release, 1+2 sites")
    assert "  -" in lines[2], "what was not measured is a dash"


@pytest.mark.slow
@pytest.mark.engine
@pytest.mark.timeout(600)
def test_it_measures_a_preview_beside_as_many_empty_resources(tmp_path: Path):
    results = tmp_path / "results.json"
    done = benchmarks("--quick", "--mirrors", "2", "--rows", "preview-500", "--results", str(results))
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(results.read_text())["rows"]
    (empty,) = row["baselines"]["empty"]
    assert row["ratio"] == row["ours"][0]["seconds"] / empty
    assert row["ours"][0]["calls"] == 0
    assert "empty resources" in done.stdout


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_it_measures_divio_cli_in_a_shell_loop(tmp_path: Path):
    rows, _ = measured(tmp_path, "cli")
    for row in rows:
        assert row["baselines"]["cli"][0] > 2 * row["ideal"]


def test_its_help_names_every_row_and_its_bar():
    shown = benchmarks("--help").stdout
    for row in ("release-20", "release-5", "release-100", "rotation", "preview-500"):
        assert f"{row}: " in shown
    assert "bar 1.10" in shown
