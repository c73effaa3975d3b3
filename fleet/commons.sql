-- What all workers may call and spend together. Times are the server's. Whoever changes the rows of an endpoint, or of the budget,
-- first changes the one row that stands for it, and so waits for the others: each function is one round trip and one transaction,
-- so that no worker that is stopped can hold a row.

-- Requests and tokens a minute of an endpoint; 0: no limit.
CREATE TABLE IF NOT EXISTS {schema}.oa_limit (
  endpoint  text PRIMARY KEY,
  rpm       bigint NOT NULL,
  tpm       bigint NOT NULL,
  published bigint NOT NULL,           -- by what was published they are stated
  blocks    bigint NOT NULL DEFAULT 0  -- that were asked for
) WITH (fillfactor = 50);

-- Blocks of the last minute, those of a quarter of a second together.
CREATE TABLE IF NOT EXISTS {schema}.oa_grant (
  endpoint  text NOT NULL,
  slot      bigint NOT NULL, -- quarters of a second since 1970
  requests  bigint NOT NULL,
  tokens    bigint NOT NULL,
  PRIMARY KEY (endpoint, slot)
) WITH (fillfactor = 50);

-- Servers that asked to be left alone.
CREATE TABLE IF NOT EXISTS {schema}.oa_rest (
  endpoint  text NOT NULL,
  model     text NOT NULL, -- model_id; empty: all of the endpoint
  until     timestamptz NOT NULL,
  PRIMARY KEY (endpoint, model)
) WITH (fillfactor = 50);

CREATE TABLE IF NOT EXISTS {schema}.oa_treasury (
  one       bool PRIMARY KEY DEFAULT true CHECK (one),
  published bigint NOT NULL DEFAULT 0, -- what the budget is from
  began     timestamptz NOT NULL DEFAULT now(),
  max_time  bigint NOT NULL DEFAULT 0, -- microseconds; 0: no limit
  serial    bigint NOT NULL DEFAULT 0  -- changes whenever anything is booked
) WITH (fillfactor = 50);
INSERT INTO {schema}.oa_treasury (one) VALUES (true) ON CONFLICT DO NOTHING;

-- Calls (1), tokens (2), billionths of a US dollar (3).
CREATE TABLE IF NOT EXISTS {schema}.oa_budget (
  what      int PRIMARY KEY,
  cap       bigint NOT NULL DEFAULT 0, -- 0: no limit
  spent     bigint NOT NULL DEFAULT 0, -- as it was told
  reserved  bigint NOT NULL DEFAULT 0, -- the sum of oa_hold of those who live
  lost      bigint NOT NULL DEFAULT 0  -- reserved by workers that died: they may have spent it
) WITH (fillfactor = 50);
INSERT INTO {schema}.oa_budget (what) VALUES (1), (2), (3) ON CONFLICT DO NOTHING;

-- Who spends. Of a worker that is taken for dead, what it had reserved is booked as lost; if it comes back, that is taken back.
CREATE TABLE IF NOT EXISTS {schema}.oa_spender (
  worker      text PRIMARY KEY,
  seen        timestamptz NOT NULL DEFAULT now(),
  outstanding bigint NOT NULL DEFAULT 0, -- a bound of its calls that may be paid for and not saved
  booked      bool NOT NULL DEFAULT false
) WITH (fillfactor = 50);
CREATE TABLE IF NOT EXISTS {schema}.oa_hold (
  worker    text NOT NULL,
  what      int NOT NULL,
  spent     bigint NOT NULL DEFAULT 0, -- since the worker began
  reserved  bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (worker, what)
) WITH (fillfactor = 50);

-- oa_borrow hands out a block of an endpoint's minute: at most so many requests and tokens, and tokens enough for one call.
-- A call of a block is sent in its slot or the four after it, 1.25 s; so 61.75 s (247 slots) after a slot's beginning none
-- of them is within 60.5 s of a call that is sent then. The moment is given in tests only.
CREATE OR REPLACE FUNCTION {schema}.oa_borrow(of text, wanted bigint, most bigint, enough bigint,
    slots bigint[], unused bigint[], untaken bigint[], moment bigint DEFAULT NULL,
    OUT block bigint, OUT requests bigint, OUT tokens bigint, OUT use bigint, OUT again bigint) AS $body$
DECLARE
  quarter CONSTANT bigint := 250000000;
  span    CONSTANT bigint := 247;
  l       record;
  now_ns  bigint;
  gone    bigint;
  used_r  bigint;
  used_t  bigint;
