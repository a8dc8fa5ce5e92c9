-- A step that fails does not stop its job; what went wrong stays here until a retry mends it.
CREATE TABLE prefetch_failures (
    job_id      TEXT NOT NULL REFERENCES prefetch_jobs (job_id) ON DELETE CASCADE,
    ticker      TEXT NOT NULL
                CHECK (ticker GLOB '[0-9][0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z]'),
    fiscal_year INTEGER NOT NULL CHECK (fiscal_year BETWEEN 2013 AND 9999),
    kind        TEXT NOT NULL
                CHECK (kind IN ('unknown_ticker', 'source_down', 'refused', 'unreadable')),
    message     TEXT NOT NULL,
    -- HTTP attempts of the call that failed
    attempts    INTEGER NOT NULL CHECK (attempts BETWEEN 0 AND 4294967295),
    failed_at   TEXT NOT NULL CHECK (failed_at GLOB '????-??-??T??:??:??.???Z'),
    PRIMARY KEY (job_id, ticker, fiscal_year)
) STRICT;
