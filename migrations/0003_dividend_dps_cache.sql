-- What each report says about each share in each year, asked once and kept for good. The checks
-- repeat the program's own rules, so that no other writer can make a wrong number look right.
CREATE TABLE dividend_dps_cache (
    ticker           TEXT NOT NULL
                     CHECK (ticker GLOB '[0-9][0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z]'),
    fiscal_year      INTEGER NOT NULL CHECK (fiscal_year BETWEEN 2013 AND 9999),
    -- 11011 annual, 11012 half-year, 11013 first quarter, 11014 third quarter
    reprt_code       TEXT NOT NULL CHECK (reprt_code IN ('11011', '11012', '11013', '11014')),
    corp_code        TEXT NOT NULL
                     CHECK (length(corp_code) = 8 AND corp_code NOT GLOB '*[^0-9]*'),
    corp_cls         TEXT CHECK (corp_cls IN ('Y', 'K', 'N', 'E')),
    outcome          TEXT NOT NULL
                     CHECK (outcome IN ('PAID', 'NO_DIVIDEND', 'NOT_STATED', 'NO_REPORT')),
    -- won per share
    dps_cash         REAL,
    -- won
    par_value        REAL,
    -- shares per share
    dps_stock        REAL,
    cash_yield_pct   REAL,
    payout_ratio_pct REAL,
    -- won per share
    eps              REAL,
    -- won, of all the issuer's shares together
    cash_total       REAL,
    stlm_dt          TEXT CHECK (stlm_dt GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]'),
    rcept_no         TEXT CHECK (length(rcept_no) = 14 AND rcept_no NOT GLOB '*[^0-9]*'),
    -- the fiscal year of the report: the row's own, or up to two later, whose columns state it
    source_year      INTEGER NOT NULL
                     CHECK (source_year BETWEEN fiscal_year AND fiscal_year + 2),
    note             TEXT,
    parser_version   INTEGER NOT NULL CHECK (parser_version BETWEEN 0 AND 4294967295),
    fetched_at       TEXT NOT NULL CHECK (fetched_at GLOB '????-??-??T??:??:??.???Z'),
    updated_at       TEXT NOT NULL CHECK (updated_at GLOB '????-??-??T??:??:??.???Z'),
    -- NULL: never
    expires_at       TEXT CHECK (expires_at GLOB '????-??-??T??:??:??.???Z'),
    -- The response in zlib format; NULL where the row was taken from another year's or a sibling's
    -- answer. The last column: what stands before it is read without walking through it.
    raw_payload      BLOB,
    PRIMARY KEY (ticker, fiscal_year, reprt_code),
    -- A check that comes out NULL passes, hence IS NOT NULL.
    CHECK (CASE outcome
               WHEN 'PAID' THEN dps_cash IS NOT NULL AND dps_cash > 0
               WHEN 'NO_DIVIDEND' THEN dps_cash IS NOT NULL AND dps_cash = 0
               ELSE dps_cash IS NULL
           END),
    CHECK (outcome <> 'NO_REPORT' OR (rcept_no IS NULL AND raw_payload IS NULL))
) STRICT;

-- One answer serves several years and share classes: it is found by what OpenDART was asked.
CREATE INDEX dividend_dps_cache_by_answer
    ON dividend_dps_cache (corp_code, source_year, reprt_code);
