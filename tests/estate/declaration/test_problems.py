"""Every mistake in a declaration is answered by one sentence with file, line, key and the way out."""

import pytest

from divio_provider.estate.declaration.errors import SpecError
from divio_provider.estate.declaration.parser import declare, parse
from tests.estate.declarations import FILE, FINE, data, said, with_lines

BLOG = "    name: Acme Blog"
SHOP = "    name: Acme Shop"
MAIN = "  name: Acme"

HOLD = "takes a reason: {reason: broken theme}, with or without until: 2026-12-01; leave hold out to deploy the site"


def in_groups(blog: str, shop: str) -> str:
    """FINE with its two mirrors in groups."""
    return with_lines(f"    groups: {blog}", after=BLOG) + f"    groups: {shop}\n"


ONE_MISTAKE = {
    "unknown key": (
        FINE.replace("    name: Acme Shop", "    nam: Acme Shop\n    name: x"),
        '11: mirrors.acme-shop.nam: unknown key; did you mean "name"?',
    ),
    "misspelt key that is required": (
        FINE.replace("    name: Acme Shop", "    nam: Acme Shop"),
        '11: mirrors.acme-shop.nam: unknown key; did you mean "name"?',
    ),
    "misspelt section": (
        FINE.replace("\noriginal:", "\norignal:"),
        '4: orignal: unknown key; did you mean "original"?',
    ),
    "unknown key unlike any other": (
        with_lines("xyz: {}", after="region: Frankfurt"),
        (
            "3: xyz: unknown key; known here: identity_variables, live, mirrors, organisation, original, plan, redeploy, "
            "region, release, reserved, retired, rollout, shared_variables, test, variables"
        ),
    ),
    "duplicate pin": (
        with_lines("    site_id: 7", after=BLOG) + "    site_id: 7\n",
        (
            "13: mirrors.acme-shop.site_id: 7 is acme-blog's SITE_ID; two sites never share one: choose another, "
            "or remove the pin"
        ),
    ),
    "pin that is the original's": (
        with_lines("    site_id: 1", after=BLOG),
        (
            "10: mirrors.acme-blog.site_id: 1 is the original's SITE_ID (acme-main); two sites never share one: "
            "choose another, or remove the pin"
        ),
    ),
    "pin that is the original's pin": (
        with_lines("    site_id: 5", after=BLOG).replace(f"{MAIN}\n", f"{MAIN}\n  site_id: 5\n"),
        (
            "11: mirrors.acme-blog.site_id: 5 is the original's SITE_ID (acme-main); two sites never share one: "
            "choose another, or remove the pin"
        ),
    ),
    "pin below 1": (
        with_lines("    site_id: 0", after=BLOG),
        "10: mirrors.acme-blog.site_id: is 0; write an integer of at least 1",
    ),
    "pin that Django cannot keep": (
        with_lines("    site_id: 2147483648", after=BLOG),
        "10: mirrors.acme-blog.site_id: is 2147483648; write an integer of at most 2147483647",
    ),
    "pin that is reserved": (
        with_lines("    site_id: 4", after=BLOG) + "reserved: [4]\n",
        "10: mirrors.acme-blog.site_id: 4 is listed under reserved, so no site may have it; remove one of the two",
    ),
    "pin that a retired site had": (
        with_lines("    site_id: 4", after=BLOG) + "retired: {acme-gone: {site_id: 4}}\n",
        (
            "10: mirrors.acme-blog.site_id: 4 was acme-gone's, and an id once used is never another site's: choose "
            "another, or remove the pin; if acme-blog carries acme-gone on, say so: retired.acme-gone.successor: acme-blog"
        ),
    ),
    "site that is retired and declared": (
        FINE + "retired: {acme-blog: {}}\n",
        "12: retired.acme-blog: acme-blog is declared as a mirror as well (mirrors.acme-blog); remove one of the two",
    ),
    "original that is retired": (
        FINE + "retired: {acme-main: {}}\n",
        (
            "12: retired.acme-main: acme-main is the original; every mirror lives on it, so it is not retired: remove "
            "this line"
        ),
    ),
    "successor that is no mirror": (
        FINE + "retired: {acme-was: {site_id: 4, successor: acme-blok}}\n",
        "12: retired.acme-was.successor: there is no mirror acme-blok; did you mean acme-blog?",
    ),
    "successor with another id": (
        FINE + "retired: {acme-was: {site_id: 4, successor: acme-blog}}\n",
        (
            "12: retired.acme-was.successor: acme-blog is to carry on the same SITE_ID; pin both: site_id: 4 here and "
            "under mirrors.acme-blog"
        ),
    ),
    "successor of two": (
        with_lines("    site_id: 4", after=BLOG)
        + "retired: {a: {site_id: 4, successor: acme-blog}, b: {site_id: 5, successor: acme-blog}}\n",
        "13: retired.b.successor: acme-blog carries on a already; a site carries on one other",
    ),
    "one id reserved twice": (
        FINE + "reserved: [4, 4]\n",
        "12: reserved[1]: 4 is listed twice; keep one of the two",
    ),
    "one id retired twice": (
        FINE + "retired:\n  a: {site_id: 4}\n  b: {site_id: 4}\n",
        (
            "14: retired.b.site_id: 4 was a's, and an id once used is never another site's: choose another, or remove "
            "the pin; if b carries a on, say so: retired.a.successor: b"
        ),
    ),
    "the original's id reserved": (
        FINE + "retired: {a: {site_id: 1}}\n",
        (
            "12: retired.a.site_id: 1 is the original's SITE_ID (acme-main); two sites never share one: choose another, "
            "or remove the pin"
        ),
    ),
    "a key of before": (
        FINE + "site_ids: {reserved: {a: 4}}\n",
        (
            "12: site_ids: unknown key; write sites that are gone as retired: {acme-gone: {site_id: 4}}, ids without a "
            "slug as reserved: [5]"
        ),
    ),
    "a mirror that is protected": (
        with_lines("    protect: true", after=BLOG),
        (
            "10: mirrors.acme-blog.protect: unknown key; remove it: only a site under retired: is deleted, and the "
            "original only where DIVIO_ALLOW_DELETE names it"
        ),
    ),
    "mirror named like the original": (
        FINE + "  acme-main:\n    name: x\n",
        "12: mirrors.acme-main: has the original's slug; a mirror is an application of its own: give it another",
    ),
    "mirror that has a slug": (
        with_lines("    slug: acme-blog", after=BLOG),
        "10: mirrors.acme-blog.slug: unknown key; a mirror's slug is the key it stands under, acme-blog",
    ),
    "mirror without anything": (
        FINE + "  acme-news:\n",
        "12: mirrors.acme-news: has no value; write at least its name, such as name: Acme Shop",
    ),
    "slug with capitals": (
        FINE.replace("slug: acme-main", "slug: Acme_Main"),
        "5: original.slug: a slug is lower-case letters, digits and hyphens, not at its ends, such as acme-main",
    ),
    "slug too long": (
        FINE + f"  {'a' * 58}:\n    name: x\n",
        f"12: mirrors.{'a' * 58}: a slug has at most 57 characters, this one 58",
    ),
    "slug that is a word of the file": (
        FINE + "  live:\n    name: x\n",
        "12: mirrors.live: live is a word of this file; a site needs another slug",
    ),
    "site in two waves": (
        FINE
        + "rollout:\n  waves:\n    - {name: a, sites: [acme-blog]}\n    - {name: b, sites: [acme-blog, acme-shop]}\n",
        (
            "15: rollout.waves[1].sites[0]: acme-blog is in wave a and in wave b; a site is deployed once: "
            "remove one of the two"
        ),
    ),
    "site twice in a wave": (
        FINE
        + "rollout:\n  waves:\n    - name: a\n      sites: rest\n    - name: b\n      sites:\n        - acme-blog\n"
        "        - acme-blog\n",
        "19: rollout.waves[1].sites[1]: acme-blog is listed here twice; a site is deployed once: remove one of the two",
    ),
    "site in no wave": (
        FINE + "rollout:\n  waves:\n    - {name: a, sites: [acme-blog]}\n",
        "10: mirrors.acme-shop: acme-shop is in no wave; add it to one, or add a wave with sites: rest",
    ),
    "unknown site in a wave": (
        FINE + "rollout:\n  waves:\n    - {name: a, sites: [acme-blok]}\n    - {name: b, sites: rest}\n",
        "14: rollout.waves[0].sites[0]: there is no mirror and no group acme-blok; did you mean acme-blog?",
    ),
    "site and its group in two waves": (
        in_groups("[retail]", "[]")
        + "rollout:\n  waves:\n    - {name: a, sites: retail}\n    - {name: b, sites: acme-blog}\n"
        "    - {name: c, sites: rest}\n",
        (
            "17: rollout.waves[1].sites: acme-blog is in wave a and in wave b; a site is deployed once: "
            "remove one of the two"
        ),
    ),
    "group in two waves": (
        in_groups("[retail, big]", "[retail, big]")
        + "rollout:\n  waves:\n    - {name: a, sites: [retail]}\n    - {name: b, sites: [big]}\n",
        (
            "17: rollout.waves[1].sites[0]: acme-blog and 1 more of group big are in wave a and in wave b; "
            "a site is deployed once: remove one of the two"
        ),
    ),
    "group that no mirror is in": (
        in_groups("[retail]", "[]") + "rollout:\n  waves:\n    - {name: a, sites: [retial]}\n",
        "16: rollout.waves[0].sites[0]: there is no mirror and no group retial; did you mean retail?",
    ),
    "rest in a list": (
        FINE + "rollout:\n  waves:\n    - {name: a, sites: [rest]}\n",
        "14: rollout.waves[0].sites[0]: rest stands alone, not in a list: sites: rest",
    ),
    "wave of nothing": (
        FINE + "rollout: {waves: [{name: a, sites: ''}]}\n",
        "12: rollout.waves[0].sites: takes a mirror, a group, a list of these, such as [acme-blog, retail], or the word rest",
    ),
    "wave of a list in a list": (
        FINE + "rollout: {waves: [{name: a, sites: [acme-blog, [acme-shop]]}]}\n",
        "12: rollout.waves[0].sites: lists mirrors and groups, such as [acme-blog, retail]; something else stands among them",
    ),
    "wave of an unquoted no": (
        FINE + "rollout: {waves: [{name: a, sites: [no]}]}\n",
        '12: rollout.waves[0].sites: no without quotes is true or false to YAML, not text; quote it: "no"',
    ),
    "waves without a list": (
        FINE + "rollout: {waves: rest}\n",
        '12: rollout.waves: is "rest"; write a list, such as [{name: rest, sites: rest}]',
    ),
    "wave that is a word": (
        FINE + "rollout: {waves: [rest]}\n",
        '12: rollout.waves[0]: is "rest"; write keys with values, such as {name: rest, sites: rest}',
    ),
    "group without a list": (
        with_lines("    groups: retail", after=BLOG),
        '10: mirrors.acme-blog.groups: is "retail"; write a list, such as [retail]',
    ),
    "key that belongs elsewhere": (
        FINE + "hold: {reason: x}\n",
        "12: hold: unknown key here; it belongs elsewhere: mirrors.<slug>.hold",
    ),
    "key of a wave that belongs elsewhere": (
        FINE + "rollout: {max_parallel: 3}\n",
        "12: rollout.max_parallel: unknown key here; it belongs elsewhere: rollout.waves[].max_parallel",
    ),
    "key of the configuration": (
        FINE + "rollout: {until: canary}\n",
        (
            "12: rollout.until: unknown key; the stack's configuration says after which wave to stop: "
            "pulumi config set until WAVE"
        ),
    ),
    "release that is a word": (
        FINE + "release: 2026-11\n",
        '12: release: is "2026-11"; write keys with values, such as {name: "2026-11"}',
    ),
    "release that is a number": (
        FINE + "release: {name: 2026}\n",
        '12: release.name: 2026 without quotes is a number to YAML, not text; quote it: "2026"',
    ),
    "phase of nothing": (
        FINE + "release: {name: x, phase: }\n",
        "12: release.phase: has no value; write expand or contract",
    ),
    "number in quotes": (
        FINE + "rollout: {connections: {per_site: '4'}}\n",
        '12: rollout.connections.per_site: is "4", which is text; write it without quotes: 4',
    ),
    "wave of a number": (
        FINE + "rollout:\n  waves:\n    - {name: a, sites: 3}\n",
        (
            "14: rollout.waves[0].sites: takes a mirror, a group, a list of these, such as [acme-blog, retail], "
            "or the word rest"
        ),
    ),
    "group called like a site": (
        in_groups("[acme-main]", "[]"),
        "10: mirrors.acme-blog.groups[0]: acme-main is a site's slug; call the group something else",
    ),
    "group called like its own site": (
        in_groups("[acme-blog]", "[]"),
        "10: mirrors.acme-blog.groups[0]: acme-blog is this site's slug; call the group something else",
    ),
    "group called like a word of the file": (
        in_groups("[]", "[rest]"),
        "13: mirrors.acme-shop.groups[0]: rest is a word of this file; a group needs another name",
    ),
    "group with a blank": (
        in_groups("[the shops]", "[]"),
        "10: mirrors.acme-blog.groups[0]: a group's name is letters, digits, hyphens and underscores, such as the-shops",
    ),
    "group twice": (
        in_groups("[retail, retail]", "[]"),
        "10: mirrors.acme-blog.groups[1]: retail is listed here twice; keep one of the two",
    ),
    "hold that does not say why": (with_lines("    hold: true", after=BLOG), f"10: mirrors.acme-blog.hold: {HOLD}"),
    "hold with nothing in it": (with_lines("    hold:", after=BLOG), f"10: mirrors.acme-blog.hold: {HOLD}"),
    "hold without a reason": (
        with_lines("    hold: {until: 2026-12-01}", after=BLOG),
        "10: mirrors.acme-blog.hold.reason: is missing; add it",
    ),
    "hold with an empty reason": (
        with_lines("    hold: {reason: ' '}", after=BLOG),
        "10: mirrors.acme-blog.hold.reason: is empty; say what is wrong, such as broken theme",
    ),
    "hold until some time": (
        with_lines("    hold: {reason: x, until: next week}", after=BLOG),
        "10: mirrors.acme-blog.hold.until: takes a day as year-month-day, such as 2026-12-01",
    ),
    "hold until a day that is none": (
        with_lines("    hold: {reason: x, until: 2026-02-30}", after=BLOG),
        "10: mirrors.acme-blog.hold.until: 2026-02-30 is no day of the calendar; write one such as 2026-12-01",
    ),
    "unknown phase": (
        FINE + "release: {name: x, phase: contrat}\n",
        '12: release.phase: is "contrat"; write expand or contract',
    ),
    "mark for no site": (
        FINE + "redeploy: {acme-shpo: 1}\n",
        "12: redeploy.acme-shpo: there is no site acme-shpo; did you mean acme-shop?",
    ),
    "empty mark": (
        FINE + "redeploy: {acme-shop: ''}\n",
        '12: redeploy.acme-shop: takes a mark, any text or number that was not there before, such as 1 or "2026-12-01"',
    ),
    "connections of an unknown number": (
        FINE + "rollout: {connections: {limit: 60}}\n",
        "12: rollout.connections.per_site: is missing; add it",
    ),
    "no connections": (
        FINE + "rollout: {connections: {per_site: 0}}\n",
        "12: rollout.connections.per_site: is 0; write an integer of at least 1",
    ),
    "original in a wave": (
        FINE + "rollout:\n  waves:\n    - {name: a, sites: [acme-main]}\n    - {name: b, sites: rest}\n",
        "14: rollout.waves[0].sites[0]: acme-main is the original, which is always deployed first and alone; remove it",
    ),
    "duplicate wave name": (
        FINE + "rollout:\n  waves:\n    - {name: a, sites: [acme-blog]}\n    - {name: a, sites: rest}\n",
        "15: rollout.waves[1].name: another wave is called a as well; give each a name of its own",
    ),
    "two waves that take the rest": (
        FINE + "rollout:\n  waves:\n    - {name: a, sites: rest}\n    - {name: b, sites: rest}\n",
        "15: rollout.waves[1].sites: another wave takes the rest already; list this wave's sites",
    ),
    "wave of everything": (
        FINE + "rollout:\n  waves:\n    - {name: a, sites: all}\n",
        (
            "14: rollout.waves[0].sites: there is no mirror and no group all; all mirrors that are in no other wave "
            "are called rest: sites: rest"
        ),
    ),
    "SITE_ID by hand on a mirror": (
        with_lines("    variables: {SITE_ID: 2}", after=BLOG),
        (
            "10: mirrors.acme-blog.variables.SITE_ID: is set by the estate itself; remove it; a site that must have a "
            "certain one is pinned, as mirrors.acme-blog.site_id: 7"
        ),
    ),
    "SITE_ID by hand on a mirror's Live": (
        with_lines("    live: {variables: {SITE_ID: 2}}", after=BLOG),
        (
            "10: mirrors.acme-blog.live.variables.SITE_ID: is set by the estate itself; remove it; a site that must have a "
            "certain one is pinned, as mirrors.acme-blog.site_id: 7"
        ),
    ),
    "SITE_ID by hand on the original": (
        with_lines("  test: {variables: {SITE_ID: 2}}", after=MAIN),
        (
            "7: original.test.variables.SITE_ID: is set by the estate itself; remove it; a site that must have a "
            "certain one is pinned, as original.site_id: 7"
        ),
    ),
    "SITE_ID by hand on all": (
        FINE + "variables: {SITE_ID: 2}\n",
        (
            "12: variables.SITE_ID: is set by the estate itself; remove it; a site that must have a "
            "certain one is pinned, with site_id: 7 under the site"
        ),
    ),
    "SITE_ID by hand on every Test": (
        FINE + "test:\n  variables:\n    SITE_ID: 2\n",
        (
            "14: test.variables.SITE_ID: is set by the estate itself; remove it; a site that must have a "
            "certain one is pinned, with site_id: 7 under the site"
        ),
    ),
    "ESTATE_RELEASE by hand": (
        FINE + "variables: {ESTATE_RELEASE: x}\n",
        "12: variables.ESTATE_RELEASE: is set by the estate itself; remove it; it comes from release: {name: …}",
    ),
    "ESTATE_SLUG by hand": (
        FINE + "variables: {ESTATE_SLUG: x}\n",
        "12: variables.ESTATE_SLUG: is set by the estate itself; remove it; it comes from identity_variables: true",
    ),
    "shared variable by hand": (
        with_lines("    variables: {DATABASE_URL: postgres://x}", after=BLOG),
        (
            "10: mirrors.acme-blog.variables.DATABASE_URL: every mirror gets DATABASE_URL from the original; remove it "
            "here, or take it off shared_variables"
        ),
    ),
    "shared variable by hand for all": (
        FINE + "live: {variables: {DEFAULT_STORAGE_DSN: x}}\n",
        (
            "12: live.variables.DEFAULT_STORAGE_DSN: every mirror gets DEFAULT_STORAGE_DSN from the original; remove it "
            "here, or take it off shared_variables"
        ),
    ),
    "variable shared by choice and declared": (
        FINE + "shared_variables: [SENTRY_DSN]\nvariables: {SENTRY_DSN: x}\n",
        (
            "13: variables.SENTRY_DSN: every mirror gets SENTRY_DSN from the original; remove it here, or take it off "
            "shared_variables"
        ),
    ),
    "shared value in the file": (
        FINE + "live: {shared: {DATABASE_URL: postgres://x}}\n",
        (
            "12: live.shared.DATABASE_URL: takes a secret of the stack's configuration alone: {secret: true}, "
            "or {secret: its key}"
        ),
    ),
    "shared value of what is not shared": (
        FINE + "live: {shared: {REDIS_URL: {secret: true}}}\n",
        (
            "12: live.shared.REDIS_URL: REDIS_URL is not shared; add it to shared_variables, "
            "or declare it under variables"
        ),
    ),
    "one shared value for Test and Live": (
        FINE + "test: {shared: {DATABASE_URL: {secret: db}}}\nlive: {shared: {DATABASE_URL: {secret: db}}}\n",
        (
            "13: live.shared.DATABASE_URL: Test and Live would share db; each has a database of its own: "
            "give it its own key"
        ),
    ),
    "shared value of one site": (
        with_lines("    live: {shared: {DATABASE_URL: {secret: true}}}", after=BLOG),
        "10: mirrors.acme-blog.live.shared: unknown key; known here: variables",
    ),
    "SITE_ID shared": (
        FINE + "shared_variables:\n  - SITE_ID\n",
        "13: shared_variables[0]: SITE_ID is each site's own and never shared; remove it",
    ),
    "shared twice": (
        FINE + "shared_variables:\n  - DATABASE_URL\n  - DATABASE_URL\n",
        "14: shared_variables[1]: DATABASE_URL is listed twice; keep one of the two",
    ),
    "duplicate key": (
        with_lines(BLOG, after=BLOG),
        "10: mirrors.acme-blog.name: is declared twice, first in line 9; keep one of the two",
    ),
    "duplicate site": (
        FINE + "  acme-blog:\n    name: x\n",
        "12: mirrors.acme-blog: is declared twice, first in line 8; keep one of the two",
    ),
    "wrong type: list for a mapping": (
        FINE.replace("plan: {original: Standard, mirror: Small}", "plan: [Standard, Small]"),
        "3: plan: is a list; write keys with values",
    ),
    "wrong type: text for an integer": (
        with_lines('    site_id: "7"', after=BLOG),
        '10: mirrors.acme-blog.site_id: is "7", which is text; write it without quotes: 7',
    ),
    "wrong type: text for a list": (
        with_lines("    domains: blog.acme.example", after=BLOG),
        '10: mirrors.acme-blog.domains: is "blog.acme.example"; write a list, such as [blog.acme.example]',
    ),
    "wrong type: yes for true": (
        with_lines("    retain: yes", after=BLOG),
        "10: mirrors.acme-blog.retain: is yes; write true or false",
    ),
    "another word than the two": (
        with_lines("    ownership: mine", after=BLOG),
        '10: mirrors.acme-blog.ownership: is "mine"; write owned or exclusive',
    ),
    "unquoted no as a name": (
        FINE.replace("organisation: Acme", "organisation: no"),
        '1: organisation: no without quotes is true or false to YAML, not text; quote it: "no"',
    ),
    "number as a name": (
        FINE.replace("organisation: Acme", "organisation: 7"),
        '1: organisation: 7 without quotes is a number to YAML, not text; quote it: "7"',
    ),
    "name without a value": (
        FINE.replace("organisation: Acme", "organisation:"),
        "1: organisation: has no value; write text",
    ),
    "blank name": (FINE.replace("organisation: Acme", 'organisation: " "'), "1: organisation: is empty; write a name"),
    "variable's name": (
        FINE + "variables: {1A: x}\n",
        "12: variables.1A: a variable's name is letters, digits and underscores and does not begin with a digit",
    ),
    "variable's name too long": (
        FINE + f"variables: {{{'A' * 256}: x}}\n",
        f"12: variables.{'A' * 256}: a variable's name has at most 255 characters, this one 256",
    ),
    "variable that is a list": (
        FINE + "variables: {A: [b]}\n",
        '12: variables.A: is a list; write text, such as "a,b"',
    ),
    "variable that is a mapping": (
        FINE + "variables: {A: {b: c}}\n",
        "12: variables.A: is a mapping; write text, an integer, or {secret: true}",
    ),
    "secret that is none": (
        FINE + "variables: {A: {secret: false}}\n",
        (
            "12: variables.A: secret takes true or a configuration key; to keep the value in this file, "
            "write the value itself"
        ),
    ),
    "secret with a strange key": (
        FINE + 'variables: {A: {secret: "a b"}}\n',
        "12: variables.A: a configuration key is letters, digits, dots, hyphens and underscores, such as smtpPassword",
    ),
    "domain with a scheme": (
        with_lines("    domains: [https://blog.acme.example]", after=BLOG),
        "10: mirrors.acme-blog.domains[0]: is an address; write the host name alone, such as blog.acme.example",
    ),
    "domain with capitals": (
        with_lines("    domains: [Blog.acme.example]", after=BLOG),
        "10: mirrors.acme-blog.domains[0]: host names are written in lower case: blog.acme.example",
    ),
    "domain that is none": (
        with_lines("    domains: [blog]", after=BLOG),
        "10: mirrors.acme-blog.domains[0]: is not a host name; write one such as blog.acme.example",
    ),
    "one domain on two sites": (
        with_lines("    domains: [a.example]", after=BLOG) + "    domains: [a.example]\n",
        (
            "13: mirrors.acme-shop.domains[0]: a.example is acme-blog's already; a domain leads to one site: "
            "remove one of the two"
        ),
    ),
    "one domain twice": (
        with_lines("    domains: [a.example, a.example]", after=BLOG),
        (
            "10: mirrors.acme-blog.domains[1]: a.example is listed here already; a domain leads to one site: "
            "remove one of the two"
        ),
    ),
    "unknown type of service": (
        with_lines("  services: {CACHE: redis}", after=MAIN),
        (
            "7: original.services.CACHE: CACHE is no type of service; write DATABASE or STORAGE, or one with a prefix: "
            "DATABASE/REPLICA"
        ),
    ),
    "type of service in lower case": (
        with_lines("  services: {database: postgres}", after=MAIN),
        "7: original.services.database: database is no type of service; did you mean DATABASE?",
    ),
    "one service twice": (
        with_lines("  services: {DATABASE: postgres, DATABASE/DEFAULT: postgres}", after=MAIN),
        "7: original.services.DATABASE/DEFAULT: is the same as DATABASE; keep one of the two",
    ),
    "one label twice": (
        with_lines("  release_commands: [{label: a, command: b}, {label: a, command: c}]", after=MAIN),
        "7: original.release_commands[1].label: a is used twice; labels are unique",
    ),
    "time of day for a duration": (
        FINE + "rollout: {timeout: 1:30}\n",
        "12: rollout.timeout: write a time such as 90s, 60m or 2h, or seconds as a number above 0",
    ),
    "no time": (
        FINE + "rollout: {timeout: 0}\n",
        "12: rollout.timeout: write a time such as 90s, 60m or 2h, or seconds as a number above 0",
    ),
    "path without a slash": (
        FINE + "rollout: {verify: {path: health}}\n",
        "12: rollout.verify.path: a path begins with a slash: /health",
    ),
    "password that is no secret": (
        FINE + "rollout: {verify: {auth: {secret: true}}}\n",
        (
            "12: rollout.verify.auth.secret: takes the key of the stack's configuration that holds the secret, "
            "such as basicAuth"
        ),
    ),
    "missing organisation": (
        FINE.replace("organisation: Acme\n", ""),
        "1: organisation: is missing; every estate declares it",
    ),
    "missing plan of mirrors": (
        FINE.replace(", mirror: Small", ""),
        "3: plan.mirror: is missing; add it",
    ),
    "missing slug": (FINE.replace("  slug: acme-main\n", ""), "4: original.slug: is missing; add it"),
    "missing name": (FINE.replace("  name: Acme\n", ""), "4: original.name: is missing; add it"),
    "tag": (FINE.replace("Frankfurt", "!here Frankfurt"), "2: region: the tag !here means nothing here; remove it"),
    "list as a key": (FINE + "? [a]\n: b\n", "12: a key must be a word; a list or mapping stands here as one"),
    "alias in itself": (
        FINE + "variables: &v {A: *v}\n",
        "12: variables.A: an alias stands inside what it stands for; write the value out",
    ),
    "not YAML": (FINE + "a: [b\nc: d\n", "13: is not YAML: did not find expected ',' or ']'"),
    "two documents": (
        FINE + "---\na: b\n",
        "12: a second document begins here; an estate is one document: remove the line ---",
    ),
    "tabs": (
        "organisation: Acme\nplan:\n\toriginal: x\n",
        "3: is not YAML: found character that cannot start any token: a tab stands here, and YAML is indented by blanks",
    ),
    "nested without end": (
        FINE + f"x-a: {'[' * 60}\n",
        "12: more than 50 lists and mappings stand in one another here; use fewer",
    ),
    "number without end": (
        with_lines(f"    site_id: {'9' * 5000}", after=BLOG),
        "10: mirrors.acme-blog.site_id: is a long text; write an integer, such as 7",
    ),
    "a list": ("- a\n", "1: holds a list; an estate is keys with values, such as organisation: Acme"),
    "a word": ("acme\n", "1: holds a single value; an estate is keys with values, such as organisation: Acme"),
    "empty": ("", " is empty; an estate needs at least organisation, region, plan and original"),
    "comments alone": ("# a\n\n", " is empty; an estate needs at least organisation, region, plan and original"),
}