BEGIN
  block := 0; requests := 0; tokens := 0; use := 0; again := 0;
  UPDATE {schema}.oa_limit SET blocks = blocks + 1 WHERE endpoint = of RETURNING rpm, tpm INTO l;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no limits are known of endpoint %', of;
  END IF;
  now_ns := coalesce(moment, (extract(epoch FROM clock_timestamp()) * 1000000000)::bigint);
  block := now_ns / quarter;
  UPDATE {schema}.oa_grant g SET requests = greatest(0, g.requests - b.r), tokens = greatest(0, g.tokens - b.t)
    FROM (SELECT s, sum(r) AS r, sum(t) AS t FROM unnest(slots, unused, untaken) AS u(s, r, t) GROUP BY s) b
    WHERE g.endpoint = of AND g.slot = b.s;
  DELETE FROM {schema}.oa_grant g WHERE g.endpoint = of AND g.slot <= block - span;
  IF wanted = 0 THEN
    RETURN;
  END IF;
  SELECT coalesce(sum(g.requests), 0), coalesce(sum(g.tokens), 0) INTO used_r, used_t FROM {schema}.oa_grant g WHERE g.endpoint = of;
  IF (l.rpm > 0 AND used_r >= l.rpm) OR (l.tpm > 0 AND used_t + enough > l.tpm AND used_r > 0) THEN
    SELECT min(f.slot) INTO gone FROM (
      SELECT g.slot, used_r - sum(g.requests) OVER (ORDER BY g.slot) AS r, used_t - sum(g.tokens) OVER (ORDER BY g.slot) AS t
        FROM {schema}.oa_grant g WHERE g.endpoint = of) f
      WHERE (l.rpm = 0 OR f.r < l.rpm) AND (l.tpm = 0 OR f.t + enough <= l.tpm OR f.r = 0);
    again := coalesce((gone + span) * quarter - now_ns, 1000000000);
    RETURN;
  END IF;
  requests := wanted;
  tokens := most;
  IF l.rpm > 0 THEN
    requests := least(wanted, l.rpm - used_r);
  END IF;
  IF l.tpm > 0 THEN
    tokens := greatest(enough, least(most, l.tpm - used_t));
    IF used_t + enough > l.tpm THEN -- more than a minute's, and nothing else was sent in it
      requests := 1;
    END IF;
  END IF;
  INSERT INTO {schema}.oa_grant AS g (endpoint, slot, requests, tokens) VALUES (of, block, requests, tokens)
    ON CONFLICT (endpoint, slot) DO UPDATE SET requests = g.requests + excluded.requests, tokens = g.tokens + excluded.tokens;
  use := (block + 5) * quarter - now_ns;
END $body$ LANGUAGE plpgsql;

-- oa_meet finds a worker's rows, or makes them. One that was taken for dead gets back what was booked as lost.
CREATE OR REPLACE FUNCTION {schema}.oa_meet(who text) RETURNS void AS $body$
DECLARE
  was record;
BEGIN
  UPDATE {schema}.oa_treasury SET serial = serial + 1;
  SELECT booked, outstanding INTO was FROM {schema}.oa_spender WHERE worker = who;
  IF NOT FOUND THEN
    INSERT INTO {schema}.oa_spender (worker) VALUES (who);
    INSERT INTO {schema}.oa_hold (worker, what) VALUES (who, 1), (who, 2), (who, 3);
    RETURN;
  END IF;
  UPDATE {schema}.oa_spender SET seen = now(), booked = false WHERE worker = who;
  IF was.booked THEN
    UPDATE {schema}.oa_budget b SET lost = b.lost - h.reserved, reserved = b.reserved + h.reserved
      FROM {schema}.oa_hold h WHERE h.worker = who AND h.what = b.what;
    PERFORM {schema}.oa_possibly(-was.outstanding);
  END IF;
END $body$ LANGUAGE plpgsql;

-- oa_possibly adds to the calls that may have been paid for and lost: a counter among those of the records.
CREATE OR REPLACE FUNCTION {schema}.oa_possibly(calls bigint) RETURNS void AS $body$
BEGIN
  IF calls <> 0 THEN
    INSERT INTO {schema}.oa_totals AS t (k, slot, n) VALUES ('possibly'::bytea, -1, calls)
      ON CONFLICT (k, slot) DO UPDATE SET n = t.n + excluded.n;
  END IF;
