-- One statement, so that a look costs one round trip: (kind, identity, fact) of every object that may matter to old code.
-- Of an `object` nobody but a person can judge what hangs on it. Extensions' own objects are theirs. `to_jsonb(i)` reads
-- columns that older servers do not have (https://www.postgresql.org/docs/current/catalogs.html).
WITH spaces AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'divio_trial')),
     theirs AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),
     rels AS (SELECT c.*, s.nspname FROM pg_class c JOIN spaces s ON s.oid = c.relnamespace WHERE (c.oid, 'pg_class'::regclass) NOT IN (SELECT objid, classid FROM theirs)),
     owned AS (SELECT d.objid, d.refobjid, d.refobjsubid FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0)
SELECT 'relation', c.oid::text, jsonb_build_object(
    'relation', c.oid::text, 'name', c.relname, 'schema', c.nspname, 'kind', c.relkind, 'visible', pg_table_is_visible(c.oid),
    'owned', c.relkind = 'S' AND c.oid IN (SELECT objid FROM owned))
  FROM rels c WHERE c.relkind NOT IN ('i', 'I', 't')
UNION ALL SELECT 'column', a.attrelid || '.' || a.attnum, jsonb_build_object(
    'relation', a.attrelid::text, 'number', a.attnum, 'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'typeid', a.atttypid::text, 'domain', (SELECT y.typtype = 'd' FROM pg_type y WHERE y.oid = a.atttypid), 'required', a.attnotnull,
    'default', pg_get_expr(d.adbin, d.adrelid), 'generated', a.attgenerated, 'identity', a.attidentity, 'filled', a.atthasdef OR a.attidentity <> '',
    'example', divio_trial.example(a.atttypid, a.atttypmod))
  FROM pg_attribute a JOIN rels c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
UNION ALL SELECT 'constraint', k.oid::text, jsonb_build_object(
    'relation', NULLIF(k.conrelid, 0)::text, 'domain', NULLIF(k.contypid, 0)::text, 'name', k.conname, 'type', k.contype, 'definition', pg_get_constraintdef(k.oid),
    'says', k.contypid::text || k.contype::text || k.confdeltype::text || regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID', ''),
    'waits', concat_ws(' ', k.condeferrable, k.condeferred), 'columns', k.conkey, 'acts', k.confdeltype NOT IN ('a', 'r', ' '), 'expression', pg_get_expr(k.conbin, k.conrelid))
  FROM pg_constraint k JOIN spaces s ON s.oid = k.connamespace WHERE k.conparentid = 0 AND k.contype <> 'n'
UNION ALL SELECT 'index', i.indexrelid::text, jsonb_build_object(
    'relation', i.indrelid::text, 'name', x.relname, 'unique', i.indisunique, 'excludes', i.indisexclusion, 'immediate', i.indimmediate, 'keys', (i.indkey::int2[])[0:i.indnkeyatts - 1],
    'nulls', COALESCE((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false), 'predicate', pg_get_expr(i.indpred, i.indrelid),
    'expressions', pg_get_expr(i.indexprs, i.indrelid), 'collations', i.indcollation::oid[], 'definition', pg_get_indexdef(i.indexrelid),
    'used', (SELECT COALESCE(jsonb_agg(a.attname), '[]') FROM pg_attribute a WHERE a.attrelid = i.indrelid AND (a.attnum = ANY (i.indkey::int2[])
        OR (i.indexprs IS NOT NULL AND a.attnum IN (SELECT p.refobjsubid FROM pg_depend p WHERE p.objid = i.indexrelid AND p.refobjid = i.indrelid AND p.refobjsubid > 0)))))
  FROM pg_index i JOIN rels c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
UNION ALL SELECT 'object', 'relation ' || c.oid, jsonb_build_object('kind', 'definition', 'relation', c.oid::text, 'name', c.relname, 'definition', concat_ws(' ', c.relkind, CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
    c.relrowsecurity, c.relforcerowsecurity, pg_get_expr(c.relpartbound, c.oid), (SELECT string_agg(inhparent::text, ' ' ORDER BY inhparent) FROM pg_inherits WHERE inhrelid = c.oid), q.seqincrement, q.seqcycle))
  FROM rels c LEFT JOIN pg_sequence q ON q.seqrelid = c.oid WHERE c.relkind NOT IN ('i', 'I', 't')
UNION ALL SELECT 'object', 'column ' || a.attrelid || '.' || a.attnum, jsonb_build_object('kind', 'definition', 'relation', c.oid::text, 'name', c.relname || '.' || a.attname, 'definition', concat_ws(' ',
    CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END, (SELECT o.collname FROM pg_collation o WHERE o.oid = a.attcollation AND a.attcollation <> t.typcollation)))
  FROM pg_attribute a JOIN rels c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE a.attnum > 0 AND c.relkind IN ('r', 'p', 'f')
UNION ALL SELECT 'object', concat_ws(' ', c.oid, x.grantee, x.privilege_type), jsonb_build_object('kind', 'right', 'relation', c.oid::text, 'name', x.privilege_type || ' of ' || x.grantee::regrole || ' on ' || c.relname)
  FROM rels c, aclexplode(COALESCE(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))) x WHERE c.relkind NOT IN ('i', 'I', 't')