@pytest.mark.parametrize("mistake", ONE_MISTAKE)
def test_a_mistake_gets_one_sentence_with_line_and_way_out(mistake):
    text, sentence = ONE_MISTAKE[mistake]
    assert said(text) == [sentence]


@pytest.mark.parametrize("later", ["promotion", "backup_before", "succeeds"])
def test_a_key_that_does_nothing_yet_is_unknown(later):
    for text in (
        FINE + f"{later}: {{}}\n",
        with_lines(f"    {later}: x", after=BLOG),
        FINE + f"rollout: {{{later}: x}}\n",
        FINE + f"release: {{name: x, {later}: x}}\n",
    ):
        (sentence,) = said(text)
        assert f"{later}: unknown key" in sentence


WORDS = {
    "no": "true or false", "yes": "true or false", "on": "true or false", "Off": "true or false",
    "true": "true or false", "False": "true or false", "010": "a number", "0x1F": "a number", "1_000": "a number",
    "12:30:00": "a number", "1.10": "a number", "1e3": "a number", "0o17": "a number", "+5": "a number",
    ".inf": "a number", "2026-12-01": "a date", "null": "nothing", "~": "nothing", "NULL": "nothing",
}  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_a_word_that_yaml_reads_its_own_way_is_to_be_quoted(word):
    sentence = f'{word} without quotes is {WORDS[word]} to YAML, not text; quote it: "{word}"'
    assert said(FINE + f"variables: {{A: {word}}}\n") == [f"12: variables.A: {sentence}"]
    assert said(FINE + f'variables: {{A: "{word}"}}\n') == []
    # Where a key may be left out, YAML's null says just that.
    expected = [] if WORDS[word] == "nothing" else [f"7: original.branch.live: {sentence}"]
    assert said(with_lines(f"  branch: {{live: {word}}}", after=MAIN)) == expected


