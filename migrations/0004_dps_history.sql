-- Companies correct their filings, and a later report restates earlier years. A figure that was
-- replaced stays readable here, with the filing it came from and the one that took its place.
CREATE TABLE dps_history (
    history_id              INTEGER PRIMARY KEY,
    ticker                  TEXT NOT NULL,
    fiscal_year             INTEGER NOT NULL,
    reprt_code              TEXT NOT NULL
                            CHECK (reprt_code IN ('11011', '11012', '11013', '11014')),
    outcome                 TEXT NOT NULL
                            CHECK (outcome IN ('PAID', 'NO_DIVIDEND', 'NOT_STATED')),
    dps_cash                REAL,
    par_value               REAL,
    dps_stock               REAL,
    stlm_dt                 TEXT,
    rcept_no                TEXT,
    source_year             INTEGER NOT NULL,
    parser_version          INTEGER NOT NULL,
    fetched_at              TEXT NOT NULL,
    updated_at              TEXT NOT NULL,
    replaced_at             TEXT NOT NULL CHECK (replaced_at GLOB '????-??-??T??:??:??.???Z'),
    replaced_by_rcept_no    TEXT,
    replaced_by_source_year INTEGER NOT NULL,
    CHECK (CASE outcome
               WHEN 'PAID' THEN dps_cash IS NOT NULL AND dps_cash > 0
               WHEN 'NO_DIVIDEND' THEN dps_cash IS NOT NULL AND dps_cash = 0
               ELSE dps_cash IS NULL
           END)
) STRICT;

CREATE INDEX dps_history_by_row ON dps_history (ticker, fiscal_year, reprt_code);
