-- Triggers on the tables of base note what is done to old rows. Statement triggers see what matches no row, row triggers see
-- which columns. A trigger for each column is in the way of ALTER COLUMN TYPE, so these stand only while SQL of one's own runs.
-- ENABLE ALWAYS: session_replication_role silences the rest.
CREATE TABLE divio_trial.event (number serial, what text, is_old boolean);
CREATE TABLE divio_trial.old AS
  SELECT c.oid AS relation, c.relispartition AS is_part, a.attnum AS number, a.attname AS name FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND s.nspname !~ '^pg_' AND s.nspname NOT IN ('information_schema', 'divio_trial')
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e');
CREATE FUNCTION divio_trial.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  IF TG_LEVEL = 'ROW' THEN
    INSERT INTO divio_trial.event (what, is_old)
      SELECT format('updates %s.%s', TG_TABLE_NAME, key), EXISTS (SELECT FROM divio_trial.old c WHERE c.relation = TG_RELID AND c.name = key)
      FROM jsonb_each(to_jsonb(NEW)) n JOIN jsonb_each(to_jsonb(OLD)) o USING (key) WHERE n.value IS DISTINCT FROM o.value;
  ELSIF TG_NARGS > 0 THEN
    INSERT INTO divio_trial.event (what, is_old) VALUES (format('updates %s.%s', TG_TABLE_NAME, TG_ARGV[0]), true);
  ELSE
    INSERT INTO divio_trial.event (what, is_old)
      VALUES (format(CASE TG_OP WHEN 'DELETE' THEN 'deletes from %s' WHEN 'TRUNCATE' THEN 'empties %s' ELSE 'updates %s' END, TG_TABLE_NAME), CASE WHEN TG_OP <> 'UPDATE' THEN true END);
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION divio_trial.watch_columns() RETURNS void LANGUAGE plpgsql AS $$
DECLARE one record;
BEGIN
  FOR one IN SELECT relation::regclass, attname, 'divio_trial_' || md5(attname) AS name FROM divio_trial.old JOIN pg_attribute ON attrelid = relation AND attnum = number WHERE NOT attisdropped AND attgenerated = '' LOOP
    EXECUTE format('CREATE TRIGGER %I AFTER UPDATE OF %I ON %s FOR EACH STATEMENT EXECUTE FUNCTION divio_trial.note(%L)', one.name, one.attname, one.relation, one.attname);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', one.relation, one.name);
  END LOOP;
END $$;
CREATE FUNCTION divio_trial.forget() RETURNS void LANGUAGE plpgsql AS $$
DECLARE one record;
BEGIN
  FOR one IN SELECT tgrelid::regclass AS relation, tgname FROM pg_trigger WHERE tgname ~ '^divio_trial_[0-9a-f]{32}$' LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', one.tgname, one.relation);
  END LOOP;
  TRUNCATE divio_trial.event;
END $$;
-- How many keys of a table did not come from its sequence: sample rows have 30000 and 30001, what it gave comes after 31000.
CREATE FUNCTION divio_trial.strays(relation regclass, key name, last bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE found bigint;
BEGIN
  EXECUTE format('SELECT count(*) FROM %s WHERE NOT (%I BETWEEN 30000 AND 30001 OR %I BETWEEN 31001 AND %s)', relation, key, key, COALESCE(last, 0)) INTO found;
  RETURN found;
END $$;
DO $$
DECLARE one regclass; is_part boolean;
BEGIN
  FOR one, is_part IN SELECT DISTINCT o.relation::regclass, o.is_part FROM divio_trial.old o LOOP
    EXECUTE format('CREATE TRIGGER divio_trial AFTER UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION divio_trial.note()', one);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER divio_trial', one);
    -- A partition has its parent's triggers for rows.
    IF NOT is_part THEN
      EXECUTE format('CREATE TRIGGER divio_trial_row AFTER UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION divio_trial.note()', one);
      EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER divio_trial_row', one);
    END IF;
  END LOOP;
  -- Beyond the sample's rows, so that a sequence that is set back shows; a small one has no more.
  PERFORM setval(quote_ident(schemaname) || '.' || quote_ident(sequencename), 31000) FROM pg_sequences
    WHERE max_value > 31000 AND min_value <= 31000 AND COALESCE(last_value, 0) < 31000 AND increment_by > 0;
END $$;
