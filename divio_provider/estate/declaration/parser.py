"""A declaration is checked in three stages, and the first that fails is the one that is told, with all it found.

1. The text is YAML, and holds one mapping (`yaml_source`).
2. Every key is known, every value has its shape, and nothing is declared twice (`yaml_source`, the models).
3. The parts go together (`rules`). These read the validated models, so a wrong shape is told once, by the stage before.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from divio_provider.estate.declaration.errors import SpecError
from divio_provider.estate.declaration.rules import violations
from divio_provider.estate.declaration.spec import Spec
from divio_provider.estate.declaration.validation_messages import problems_of
from divio_provider.estate.declaration.yaml_source import Document, read

OWN_KEYS = "x-"
"""Top-level keys that begin so are the user's own. Nobody reads them, so YAML anchors have a place."""


def parse(text: str, file: str) -> Spec:
    """Read a declaration from the text of a YAML file; `file` is the name for messages.

    Raises SpecError with every problem of the first stage that fails.
    """
    return _checked(read(text, file))


def declare(data: Mapping[str, Any]) -> Spec:
    """Take a declaration made in Python: the same keys and values as in the file.

    Raises SpecError with every problem of the first stage that fails.

    >>> spec = declare({"organisation": "Acme", "region": "Frankfurt",
    ...                 "plan": {"original": "Standard", "mirror": "Small"},
    ...                 "original": {"slug": "acme-main", "name": "Acme"},
    ...                 "mirrors": {"acme-blog": {"name": "Acme Blog"}}})
    >>> spec.slugs
    ('acme-main', 'acme-blog')
    """
    return _checked(Document("", dict(data)))


def _checked(document: Document) -> Spec:
    data = {key: value for key, value in document.data.items() if not str(key).startswith(OWN_KEYS)}
    try:
        spec = Spec.model_validate(data, context=document)
    except ValidationError as error:
        raise SpecError([*document.problems, *problems_of(error, document, Spec)]) from None
    problems = document.problems or [document.problem(path, message) for path, message in violations(spec)]
    if problems:
        raise SpecError(problems)
    return spec
