-- OpenDART blocks an address that calls too often, whichever process calls. So every process
-- reserves its slots in this one row. next_at_us is when the calls let through so far have used up
-- their time at an even pace, in microseconds since 1970-01-01T00:00:00Z: a minute's 900 calls lie
-- 66,667 apart, and milliseconds would lose half a percent of them.
CREATE TABLE dart_gate (
    gate       INTEGER NOT NULL PRIMARY KEY CHECK (gate = 1),
    next_at_us INTEGER NOT NULL
) STRICT;
