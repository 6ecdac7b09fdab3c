"""Divio's REST API over requests and pydantic. Knows nothing of Pulumi, of configuration keys, nor of estates.

``client.py`` holds ``Divio``, which everything else starts from; ``errors.py`` draws what can be raised. Below it, each
layer knows those after it only: ``conformance/`` holds the contract against the live schema, ``endpoints/`` has a file a
noun, ``transport/`` says how a request travels, ``contract/`` what of the API is used and how sure we are of it.
"""

from divio_provider.api.client import Divio
from divio_provider.api.settings import Settings, find_token

__all__ = ["Divio", "Settings", "find_token"]
