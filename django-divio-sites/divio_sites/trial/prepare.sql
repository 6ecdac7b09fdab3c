-- What facts need, and what notes what a change does to rows: triggers on the tables of base, and two sample rows in each.
CREATE SCHEMA divio_trial;
-- Values for columns by type: an ordinary one, `#` being the row's number, and some at the edges.
CREATE TABLE divio_trial.example (type name, ordinary text, edges text[]);
INSERT INTO divio_trial.example VALUES
  ('int2', '3000#', '{-32768,-1,0,1,32767}'), ('int4', '3000#', '{-2147483648,-1,0,1,2147483647}'), ('int8', '3000#', '{-9223372036854775808,-1,0,1,9223372036854775807}'),
  ('float4', '#.5', '{-1,0,1e37}'), ('float8', '#.5', '{-1,0,1e300}'), ('bool', 'true', '{true,false}'), ('bit', '#', '{}'), ('varbit', '#', '{}'),
  ('date', '2026-01-1#', '{0001-01-01,9999-12-31}'), ('time', '01:02:0#', '{00:00:00,23:59:59.999999}'), ('timetz', '01:02:0#', '{00:00:00,23:59:59.999999}'),
  ('timestamp', '2026-01-1# 01:02:03', '{0001-01-02,9999-12-30}'), ('timestamptz', '2026-01-1# 01:02:03', '{0001-01-02,9999-12-30}'),
  ('interval', '# days', '{-9999 days,9999 days}'), ('uuid', '00000000-0000-4000-8000-00000000000#', '{}'), ('bytea', '\x0#', '{}'), ('json', '{"v": #}', '{}'), ('jsonb', '{"v": #}', '{}'),
  ('xml', '<v>#</v>', '{}'), ('oid', '#', '{}'), ('money', '#', '{}'), ('inet', '10.0.0.#', '{}'), ('cidr', '10.0.0.#/32', '{}'), ('macaddr', '08:00:2b:01:02:0#', '{}'), ('point', '(1,#)', '{}'),
  ('ltree', 'v#', '{}'), ('tsvector', 'v#', '{}'), ('tsquery', 'v#', '{}'), ('hstore', 'v=>#', '{}'), ('int4range', '[#0,#5)', '{}'), ('int8range', '[#0,#5)', '{}'), ('numrange', '[#0,#5)', '{}'),
  ('daterange', '[2026-01-1#,2026-01-1#]', '{}'), ('tsrange', '[2026-01-1#,2026-01-1#]', '{}'), ('tstzrange', '[2026-01-1#,2026-01-1#]', '{}');
CREATE FUNCTION divio_trial.example(kind oid, typmod int) RETURNS jsonb LANGUAGE sql AS $$
  -- A type holds every value of another of its family, unchanged, that is no larger.
  SELECT jsonb_build_object('domain', t.typtype = 'd', 'family', CASE WHEN t.typname IN ('int2', 'int4', 'int8') THEN 'integer' WHEN t.typname IN ('varchar', 'text') THEN 'text' WHEN t.typname = 'numeric' THEN 'numeric' END,
      'larger', CASE WHEN t.typname ~ '^int' THEN t.typlen WHEN t.typname = 'numeric' THEN COALESCE(s.size - s.scale, 9999) ELSE COALESCE(s.size, 99999999) END, 'finer', COALESCE(s.scale, 99999),
      'letters', CASE WHEN t.typlen > 0 OR t.typcategory IN ('N', 'I', 'R', 'G') THEN 0 WHEN t.typcategory = 'S' THEN s.size END) ||
    CASE WHEN t.typcategory = 'E' THEN (SELECT jsonb_build_object('ordinary', min(enumlabel), 'edges', jsonb_agg(enumlabel ORDER BY enumsortorder)) FROM pg_enum WHERE enumtypid = kind)
      WHEN t.typcategory = 'A' THEN jsonb_build_object('ordinary', '{"' || replace(divio_trial.example(t.typelem, typmod) ->> 'ordinary', '"', '\"') || '"}')
      WHEN t.typname = 'numeric' THEN jsonb_build_object('ordinary', CASE WHEN s.size = s.scale THEN '0.#' ELSE '#' END, 'edges', ARRAY['0', '-0.1', '0.1'] || CASE WHEN s.size = s.scale THEN '{}'::text[] ELSE '{-1,1}' END)
      WHEN t.typcategory = 'S' THEN jsonb_build_object('ordinary', right('v#', COALESCE(s.size, 2)), 'edges', ARRAY['', ' ', 'Ä', repeat('x', COALESCE(s.size, 10000))])
      ELSE COALESCE((SELECT jsonb_build_object('ordinary', e.ordinary, 'edges', e.edges) FROM divio_trial.example e WHERE e.type = t.typname), '{}') END
  FROM pg_type t, LATERAL (SELECT CASE WHEN t.typname = 'numeric' THEN information_schema._pg_numeric_precision(kind, typmod) WHEN t.typname = 'name' THEN 63 ELSE information_schema._pg_char_max_length(kind, typmod) END AS size,
      information_schema._pg_numeric_scale(kind, typmod) AS scale) s
  WHERE t.oid = kind
