"""Variables as they are declared: checked names, and values that are text, an integer, or a secret kept elsewhere."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from divio_provider.estate.declaration.base_model import Model, Section
from divio_provider.estate.declaration.field_types import Matching, quoted, refuse

VARIABLE_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
SET_BY_THE_ESTATE = ("SITE_ID", "ESTATE_RELEASE", "ESTATE_SLUG", "ESTATE_ROLE")
"""Variables that nobody declares by hand."""
SHARED_VARIABLES = ("DATABASE_URL", "DEFAULT_STORAGE_DSN")
"""What mirrors get from the original where `shared_variables` says nothing else."""
# The local Divio refuses more than these; Divio's own limits are unknown.
LONGEST_NAME = 255
_LONGEST_VALUE = 32768

_KEY = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_KEY_SCHEMA = {"type": "string", "pattern": f"^{_KEY}$"}
_SECRET_SCHEMA = {
    "type": "object",
    "properties": {"secret": {"anyOf": [{"const": True}, _KEY_SCHEMA]}},
    "required": ["secret"],
    "additionalProperties": False,
}


class Secret(Model):
    """A value that the stack's configuration keeps, encrypted, not this file."""

    secret: Literal[True] | str
    """True: the stack's secret of the same name; text: the key of the configuration that holds it."""


def _short(name: str) -> str:
    sentence = f"a variable's name has at most {LONGEST_NAME} characters, this one {len(name)}"
    return name if len(name) <= LONGEST_NAME else refuse(sentence)


def _secret_key(value: Any) -> str:  # noqa: ANN401 - the file may hold anything
    if isinstance(value, bool) or not isinstance(quoted(value), str):
        refuse("takes the key of the stack's configuration that holds the secret, such as basicAuth")
    if not re.fullmatch(_KEY, value):
        refuse("a configuration key is letters, digits, dots, hyphens and underscores, such as smtpPassword")
    return str(value)


def _secret(value: Any) -> Secret:  # noqa: ANN401
    if isinstance(value, Secret):
        return value
    if not isinstance(value, dict) or value.keys() != {"secret"}:
        refuse("takes a secret of the stack's configuration alone: {secret: true}, or {secret: its key}")
    secret = value["secret"]
    if secret is True:
        return Secret(secret=True)
    if isinstance(secret, bool) or not isinstance(quoted(secret), str):
        refuse("secret takes true or a configuration key; to keep the value in this file, write the value itself")
    return Secret(secret=_secret_key(secret))


def _value(value: Any) -> str | Secret:  # noqa: ANN401
    if isinstance(value, Secret) or (isinstance(value, dict) and value.keys() == {"secret"}):
        return _secret(value)
    if isinstance(value, dict):
        refuse("is a mapping; write text, an integer, or {secret: true}")
    if isinstance(value, list):
        refuse('is a list; write text, such as "a,b"')
    if value is None:
        raise PydanticCustomError("no_value", 'has no value; write "" for empty text')
    if not isinstance(quoted(value), int | str):
        refuse("write text or an integer")
    if len(str(value)) > _LONGEST_VALUE:
        refuse(f"a value has at most {_LONGEST_VALUE} characters, this one {len(str(value))}")
    return str(value)


VariableName = Annotated[
    str,
    AfterValidator(_short),
    Matching(VARIABLE_NAME, "a variable's name is letters, digits and underscores and does not begin with a digit"),
]
"""The name of an environment variable."""

SecretKey = Annotated[str, PlainValidator(_secret_key), WithJsonSchema(_KEY_SCHEMA)]
"""A key of the stack's configuration."""

SecretValue = Annotated[Secret, PlainValidator(_secret), WithJsonSchema(_SECRET_SCHEMA)]
"""A value that only the stack's configuration may hold."""

Value = Annotated[
    str | Secret,
    PlainValidator(_value),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string", "maxLength": _LONGEST_VALUE}, {"type": "integer"}, _SECRET_SCHEMA],
            "description": "Text, an integer, or {secret: true} for a secret of the stack's configuration.",
        }
    ),
]
"""The value of a variable."""

Variables = Section[dict[VariableName, Value]]
"""Variables by name."""
