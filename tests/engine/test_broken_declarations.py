"""A declaration that cannot be: one sentence with file, line and remedy, and nothing is called, nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
import yaml

from tests.engine.project import ESTATE, Project

GOOD = yaml.safe_dump(ESTATE, sort_keys=False)


@dataclass(frozen=True)
class Broken:
    """One way to break the file."""

    text: str
    at: str
    """What the line that is named contains; empty: no line is to be named."""
    says: tuple[str, ...]
    """Words of the sentence: what is wrong, and what would be right."""


def edited(before: str, after: str, at: str, *says: str) -> Broken:
    assert before in GOOD
    return Broken(GOOD.replace(before, after, 1), at, says)


BROKEN = {
    "an unknown key": edited("rollout:\n", "rolout:\n", "rolout:", "rolout: unknown key", '"rollout"'),
    "two sites with the same pin": edited(
        "    name: Acme Shop\n",
        "    name: Acme Shop\n    site_id: 7\n",
        "site_id: 7",
        "acme-shop",
        "acme-news",
        "7",
    ),
    "a mirror named like the original": edited("  acme-news:", "  acme-main:", "acme-main:", "acme-main", "original"),
    "a site in two waves": edited(
        "  - name: rest\n",
        "  - name: again\n    sites: [acme-blog]\n  - name: rest\n",
        "sites",
        "acme-blog",
        "wave again",
        "remove one",
    ),
    "a secret that the stack lacks": edited(
        "LANGUAGE_CODE: en",
        "LANGUAGE_CODE: en\n  API_KEY: {secret: true}",
        "API_KEY",
        "secrets.all.API_KEY",
        "pulumi config set --secret",
    ),
    "a SITE_ID by hand": edited("      THEME: shop", "      SITE_ID: '9'", "SITE_ID: '9'", "SITE_ID", "site_id"),
    "a key that is there twice": edited(
        "    name: Acme Shop\n", "    name: Acme Shop\n    name: Acme Store\n", "Acme Store", "name", "twice"
    ),
    "a value of the wrong type": edited(
        "  acme-news:\n    name: Acme News", "  acme-news: Acme News", "acme-news:", "keys"
    ),
    "an unquoted no": edited(
        "LANGUAGE_CODE: en", "LANGUAGE_CODE: no", "LANGUAGE_CODE: no", "LANGUAGE_CODE", "quote", "no"
    ),
    "no YAML at all": Broken(GOOD.replace("original:\n", "original: {]\n", 1), "original: {]", ("YAML",)),
    "nothing at all": Broken("", "", ("empty",)),
}
BROKEN["two sites with the same pin"] = Broken(
    BROKEN["two sites with the same pin"].text.replace(
        "    name: Acme News\n", "    name: Acme News\n    site_id: 7\n"
    ),
    "site_id: 7",
    BROKEN["two sites with the same pin"].says,
)


TOLD_BY_A_STAGE_OF_ITS_OWN = (
    "no YAML at all",
    "an unknown key",
    "a site in two waves",
    "a secret that the stack lacks",
)
"""One of each stage; what else the parser says of a file is shown without an engine, in tests/estate/declaration."""


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(one, id=name, marks=() if name in TOLD_BY_A_STAGE_OF_ITS_OWN else pytest.mark.slow)
        for name, one in BROKEN.items()
    ],
)
def test_a_broken_declaration_is_one_sentence_and_nothing_happens(project: Project, broken: Broken):
    resources = project.resources().keys()
    project.declare(broken.text)
    run = project.up(check=False)
    assert run.code != 0
    # The CLI shows it twice, in the program's row and in the summary.
    said = {line.partition("error: ")[2].strip() for line in run.output.splitlines() if "stacks/estate.yaml" in line}
    assert len(said) == 1, run.output
    (sentence,) = said
    for words in broken.says:
        assert words in sentence, sentence
    if broken.at:
        number = int(sentence.split("stacks/estate.yaml:")[1].split(":")[0])
        assert broken.at in broken.text.splitlines()[number - 1], sentence
    assert project.divio.calls() == []
    assert project.resources().keys() == resources


def _no_file(project: Project) -> None:
    project.estate_file.unlink()


def _wrong_part(project: Project) -> None:
    project.pulumi("config", "set", "--stack", "demo", "divio-estate:manage", "sites,tests")


def _no_sites_stack(project: Project) -> None:
    project.pulumi("config", "set", "--stack", "demo", "divio-estate:manage", "test")


def _wrong_rate(project: Project) -> None:
    project.pulumi("config", "set", "--stack", "demo", "divio:requestsPerSecond", "fast")


@pytest.mark.parametrize(
    ("misconfigure", "says"),
    [
        (_no_file, "stacks/estate.yaml: cannot be read"),
        pytest.param(
            _wrong_part, "divio-estate:manage has tests; it is a list of sites, test, live", marks=pytest.mark.slow
        ),
        (_no_sites_stack, "divio-estate:sitesStack"),
        (_wrong_rate, 'divio:requestsPerSecond is "fast", but must be a number'),
    ],
)
def test_a_wrong_setting_is_one_sentence_and_nothing_happens(
    project: Project, misconfigure: Callable[[Project], None], says: str
):
    misconfigure(project)
    run = project.up(check=False)
    assert run.code != 0
    assert says in run.output
    assert project.divio.calls() == []