$$;
CREATE TABLE divio_trial.old AS
  SELECT c.oid::regclass AS relation, c.relispartition AS is_part, a.attnum AS number, a.attname AS name FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND s.nspname !~ '^pg_' AND s.nspname NOT IN ('information_schema', 'divio_trial')
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e');
-- Keys are 30000 and 30001, so that rows refer to each other; what may be NULL is so in the second. What a table refuses, perhaps
-- because another has no row yet, is tried again until nothing more is taken.
CREATE FUNCTION divio_trial.fill() RETURNS void LANGUAGE plpgsql AS $$
DECLARE one record; again boolean := true;
BEGIN
  WHILE again LOOP
    again := false;
    FOR one IN SELECT o.relation, n, string_agg(quote_ident(o.name), ', ') AS names, string_agg(CASE WHEN n = 1 AND NOT a.attnotnull THEN 'NULL' ELSE quote_nullable(replace(divio_trial.example(a.atttypid, a.atttypmod) ->> 'ordinary', '#', n::text)) END, ', ') AS given
        FROM divio_trial.old o JOIN pg_attribute a ON a.attrelid = o.relation AND a.attnum = o.number, generate_series(0, 1) n
        WHERE a.attgenerated = '' AND NOT o.is_part AND (o.relation::oid, n) NOT IN (SELECT f.relation, f.n FROM divio_trial.filled f) GROUP BY 1, 2 LOOP
      BEGIN
        EXECUTE format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE VALUES (%s)', one.relation, one.names, one.given);
        SET CONSTRAINTS ALL IMMEDIATE;
        INSERT INTO divio_trial.filled VALUES (one.relation, one.n);
        again := true;
      EXCEPTION WHEN OTHERS THEN NULL;
      END;
    END LOOP;
  END LOOP;
END $$;
CREATE TABLE divio_trial.filled (relation oid, n int);
CREATE FUNCTION divio_trial.empty() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE (SELECT 'TRUNCATE ' || string_agg(DISTINCT relation::text, ', ') || ' CASCADE' FROM divio_trial.old JOIN pg_class c ON c.oid = relation);
  TRUNCATE divio_trial.event;
END $$;
CREATE TABLE divio_trial.event (number serial, what text, is_old boolean);
CREATE FUNCTION divio_trial.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    INSERT INTO divio_trial.event (what, is_old)
      SELECT format('updates %s.%s', TG_TABLE_NAME, key), EXISTS (SELECT FROM divio_trial.old c WHERE c.relation = TG_RELID AND c.name = key)
      FROM jsonb_each(to_jsonb(NEW)) n JOIN jsonb_each(to_jsonb(OLD)) o USING (key) WHERE n.value IS DISTINCT FROM o.value;
  ELSE
    INSERT INTO divio_trial.event (what, is_old) VALUES (format(CASE TG_OP WHEN 'DELETE' THEN 'deletes from %s' WHEN 'TRUNCATE' THEN 'empties %s' ELSE 'inserts into %s' END, TG_TABLE_NAME), true);
  END IF;
  RETURN NULL;
END $$;
-- A partition has its parent's triggers for rows. ENABLE ALWAYS: session_replication_role silences the rest.
DO $$
DECLARE one record;
BEGIN
  FOR one IN SELECT DISTINCT relation, level, moment FROM divio_trial.old, (VALUES ('ROW', 'INSERT OR UPDATE OR DELETE'), ('STATEMENT', 'TRUNCATE')) e(level, moment) WHERE level = 'STATEMENT' OR NOT is_part LOOP
    EXECUTE format('CREATE TRIGGER divio_trial_%s AFTER %s ON %s FOR EACH %1$s EXECUTE FUNCTION divio_trial.note()', one.level, one.moment, one.relation);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', one.relation, 'divio_trial_' || lower(one.level));
  END LOOP;
END $$;
