"""The JSON Schema of `stacks/estate.yaml`, made from the models, for editors.

It accepts whatever `parser.parse` accepts and refuses what a single value can tell; rules between values (two sites
with one pin) stay with the parser. Committed as `stacks/estate.schema.json`; a test holds the two together.
"""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from divio_provider.estate.declaration.parser import OWN_KEYS
from divio_provider.estate.declaration.spec import Spec


class _Generator(GenerateJsonSchema):
    """Pydantic's, but for fields' titles, which say nothing that names do not, and for keys, which it would only suggest."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401, ARG002 - pydantic's signature
        return False

    def dict_schema(self, schema: core_schema.DictSchema) -> dict[str, Any]:
        keys, values = self.generate_inner(schema["keys_schema"]), self.generate_inner(schema["values_schema"])
        return {"type": "object", "propertyNames": keys, "additionalProperties": values}


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) as plain data."""
    own = {"description": "Yours: nobody reads it, so YAML anchors have a place."}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Spec.model_json_schema(mode="validation", schema_generator=_Generator),
        "patternProperties": {f"^{OWN_KEYS}": own},
        "title": "An estate on Divio",
    }
