-- OpenDART is asked by corp_code, people ask by ticker or name: corpCode.xml's listed companies,
-- delisted ones included. It knows issuers by their common share only; a preferred share (005935)
-- is found by its issuer's ticker (005930). corp_cls is not in that list; an answer tells it later.
CREATE TABLE ticker_master (
    ticker        TEXT NOT NULL PRIMARY KEY
                  CHECK (ticker GLOB '[0-9][0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z]'),
    corp_code     TEXT NOT NULL
                  CHECK (length(corp_code) = 8 AND corp_code NOT GLOB '*[^0-9]*'),
    corp_name     TEXT NOT NULL,
    corp_eng_name TEXT NOT NULL,
    modify_date   TEXT CHECK (modify_date GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]'),
    corp_cls      TEXT CHECK (corp_cls IN ('Y', 'K', 'N', 'E'))
) STRICT;

CREATE INDEX ticker_master_by_corp_code ON ticker_master (corp_code);
