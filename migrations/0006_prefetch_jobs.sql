-- A job fills many tickers' years, and can be stopped at any moment: here stands what it was asked
-- to do, how far it came, and who runs it now. Its steps go ticker by ticker, from start_year to
-- end_year; cursor_index is the first that is not settled.
CREATE TABLE prefetch_jobs (
    job_id           TEXT NOT NULL PRIMARY KEY
                     CHECK (length(job_id) = 36 AND job_id NOT GLOB '*[^0-9a-f-]*'),
    created_at       TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.???Z'),
    updated_at       TEXT NOT NULL CHECK (updated_at GLOB '????-??-??T??:??:??.???Z'),
    status           TEXT NOT NULL
                     CHECK (status IN
                         ('PENDING', 'RUNNING', 'DONE', 'PAUSED', 'CANCELLED', 'FAILED')),
    job_name         TEXT,
    tickers_json     TEXT NOT NULL
                     CHECK (json_valid(tickers_json) AND json_array_length(tickers_json) > 0),
    start_year       INTEGER NOT NULL CHECK (start_year BETWEEN 2013 AND 9999),
    end_year         INTEGER NOT NULL CHECK (end_year BETWEEN start_year AND 9999),
    reprt_code       TEXT NOT NULL CHECK (reprt_code IN ('11011', '11012', '11013', '11014')),
    force_refresh    INTEGER NOT NULL CHECK (force_refresh IN (0, 1)),
    recheck_recent   INTEGER NOT NULL CHECK (recheck_recent BETWEEN 0 AND 65535),
    plan             TEXT NOT NULL CHECK (plan IN ('own', 'window')),
    on_error         TEXT NOT NULL CHECK (on_error IN ('continue', 'stop')),
    -- calls a day (KST) that the key may be used for; NULL: OpenDART's own limit
    daily_limit      INTEGER CHECK (daily_limit BETWEEN 0 AND 4294967295),
    cursor_index     INTEGER NOT NULL CHECK (cursor_index >= 0),
    -- the fiscal year of that step; NULL once there is none
    cursor_year      INTEGER CHECK (cursor_year BETWEEN start_year AND end_year),
    processed_count  INTEGER NOT NULL CHECK (processed_count >= 0),
    -- steps for which a report was read, whatever it says
    success_count    INTEGER NOT NULL CHECK (success_count >= 0),
    -- steps for which this job learnt that there is no report (013)
    skip_count       INTEGER NOT NULL CHECK (skip_count >= 0),
    -- steps whose answer was known before started_at
    cached_count     INTEGER NOT NULL CHECK (cached_count >= 0),
    fail_count       INTEGER NOT NULL CHECK (fail_count >= 0),
    -- HTTP attempts
    dart_calls       INTEGER NOT NULL CHECK (dart_calls >= 0),
    last_error       TEXT,
    stop_reason      TEXT
                     CHECK (stop_reason IN
                         ('signal', 'pause_requested', 'cancel_requested', 'daily_quota',
                          'maintenance', 'source_down', 'key_refused', 'on_error')),
    started_at       TEXT CHECK (started_at GLOB '????-??-??T??:??:??.???Z'),
    finished_at      TEXT CHECK (finished_at GLOB '????-??-??T??:??:??.???Z'),
    -- the right of one process to run the job; all three are NULL while nobody has it
    lease_token      TEXT,
    lease_owner      TEXT,
    lease_expires_at TEXT CHECK (lease_expires_at GLOB '????-??-??T??:??:??.???Z'),
    CHECK (processed_count = success_count + skip_count + cached_count + fail_count),
    CHECK ((lease_token IS NULL) = (lease_owner IS NULL)
           AND (lease_token IS NULL) = (lease_expires_at IS NULL)),
    CHECK (lease_token IS NULL OR status = 'RUNNING'),
    CHECK (stop_reason IS NULL OR status IN ('PAUSED', 'CANCELLED', 'FAILED')),
    CHECK (status <> 'DONE' OR finished_at IS NOT NULL)
) STRICT;

CREATE INDEX prefetch_jobs_by_created_at ON prefetch_jobs (created_at);
