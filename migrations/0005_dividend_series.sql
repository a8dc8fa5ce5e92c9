-- The view for whoever opens the database with other tools: every cached year with the company's
-- name, and without the blob. A preferred share has the name of its issuer.
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
       cache.expires_at
  FROM dividend_dps_cache AS cache
  LEFT JOIN ticker_master AS company
    ON company.ticker = substr(cache.ticker, 1, 5) || '0';
