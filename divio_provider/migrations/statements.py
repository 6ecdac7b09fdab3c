"""SQL, read: which acts each of its statements comes to.

sqlglot splits it into statements and words, and reads those about rows. Those about tables are read here, word by word:
PostgreSQL's manual lists their forms (sql-altertable.html and its neighbours), and each form that is not in this file is
one that nobody can judge.
"""

import logging
from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.errors import SqlglotError
from sqlglot.tokens import Token, TokenType  # type: ignore[attr-defined]  # its names are imported there

from divio_provider.migrations.acts import Act, Does, nothing, unclear
from divio_provider.migrations.alter_table import alter_table
from divio_provider.migrations.words import Words

# It tells of syntax that it does not know; that is our finding, not a message of its own.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

_HARMLESS = {
    "SET": "a setting of this connection", "RESET": "a setting of this connection", "BEGIN": "a transaction",
    "COMMIT": "a transaction", "START": "a transaction", "SAVEPOINT": "a transaction", "END": "a transaction",
    "COMMENT": "a comment", "ANALYZE": "statistics", "VACUUM": "housekeeping", "REINDEX": "an index is built anew",
    "CLUSTER": "housekeeping", "REFRESH": "a view is filled anew", "GRANT": "more is allowed", "LOCK": "a lock for a while",
    "EXPLAIN": "a plan", "SHOW": "a setting is read", "CHECKPOINT": "housekeeping", "NOTIFY": "a message",
}  # fmt: skip

_FUNCTIONS = {"setval", "nextval", "currval", "pg_get_serial_sequence", "set_config", "pg_advisory_lock",
              "pg_advisory_unlock", "pg_advisory_xact_lock", "pg_sleep", "to_regclass", "pg_try_advisory_lock"}  # fmt: skip

_CREATED = {
    "EXTENSION", "SCHEMA", "SEQUENCE", "TYPE", "DOMAIN", "COLLATION", "ROLE", "USER", "STATISTICS", "TEXT", "OPERATOR",
    "AGGREGATE", "CAST", "SERVER", "FOREIGN", "PUBLICATION", "TABLESPACE", "LANGUAGE", "VIEW", "FUNCTION", "PROCEDURE",
    "MATERIALIZED",
}  # fmt: skip
_WATCHERS = {"TRIGGER", "RULE", "POLICY", "EVENT", "CONSTRAINT"}


def acts_in(sql: str) -> list[tuple[str, list[Act]]]:
    """Each statement's text with its acts. What cannot be split is one statement that nobody can judge."""
    # Names in MySQL's quotes are names all the same.
    sql = sql.replace("`", '"')
    try:
        tokens = Postgres().tokenize(sql)
    except SqlglotError:
        return [(sql, [unclear("this is no SQL that can be split into words")])]
    found: list[tuple[str, list[Act]]] = []
    for part in _statements(tokens):
        text = sql[part[0].start : part[-1].end + 1]
        found.append((text, _acts(text, part)))
    return found


def _statements(tokens: list[Token]) -> Iterator[list[Token]]:
    part: list[Token] = []
    for token in tokens:
        if token.token_type is TokenType.SEMICOLON:
            if part:
                yield part
            part = []
        else:
            part.append(token)
    if part:
        yield part


def _acts(text: str, tokens: list[Token]) -> list[Act]:
    words = Words(tokens)
    head = words.take().upper()
    if head in _HARMLESS:
        return [nothing(_HARMLESS[head])]
    if head == "ALTER":
        return _alter(words)
    if head == "CREATE":
        return _create(words)
    if head == "DROP":
        return _drop(words)
    if head == "TRUNCATE":
        words.skip("TABLE", "ONLY")
        return [Act(Does.DELETE, table=name, why="empties") for name in words.names()]
    if head in {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "VALUES", "MERGE", "COPY"}:
        return _rows(text)
    return [unclear(f"what {head} … does")]


def _alter(words: Words) -> list[Act]:
    what = words.take().upper()
    if what == "FOREIGN" or (what == "MATERIALIZED" and words.skip("VIEW")):
        return [unclear(f"what ALTER {what} … does to old code")]
    if what == "TABLE":
        return alter_table(words)
    if what == "INDEX":
        return [nothing("an index refuses nothing")]
    if what == "SEQUENCE":
        return [unclear("what ALTER SEQUENCE … means to old code")] if words.has("RENAME", "SCHEMA") else [
            nothing("a sequence goes on counting")
        ]  # fmt: skip
    if what == "TYPE" and words.has("ADD") and words.has("VALUE"):
        return [nothing("one more value is allowed")]
    return [unclear(f"what ALTER {what} … means to old code")]


