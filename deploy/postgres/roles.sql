-- Roles for one arena, the schema `arena`: who runs it, who works on it, who looks at it. Run it as a superuser, in the arena's
-- database, before the first `openarena run` and once more after it; it may be repeated. Then give them passwords: \password arena_owner
--
-- A worker may do all but say what is to be done: the published configuration names the addresses that keys are sent to, and
-- each worker fills the keys in from its own environment.
DO $$
BEGIN
    IF to_regrole('arena_owner') IS NULL THEN CREATE ROLE arena_owner LOGIN; END IF;
    IF to_regrole('arena_worker') IS NULL THEN CREATE ROLE arena_worker LOGIN; END IF;
    IF to_regrole('arena_reader') IS NULL THEN CREATE ROLE arena_reader LOGIN; END IF;
END
$$;

CREATE SCHEMA IF NOT EXISTS arena AUTHORIZATION arena_owner;
GRANT USAGE ON SCHEMA arena TO arena_worker, arena_reader;

-- Of tables that are yet to be made all may be read: who may write which is granted when this is run after they were.
GRANT SELECT ON ALL TABLES IN SCHEMA arena TO arena_worker, arena_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE arena_owner IN SCHEMA arena GRANT SELECT ON TABLES TO arena_worker, arena_reader;

DO $$
DECLARE name text;
BEGIN
    FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'arena'::regnamespace AND relkind IN ('r', 'S') LOOP
        CASE
        WHEN name IN ('oa_config', 'oa_order', 'oa_fleet', 'oa_schema', 'river_migration') THEN
            EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON arena.%I FROM arena_worker', name);
        WHEN name = 'oa_epoch' THEN -- which configuration holds is not a worker's to say; what a plan came to is
            REVOKE INSERT, UPDATE, DELETE ON arena.oa_epoch FROM arena_worker;
            GRANT UPDATE (planned, outlook, epoch, began, why, rescued, making, claimed) ON arena.oa_epoch TO arena_worker;
        WHEN name IN ('river_job_id_seq', 'river_notification_id_seq') THEN
            EXECUTE format('GRANT USAGE ON SEQUENCE arena.%I TO arena_worker', name);
        WHEN name LIKE '%\_seq' THEN -- of what only the owner writes
        ELSE
            EXECUTE format('GRANT INSERT, UPDATE, DELETE ON arena.%I TO arena_worker', name);
        END CASE;
    END LOOP;
END
$$;
