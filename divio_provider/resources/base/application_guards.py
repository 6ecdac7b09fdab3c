"""What `Application` and `Mirror` both refuse: to change what cannot change in place, and to delete what was there before."""

from divio_provider.resources.base.properties import Props, immutable_problem
from divio_provider.resources.host.configuration import Configuration
from divio_provider.resources.host.error_reporting import Failed


def identity_problems(olds: Props, news: Props) -> list[str]:
    """What an application's life cannot change: said at preview, with the way out. Mirrors share it."""
    moved = "declare a new site beside it, move the content, then retire this one"
    plan = (
        "no known call of Divio's API changes a plan; change it in the Control Panel (application, Settings, "
        "Subscription), then pulumi up --refresh takes it over"
    )
    return [
        immutable_problem(olds, news, "slug", "a slug is the site's name everywhere; " + moved),
        immutable_problem(olds, news, "organisation", "transfer it in the Control Panel, then adopt it anew; " + moved),
        immutable_problem(olds, news, "region", "an application stays in its region; " + moved),
        "" if news.get("plan") == olds.get("shown_plan") else immutable_problem(olds, news, "plan", plan),
    ]


def refuse_deletion_of_adopted(props: Props, configuration: Configuration) -> None:
    """Stop the deletion of an application that was in use before this program found it, unless it is allowed."""
    slug = props["slug"]
    if props.get("adopted") and slug not in configuration.allow_delete:
        raise Failed(
            f"{slug} was deployed before this program adopted it, so it is not deleted. To delete it all the same, set "
            f"DIVIO_ALLOW_DELETE={slug} (or the configuration divio:allowDelete); to forget it, pulumi state delete"
        )
