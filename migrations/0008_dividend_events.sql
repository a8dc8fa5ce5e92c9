-- What the user holds or watches, imported from a file of theirs: payments by share and date. The
-- same line of a file again is the same event; only its amount may change. A file may state the
-- same payment several times (two accounts hold the share): its lines are counted.
CREATE TABLE dividend_events (
    event_id   INTEGER PRIMARY KEY,
    ticker     TEXT NOT NULL
               CHECK (ticker GLOB '[0-9][0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z]'),
    event_date TEXT CHECK (event_date GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]'),
    -- in the currency's unit
    amount     REAL,
    -- ISO 4217
    currency   TEXT NOT NULL CHECK (currency GLOB '[A-Z][A-Z][A-Z]'),
    note       TEXT,
    -- the n-th line of its file about this payment
    occurrence INTEGER NOT NULL CHECK (occurrence > 0)
) STRICT;

CREATE UNIQUE INDEX dividend_events_once
    ON dividend_events (ticker, coalesce(event_date, ''), currency, coalesce(note, ''), occurrence);
