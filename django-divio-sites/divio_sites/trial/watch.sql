-- Statement triggers see what matches no row, row triggers see which columns. A trigger for each column is in the way of
-- ALTER COLUMN TYPE, so these stand only while SQL of one's own runs. ENABLE ALWAYS: session_replication_role silences the rest.
CREATE SCHEMA divio_trial;
CREATE TABLE divio_trial.event (number serial, verb text, relation text, "column" text);
CREATE FUNCTION divio_trial.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE changed text;
BEGIN
  IF TG_LEVEL = 'ROW' THEN
    FOR changed IN SELECT n.key FROM jsonb_each(to_jsonb(NEW)) n JOIN jsonb_each(to_jsonb(OLD)) o USING (key) WHERE n.value IS DISTINCT FROM o.value LOOP
      INSERT INTO divio_trial.event (verb, relation, "column") VALUES ('changed', TG_RELID::text, changed);
    END LOOP;
  ELSE
    INSERT INTO divio_trial.event (verb, relation, "column") VALUES (lower(TG_OP), TG_RELID::text, TG_ARGV[0]);
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION divio_trial.watch(relation regclass, columns text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE one text; name text;
BEGIN
  IF columns IS NULL THEN
    EXECUTE format('CREATE TRIGGER divio_trial AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION divio_trial.note()', relation);
    EXECUTE format('CREATE TRIGGER divio_trial_row AFTER UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION divio_trial.note()', relation);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER divio_trial, ENABLE ALWAYS TRIGGER divio_trial_row', relation);
  ELSE
    FOREACH one IN ARRAY columns LOOP
      name := 'divio_trial_' || md5(one);
      EXECUTE format('CREATE TRIGGER %I AFTER UPDATE OF %I ON %s FOR EACH STATEMENT EXECUTE FUNCTION divio_trial.note(%L)', name, one, relation, one);
      EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', relation, name);
    END LOOP;
  END IF;
END $$;
CREATE FUNCTION divio_trial.unwatch() RETURNS void LANGUAGE plpgsql AS $$
DECLARE one record;
BEGIN
  FOR one IN SELECT tgrelid::regclass AS relation, tgname FROM pg_trigger WHERE tgname ~ '^divio_trial_[0-9a-f]{32}$' LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', one.tgname, one.relation);
  END LOOP;
END $$;
-- How many keys of a table did not come from its sequence: sample rows have 30000 and 30001, what it gave comes after 31000.
CREATE FUNCTION divio_trial.strays(relation regclass, key name, last bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE found bigint;
BEGIN
  EXECUTE format('SELECT count(*) FROM %s WHERE NOT (%I BETWEEN 30000 AND 30001 OR %I BETWEEN 31001 AND %s)', relation, key, key, COALESCE(last, 0)) INTO found;
  RETURN found;
END $$;
