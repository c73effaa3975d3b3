-- The records of one bucket. Buckets have tables of their own, so that a walk over verdicts reads no answers.
-- bytea compares byte by byte, as keys do. meta and body begin with a format, flags and a checksum.
CREATE TABLE @ (
    k    bytea PRIMARY KEY,
    meta bytea NOT NULL,
    body bytea
);
-- A body lies beside the table, as it is: who does not ask for it does not read it, and texts that have to be compressed are
-- compressed by the disk's owner for less than the server would pay.
ALTER TABLE @ ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE @ ALTER COLUMN meta SET STORAGE EXTERNAL;
