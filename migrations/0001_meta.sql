-- What is known about the database as a whole: from which kind of origin its answers came, so that
-- made-up figures never stand among real ones, and when the list of companies was last read.
CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY CHECK (key <> ''),
    value TEXT NOT NULL,
    CHECK (key <> 'origin_kind' OR value IN ('real', 'loopback', 'sandbox')),
    CHECK (key <> 'companies_synced_at' OR value GLOB '????-??-??T??:??:??.???Z')
) STRICT;
