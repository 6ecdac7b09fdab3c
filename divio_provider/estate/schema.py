"""The JSON Schema of `stacks/estate.yaml`, made from the models, for editors.

It accepts whatever `spec.parse` accepts and refuses what a single value can tell; rules between values (two sites with
one pin) stay with `parse`. Committed as `stacks/estate.schema.json`; a test holds the two together.
"""

from typing import Any

from divio_provider.estate.spec import Spec
from divio_provider.estate.values import SLUG
from divio_provider.estate.variable_values import SET_BY_THE_ESTATE, VARIABLE_NAME


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) as plain data."""
    made = Spec.model_json_schema(mode="validation")
    mirror = made["$defs"]["Mirror"]
    # In the file a mirror's slug is its key.
    del mirror["properties"]["slug"]
    mirror["required"].remove("slug")
    for part in (made, *made["$defs"].values()):
        _finish(part)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": "An estate on Divio"}


def _finish(part: dict[str, Any]) -> None:
    """Bring one object's schema in line with what is read, and make it pleasant to see in an editor."""
    required = part.get("required", [])
    for name, field in part.get("properties", {}).items():
        # Titles made from field names say nothing that the name does not.
        field.pop("title", None)
        if name == "variables":
            names = "|".join(SET_BY_THE_ESTATE)
            field["propertyNames"] = {"pattern": f"^(?!({names})$){VARIABLE_NAME}$", "maxLength": 255}
        if name == "mirrors":
            field["propertyNames"] = {"pattern": f"^{SLUG}$"}
        # Nothing shared is a decision, not a section left empty.
        if name not in required and name != "shared_variables":
            _allow_nothing(field)


def _allow_nothing(field: dict[str, Any]) -> None:
    """A section with nothing after its key is an empty one."""
    if field.get("type") in {"object", "array"}:
        field["type"] = [field["type"], "null"]
    elif "$ref" in field:
        field["anyOf"] = [{"$ref": field.pop("$ref")}, {"type": "null"}]
