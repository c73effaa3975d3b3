-- One arena is one schema, as one arena without a server is one file. Everything is named with its schema, since a
-- connection may be another one for each transaction.
--
-- Only common SQL: a database that speaks PostgreSQL's protocol and knows ON CONFLICT can stand in for it.

CREATE TABLE @.oa_schema (
    one            boolean PRIMARY KEY DEFAULT true CHECK (one), -- there is one row
    schema_version integer NOT NULL,
    id             bytea NOT NULL,                               -- drawn by lot: tells one arena's database from another's
    created        timestamptz NOT NULL DEFAULT now()
);

-- A row for each process that writes. seq counts its commits, in each of them, so that one whose outcome was lost with its
-- connection is not made twice: seq only ever takes the next number, and the NULL that any other would become is refused.
-- Row 0 holds the commits of processes long gone. The sum changes with every commit.
CREATE TABLE @.oa_writer (
    id   bigint PRIMARY KEY,
    seq  bigint NOT NULL,
    name text NOT NULL DEFAULT '',
    seen timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- Keys that a commit would have put and found taken, for a writer that was not told. Gone with its next commit.
CREATE TABLE @.oa_taken (
    writer bigint,
    seq    bigint,
    bucket smallint,
    k      bytea,
    PRIMARY KEY (writer, seq, bucket, k)
);

-- A counter is spread over slots by writer, so that processes do not wait for each other's row; it is the sum of them.
-- Each commit updates its rows, in their pages as long as these have room.
CREATE TABLE @.oa_totals (
    k    bytea,
    slot smallint,
    n    bigint NOT NULL,
    PRIMARY KEY (k, slot)
) WITH (fillfactor = 50);
