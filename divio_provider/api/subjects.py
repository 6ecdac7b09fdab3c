"""Which site a call is about: an id says nothing to who reads an audit a year later.

Learnt from Divio's own answers, which name an object beside its id: so it costs no call.
"""

from __future__ import annotations

from collections.abc import Mapping

_PARENTS = ("environment", "application")
"""Fields of an object that hold the id of what it belongs to."""


class Subjects:
    """What the ids that were seen stand for. May be used by any number of threads.

    >>> subjects = Subjects()
    >>> subjects.learn({"results": [{"uuid": "a1", "slug": "acme-shop"}]})
    >>> subjects.learn({"uuid": "e1", "slug": "live", "application": "a1"})
    >>> subjects.learn({"uuid": "v1", "name": "THEME", "environment": "e1"})
    >>> subjects.site_of("/apps/v3/deployments/", {"environment": "e1"})
    'acme-shop/live'
    >>> subjects.site_of("/apps/v3/environment-variables/v1/", {})
    'acme-shop/live'
    >>> subjects.site_of("/apps/v3/applications/", {"slug": "acme-blog"})
    'acme-blog'
    """

    def __init__(self) -> None:
        self._slugs: dict[str, str] = {}
        self._parents: dict[str, str] = {}

    def learn(self, data: object) -> None:
        """Remember the objects of an answer.

        Args:
            data: its JSON: an object, a list, or a page of one.
        """
        if isinstance(data, Mapping) and isinstance(data.get("results"), list):
            data = data["results"]
        for one in data if isinstance(data, list) else [data]:
            if not isinstance(one, Mapping) or not isinstance(one.get("uuid"), str):
                continue
            uuid = one["uuid"]
            parent = next((one[field] for field in _PARENTS if isinstance(one.get(field), str)), None)
            if parent is not None:
                self._parents[uuid] = parent
            if isinstance(one.get("slug"), str):
                self._slugs[uuid] = one["slug"]

    def site_of(self, path: str, body: Mapping[str, object]) -> str:
        """The site that a call is about, with its environment where it concerns only that; empty where nothing tells.

        Args:
            path: of the request.
            body: what is sent.
        """
        named = [self._place(str(body[field])) for field in _PARENTS if body.get(field)]
        # Before the path: an action on the original may make a mirror of that slug.
        named.append(str(body.get("slug") or ""))
        named += [self._place(part) for part in reversed(path.split("/"))]
        return next((place for place in named if place), "")

    def _place(self, uuid: str) -> str:
        """`acme-shop/live`; an object without a slug is where its parent is."""
        slugs: list[str] = []
        at: str | None = uuid
        # An application belongs to an environment, to an application and no further.
        for _ in range(len(_PARENTS) + 1):
            if at is None:
                break
            slugs += [self._slugs[at]] if at in self._slugs else []
            at = self._parents.get(at)
        return "/".join(reversed(slugs))
