"""What models there are after a number of operations: Django's project state, as far as the database cares."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from divio_provider.migrations.fields import Field, OwnField, field_from
from divio_provider.migrations.migration import Operation
from divio_provider.migrations.values import Call, Name

Key = tuple[str, str]
"""An app's label and a model's name in lower case."""


@dataclass(frozen=True)
class Model:
    """A model.

    Args:
        app: its app's label.
        name: as it is written.
        fields: by name.
        options: of its Meta, as migrations have them; constraints under `constraints`.
        born_table: the table's name where an operation that we could not follow may have changed it.
    """

    app: str
    name: str
    fields: Mapping[str, Field] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    complete: bool = True

    @property
    def key(self) -> Key:
        """How it is found."""
        return (self.app, self.name.lower())

    @property
    def label(self) -> str:
        """As a person would say it."""
        return f"{self.app}.{self.name}"

    @property
    def table(self) -> str:
        """The table's name, in lower case."""
        named = self.options.get("db_table")
        return (named if isinstance(named, str) and named else f"{self.app}_{self.name}").lower().replace('"', "")

    @property
    def has_table(self) -> bool:
        """Whether Django makes and changes a table for it: not for proxies and for models it does not manage."""
        return self.options.get("managed", True) is not False and self.options.get("proxy", False) is not True

    def field(self, name: str) -> Field | None:
        """A field by its name, whatever its case."""
        return self.fields.get(name) or next(
            (found for key, found in self.fields.items() if key.lower() == name.lower()), None
        )

    def columns(self, names: object) -> tuple[str, ...] | None:
        """The columns of fields by name, None where one of them cannot be told."""
        found: list[str] = []
        for name in names if isinstance(names, (list, tuple)) else ():
            known = self.field(name.lstrip("-")) if isinstance(name, str) else None
            if known is None and isinstance(name, str) and name.endswith("_id"):
                known = self.field(name.removesuffix("_id"))
            if known is None and name == "_order" and self.options.get("order_with_respect_to"):
                found.append("_order")
                continue
            if known is None:
                return None
            found.append(known.column)
        return tuple(found)

    def through_table(self, many: Field) -> str:
        """The table that a ManyToManyField makes of its own; empty where another model is it."""
        if many["through"] is not None:
            return ""
        named = many["db_table"]
        return (named if isinstance(named, str) else f"{self.table}_{many.name}").lower()

    def with_field(self, added: Field) -> "Model":
        """The same with one more field, or another one of this name."""
        return replace(self, fields={**self.fields, added.name: added})

    def with_options(self, **options: object) -> "Model":
        """The same with other options."""
        return replace(self, options={**self.options, **options})

    @property
    def together(self) -> list[tuple[str, ...]]:
        """The sets of fields that `unique_together` names."""
        return together(self.options.get("unique_together"))

    @property
    def constraints(self) -> list[Call]:
        """Its constraints, those that could be read."""
        listed = self.options.get("constraints")
        return [item for item in listed if isinstance(item, Call)] if isinstance(listed, (list, tuple)) else []


def together(value: object) -> list[tuple[str, ...]]:
    """`unique_together` in the one form of its three: a list of tuples of names."""
    if not isinstance(value, (list, tuple)) or not value:
        return []
    if all(isinstance(item, str) for item in value):
        return [tuple(value)]
    return [tuple(item) for item in value if isinstance(item, (list, tuple))]