def _create(words: Words) -> list[Act]:
    replaces = words.skip("OR", "REPLACE")
    words.skip("GLOBAL", "LOCAL", "UNLOGGED", "RECURSIVE", "DEFAULT", "TRUSTED")
    temporary = words.skip("TEMP", "TEMPORARY")
    unique = words.skip("UNIQUE")
    what = words.take().upper()
    if what == "INDEX":
        return _index(words, unique=bool(unique))
    words.skip("VIEW", "IF", "NOT", "EXISTS", "SEARCH", "TABLE")
    name = words.name()
    if what == "TABLE":
        return [nothing("a table of this connection alone")] if temporary else [Act(Does.CREATE_TABLE, table=name)]
    if what in _WATCHERS:
        return [Act(Does.WATCH, table=words.name_after("ON"), other=f"{what.lower()} {name}")]
    if what in _CREATED:
        return [Act(Does.REPLACE if replaces else Does.MAKE, other=name, why=what.lower())]
    return [unclear(f"what CREATE {what} … does")]


def _index(words: Words, *, unique: bool) -> list[Act]:
    quiet = words.peek() == "CONCURRENTLY"
    table = words.name_after("ON")
    partial = words.has("WHERE")
    columns = words.columns() if table else ()
    if not unique:
        return [Act(Does.INDEX, table=table, other="concurrently" if quiet else "")]
    return [Act(Does.UNIQUE, table=table, columns=() if partial else columns)]


def _drop(words: Words) -> list[Act]:
    what = words.take().upper()
    words.skip("VIEW", "CONCURRENTLY", "IF", "EXISTS")
    if what == "INDEX":
        return [nothing("an index that is gone refuses nothing")]
    names = words.names()
    if what == "TABLE":
        return [Act(Does.DROP_TABLE, table=name) for name in names] or [unclear("which table is dropped")]
    return [Act(Does.REMOVE, other=name, why=what.lower()) for name in names] or [unclear(f"what DROP {what} … drops")]


def _rows(text: str) -> list[Act]:
    try:
        tree = sqlglot.parse_one(text, dialect="postgres")
    except SqlglotError:
        return [unclear("this statement about rows is not SQL that we read")]
    found: list[Act] = []
    for node in tree.walk():
        if isinstance(node, exp.Insert):
            found.append(_insert(node))
        elif isinstance(node, exp.Update):
            found.append(Act(Does.UPDATE, table=_table(node), columns=_set(node.expressions)))
        elif isinstance(node, exp.Delete):
            found.append(Act(Does.DELETE, table=_table(node), why="deletes rows of"))
        elif isinstance(node, (exp.Merge, exp.Command)):
            found.append(unclear("what becomes of the rows"))
        elif isinstance(node, exp.Copy):
            found.append(Act(Does.INSERT, table=_table(node)))
        elif isinstance(node, exp.Into):
            found.append(Act(Does.CREATE_TABLE, table=_table(node)))
        elif isinstance(node, exp.Anonymous) and node.name.lower() not in _FUNCTIONS:
            found.append(unclear(f"what the function {node.name} does"))
    return found or [nothing("it only reads")]


def _insert(node: exp.Insert) -> Act:
    conflict = node.args.get("conflict")
    updated = conflict.args.get("expressions") if conflict is not None else None
    if updated:
        return Act(Does.UPDATE, table=_table(node), columns=_set(updated))
    return Act(Does.INSERT, table=_table(node))


def _set(assignments: list[exp.Expression]) -> tuple[str, ...]:
    """The columns that are set; nothing where one of them is not a plain name."""
    if not all(isinstance(item, exp.EQ) and isinstance(item.this, exp.Column) for item in assignments):
        return ()
    return tuple(item.this.name.lower() for item in assignments)


def _table(node: exp.Expression) -> str:
    found = node.this.find(exp.Table) if isinstance(node.this, exp.Expression) else None
    return found.name.lower() if found is not None else ""
