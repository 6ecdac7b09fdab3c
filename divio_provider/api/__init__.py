"""Divio's REST API over requests and pydantic. Knows nothing of Pulumi, nor of estates.

``client.py`` holds ``Divio``, which everything else starts from; ``contract.py`` says what of the API is used and how
sure we are of it; ``errors.py`` draws what can be raised. A file a noun; how a request travels is ``transport.py``.
"""

from divio_provider.api.client import Divio
from divio_provider.api.settings import Settings, find_token

__all__ = ["Divio", "Settings", "find_token"]