class State:
    """Models by app and name. `apply` changes it; copies share what did not change.

    Args:
        own: what is known of the project's own field classes.
    """

    def __init__(self, own: Mapping[str, OwnField], models: Mapping[Key, Model] | None = None) -> None:
        self.own = own
        self.models: dict[Key, Model] = dict(models or {})

    def copy(self) -> "State":
        """Another one to go on from."""
        return State(self.own, self.models)

    def model(self, app: str, name: str) -> Model | None:
        """A model by app and name, whatever its case."""
        return self.models.get((app, name.lower()))

    def field(self, app: str, name: str, value: object) -> Field:
        """A field as an operation of an app has it: `self` and names without an app are resolved."""
        found = field_from(name, value, self.own)
        to = found["to"]
        if isinstance(to, str) and "." not in to and to not in {"self", ""}:
            found = replace(found, options={**found.options, "to": f"{app}.{to}"})
        return found

    def apply(self, app: str, operation: Operation) -> None:
        """What the models are after an operation."""
        kind = operation.kind
        if kind in {"SeparateDatabaseAndState", "RunSQL"}:
            for inner in operation.state:
                self.apply(app, inner)
            return
        if kind == "CreateModel":
            self._create(app, operation)
        elif kind == "DeleteModel":
            self.models.pop((app, operation.names("name").lower()), None)
        elif kind == "RenameModel":
            self._rename_model(app, operation)
        elif kind in _ON_MODEL:
            model = self.model(app, operation.names("name") or operation.names("model_name"))
            if model is not None:
                self.models[model.key] = _changed(model, operation)
        elif kind in _ON_FIELD:
            model = self.model(app, operation.names("model_name"))
            if model is not None:
                self._change_field(model, operation)

    def _create(self, app: str, operation: Operation) -> None:
        listed = operation["fields"]
        fields: dict[str, Field] = {}
        complete = isinstance(listed, (list, tuple))
        for item in listed if isinstance(listed, (list, tuple)) else ():
            if isinstance(item, (list, tuple)) and len(item) == 2 and isinstance(item[0], str):
                fields[item[0]] = self.field(app, item[0], item[1])
            else:
                complete = False
        options = operation["options"]
        options = options if isinstance(options, dict) else {}
        model = Model(app, operation.names("name"), fields, options, complete)
        self.models[model.key] = model

    def _rename_model(self, app: str, operation: Operation) -> None:
        old, new = operation.names("old_name"), operation.names("new_name")
        model = self.models.pop((app, old.lower()), None)
        if model is None:
            return
        renamed = replace(model, name=new)
        self.models[renamed.key] = renamed
        before, after = f"{app}.{old}".lower(), f"{app}.{new}"
        for key, other in list(self.models.items()):
            fields = {name: _pointed(field, before, after) for name, field in other.fields.items()}
            self.models[key] = replace(other, fields=fields)

    def _change_field(self, model: Model, operation: Operation) -> None:
        name = operation.names("name") or operation.names("old_name")
        known = model.field(name)
        if operation.kind in {"AddField", "AlterField"}:
            added = self.field(model.app, known.name if known else name, operation["field"])
            self.models[model.key] = model.with_field(added)
        elif operation.kind == "RemoveField":
            kept = {key: field for key, field in model.fields.items() if key.lower() != name.lower()}
            self.models[model.key] = replace(model, fields=kept)
        elif known is not None:
            new = operation.names("new_name")
            fields = {
                (new if key == known.name else key): (field.renamed(new) if key == known.name else field)
                for key, field in model.fields.items()
            }
            self.models[model.key] = replace(model, fields=fields, options=_renamed_in(model.options, known.name, new))


_ON_MODEL = frozenset({
    "AlterModelTable", "AlterUniqueTogether", "AlterIndexTogether", "AlterOrderWithRespectTo", "AlterModelOptions",
    "AddConstraint", "AddConstraintNotValid", "RemoveConstraint",
})  # fmt: skip
_ON_FIELD = frozenset({"AddField", "RemoveField", "AlterField", "RenameField"})


def _pointed(field: Field, before: str, after: str) -> Field:
    return replace(field, options={**field.options, "to": after}) if field.target == before else field


def _renamed_in(options: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    renamed = dict(options)
    for name in ("unique_together", "index_together"):
        if name in renamed:
            sets = together(renamed[name])
            renamed[name] = [tuple(new if item == old else item for item in names) for names in sets]
    return renamed


def _changed(model: Model, operation: Operation) -> Model:
    kind = operation.kind
    if kind == "AlterModelTable":
        return model.with_options(db_table=operation["table"])
    if kind == "AlterUniqueTogether":
        return model.with_options(unique_together=operation["unique_together"])
    if kind == "AlterOrderWithRespectTo":
        return model.with_options(order_with_respect_to=operation["order_with_respect_to"])
    if kind == "AlterModelOptions":
        options = operation["options"]
        kept = {key: value for key, value in model.options.items() if key not in _SET_TOGETHER}
        return replace(model, options={**kept, **(options if isinstance(options, dict) else {})})
    if kind in {"AddConstraint", "AddConstraintNotValid"}:
        return model.with_options(constraints=[*model.constraints, operation["constraint"]])
    if kind == "RemoveConstraint":
        name = operation.names("name")
        return model.with_options(constraints=[item for item in model.constraints if item.options.get("name") != name])
    return model


_SET_TOGETHER = frozenset({
    "base_manager_name", "default_manager_name", "default_related_name", "get_latest_by", "managed", "ordering",
    "permissions", "default_permissions", "select_on_save", "verbose_name", "verbose_name_plural",
})  # fmt: skip
"""What AlterModelOptions sets as a whole: what it does not name is taken away. Source: its ALTER_OPTION_KEYS."""


def is_setting(value: object) -> bool:
    """Whether a relation's target is chosen by a setting, such as AUTH_USER_MODEL."""
    return isinstance(value, Name) and "settings" in value.path
