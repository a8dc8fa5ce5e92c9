-- Years that only a later report stated are answers too, and are asked again only under an explicit
-- --plan own: plan alone does not tell that from the default.
ALTER TABLE prefetch_jobs
    ADD COLUMN own_only INTEGER NOT NULL DEFAULT 0 CHECK (own_only IN (0, 1));
