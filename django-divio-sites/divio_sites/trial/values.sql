-- Values for columns by type: an ordinary one, `#` being its number, and those at the edges. Without an ordinary one the edges serve.
CREATE TABLE divio_trial.example (type name, ordinary text, edges text[]);
INSERT INTO divio_trial.example VALUES
  ('int2', '3000#', '{-32768,-1,0,1,32767}'), ('int4', '3000#', '{-2147483648,-1,0,1,2147483647}'), ('int8', '3000#', '{-9223372036854775808,-1,0,1,9223372036854775807}'),
  ('float4', '#.5', '{-1,0,1e-30,1e37}'), ('float8', '#.5', '{-1,0,1e-30,1e300}'), ('bool', NULL, '{true,false}'), ('bit', NULL, '{0,1}'), ('varbit', NULL, '{0,1}'),
  ('date', '2026-01-1#', '{0001-01-01,9999-12-31}'), ('time', '01:02:0#', '{00:00:00,23:59:59.999999}'), ('timetz', '01:02:0#', '{00:00:00,23:59:59.999999}'),
  ('timestamp', '2026-01-1# 01:02:03', '{0001-01-02,9999-12-30 23:59:59.999999}'), ('timestamptz', '2026-01-1# 01:02:03', '{0001-01-02,9999-12-30 23:59:59.999999}'),
  ('interval', '# days', '{-9999 days,9999 days 00:00:00.000001}'), ('uuid', '00000000-0000-4000-8000-00000000000#', '{}'), ('bytea', '\x0#', '{""}'),
  ('json', '{"v": #}', '{"null","\"x\"","[1, null]"}'), ('jsonb', '{"v": #}', '{"null","\"x\"","[1, null]"}'), ('xml', '<v>#</v>', '{}'), ('oid', '#', '{}'), ('money', '#', '{}'),
  ('inet', '10.0.0.#', '{::1,255.255.255.255}'), ('cidr', '10.0.0.#/32', '{}'), ('macaddr', '08:00:2b:01:02:0#', '{}'), ('point', '(1,#)', '{}'), ('ltree', 'v#', '{}'),
  ('tsvector', 'v#', '{""}'), ('tsquery', 'v#', '{}'), ('hstore', 'v=>#', '{""}'), ('int4range', '[#0,#5)', '{empty}'), ('int8range', '[#0,#5)', '{empty}'), ('numrange', '[#0,#5)', '{empty}'),
  ('daterange', '[2026-01-1#,2026-01-1#]', '{empty}'), ('tsrange', '[2026-01-1#,2026-01-1#]', '{empty}'), ('tstzrange', '[2026-01-1#,2026-01-1#]', '{empty}');
CREATE FUNCTION divio_trial.example(kind oid, typmod int) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('category', t.typcategory, 'kind', t.typname, 'size', s.size, 'scale', s.scale, 'cast', CASE WHEN t.typcategory NOT IN ('S', 'E') THEN '::' || format_type(kind, typmod) ELSE '' END) ||
    CASE WHEN t.typcategory = 'E' THEN jsonb_build_object('edges', (SELECT jsonb_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = kind))
      WHEN t.typcategory = 'A' THEN jsonb_build_object('edges', ARRAY['{}'], 'ordinary', '{"' || replace(divio_trial.example(t.typelem, typmod) ->> 'ordinary', '"', '\"') || '"}')
      WHEN t.typname = 'numeric' THEN jsonb_build_object('ordinary', CASE WHEN s.size = s.scale THEN '0.' ELSE '' END || '#', 'edges', ARRAY['0', '-' || most, most] || CASE WHEN s.size = s.scale THEN '{}'::text[] ELSE '{-1}' END)
      -- The long ones do not compress, so that an index refuses them.
      WHEN t.typcategory = 'S' THEN jsonb_build_object('ordinary', right('v#', most_letters), 'edges', ARRAY['', ' ', left(noise, most_letters), left('Ä' || noise, most_letters), left('a%\', most_letters)])
      ELSE (SELECT jsonb_build_object('ordinary', e.ordinary, 'edges', e.edges) FROM divio_trial.example e WHERE e.type = t.typname) END
  FROM pg_type t,
    LATERAL (SELECT CASE WHEN t.typname = 'numeric' THEN information_schema._pg_numeric_precision(kind, typmod) WHEN t.typname = 'name' THEN 63 ELSE information_schema._pg_char_max_length(kind, typmod) END AS size,
      information_schema._pg_numeric_scale(kind, typmod) AS scale, (SELECT string_agg(md5(n::text), '') FROM generate_series(1, 313) n) AS noise) s,
    LATERAL (SELECT repeat('9', COALESCE(s.size - s.scale, 30)) || '.' || repeat('9', COALESCE(s.scale, 9)) AS most, COALESCE(s.size, 10000) AS most_letters) m
  WHERE t.oid = kind
$$;
