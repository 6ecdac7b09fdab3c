"""What Divio does that we depend on, beyond single calls. Read together with the rest in ``contract.py``."""

from __future__ import annotations

from divio_provider.api.certainty import Behaviour, Certainty

SEEN, INFERRED, UNKNOWN = Certainty.SEEN, Certainty.INFERRED, Certainty.UNKNOWN

_WIRE = (
    Behaviour("token", "The header Authorization carries the word Token and the token.", SEEN, "cli, docs"),
    Behaviour(
        "pages",
        "A list holds results and an absolute next that keeps the filters; null or absent at its end.",
        SEEN,
        "cli, openapi",
    ),
    Behaviour(
        "repeated-filters",
        "A filter given several times widens the list.",
        SEEN,
        "cli: regions, environment variables; elsewhere inferred",
    ),
    Behaviour(
        "field-errors", "A 400 maps fields to lists of messages, general ones under non_field_errors.", SEEN, "cli"
    ),
    Behaviour("detail", "401, 403, 404, 405 and 429 explain themselves under detail.", INFERRED, "DRF"),
    Behaviour("not-found", "A 404 means missing or not permitted.", SEEN, "cli"),
    Behaviour("hidden", "What an account may not see is left out of lists.", INFERRED, "DRF; cli reads lists alone"),
    Behaviour(
        "organisation-shown",
        "An account with any role in an organisation is shown it; one without is not.",
        INFERRED,
        "handbook: plain users are invited per application",
    ),
    Behaviour("opaque-ids", "Ids are opaque strings, 26 characters of base32 as far as seen.", SEEN, "cli, scripts"),
    Behaviour("server-date", "Every answer has an exact Date header in whole seconds.", INFERRED, "RFC 9110"),
    Behaviour("throttling", "A 429 may carry Retry-After; no rate is known.", UNKNOWN, "no source"),
)

_APPLICATIONS = (
    Behaviour("unique-slug", "A second application with a taken slug is refused.", SEEN, "cli probes for it"),
    Behaviour("test-and-live", "A new application has the environments test and live at once.", SEEN, "cli, handbook"),
    Behaviour(
        "nothing-deployed", "Creating an application deploys nothing and makes no services.", SEEN, "cli adds them"
    ),
    Behaviour("account-environments", "Environments can be listed without a filter.", UNKNOWN, "no source"),
    Behaviour("mirror-relation", "An application shows its original in one of the known fields.", UNKNOWN, "no source"),
    Behaviour(
        "mirror-image",
        "Test and Live of a mirror run the image that was built for the original's Live.",
        SEEN,
        "docs, support articles",
    ),
    Behaviour(
        "mirror-region", "A mirror in another region than its original fails to deploy.", SEEN, "support articles"
    ),
    Behaviour(
        "mirror-variables",
        "A new mirror has none of the original's custom variables.",
        INFERRED,
        "the how-to adds them by hand",
    ),
    Behaviour(
        "mirror-deletion", "An application that has mirrors cannot be deleted.", UNKNOWN, "no source; assumed blocked"
    ),
    Behaviour("unique-domain", "A host name exists once in the whole installation.", INFERRED, "host names route"),
)

_DEPLOYMENTS = (
    Behaviour("newest-first", "Deployments are listed newest first.", INFERRED, "cli takes the first"),
    Behaviour(
        "several-environments",
        "The list of deployments takes several environments and shows those of each.",
        INFERRED,
        "seen of environment variables; where it does not hold, each environment is asked for alone",
    ),
    Behaviour(
        "one-deployment",
        "A second deployment of an environment while one runs is refused with a 400.",
        UNKNOWN,
        "cli looks first and never sends it",
    ),
    Behaviour("ended", "A deployment with ended_at null runs; only success true is success.", SEEN, "cli, scripts"),
    Behaviour("failed-keeps", "A failed deployment leaves the containers before it running.", SEEN, "docs"),
    Behaviour(
        "build-modes",
        "AUTO builds when needed, ADOPT takes the existing image, FORCE builds.",
        INFERRED,
        "cli knows the words",
    ),
    Behaviour(
        "deployed-map", "A deployment's map shows built-in variables too.", INFERRED, "cli's tests ask for STAGE"
    ),
    Behaviour(
        "deployed-sensitive",
        "A deployment's map shows sensitive values, or null or nothing in their place.",
        UNKNOWN,
        "no source",
    ),
)

_VARIABLES = (
    Behaviour("variable-filter", "Variables are listed by application or environment only.", SEEN, "cli"),
    Behaviour("custom-only", "The list of variables shows custom ones only.", INFERRED, "cli dropped --all"),
    Behaviour("sensitive", "A sensitive variable is listed without its value.", SEEN, "cli"),
    Behaviour("unique-variable", "A second variable of one name on an environment is refused.", INFERRED, "DRF"),
    Behaviour(
        "blanks",
        "A value keeps its blanks at both ends.",
        UNKNOWN,
        "the Control Panel keeps them (docs), DRF trims by default",
    ),
    Behaviour("deploy-time", "A variable reaches the site with the next deployment.", SEEN, "docs"),
    Behaviour("custom-wins", "A custom variable hides the built-in one of its name.", SEEN, "docs"),
    Behaviour(
        "built-in-dsns",
        "Where a database or storage is attached, DATABASE_URL and DEFAULT_STORAGE_DSN are built in.",
        SEEN,
        "docs, handbook",
    ),
    Behaviour("domain-variables", "The DOMAIN variables reach the site with the next deployment.", SEEN, "docs"),
)

_SERVICES = (
    Behaviour(
        "unique-prefix", "A prefix is unique per environment and type of service.", INFERRED, "cli's conventions"
    ),
    Behaviour("provisioning", "The next deployment provisions and attaches a new service instance.", SEEN, "cli, docs"),
    Behaviour("backup-success", "The success of a backup is a text: SUCCESS, PARTIAL or FAILURE.", SEEN, "cli"),
)

BEHAVIOURS: tuple[Behaviour, ...] = (*_WIRE, *_APPLICATIONS, *_DEPLOYMENTS, *_VARIABLES, *_SERVICES)
"""What Divio does that we depend on, beyond single calls."""
