"""A declaration becomes frozen data that says where each value stands."""

from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from divio_provider.estate.declaration.parser import declare, parse
from divio_provider.estate.declaration.rollout_settings import Connections, Verify
from divio_provider.estate.declaration.sites import Hold, Retired
from divio_provider.estate.declaration.spec import Spec
from divio_provider.estate.declaration.variable_types import Secret
from tests.estate.declarations import FILE, FINE, data, said, spec, with_lines


def test_everything_that_may_be_declared_is_read():
    read = parse(
        """\
organisation: Acme
region: Frankfurt
plan: {original: Standard, mirror: Small}
original:
  slug: acme-main
  name: Acme
  services: {DATABASE: postgres, STORAGE: s3, DATABASE/REPLICA: postgres}
  repository: git@example.org:acme.git
  branch: {test: develop, live: main}
  app_template: https://example.org/template.zip
  release_commands: [{label: migrate, command: python manage.py migrate}]
  site_id: 3
  domains: [acme.example, www.acme.example]
  variables: {THEME: acme, DATABASE_URL: {secret: ownDatabase}}
  test: {variables: {DEBUG: 1}}
  live: {variables: {DEBUG: "0"}}
mirrors:
  acme-shop:
    name: Acme Shop
    site_id: 7
    domains: [shop.acme.example]
    variables: {SMTP_PASSWORD: {secret: true}, EMPTY: ""}
    retain: true
    ownership: exclusive
    groups: [retail, big]
    hold: {reason: broken theme, until: 2026-12-01}
retired: {acme-gone: {site_id: 4}, acme-was: {site_id: 7, successor: acme-shop}}
reserved: [5]
shared_variables: [DATABASE_URL]
variables: {LANGUAGE_CODE: en, NEGATIVE: -5, BRACES: "{slug}"}
test: {variables: {SENTRY_ENVIRONMENT: test}}
live: {variables: {SENTRY_ENVIRONMENT: live}}
identity_variables: true
rollout:
  waves: [{name: rest, sites: rest, max_parallel: 10}]
  max_failures: 2
  timeout: 90s
  verify: {path: /health, status: 204, text: fine, timeout: 2m, auth: {secret: basicAuth}, identity: true}
  connections: {per_site: 4, limit: 100}
release: {name: "2026-11", phase: contract}
redeploy: {acme-shop: 2, acme-main: "again"}
""",
        FILE,
    )
    assert read.original.services == {"DATABASE": "postgres", "STORAGE": "s3", "DATABASE/REPLICA": "postgres"}
    assert (read.original.branch.test, read.original.branch.live) == ("develop", "main")
    assert read.original.release_commands[0].command == "python manage.py migrate"
    assert read.original.test.variables == {"DEBUG": "1"}
    assert read.original.variables["DATABASE_URL"] == Secret(secret="ownDatabase")
    shop = read.mirrors["acme-shop"]
    assert (shop.site_id, shop.domains) == (7, ("shop.acme.example",))
    assert (shop.retain, shop.ownership) == (True, "exclusive")
    assert shop.variables == {"SMTP_PASSWORD": Secret(secret=True), "EMPTY": ""}
    assert read.retired == {"acme-gone": Retired(site_id=4), "acme-was": Retired(site_id=7, successor="acme-shop")}
    assert (read.reserved, read.predecessors("acme-shop"), read.predecessors("acme-main")) == ((5,), ("acme-was",), ())
    assert read.shared_variables == ("DATABASE_URL",)
    assert read.variables == {"LANGUAGE_CODE": "en", "NEGATIVE": "-5", "BRACES": "{slug}"}
    assert (read.rollout.timeout, read.rollout.max_failures) == (90, 2)
    assert read.rollout.verify is not None
    assert (read.rollout.verify.timeout, read.rollout.verify.status) == (120, 204)
    assert read.rollout.verify.auth is not None
    assert read.rollout.verify.auth.secret == "basicAuth"
    assert read.release is not None
    assert (read.release.name, read.release.phase, read.phase) == ("2026-11", "contract", "contract")
    assert (shop.groups, shop.hold) == (("retail", "big"), Hold(reason="broken theme", until=date(2026, 12, 1)))
    assert read.rollout.connections == Connections(per_site=4, limit=100)
    assert read.redeploy == {"acme-shop": "2", "acme-main": "again"}


