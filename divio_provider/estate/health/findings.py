"""`Finding`: anything that is not as it should be, and `Kind`, the list of all that there is.

docs/reference/findings.md shows the same list. Texts name variables and hold no value but a `SITE_ID`.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Severity = Literal["error", "warning", "note"]
"""`error`: a site is or will be broken. `warning`: it is not as declared, or not up to date. `note`: no finding at all,
but who reads the others should know of it."""


class Kind(StrEnum):
    """A kind of finding, with what follows from it.

    `remedy` is what to do where a stack manages the site, `by_hand` where nobody declared it.
    """

    severity: Severity
    meaning: str
    remedy: str
    by_hand: str

    def __new__(cls, value: str, severity: Severity, meaning: str, remedy: str, by_hand: str = "") -> "Kind":
        """Each member is its name as text, and carries the rest as attributes."""
        kind = str.__new__(cls, value)
        kind._value_, kind.severity, kind.meaning = value, severity, meaning
        kind.remedy, kind.by_hand = remedy, by_hand or remedy
        return kind

    # fmt: off
    MISSING = ("missing", "error", "a declared site does not exist on Divio",
               "pulumi up makes it")
    NOT_A_MIRROR = ("not-a-mirror", "error", "an application has the slug of a declared mirror, but mirrors something else",
                    "choose another slug, or delete it in the Control Panel so that it can be made as a mirror")
    NO_ENVIRONMENT = ("no-environment", "error", "Divio shows no Test or no Live of the site",
                      "look at it in the Control Panel")
    OTHER_REGION = ("other-region", "error", "a mirror is in another region than its original, so it fails to deploy",
                    "retire it and make a new one in the original's region")
    HOLD_OVER = ("hold-over", "warning", "a site is still on hold although the last day of its hold is over",
                 "remove the hold and run pulumi up to deploy it, or give it a new date")
    ON_HOLD = ("on-hold", "note", "a site is on hold, so it is not deployed",
               "remove the hold and run pulumi up to deploy it")
    UNFINISHED = ("unfinished", "warning", "the stack could not do all of its work for the site",
                  "the next pulumi up tries again")
    CONNECTIONS = ("connections", "warning", "a rollout asks for more database connections than there are",
                   "lower them, or raise the limit")
    DUPLICATE_ID = ("duplicate-id", "error", "several sites have one `SITE_ID`: they are one site to Django",
                    "give each its own: pulumi up --refresh", "give each its own and deploy it")
    MISSING_ID = ("missing-id", "error", "a mirror lacks `SITE_ID` and acts as site 1",
                  "pulumi up --refresh sets it", "set it, then deploy")
    ODD_ID = ("odd-id", "error", 'its `SITE_ID` is no plain positive number: `07`, `"7"`, nothing',
              "pulumi up --refresh sets it", "set a plain number, then deploy")
    OTHER_ID = ("other-id", "error", "its `SITE_ID` is not the one that the register or the file gives it",
                "pulumi up --refresh sets it; to keep the present one, pin it: site_id")
    IDS_DIFFER = ("ids-differ", "error", "its Test and its Live have different ones",
                  "pin the one that is right", "set one on both, then deploy")
    MISSING_DSN = ("missing-dsn", "error", "a mirror lacks a shared variable",
                   "pulumi up --refresh copies what is missing", "copy it from the original, then deploy")
    CROSSED_DSN = ("crossed-dsn", "error", "its Test carries a value of the original's Live, or the other way round",
                   "pulumi up --refresh copies it anew", "copy it from the original's same environment, then deploy")
    OTHER_DSN = ("other-dsn", "error", "its shared variable is not the original's",
                 "pulumi up --refresh copies it anew", "copy it from the original, then deploy")
    OWN_DATABASE = ("own-database", "error",
                    "a `*_DATABASE_DSN` of it is none of the original's; says whether `DATABASE_URL` leads there too",
                    "detach the service in the Control Panel (application, Services), then deploy")
    NEVER_DEPLOYED = ("never-deployed", "warning", "an environment was never deployed; says what is to be set before",
                      "pulumi up deploys it", "deploy it in the Control Panel")
    FAILED = ("failed", "error", "the last deployment failed; says what follows from that",
              "its log is in the Control Panel; pulumi up deploys it again", "its log is in the Control Panel")
    BEHIND = ("behind", "warning", "it was last deployed before the original's Live was released",
              "pulumi up deploys it", "deploy it in the Control Panel")
    UNDEPLOYED = ("undeployed", "warning", "variables or domains were changed and not deployed",
                  "pulumi up deploys what it set; else deploy it in the Control Panel", "deploy it in the Control Panel")
    VARIABLES = ("variables", "warning", "variables on Divio are not as the file declares them",
                 "pulumi up --refresh sets what is declared")
    DOMAINS = ("domains", "warning", "domains on Divio are not as the file declares them",
               "pulumi up --refresh puts them where they are declared")
    FOREIGN_DOMAIN = ("foreign-domain", "note", "a site has a domain that the file does not declare",
                      "declare it, or remove it in the Control Panel")
    RUNNING = ("running", "note", "a deployment is running; what it brings is not judged", "look again later")
    WITHHELD = ("withheld", "note", "Divio withholds a value, so whether it is shared cannot be told", "")
    HIDDEN = ("hidden", "note", "Divio does not show which applications are mirrors, or no domains", "")
    # fmt: on


@dataclass(frozen=True)
class Finding:
    """One of them: where, of which kind, a clause in words, and what helps.

    `environment` is empty where it concerns both or the site as a whole, `site` where it concerns no single one.
    """

    site: str
    environment: str
    kind: Kind
    text: str
    remedy: str
    severity: Severity = field(init=False)

    def __post_init__(self) -> None:
        """The kind says how severe it is."""
        object.__setattr__(self, "severity", self.kind.severity)

    @property
    def sentence(self) -> str:
        """The same with what helps, for whoever reads one of a kind."""
        return f"{self}; {self.remedy}" if self.remedy and self.severity != "note" else str(self)

    def __str__(self) -> str:
        """`acme-shop live: is behind: …`, without the remedy."""
        place = " ".join(part for part in (self.site, self.environment) if part)
        return f"{place}: {self.text}" if place else self.text