def test_all_wrong_shapes_of_a_file_come_at_once_in_the_order_of_its_lines():
    text = (
        FINE.replace("Frankfurt", "no")
        .replace("    name: Acme Blog", "    nam: x\n    site_id: 0")
        .replace("  name: Acme\n", "  name: Acme\n  name: Acme\n")
    )
    assert said(text) == [
        '2: region: no without quotes is true or false to YAML, not text; quote it: "no"',
        "7: original.name: is declared twice, first in line 6; keep one of the two",
        '10: mirrors.acme-blog.nam: unknown key; did you mean "name"?',
        "11: mirrors.acme-blog.site_id: is 0; write an integer of at least 1",
    ]


BROKEN_RULES = [
    (
        "10: mirrors.acme-blog.site_id: 1 is the original's SITE_ID (acme-main); two sites never share one: "
        "choose another, or remove the pin"
    ),
    "13: redeploy.acme-shpo: there is no site acme-shpo; did you mean acme-shop?",
    (
        "14: variables.SITE_ID: is set by the estate itself; remove it; a site that must have a certain one is pinned, "
        "with site_id: 7 under the site"
    ),
]


def test_all_broken_rules_come_at_once_and_only_where_every_shape_is_right():
    text = with_lines("    site_id: 1", after=BLOG) + "redeploy: {acme-shpo: 1}\nvariables: {SITE_ID: 3}\n"
    assert said(text) == BROKEN_RULES
    assert said(text + "regoin: x\n") == ['15: regoin: unknown key; did you mean "region"?']
    assert said(text + "test:\ntest:\n") == ["16: test: is declared twice, first in line 15; keep one of the two"]


