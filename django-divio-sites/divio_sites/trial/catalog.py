"""What PostgreSQL's catalog says of a schema: a fact for each object, by what stays when it is renamed."""

from collections.abc import Mapping
from typing import Any

Fact = Mapping[str, Any]
Facts = dict[tuple[str, str], Fact]
"""By kind and identity (oid; for a column `oid.attnum`)."""

EVENTS = "divio_trial"
"""The schema in which triggers of ours note what is done to rows; no fact tells of it."""

# One statement, so that a look costs one round trip. Extensions' own objects are theirs. `to_jsonb(i)` reads columns that
# older servers do not have (https://www.postgresql.org/docs/current/catalogs.html).
_FACTS = f"""
WITH spaces AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', '{EVENTS}')),
     theirs AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),
     rels AS (
        SELECT c.* FROM pg_class c JOIN spaces s ON s.oid = c.relnamespace
        WHERE (c.oid, 'pg_class'::regclass) NOT IN (SELECT objid, classid FROM theirs))
SELECT 'relation', c.oid::text, jsonb_build_object(
    'name', c.relname, 'schema', s.nspname, 'kind', c.relkind, 'filenode', c.relfilenode, 'secured', c.relrowsecurity, 'forced', c.relforcerowsecurity,
    'acl', c.relacl::text, 'view', CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END, 'bound', pg_get_expr(c.relpartbound, c.oid),
    'parents', (SELECT jsonb_agg(inhparent ORDER BY inhparent) FROM pg_inherits WHERE inhrelid = c.oid),
    'owned', (SELECT d.refobjid::text FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND c.relkind = 'S' LIMIT 1),
    'sequence', (SELECT to_jsonb(q) - 'seqrelid' FROM pg_sequence q WHERE q.seqrelid = c.oid))
  FROM rels c JOIN spaces s ON s.oid = c.relnamespace WHERE c.relkind NOT IN ('i', 'I', 't')
UNION ALL SELECT 'column', a.attrelid || '.' || a.attnum, jsonb_build_object(
    'relation', a.attrelid::text, 'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'typeid', a.atttypid::text, 'required', a.attnotnull,
    'base', (WITH RECURSIVE up AS (SELECT y.oid, y.typbasetype, y.typtypmod FROM pg_type y WHERE y.oid = a.atttypid UNION ALL
        SELECT y.oid, y.typbasetype, CASE WHEN y.typtypmod < 0 THEN up.typtypmod ELSE y.typtypmod END FROM up JOIN pg_type y ON y.oid = up.typbasetype)
        SELECT format_type(up.oid, CASE WHEN up.oid = a.atttypid THEN a.atttypmod ELSE up.typtypmod END) FROM up WHERE up.typbasetype = 0 LIMIT 1),
    'default', pg_get_expr(d.adbin, d.adrelid), 'generated', a.attgenerated, 'identity', a.attidentity, 'acl', a.attacl::text,
    'collation', (SELECT o.collname FROM pg_collation o WHERE o.oid = a.attcollation AND a.attcollation <> t.typcollation),
    'labels', (SELECT jsonb_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = a.atttypid))
  FROM pg_attribute a JOIN rels c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
UNION ALL SELECT 'constraint', k.oid::text, jsonb_build_object(
    'relation', NULLIF(k.conrelid, 0)::text, 'domain', NULLIF(k.contypid, 0)::text, 'name', k.conname, 'type', k.contype, 'definition', pg_get_constraintdef(k.oid),
    'deferrable', k.condeferrable, 'deferred', k.condeferred, 'columns', k.conkey, 'target', NULLIF(k.confrelid, 0)::text, 'on_delete', k.confdeltype,
    'expression', pg_get_expr(k.conbin, k.conrelid))
  FROM pg_constraint k JOIN spaces s ON s.oid = k.connamespace WHERE k.conparentid = 0 AND k.contype <> 'n'
UNION ALL SELECT 'index', i.indexrelid::text, jsonb_build_object(
    'relation', i.indrelid::text, 'name', x.relname, 'unique', i.indisunique, 'immediate', i.indimmediate, 'columns', i.indkey::int2[], 'keys', i.indnkeyatts,
    'nulls', COALESCE((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false), 'predicate', pg_get_expr(i.indpred, i.indrelid),
    'expressions', pg_get_expr(i.indexprs, i.indrelid), 'collations', i.indcollation::oid[], 'definition', pg_get_indexdef(i.indexrelid),
    'used', (SELECT jsonb_agg(DISTINCT p.refobjsubid) FROM pg_depend p WHERE p.objid = i.indexrelid AND p.refobjid = i.indrelid AND p.refobjsubid > 0))
  FROM pg_index i JOIN rels c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
UNION ALL SELECT 'trigger', g.oid::text, jsonb_build_object('relation', g.tgrelid::text, 'name', g.tgname, 'definition', pg_get_triggerdef(g.oid), 'enabled', g.tgenabled)
  FROM pg_trigger g JOIN rels c ON c.oid = g.tgrelid WHERE NOT g.tgisinternal AND g.tgname !~ '^{EVENTS}'
UNION ALL SELECT 'rule', r.oid::text, jsonb_build_object('relation', r.ev_class::text, 'name', r.rulename, 'definition', pg_get_ruledef(r.oid), 'enabled', r.ev_enabled)
  FROM pg_rewrite r JOIN rels c ON c.oid = r.ev_class WHERE r.rulename <> '_RETURN'
UNION ALL SELECT 'policy', p.oid::text, jsonb_build_object('relation', p.polrelid::text, 'name', p.polname, 'definition', concat_ws(' ', p.polcmd, p.polpermissive, p.polroles::text,
    pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)))
  FROM pg_policy p JOIN rels c ON c.oid = p.polrelid
UNION ALL SELECT 'function', f.oid::text, jsonb_build_object('name', f.proname, 'definition', concat_ws(' ', pg_get_function_identity_arguments(f.oid), f.prosrc, f.provolatile, f.prosecdef, f.proconfig))
  FROM pg_proc f JOIN spaces s ON s.oid = f.pronamespace WHERE (f.oid, 'pg_proc'::regclass) NOT IN (SELECT objid, classid FROM theirs)
UNION ALL SELECT 'label', e.oid::text, jsonb_build_object('name', e.enumlabel, 'type', t.typname) FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid JOIN spaces s ON s.oid = t.typnamespace
UNION ALL SELECT 'type', t.oid::text, jsonb_build_object('name', t.typname, 'required', t.typnotnull, 'default', t.typdefault) FROM pg_type t JOIN spaces s ON s.oid = t.typnamespace WHERE t.typtype IN ('d', 'e', 'r')
UNION ALL SELECT 'extension', oid::text, jsonb_build_object('name', extname) FROM pg_extension
UNION ALL SELECT 'collation', o.oid::text, jsonb_build_object('name', o.collname) FROM pg_collation o JOIN spaces s ON s.oid = o.collnamespace
UNION ALL SELECT 'setting', r.setdatabase || '.' || r.setrole, jsonb_build_object('name', array_to_string(r.setconfig, ', ')) FROM pg_db_role_setting r
  WHERE r.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
"""