UNION ALL SELECT 'object', concat_ws(' ', a.attrelid || '.' || a.attnum, x.grantee, x.privilege_type), jsonb_build_object('kind', 'right', 'relation', c.oid::text, 'name', x.privilege_type || ' of ' || x.grantee::regrole || ' on ' || c.relname || '.' || a.attname)
  FROM pg_attribute a JOIN rels c ON c.oid = a.attrelid, aclexplode(a.attacl) x
UNION ALL SELECT 'object', 'room ' || q.seqrelid || ' ' || e, jsonb_build_object('kind', 'room', 'relation', c.oid::text, 'name', e || ' of ' || c.relname)
  FROM rels c JOIN pg_sequence q ON q.seqrelid = c.oid, unnest(ARRAY[q.seqmax, 9223372036854775807, 2147483647, 32767, 1]) e WHERE e <= q.seqmax
UNION ALL SELECT 'object', 'sequence ' || c.oid, jsonb_build_object('kind', 'sequence', 'relation', o.refobjid::text, 'name', c.relname,
    'definition', COALESCE(pg_sequence_last_value(c.oid), 0) < 31000)
  FROM rels c JOIN owned o ON o.objid = c.oid WHERE c.relkind = 'S'
UNION ALL SELECT 'object', g.oid::text, jsonb_build_object('kind', 'trigger', 'relation', g.tgrelid::text, 'name', g.tgname, 'definition', concat_ws(' ', pg_get_triggerdef(g.oid), g.tgenabled))
  FROM pg_trigger g JOIN rels c ON c.oid = g.tgrelid WHERE NOT g.tgisinternal AND g.tgname !~ '^divio_trial'
UNION ALL SELECT 'object', r.oid::text, jsonb_build_object('kind', 'rule', 'relation', r.ev_class::text, 'name', r.rulename, 'definition', concat_ws(' ', pg_get_ruledef(r.oid), r.ev_enabled))
  FROM pg_rewrite r JOIN rels c ON c.oid = r.ev_class WHERE r.rulename <> '_RETURN'
UNION ALL SELECT 'object', p.oid::text, jsonb_build_object('kind', 'policy', 'relation', p.polrelid::text, 'name', p.polname, 'definition', concat_ws(' ', p.polcmd, p.polpermissive, p.polroles::text,
    pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)))
  FROM pg_policy p JOIN rels c ON c.oid = p.polrelid
UNION ALL SELECT 'object', f.oid::text, jsonb_build_object('kind', 'function', 'name', f.proname, 'definition', concat_ws(' ', f.proname, pg_get_function_identity_arguments(f.oid), f.prosrc, f.provolatile, f.prosecdef, f.proconfig))
  FROM pg_proc f JOIN spaces s ON s.oid = f.pronamespace WHERE (f.oid, 'pg_proc'::regclass) NOT IN (SELECT objid, classid FROM theirs)
UNION ALL SELECT 'object', t.oid::text, jsonb_build_object('kind', 'type', 'name', t.typname, 'definition', concat_ws(' ', t.typname, t.typnotnull, t.typdefault)) FROM pg_type t JOIN spaces s ON s.oid = t.typnamespace WHERE t.typtype IN ('d', 'e', 'r')
UNION ALL SELECT 'object', e.oid::text, jsonb_build_object('kind', 'label', 'name', t.typname || '.' || e.enumlabel) FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid JOIN spaces s ON s.oid = t.typnamespace
UNION ALL SELECT 'object', oid::text, jsonb_build_object('kind', 'extension', 'name', extname) FROM pg_extension
UNION ALL SELECT 'object', o.oid::text, jsonb_build_object('kind', 'collation', 'name', o.collname) FROM pg_collation o JOIN spaces s ON s.oid = o.collnamespace
UNION ALL SELECT 'object', r.setdatabase || '.' || r.setrole, jsonb_build_object('kind', 'setting', 'name', array_to_string(r.setconfig, ', ')) FROM pg_db_role_setting r
  WHERE r.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
