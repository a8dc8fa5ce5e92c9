-- An annual report states the two years before its own as well. What it says about them is kept on
-- the report's own row, so that it can be held against those years' own reports without a call and
-- without unpacking an answer: a figure that a later report changes beyond a split is restated.
--
-- The columns stand behind raw_payload. An answer of the usual size lies within the row's page, so
-- that reading past it costs nothing; only one of several kilobytes is walked through. Remaking the
-- table for the few of those would copy every answer there is.
--
-- A column added with a CHECK makes SQLite look through the whole table for it: with the five of them
-- two seconds for 85,000 rows, once, while other processes wait.
ALTER TABLE dividend_dps_cache ADD COLUMN
    -- won per share, of the year before, as this row's report states it; 0 is none, NULL not stated
    frmtrm_dps_cash REAL
    CHECK (frmtrm_dps_cash IS NULL
           OR (frmtrm_dps_cash >= 0 AND source_year = fiscal_year AND reprt_code = '11011'));
ALTER TABLE dividend_dps_cache ADD COLUMN
    -- won
    frmtrm_par_value REAL
    CHECK (frmtrm_par_value IS NULL
           OR (frmtrm_par_value > 0 AND source_year = fiscal_year AND reprt_code = '11011'));
ALTER TABLE dividend_dps_cache ADD COLUMN
    -- the same of two years before
    lwfr_dps_cash REAL
    CHECK (lwfr_dps_cash IS NULL
           OR (lwfr_dps_cash >= 0 AND source_year = fiscal_year AND reprt_code = '11011'));
ALTER TABLE dividend_dps_cache ADD COLUMN
    lwfr_par_value REAL
    CHECK (lwfr_par_value IS NULL
           OR (lwfr_par_value > 0 AND source_year = fiscal_year AND reprt_code = '11011'));

ALTER TABLE dividend_dps_cache ADD COLUMN
    -- how many settlement dates the figures are of; 2 where dps_cash is the sum over a REIT's two
    settlements INTEGER
    CHECK (settlements IS NULL OR (settlements >= 1 AND outcome <> 'NO_REPORT'));

-- A row for every later report that states another dividend for a year than the year's own, where a
-- split does not explain it: by neither the par value in that report's column nor its own does the
-- one amount become the other, to within a won. A sum over several settlement dates is held against
-- nothing.
CREATE VIEW dividend_restatements AS
SELECT ticker, fiscal_year, dps_cash, par_value, rcept_no,
       restated_source_year, restated_dps_cash, restated_par_value, restated_rcept_no
  FROM (SELECT stated.ticker,
               stated.fiscal_year,
               stated.dps_cash,
               stated.par_value,
               stated.rcept_no,
               later.fiscal_year AS restated_source_year,
               iif(later.fiscal_year = stated.fiscal_year + 1,
                   later.frmtrm_dps_cash, later.lwfr_dps_cash) AS restated_dps_cash,
               iif(later.fiscal_year = stated.fiscal_year + 1,
                   later.frmtrm_par_value, later.lwfr_par_value) AS restated_par_value,
               later.par_value AS par_now,
               later.rcept_no AS restated_rcept_no
          FROM dividend_dps_cache AS stated
          JOIN dividend_dps_cache AS later
            ON later.ticker = stated.ticker
           AND later.fiscal_year IN (stated.fiscal_year + 1, stated.fiscal_year + 2)
           AND later.reprt_code = stated.reprt_code
         WHERE stated.reprt_code = '11011' AND stated.settlements = 1
           AND later.fiscal_year > stated.source_year)
 WHERE restated_dps_cash <> dps_cash
   AND NOT coalesce(
           restated_par_value <> par_value
           AND abs(restated_dps_cash * par_value - dps_cash * restated_par_value) < par_value, 0)
   AND NOT coalesce(
           par_now <> par_value
           AND abs(restated_dps_cash * par_value - dps_cash * par_now) < par_value, 0);

DROP VIEW dividend_series;

CREATE VIEW dividend_series AS
SELECT cache.ticker,
       company.corp_name,
       cache.fiscal_year,
       cache.reprt_code,
       cache.corp_code,
       cache.corp_cls,
       cache.outcome,
       cache.dps_cash,
       cache.par_value,
       cache.dps_stock,
       cache.cash_yield_pct,
       cache.payout_ratio_pct,
       cache.eps,
       cache.cash_total,
       cache.stlm_dt,
       cache.rcept_no,
       cache.source_year,
       cache.note,
       cache.parser_version,
       cache.fetched_at,
       cache.updated_at,
       cache.expires_at,
       cache.frmtrm_dps_cash,
       cache.frmtrm_par_value,
       cache.lwfr_dps_cash,
       cache.lwfr_par_value,
       cache.settlements,
       -- of the nearest later report that restates the year
       (SELECT restated_dps_cash FROM dividend_restatements AS restated
         WHERE restated.ticker = cache.ticker AND restated.fiscal_year = cache.fiscal_year
           AND cache.reprt_code = '11011'
         ORDER BY restated_source_year LIMIT 1) AS restated_dps_cash,
       (SELECT min(restated_source_year) FROM dividend_restatements AS restated
         WHERE restated.ticker = cache.ticker AND restated.fiscal_year = cache.fiscal_year
           AND cache.reprt_code = '11011') AS restated_source_year,
       (SELECT restated_rcept_no FROM dividend_restatements AS restated
         WHERE restated.ticker = cache.ticker AND restated.fiscal_year = cache.fiscal_year
           AND cache.reprt_code = '11011'
         ORDER BY restated_source_year LIMIT 1) AS restated_rcept_no
  FROM dividend_dps_cache AS cache
  LEFT JOIN ticker_master AS company
    ON company.ticker = substr(cache.ticker, 1, 5) || '0';
