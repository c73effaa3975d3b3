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

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA arena TO arena_worker;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA arena TO arena_worker;
GRANT SELECT ON ALL TABLES IN SCHEMA arena TO arena_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE arena_owner IN SCHEMA arena GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO arena_worker;
ALTER DEFAULT PRIVILEGES FOR ROLE arena_owner IN SCHEMA arena GRANT USAGE ON SEQUENCES TO arena_worker;
ALTER DEFAULT PRIVILEGES FOR ROLE arena_owner IN SCHEMA arena GRANT SELECT ON TABLES TO arena_reader;

DO $$
BEGIN
    IF to_regclass('arena.oa_config') IS NOT NULL THEN
        REVOKE INSERT, UPDATE, DELETE ON arena.oa_config FROM arena_worker;
    END IF;
    IF to_regclass('arena.oa_epoch') IS NOT NULL THEN
        REVOKE INSERT, UPDATE, DELETE ON arena.oa_epoch FROM arena_worker;
        GRANT UPDATE (epoch, began, why) ON arena.oa_epoch TO arena_worker; -- not which configuration holds
    END IF;
END
$$;
