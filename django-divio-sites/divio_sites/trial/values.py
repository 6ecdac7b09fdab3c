"""Values for columns, as SQL: a few ordinary ones, and those at the edges of a type."""

import hashlib
import re
from collections.abc import Sequence

_TYPE = re.compile(
    r'"?(?P<name>[^("\[]+?)"?(?:\((?P<one>\d+)(?:,(?P<two>-?\d+))?\))?(?P<zone> with(?:out)? time zone)?(?P<array>(?:\[\])*)$'
)
_WHOLE = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}
_TEXTS = {"character varying", "character", "text", "citext", "public.citext", "name"}
_RANGES = {
    "int4range": "[{0},{1})",
    "int8range": "[{0},{1})",
    "numrange": "[{0},{1})",
    "daterange": "[2026-01-1{0},2026-01-1{1})",
}
_RANGES |= dict.fromkeys(("tsrange", "tstzrange"), "[2026-01-1{0},2026-01-1{1})")
# The `{}` is the number of the value, one digit.
_PLAIN = {
    "date": "2026-01-1{}", "timestamp": "2026-01-1{} 01:02:03", "time": "01:02:0{}", "interval": "{} days",
    "json": '{{"v": {}}}', "jsonb": '{{"v": {}}}', "uuid": "00000000-0000-4000-8000-00000000000{}", "bytea": "\\x0{}",
    "inet": "10.0.0.{}", "cidr": "10.0.0.{}/32", "macaddr": "08:00:2b:01:02:0{}", "tsvector": "v{}", "tsquery": "v{}",
    "xml": "<v>{}</v>", "money": "{}", "point": "(1,{})", "hstore": "v=>{}", "ltree": "v{}", "oid": "{}",
}  # fmt: skip
_JSON = ("null", '"x"', "[1, null]")
_EDGES = {
    "date": ("0001-01-01", "9999-12-31"), "timestamp": ("0001-01-02", "9999-12-30 23:59:59.999999"),
    "time": ("00:00:00", "23:59:59.999999"), "interval": ("-9999 days", "9999 days 00:00:00.000001"), "json": _JSON,
    "jsonb": _JSON, "bytea": ("",), "inet": ("::1", "255.255.255.255"), "tsvector": ("",), "hstore": ("",),
}  # fmt: skip


def quoted(text: str) -> str:
    """A literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def noise(length: int) -> str:
    """Text that does not compress, always the same: an index refuses a long one."""
    return hashlib.shake_256(b"divio").hexdigest(length // 2 + 1)[:length]


def ordinary(kind: str, number: int, labels: Sequence[str] = ()) -> str | None:
    """The `number`-th (0 to 9) ordinary value of a type.

    Args:
        kind: the type as `format_type` names it, such as `character varying(30)`.
        number: values of other numbers differ, as far as the type has so many.
        labels: those of an enumerated type.

    Returns:
        A literal; None where no value of the type is known.

    >>> ordinary("character varying(30)", 2), ordinary("integer", 2), ordinary("integer[]", 1)
    ("'v2'", '30002', 'ARRAY[30001]::integer[]')
    """
    if labels:
        return quoted(labels[number % len(labels)])
    found = _TYPE.match(kind)
    if not found:
        return None
    name, one, two = found["name"], found["one"], found["two"]
    if found["array"]:
        inner = ordinary(kind.removesuffix("[]"), number)
        return inner and f"ARRAY[{inner}]::{kind}"
    if name in _WHOLE:
        return str(30000 + number)
    if name == "numeric":
        return str(number + 1) if one is None or int(one) > int(two or 0) else f"0.{number + 1}"
    if name in {"real", "double precision"}:
        return f"{number + 1}.5"
    if name in _TEXTS:
        return quoted(f"v{number}"[-int(one or 9) :])
    if name == "boolean":
        return ("true", "false")[number % 2]
    if name in _RANGES:
        return quoted(_RANGES[name].format(number, number + 1)) + f"::{kind}"
    if name in {"bit", "bit varying"}:
        return f"B'{number % 2:0{int(one or 1)}}'"
    plain = _PLAIN.get(name.rpartition(".")[2])
    return None if plain is None else f"{quoted(plain.format(number))}::{name}{found['zone'] or ''}"


def edges(kind: str, labels: Sequence[str] = ()) -> list[str]:
    """Values at the edges of a type, as literals; none for a type that has no known ones.

    >>> edges("smallint")
    ['-32768', '-1', '0', '1', '32767']
    """
    if labels:
        return [quoted(label) for label in labels]
    found = _TYPE.match(kind)
    if not found:
        return []
    name, one, two = found["name"], found["one"], found["two"]
    if found["array"]:
        return [f"ARRAY[]::{kind}"]
    if name in _WHOLE:
        return [str(value) for value in (-_WHOLE[name], -1, 0, 1, _WHOLE[name] - 1)]
    if name == "numeric":
        scale = int(two or 0)
        most = "9" * (int(one or 30) - scale) + "." + "9" * (scale if one else 9)
        return [f"-{most}", "-1" if len(most) - scale > 1 else "0", "0", most]
    if name in {"real", "double precision"}:
        return ["-1", "0", "1e-30", "1e37" if name == "real" else "1e300"]
    if name in _TEXTS:
        length = int(one) if one else 63 if name == "name" else 10_000
        return ["''", quoted(noise(length)), quoted(("Ä" + noise(length))[:length]), "' '", quoted("a%\\"[:length])]
    if name == "boolean":
        return ["true", "false"]
    if name in _RANGES:
        return [f"'empty'::{kind}"]
    return [f"{quoted(value)}::{name}{found['zone'] or ''}" for value in _EDGES.get(name.rpartition(".")[2], ())]


def mentioned(expression: str, kind: str) -> list[str]:
    """Values of a type that an expression names, and their neighbours: where a rule refuses something, it is often near.

    >>> mentioned("(pages >= 10)", "integer")
    ['9', '10', '11']
    """
    found = _TYPE.match(kind)
    name = found["name"] if found else ""
    if name in _WHOLE or name in {"numeric", "real", "double precision"}:
        numbers = [int(word) for word in re.findall(r"(?<![\w.'])-?\d{1,9}(?![\w.])", expression)]
        return [str(value) for number in dict.fromkeys(numbers) for value in (number - 1, number, number + 1)]
    if name in _TEXTS:
        words = [word.replace("''", "'") for word in re.findall(r"'((?:[^']|'')*)'", expression)]
        return [quoted(value) for word in dict.fromkeys(words) for value in (word, word + "x")]
    return []
