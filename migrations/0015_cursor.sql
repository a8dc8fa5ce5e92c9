-- The cursor named a step by its number, which processed_count does already. It is now a place that
-- people read: cursor_index the index of the current ticker (from 0; how many there are once every
-- step is committed) and cursor_year the current year. Leases end here, so that a process of an
-- earlier version that runs a job fails its next commit instead of mixing the two.
UPDATE prefetch_jobs
   SET cursor_index = processed_count / (end_year - start_year + 1),
       cursor_year = CASE
           WHEN processed_count
                >= json_array_length(tickers_json) * (end_year - start_year + 1) THEN NULL
           ELSE coalesce(cursor_year, start_year)
       END,
       lease_token = NULL, lease_owner = NULL, lease_expires_at = NULL;
