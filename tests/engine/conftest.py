"""What the tests with the real CLI import from here; their fixtures are in estates.py, for other folders as well."""

from tests.engine.estates import DEPLOY_SECONDS, NewProject
from tests.engine.promises import keeps_its_promises, leaks_of, secrets_of, unwired_deployments

__all__ = ["DEPLOY_SECONDS", "NewProject", "keeps_its_promises", "leaks_of", "secrets_of", "unwired_deployments"]
