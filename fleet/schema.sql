-- Version 1. {schema} is the arena's schema. Times are the server's.
CREATE TABLE IF NOT EXISTS {schema}.oa_fleet (one bool PRIMARY KEY DEFAULT true CHECK (one), version int NOT NULL);

-- What was published: texts of files by the names that the arena's file has for them.
CREATE TABLE IF NOT EXISTS {schema}.oa_config (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  hash      bytea NOT NULL UNIQUE,
  files     jsonb NOT NULL,
  options   jsonb NOT NULL
);

-- What holds now. The epoch grows whenever what is wanted may have changed: each part is looked at once more then.
CREATE TABLE IF NOT EXISTS {schema}.oa_epoch (
  one       bool PRIMARY KEY DEFAULT true CHECK (one),
  epoch     bigint NOT NULL,
  config    bigint NOT NULL REFERENCES {schema}.oa_config,
  since     timestamptz NOT NULL, -- when this configuration was first in force
  began     timestamptz NOT NULL, -- the epoch
  published timestamptz NOT NULL, -- when a command last published it: limits and budget are those of its file from then on
  why       text NOT NULL,
  planned   timestamptz,                  -- when a plan was made last
  outlook   jsonb NOT NULL DEFAULT '{}',  -- what it came to
  rescued   bigint NOT NULL DEFAULT 0,    -- parts of workers that died, handed out anew, in all epochs
  making    text,                         -- the mark of the store that somebody makes ratings of, or made
  claimed   timestamptz                   -- when they began to
);

CREATE TABLE IF NOT EXISTS {schema}.oa_worker (
  id        text PRIMARY KEY,
  host      text NOT NULL,
  pid       int NOT NULL,
  command   text NOT NULL,
  labels    jsonb NOT NULL,
  queues    text[] NOT NULL DEFAULT '{}', -- that it takes parts from
  started   timestamptz NOT NULL DEFAULT now(),
  heartbeat timestamptz NOT NULL DEFAULT now(),
  expires   timestamptz NOT NULL,
  suspected timestamptz,                  -- found expired
  epoch     bigint NOT NULL DEFAULT 0,    -- that it works for
  info      jsonb NOT NULL DEFAULT '{}'
) WITH (fillfactor = 50);

-- One model's work on the prompts of a range of hashes: what came of looking at it last.
CREATE TABLE IF NOT EXISTS {schema}.oa_part (
  judge     bool NOT NULL,
  who       bytea NOT NULL,
  lo        bytea NOT NULL, -- first hash
  hi        bytea NOT NULL, -- last hash
  queue     text NOT NULL,
  epoch     bigint NOT NULL DEFAULT 0, -- in which it was looked at; 0: never
  complete  bool NOT NULL DEFAULT false,
  wanted    bigint NOT NULL DEFAULT 0,
  done      bigint NOT NULL DEFAULT 0,
  failed    bigint NOT NULL DEFAULT 0,
  invalid   bigint NOT NULL DEFAULT 0,
  waiting   bigint NOT NULL DEFAULT 0, -- judgments whose answers are not there
  remaining bigint NOT NULL DEFAULT 0, -- what could be asked for and was not
  looked    timestamptz,               -- when the last look at it began
  changed   timestamptz,               -- when a look ended that found another state than the one before
  worker    text,
  -- What whoever works on it has told since of the same counts; NULL: nothing. It stays when a worker dies: what it did is there.
  wanted_now bigint,
  done_now   bigint,
  failed_now bigint,
  PRIMARY KEY (judge, who, lo, hi)
) WITH (fillfactor = 70);
-- Tables of version 1 have none of these.
ALTER TABLE {schema}.oa_part ADD COLUMN IF NOT EXISTS wanted_now bigint, ADD COLUMN IF NOT EXISTS done_now bigint, ADD COLUMN IF NOT EXISTS failed_now bigint;

CREATE TABLE IF NOT EXISTS {schema}.oa_order (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  given     timestamptz NOT NULL DEFAULT now(),
  by        text NOT NULL,
  directive jsonb NOT NULL
);

-- Ratings as they were last computed.
CREATE TABLE IF NOT EXISTS {schema}.oa_board (
  one       bool PRIMARY KEY DEFAULT true CHECK (one),
  made      timestamptz NOT NULL,
  mark      text NOT NULL, -- of the store they are of
  board     jsonb NOT NULL
);
