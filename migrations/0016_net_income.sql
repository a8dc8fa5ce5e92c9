-- Net income (당기순이익), so that people compute payout ratios of their own, and so that a report that
-- repeats another year's figures is recognised. History names the issuer: a ticker may pass to another
-- one, whose figures are not the old one's. The views hold rows of one issuer against each other, and
-- nothing is no amount in other shares.
ALTER TABLE dividend_dps_cache ADD COLUMN
    -- won, consolidated (연결)
    net_income REAL;
ALTER TABLE dividend_dps_cache ADD COLUMN
    -- won, of the company alone (별도)
    net_income_separate REAL;

ALTER TABLE dps_history ADD COLUMN
    -- NULL in rows from before it was kept
    corp_code TEXT;

DROP VIEW dividend_series;
DROP VIEW dividend_restatements;

-- A row for every later report that states another dividend for a year than the year's own, where a
-- split does not explain it: by neither the par value in that report's column nor its own does the
-- one amount become the other, to within a won; and for every one that states a dividend where the
-- year's own report states none to be trusted. A sum over several settlement dates is held against
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
               CASE WHEN later.fiscal_year = stated.fiscal_year + 1
                    THEN later.frmtrm_dps_cash ELSE later.lwfr_dps_cash
               END AS restated_dps_cash,
               CASE WHEN later.fiscal_year = stated.fiscal_year + 1
                    THEN later.frmtrm_par_value ELSE later.lwfr_par_value
               END AS restated_par_value,
               later.par_value AS par_now,
               later.rcept_no AS restated_rcept_no
          FROM dividend_dps_cache AS stated
          JOIN dividend_dps_cache AS later
            ON later.ticker = stated.ticker
           AND later.corp_code = stated.corp_code
           AND later.fiscal_year IN (stated.fiscal_year + 1, stated.fiscal_year + 2)
           AND later.reprt_code = stated.reprt_code
         WHERE stated.reprt_code = '11011' AND stated.settlements = 1
           AND later.fiscal_year > stated.source_year) AS column_of_later
 WHERE restated_dps_cash IS NOT NULL
   AND (dps_cash IS NULL OR restated_dps_cash <> dps_cash)
   AND (dps_cash IS NULL
        OR dps_cash = 0
        OR restated_dps_cash = 0
        OR (NOT coalesce(
                restated_par_value <> par_value
                AND abs(restated_dps_cash * par_value - dps_cash * restated_par_value) < par_value,
                FALSE)
            AND NOT coalesce(
                par_now <> par_value
                AND abs(restated_dps_cash * par_value - dps_cash * par_now) < par_value,
                FALSE)));

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
       cache.net_income,
       cache.net_income_separate,
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
    ON company.ticker = substr(cache.ticker, 1, 5) || '0'
   AND company.corp_code = cache.corp_code;
