"""Values for columns, as literals of SQL: a few ordinary ones, and those at the edges of a type."""

import hashlib
import re
from collections.abc import Sequence

_TYPE = re.compile(
    r'"?(?P<name>[^("\[]+?)"?(?:\((?P<one>\d+)(?:,(?P<two>-?\d+))?\))?(?P<zone> with(?:out)? time zone)?(?P<array>(?:\[\])*)$'
)
_WHOLE = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}
_FLOATS = {"real": "1e37", "double precision": "1e300"}
_TEXTS = {"character varying", "character", "text", "citext", "name"}
# The ordinary value, `{}` being its number of one digit, and those at the edges.
_JSON = ('{{"v": {}}}', "null", '"x"', "[1, null]")
_OTHERS = {
    "date": ("2026-01-1{}", "0001-01-01", "9999-12-31"), "time": ("01:02:0{}", "00:00:00", "23:59:59.999999"),
    "timestamp": ("2026-01-1{} 01:02:03", "0001-01-02", "9999-12-30 23:59:59.999999"), "json": _JSON, "jsonb": _JSON,
    "interval": ("{} days", "-9999 days", "9999 days 00:00:00.000001"), "uuid": ("00000000-0000-4000-8000-00000000000{}",),
    "bytea": ("\\x0{}", ""), "inet": ("10.0.0.{}", "::1", "255.255.255.255"), "cidr": ("10.0.0.{}/32",), "xml": ("<v>{}</v>",),
    "macaddr": ("08:00:2b:01:02:0{}",), "money": ("{}",), "point": ("(1,{})",), "oid": ("{}",), "ltree": ("v{}",),
    "tsvector": ("v{}", ""), "tsquery": ("v{}",), "hstore": ("v=>{}", ""), "bit": ("{}",), "bit varying": ("{}",),
    "boolean": ("{}", "true", "false"),
    **dict.fromkeys(("int4range", "int8range", "numrange"), ("[{0}0,{0}5)", "empty")),
    **dict.fromkeys(("daterange", "tsrange", "tstzrange"), ("[2026-01-1{0},2026-01-1{0}]", "empty")),
}  # fmt: skip


def quoted(text: str) -> str:
    """A literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def ordinary(kind: str, number: int, labels: Sequence[str] = ()) -> str | None:
    """The `number`-th (0 to 9) ordinary value of a type; values of other numbers differ, as far as the type has so many.

    Args:
        kind: the type as `format_type` names it, such as `character varying(30)`.
        number: which one.
        labels: those of an enumerated type.

    Returns:
        A literal; None where no value of the type is known.

    >>> ordinary("character varying(30)", 2), ordinary("integer", 2), ordinary("integer[]", 1)
    ("'v2'", '30002', 'ARRAY[30001]::integer[]')
    """
    if labels:
        return quoted(labels[number % len(labels)])
    name, one, two, array = _parts(kind)
    if array:
        inner = ordinary(kind.removesuffix("[]"), number)
        return inner and f"ARRAY[{inner}]::{kind}"
    if name in _WHOLE:
        return str(30000 + number)
    if name == "numeric":
        return str(number + 1) if not one or int(one) > int(two or 0) else f"0.{number + 1}"
    if name in _FLOATS:
        return f"{number + 1}.5"
    if name in _TEXTS:
        return quoted(f"v{number}"[-int(one or 9) :])
    if name in {"bit", "bit varying", "boolean"}:
        return f"B'{number % 2:0{int(one or 1)}}'" if name != "boolean" else ("true", "false")[number % 2]
    return f"{quoted(_OTHERS[name][0].format(number))}::{kind}" if name in _OTHERS else None


def edges(kind: str, labels: Sequence[str] = ()) -> list[str]:
    """Values at the edges of a type, as literals; none for a type that has no known ones.

    >>> edges("smallint")
    ['-32768', '-1', '0', '1', '32767']
    """
    if labels:
        return [quoted(label) for label in labels]
    name, one, two, array = _parts(kind)
    if array:
        return [f"ARRAY[]::{kind}"]
    if name in _WHOLE:
        return [str(value) for value in (-_WHOLE[name], -1, 0, 1, _WHOLE[name] - 1)]
    if name == "numeric":
        scale = int(two or 0)
        most = "9" * (int(one or 30) - scale) + "." + "9" * (scale if one else 9)
        return [f"-{most}", "-1" if len(most) - scale > 1 else "0", "0", most]
    if name in _FLOATS:
        return ["-1", "0", "1e-30", _FLOATS[name]]
    if name in _TEXTS:
        length = int(one) if one else 63 if name == "name" else 10_000
        # It does not compress, so that an index refuses a long one.
        noise = hashlib.shake_256(b"divio").hexdigest(length // 2 + 1)[:length]
        return ["''", quoted(noise), quoted(("Ä" + noise)[:length]), "' '", quoted("a%\\"[:length])]
    return [f"{quoted(value)}::{kind}" for value in _OTHERS.get(name, ())[1:]]


def mentioned(expression: str, kind: str) -> list[str]:
    """Values of a type that an expression names, and their neighbours: where a rule refuses something, it is often near.

    >>> mentioned("(pages >= 10)", "integer")
    ['9', '10', '11']
    """
    name = _parts(kind)[0]
    if name in {*_WHOLE, *_FLOATS, "numeric"}:
        numbers = dict.fromkeys(map(int, re.findall(r"(?<![\w.'])-?\d{1,9}(?![\w.])", expression)))
        return [str(value) for number in numbers for value in (number - 1, number, number + 1)]
    words = dict.fromkeys(re.findall(r"'((?:[^']|'')*)'", expression) if name in _TEXTS else ())
    return [quoted(value) for word in words for value in (word.replace("''", "'"), word.replace("''", "'") + "x")]


def _parts(kind: str) -> tuple[str, str | None, str | None, str]:
    """A type's name without its schema, the numbers in parentheses and whether it is an array."""
    found = _TYPE.match(kind)
    return (found["name"].rpartition(".")[2], found["one"], found["two"], found["array"]) if found else ("", "", "", "")
