-- One statement, so that a look costs one round trip: (kind, identity, fact) of every object that may matter to old code. What SQL
-- of one's own does to other objects nobody judges. `to_jsonb(i)` reads columns that older servers do not have
-- (https://www.postgresql.org/docs/current/catalogs.html).
WITH rels AS (SELECT c.*, s.nspname, (SELECT string_agg(concat(pg_get_triggerdef(g.oid), g.tgenabled), ' ' ORDER BY g.oid) FROM pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgname !~ '^divio_trial') AS triggers,
        (SELECT string_agg(concat(pg_get_ruledef(r.oid), r.ev_enabled), ' ' ORDER BY r.oid) FROM pg_rewrite r WHERE r.ev_class = c.oid AND r.rulename <> '_RETURN') AS rules
    FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace WHERE s.nspname !~ '^pg_' AND s.nspname NOT IN ('information_schema', 'divio_trial')
      AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e'))
SELECT 'relation', c.oid::text, jsonb_build_object(
    'relation', c.oid::text, 'name', c.relname, 'schema', c.nspname, 'visible', pg_table_is_visible(c.oid), 'fills', COALESCE(c.triggers, c.rules) IS NOT NULL,
    -- A sequence of a column shows in its default.
    'owned', EXISTS (SELECT FROM pg_depend d WHERE c.relkind = 'S' AND d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0),
    'definition', concat_ws(' ', c.relkind, c.relpersistence, CASE WHEN c.relkind IN ('v', 'm') THEN concat(pg_get_viewdef(c.oid), c.reloptions) END, c.relrowsecurity, c.relforcerowsecurity, pg_get_expr(c.relpartbound, c.oid),
        (SELECT string_agg(inhparent::text, ' ' ORDER BY inhparent) FROM pg_inherits WHERE inhrelid = c.oid), c.triggers, c.rules))
  FROM rels c WHERE c.relkind NOT IN ('i', 'I', 't')
UNION ALL SELECT 'column', a.attrelid || '.' || a.attnum, divio_trial.example(a.atttypid, a.atttypmod) || jsonb_build_object(
    'relation', a.attrelid::text, 'number', a.attnum, 'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'typeid', a.atttypid::text, 'required', a.attnotnull, 'default', pg_get_expr(d.adbin, d.adrelid),
    'filled', a.atthasdef OR a.attidentity <> '', 'fills', COALESCE(c.triggers, c.rules) IS NOT NULL, 'generated', a.attgenerated <> '',
    'definition', concat_ws(' ', a.attidentity, a.attgenerated, CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END, (SELECT o.collname FROM pg_collation o WHERE o.oid = a.attcollation AND a.attcollation <> t.typcollation)))
  FROM pg_attribute a JOIN rels c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
UNION ALL SELECT 'constraint', k.oid::text, jsonb_build_object(
    'relation', k.conrelid::text, 'name', k.conname, 'type', k.contype, 'definition', pg_get_constraintdef(k.oid),
    'says', k.contype::text || k.confdeltype::text || regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID', ''),
    'waits', concat_ws(' ', k.condeferrable, k.condeferred), 'columns', COALESCE(k.conkey, '{}'), 'acts', k.confdeltype NOT IN ('a', 'r', ' '), 'expression', pg_get_expr(k.conbin, k.conrelid))
  FROM pg_constraint k JOIN rels c ON c.oid = k.conrelid WHERE k.conparentid = 0 AND k.contype <> 'n'
UNION ALL SELECT 'index', i.indexrelid::text, jsonb_build_object(
    'relation', i.indrelid::text, 'name', x.relname, 'unique', i.indisunique OR i.indisexclusion, 'equal', i.indisunique, 'immediate', i.indimmediate, 'keys', (i.indkey::int2[])[0:i.indnkeyatts - 1],
    'nulls', COALESCE((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false), 'predicate', pg_get_expr(i.indpred, i.indrelid),
    'expressions', concat_ws(' ', pg_get_expr(i.indexprs, i.indrelid), pg_get_expr(i.indpred, i.indrelid)), 'collations', i.indcollation::oid[], 'definition', pg_get_indexdef(i.indexrelid),
    -- How many letters old code may write into what an entry holds. A hash index takes a text in parts, as gin does, but for what arrays and hstore hold.
    'letters', CASE WHEN pg_get_indexdef(i.indexrelid) ~ ' USING hash |gist_trgm_ops' THEN 0 ELSE (SELECT COALESCE(sum(CASE WHEN m.amname = 'gin' AND t.typelem = 0 AND t.typname <> 'hstore' THEN 0
            ELSE COALESCE((divio_trial.example(CASE WHEN m.amname = 'gin' AND t.typelem > 0 THEN t.typelem ELSE t.oid END, a.atttypmod) ->> 'letters')::int, 10000) END), 0)
        FROM divio_trial.old o JOIN pg_attribute a ON a.attrelid = o.relation AND a.attnum = o.number JOIN pg_type t ON t.oid = a.atttypid WHERE o.relation = i.indrelid AND (o.number = ANY (i.indkey::int2[])
        OR (i.indexprs IS NOT NULL AND o.number IN (SELECT p.refobjsubid FROM pg_depend p WHERE p.objid = i.indexrelid AND p.refobjid = i.indrelid)))) END)
  FROM pg_index i JOIN rels c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
