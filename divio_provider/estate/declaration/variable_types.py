"""Variables as they are declared: checked names, and values that are text, an integer, or a secret kept elsewhere."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, WrapValidator
from pydantic_core import PydanticCustomError

from divio_provider.estate.declaration.base_model import OR_INTEGER, Model, Section
from divio_provider.estate.declaration.field_types import Matching, Otherwise, pattern_schema, refuse
from divio_provider.estate.declaration.yaml_source import Unquoted

SET_BY_THE_ESTATE = ("SITE_ID", "ESTATE_RELEASE", "ESTATE_SLUG", "ESTATE_ROLE", "ESTATE_PREDECESSOR")
"""Variables that nobody declares by hand."""
SHARED_VARIABLES = ("DATABASE_URL", "DEFAULT_STORAGE_DSN")
"""What mirrors get from the original where `shared_variables` says nothing else."""
# The local Divio refuses more than these; Divio's own limits are unknown.
_LONGEST_NAME = 255
_LONGEST_VALUE = 32768
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"


def _no_longer_than(most: int, what: str) -> AfterValidator:
    def check(text: str) -> str:
        return text if len(text) <= most else refuse(f"{what} has at most {most} characters, this one {len(text)}")

    return AfterValidator(check)


_ConfigKey = Annotated[
    str,
    Matching(
        r"[A-Za-z0-9_][A-Za-z0-9_.-]*",
        "a configuration key is letters, digits, dots, hyphens and underscores, such as smtpPassword",
    ),
]

SecretKey = Annotated[
    _ConfigKey, Otherwise("takes the key of the stack's configuration that holds the secret, such as basicAuth")
]
"""A key of the stack's configuration."""


class Secret(Model):
    """A value that the stack's configuration keeps, encrypted, not this file."""

    secret: Annotated[
        Literal[True] | _ConfigKey,
        Otherwise("secret takes true or a configuration key; to keep the value in this file, write the value itself"),
    ]
    """True: the stack's secret of the same name; text: the key of the configuration that holds it."""


SecretValue = Annotated[
    Secret, Otherwise("takes a secret of the stack's configuration alone: {secret: true}, or {secret: its key}", ())
]
"""A value that only the stack's configuration may hold."""


def _value(value: Any, inner: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - the file may hold anything
    if value is None:
        raise PydanticCustomError("no_value", "has no value")
    sentences: dict[type, str] = {
        dict: "is a mapping; write text, an integer, or {secret: true}",
        list: 'is a list; write text, such as "a,b"',
    }
    sentence = sentences.get(type(value), "write text or an integer")
    return Otherwise(sentence, (Unquoted, bool)).check(value, inner)


Value = Annotated[
    Annotated[str, _no_longer_than(_LONGEST_VALUE, "a value"), Field(max_length=_LONGEST_VALUE), OR_INTEGER] | Secret,
    WrapValidator(_value),
    Field(description="Text, an integer, or {secret: true} for a secret of the stack's configuration."),
]
"""The value of a variable."""

VariableName = Annotated[
    str,
    _no_longer_than(_LONGEST_NAME, "a variable's name"),
    Matching(_NAME, "a variable's name is letters, digits and underscores and does not begin with a digit"),
    pattern_schema(f"(?!(?:{'|'.join(SET_BY_THE_ESTATE)})$){_NAME}", maxLength=_LONGEST_NAME),
]
"""The name of an environment variable."""

Variables = Section[dict[VariableName, Value]]
"""Variables by name."""