def facts_of(cursor: Any) -> Facts:
    """All facts of a database.

    Args:
        cursor: one of Django's, on that database.
    """
    cursor.execute(_FACTS)
    return {(kind, identity): fact if isinstance(fact, dict) else _loaded(fact) for kind, identity, fact in cursor.fetchall()}


def _loaded(text: str) -> Fact:
    # Django keeps psycopg from reading jsonb, because its own JSONField does.
    import json  # noqa: PLC0415

    found: Fact = json.loads(text)
    return found


def used_columns(index: Fact) -> set[int]:
    """The columns, by number, of which an index is made: its keys, and those of its expressions and its condition."""
    keys, included = index["columns"][: index["keys"]], index["columns"][index["keys"] :]
    return {number for number in (*keys, *(index["used"] or ())) if number > 0 and number not in set(included) - set(keys)}


# Statement triggers see what matches no row, row triggers see which columns; a trigger for each column is in the way of
# ALTER COLUMN TYPE, so these stand only while SQL of one's own runs. ENABLE ALWAYS: session_replication_role silences the rest.
WATCH = f"""
CREATE SCHEMA {EVENTS};
CREATE TABLE {EVENTS}.event (number serial, verb text, relation text, "column" text);
CREATE FUNCTION {EVENTS}.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE changed text;
BEGIN
  IF TG_LEVEL = 'ROW' THEN
    FOR changed IN SELECT n.key FROM jsonb_each(to_jsonb(NEW)) n JOIN jsonb_each(to_jsonb(OLD)) o USING (key) WHERE n.value IS DISTINCT FROM o.value LOOP
      INSERT INTO {EVENTS}.event (verb, relation, "column") VALUES ('changed', TG_RELID::text, changed);
    END LOOP;
  ELSE
    INSERT INTO {EVENTS}.event (verb, relation, "column") VALUES (lower(TG_OP), TG_RELID::text, TG_ARGV[0]);
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION {EVENTS}.watch(relation regclass, columns text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE one text; name text;
BEGIN
  IF columns IS NULL THEN
    EXECUTE format('CREATE TRIGGER {EVENTS} AFTER UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION {EVENTS}.note()', relation);
    EXECUTE format('CREATE TRIGGER {EVENTS}_row AFTER UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION {EVENTS}.note()', relation);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER {EVENTS}, ENABLE ALWAYS TRIGGER {EVENTS}_row', relation);
  ELSE
    FOREACH one IN ARRAY columns LOOP
      name := '{EVENTS}_' || md5(one);
      EXECUTE format('CREATE TRIGGER %I AFTER UPDATE OF %I ON %s FOR EACH STATEMENT EXECUTE FUNCTION {EVENTS}.note(%L)', name, one, relation, one);
      EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', relation, name);
    END LOOP;
  END IF;
END $$;
CREATE FUNCTION {EVENTS}.unwatch() RETURNS void LANGUAGE plpgsql AS $$
DECLARE one record;
BEGIN
  FOR one IN SELECT tgrelid::regclass AS relation, tgname FROM pg_trigger WHERE tgname ~ '^{EVENTS}_[0-9a-f]{{32}}$' LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', one.tgname, one.relation);
  END LOOP;
END $$;
"""
