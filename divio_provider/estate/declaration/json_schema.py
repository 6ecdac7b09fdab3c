"""The JSON Schema of `stacks/estate.yaml`, made from the models, for editors.

It accepts whatever `parser.parse` accepts and refuses what a single value can tell; rules between values (two sites
with one pin) stay with the parser. Committed as `stacks/estate.schema.json`; a test holds the two together.
"""

from typing import Any

from divio_provider.estate.declaration.field_types import PREFIX, SERVICE_TYPES, SITE_SLUG, SLUG
from divio_provider.estate.declaration.parser import OWN_KEYS
from divio_provider.estate.declaration.spec import Spec
from divio_provider.estate.declaration.variable_types import LONGEST_NAME, SET_BY_THE_ESTATE, VARIABLE_NAME

_NAMES = {"pattern": f"^(?!(?:{'|'.join(SET_BY_THE_ESTATE)})$){VARIABLE_NAME}$", "maxLength": LONGEST_NAME}
_KEYS = {
    "variables": _NAMES,
    "shared": _NAMES,
    "mirrors": {"pattern": f"^{SITE_SLUG}$"},
    "redeploy": {"pattern": f"^{SITE_SLUG}$"},
    "services": {"pattern": f"^(?:{'|'.join(SERVICE_TYPES)})(?:/{PREFIX})?$"},
    "reserved": {"pattern": f"^{SLUG}(?:/[1-9][0-9]*)?$"},
}
"""What the keys of a mapping must look like. Pydantic tells only about values."""


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) as plain data."""
    made = Spec.model_json_schema(mode="validation")
    for part in (made, *made["$defs"].values()):
        _finish(part)
    own = {"description": "Yours: nobody reads it, so YAML anchors have a place."}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **made,
        "patternProperties": {f"^{OWN_KEYS}": own},
        "title": "An estate on Divio",
    }


def _finish(part: dict[str, Any]) -> None:
    """Bring one object's schema in line with what is read, and make it pleasant to see in an editor."""
    required = part.get("required", [])
    for name, field in part.get("properties", {}).items():
        # Titles made from field names say nothing that the name does not.
        field.pop("title", None)
        if "allOf" in field:
            # Pydantic before 2.9 wraps a reference that has a description.
            field.update(field.pop("allOf")[0])
        if name in _KEYS:
            field["propertyNames"] = _KEYS[name]
        if name == "shared_variables":
            # Nothing shared is a decision, not a section left empty.
            field["items"] |= _NAMES
        elif name == "hold":
            # With nothing after it, it would not say why.
            field.update(field.pop("anyOf")[0])
        elif name not in required:
            # A section with nothing after its key is an empty one.
            if field.get("type") in {"object", "array"}:
                field["type"] = [field["type"], "null"]
            elif "$ref" in field:
                field["anyOf"] = [{"$ref": field.pop("$ref")}, {"type": "null"}]
