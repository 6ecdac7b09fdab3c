"""What the searches share."""

from tests.search.scene import scene

__all__ = ["scene"]
