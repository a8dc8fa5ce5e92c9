-- A burst may start where the last minute's budget is unused, and is paid back over the minute that
-- follows: every process has to know when that minute began. burst_from_us is in microseconds since
-- 1970-01-01T00:00:00Z, as next_at_us is; NULL where there was no burst.
ALTER TABLE dart_gate ADD COLUMN burst_from_us INTEGER;