@pytest.mark.parametrize(("key", "there"), [("slug", "slgu"), ("name", "nam"), ("name", "Name"), ("name", "names")])
def test_a_misspelt_key_that_is_required_is_one_line(key, there):
    (sentence,) = said(
        FINE.replace(f"  {key}: Acme\n", f"  {there}: Acme\n").replace(f"  {key}: acme-main", f"  {there}: x")
    )
    assert sentence.endswith(f'original.{there}: unknown key; did you mean "{key}"?')


def test_keys_that_begin_with_x_are_the_users_own():
    added = "x-shop: &shop\n  retain: true\n  variables: &v {THEME: shop, A: b}\nx-: [no, 010]\nx-more: ~\n"
    text = added + FINE.replace("    name: Acme Shop", "    <<: *shop\n    name: Acme Shop") + "variables: *v\n"
    spec = parse(text, FILE)
    assert spec.mirrors["acme-shop"].retain
    assert spec.mirrors["acme-shop"].variables == spec.variables == {"THEME": "shop", "A": "b"}
    for path in ("mirrors", "acme-shop"), ():
        assert spec.problem((*path, "variables", "A"), "x").line == 3
    assert declare(data(**{"x-mine": object()})) == declare(data())


def test_what_is_wrong_in_an_anchor_has_the_line_where_it_is_written():
    text = "x-shop: &shop\n  site_id: x\n" + FINE.replace("    name: Acme Shop", "    <<: *shop\n    name: Acme Shop")
    assert said(text) == ['2: mirrors.acme-shop.site_id: is "x"; write an integer, such as 7']
    assert said("x-shop:\n  a: 1\n  a: 2\n" + FINE) == [
        "3: x-shop.a: is declared twice, first in line 2; keep one of the two"
    ]