END $body$ LANGUAGE plpgsql;

-- oa_account books what a worker has spent since it began, and reserves for it what it wants, as far as there is so much, and
-- enough at least; or else only what it has in flight.
CREATE OR REPLACE FUNCTION {schema}.oa_account(who text, total bigint[], flying bigint[], enough bigint[], wanted bigint[],
    OUT reserved bigint[], OUT others bigint[], OUT spent bigint[], OUT lost bigint[], OUT caps bigint[], OUT max_time bigint) AS $body$
DECLARE
  fits bool;
BEGIN
  PERFORM {schema}.oa_meet(who);
  UPDATE {schema}.oa_budget b SET spent = b.spent + total[b.what] - h.spent, reserved = b.reserved - h.reserved
    FROM {schema}.oa_hold h WHERE h.worker = who AND h.what = b.what;
  SELECT bool_and(b.cap = 0 OR b.spent + b.lost + b.reserved + enough[b.what] <= b.cap) INTO fits FROM {schema}.oa_budget b;
  UPDATE {schema}.oa_hold h SET spent = total[h.what], reserved = CASE
      WHEN NOT fits THEN flying[h.what]
      WHEN b.cap = 0 THEN wanted[h.what]
      ELSE least(wanted[h.what], b.cap - b.spent - b.lost - b.reserved) END
    FROM {schema}.oa_budget b WHERE h.worker = who AND b.what = h.what;
  UPDATE {schema}.oa_budget b SET reserved = b.reserved + h.reserved FROM {schema}.oa_hold h WHERE h.worker = who AND h.what = b.what;
  SELECT array_agg(h.reserved ORDER BY b.what), array_agg(b.reserved - h.reserved ORDER BY b.what), array_agg(b.spent ORDER BY b.what),
      array_agg(b.lost ORDER BY b.what), array_agg(b.cap ORDER BY b.what)
    INTO reserved, others, spent, lost, caps
    FROM {schema}.oa_budget b JOIN {schema}.oa_hold h ON h.what = b.what WHERE h.worker = who;
  SELECT t.max_time INTO max_time FROM {schema}.oa_treasury t;
END $body$ LANGUAGE plpgsql;

CREATE OR REPLACE FUNCTION {schema}.oa_outstanding(who text, calls bigint) RETURNS void AS $body$
BEGIN
  PERFORM {schema}.oa_meet(who);
  UPDATE {schema}.oa_spender SET outstanding = calls WHERE worker = who;
END $body$ LANGUAGE plpgsql;

-- oa_bury books what the dead have left: those whose heartbeat has expired, and those who never had one and were not heard of for
-- long. It returns how many had left something.
CREATE OR REPLACE FUNCTION {schema}.oa_bury() RETURNS bigint AS $body$
DECLARE
  dead   text[];
  buried bigint;
BEGIN
  UPDATE {schema}.oa_treasury SET serial = serial + 1;
  SELECT array_agg(s.worker) INTO dead FROM {schema}.oa_spender s LEFT JOIN {schema}.oa_worker w ON w.id = s.worker
    WHERE NOT s.booked AND CASE WHEN w.id IS NULL THEN s.seen < clock_timestamp() - interval '2 minutes' ELSE w.expires < clock_timestamp() END;
  DELETE FROM {schema}.oa_spender s WHERE s.booked AND s.seen < now() - interval '1 day'
    OR s.worker = ANY (dead) AND s.outstanding = 0
      AND NOT EXISTS (SELECT FROM {schema}.oa_hold h WHERE h.worker = s.worker AND h.reserved <> 0);
  DELETE FROM {schema}.oa_hold h WHERE NOT EXISTS (SELECT FROM {schema}.oa_spender s WHERE s.worker = h.worker);
  UPDATE {schema}.oa_budget b SET lost = b.lost + h.n, reserved = b.reserved - h.n
    FROM (SELECT what, sum(reserved) AS n FROM {schema}.oa_hold WHERE worker = ANY (dead) GROUP BY what) h WHERE h.what = b.what;
  PERFORM {schema}.oa_possibly(coalesce(sum(outstanding), 0)::bigint) FROM {schema}.oa_spender WHERE worker = ANY (dead);
  UPDATE {schema}.oa_spender SET booked = true WHERE worker = ANY (dead);
  GET DIAGNOSTICS buried = ROW_COUNT;
  RETURN buried;
END $body$ LANGUAGE plpgsql;
