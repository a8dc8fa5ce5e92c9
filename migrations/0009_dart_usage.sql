-- OpenDART counts calls per key and day (KST), whichever process makes them. The key itself is
-- never stored: a short one-way hash tells one key's calls from another's.
CREATE TABLE dart_usage (
    key_fingerprint TEXT NOT NULL
                    CHECK (length(key_fingerprint) = 12
                           AND key_fingerprint NOT GLOB '*[^0-9a-f]*'),
    kst_day         TEXT NOT NULL
                    CHECK (kst_day GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]'),
    calls           INTEGER NOT NULL CHECK (calls >= 0),
    PRIMARY KEY (key_fingerprint, kst_day)
) STRICT;