@pytest.mark.parametrize("place", ["mirrors.acme-blog", "original", "rollout"])
def test_only_keys_at_the_top_are_the_users_own(place):
    text = {
        "mirrors.acme-blog": with_lines("    x-mine: 1", after=BLOG),
        "original": with_lines("  x-mine: 1", after=MAIN),
        "rollout": FINE + "rollout: {x-mine: 1}\n",
    }[place]
    (sentence,) = said(text)
    assert f"{place}.x-mine: unknown key" in sentence


def test_an_error_is_one_line_a_problem():
    with pytest.raises(SpecError) as caught:
        parse(FINE + "a: b\nvariables: {B: no}\n", FILE)
    assert len(caught.value.problems) == 2
    assert str(caught.value).splitlines() == [str(problem) for problem in caught.value.problems]
    assert [(problem.file, problem.line, problem.key) for problem in caught.value.problems] == [
        (FILE, 12, "a"),
        (FILE, 13, "variables.B"),
    ]


def test_what_is_declared_in_python_is_held_to_the_same_rules():
    with pytest.raises(SpecError) as caught:
        declare(data(variables={"SITE_ID": 3}))
    assert str(caught.value) == (
        "variables.SITE_ID: is set by the estate itself; remove it; a site that must have a certain one is pinned, "
        "with site_id: 7 under the site"
    )
    with pytest.raises(SpecError) as caught:
        declare(data(variables={"SITE_ID": 3}, regoin="x"))
    assert str(caught.value) == 'regoin: unknown key; did you mean "region"?'
