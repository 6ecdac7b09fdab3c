"""A failed deployment as people read it: the stage, the end of its log, and where to look."""

from divio_provider.api.client import Divio
from divio_provider.api.errors import DivioError
from divio_provider.api.models import Deployment
from divio_provider.resources.looking import Look
from divio_provider.resources.redaction import redact

_TAIL_LINES = 8


def failure(divio: Divio, look: Look, deployment: Deployment) -> str:
    """One line for the failed environment, with the last lines of the deployment's log, without secrets."""
    target = look.target
    tail = " | ".join(
        line.strip() for line in _log(divio, look, deployment).splitlines()[-_TAIL_LINES:] if line.strip()
    )
    status = f" ({deployment.status})" if deployment.status else ""
    return f"{target.label}: deployment failed{status}; log: {tail or '(empty)'}; {panel_address(divio, look)}"


def panel_address(divio: Divio, look: Look) -> str:
    """The application's page in the Control Panel (the address that divio-cli opens)."""
    try:
        organisation = divio.applications.get(look.target.application).organisation or ""
    except DivioError:
        organisation = ""  # the address is a help, and what it helps with is told in any case
    host = divio.settings.api_url.replace("://api.", "://control.", 1).rstrip("/")
    return f"{host}/o/{organisation}/app/{look.target.application}/"


def _log(divio: Divio, look: Look, deployment: Deployment) -> str:
    try:
        text = divio.deployments.log(deployment.uuid)
        carried = divio.deployments.variables(deployment.uuid)
    except DivioError as error:
        return f"cannot be read: {error}"
    withheld = [value for name, value in carried.items() if look.present.get(name, "") is None or _built_in(look, name)]
    return redact(text, withheld)


def _built_in(look: Look, name: str) -> bool:
    return name not in look.present and not name.startswith(("DOMAIN", "STAGE", "GIT_BRANCH"))