def test_little_needs_to_be_declared():
    read = parse(FINE, FILE)
    assert read.slugs == ("acme-main", "acme-blog", "acme-shop")
    blog = read.mirrors["acme-blog"]
    assert (blog.retain, blog.ownership, blog.site_id) == (False, "owned", None)
    assert read.shared_variables == ("DATABASE_URL", "DEFAULT_STORAGE_DSN")
    assert (read.rollout.waves, read.rollout.max_failures, read.rollout.timeout) == ((), 0, 3600)
    assert read.rollout.verify is None
    assert (read.release, read.phase) == (None, "expand")
    assert (blog.groups, blog.hold, read.redeploy, read.rollout.connections) == ((), None, {}, None)
    assert not read.identity_variables


def test_connections_have_divios_limit_unless_another_is_known():
    assert spec(rollout={"connections": {"per_site": 4}}).rollout.connections == Connections(per_site=4, limit=60)


def test_verification_has_defaults_once_it_is_asked_for():
    verify = spec(rollout={"verify": {}}).rollout.verify
    assert verify == Verify(path="/", status=200, text="", timeout=60, auth=None, identity=False)


@pytest.mark.parametrize("key", ["mirrors", "variables", "test", "live", "retired", "reserved", "rollout"])
def test_a_section_with_nothing_in_it_is_empty(key):
    text = FINE[: FINE.index("mirrors:")] + f"{key}:\n"
    assert said(text) == []
    assert parse(text, FILE) == parse(FINE[: FINE.index("mirrors:")], FILE)


def test_an_original_alone_is_an_estate():
    assert declare({key: value for key, value in data().items() if key != "mirrors"}).slugs == ("acme-main",)


def test_a_spec_cannot_be_changed():
    with pytest.raises(ValidationError):
        setattr(spec(), "region", "Ireland")  # noqa: B010 - mypy knows that it cannot be done


def test_equal_declarations_are_equal_wherever_they_stand():
    assert parse(FINE, FILE) == parse(f"# moved\n\n{FINE}", "another.yaml") == spec()
    assert parse(FINE, FILE) != parse(FINE.replace("Acme Shop", "Shop"), FILE)


def test_every_key_has_its_line():
    read = parse(
        with_lines("    variables:\n      THEME: |\n        a\n        b\n      LANG: en", after="    name: Acme Blog"),
        FILE,
    )
    for path, line in {("variables", "THEME"): 11, ("variables", "LANG"): 14}.items():
        assert read.problem(("mirrors", "acme-blog", *path), "x").line == line
    assert str(read.problem(("mirrors", "acme-shop"), "x")) == f"{FILE}:15: mirrors.acme-shop: x"
    assert str(spec().problem(("mirrors", "acme-shop"), "x")) == "mirrors.acme-shop: x"


MERGED = """\
organisation: Acme
region: Frankfurt
plan: {original: Standard, mirror: Small}
original: {slug: acme-main, name: Acme}
mirrors:
  acme-blog: &shop
    name: Acme Blog
    variables: &variables
      THEME: shop
      CURRENCY: EUR
  acme-shop:
    <<: *shop
    name: Acme Shop
    variables:
      <<: [*variables]
      THEME: other
  acme-news: {name: News, variables: *variables}
"""


def test_anchors_and_merge_keys_work_and_own_keys_win():
    read = parse(MERGED, FILE)
    assert read.mirrors["acme-shop"].name == "Acme Shop"
    assert read.mirrors["acme-shop"].variables == {"THEME": "other", "CURRENCY": "EUR"}
    assert read.mirrors["acme-news"].variables == {"THEME": "shop", "CURRENCY": "EUR"}


def test_a_merged_key_has_the_line_where_it_is_written():
    lines = {("acme-shop", "CURRENCY"): 10, ("acme-shop", "THEME"): 16, ("acme-news", "CURRENCY"): 10}
    for (slug, name), line in lines.items():
        assert parse(MERGED, FILE).problem(("mirrors", slug, "variables", name), "x").line == line


def test_aliases_cannot_multiply_without_end():
    bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]\n"
        for before, name in zip("abcdefg", "bcdefgh", strict=True)
    )
    (sentence,) = said(bomb)
    assert "holds more than 500000 values, aliases counted" in sentence


def test_the_estate_of_the_demonstration_is_fine():
    root = Path(__file__).parents[3]
    demo = parse((root / "stacks/estate.yaml").read_text(), "stacks/estate.yaml")
    assert isinstance(demo, Spec)
    assert demo.slugs == ("acme-main", "acme-blog", "acme-shop", "acme-news")
