#!/usr/bin/env python3
"""Reads a database with other people's tools and compares what they see.

Sums `dps_cash` in SQLite itself, in DuckDB (which attaches the file) and in pandas, per outcome
and in all, and fails unless they agree. Not part of `cargo test`: it needs packages from PyPI.

    python3 -m venv /tmp/strangers
    /tmp/strangers/bin/pip install pandas duckdb==1.5.5 duckdb-extension-sqlite-scanner==1.5.5
    /tmp/strangers/bin/python tests/check/external_readers.py "$(dps cache path)"

DuckDB's SQLite reader is an extension. It is taken from the PyPI package above, whose version has
to be DuckDB's own; without that package DuckDB is asked to fetch it, which needs its site to be
reachable. DuckDB verifies the extension's signature either way.

Exit: 0 they agree, 1 they do not, 2 the check could not be made.
"""

import importlib.util
import math
import pathlib
import sqlite3
import sys

BY_OUTCOME = """
    SELECT outcome, count(*) AS n, sum(dps_cash) AS won
      FROM {series} GROUP BY outcome ORDER BY outcome
"""
# What a stranger writes without looking at the schema: it needs real numbers and real text.
LARGE = "SELECT count(*) FROM {series} WHERE dps_cash > 1000 AND ticker LIKE '0%'"


def in_sqlite(path):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        rows = database.execute(BY_OUTCOME.format(series="dividend_series")).fetchall()
        large = database.execute(LARGE.format(series="dividend_series")).fetchone()[0]
    return rows, large


def load_sqlite_reader(connection, duckdb):
    package = importlib.util.find_spec("duckdb_extension_sqlite_scanner")
    if package is not None:
        folder = pathlib.Path(package.origin).parent / "extensions" / f"v{duckdb.__version__}"
        extension = folder / "sqlite_scanner.duckdb_extension"
        if not extension.exists():
            raise RuntimeError(f"duckdb {duckdb.__version__} has no reader in {folder.parent}")
        connection.execute(f"LOAD '{extension}'")
    else:
        connection.execute("INSTALL sqlite")
        connection.execute("LOAD sqlite")


def in_duckdb(path):
    import duckdb

    connection = duckdb.connect()
    load_sqlite_reader(connection, duckdb)
    connection.execute(f"ATTACH '{path}' AS dps (TYPE sqlite, READ_ONLY)")
    rows = connection.execute(BY_OUTCOME.format(series="dps.dividend_series")).fetchall()
    large = connection.execute(LARGE.format(series="dps.dividend_series")).fetchone()[0]
    # Every table as it stands, the blob included: no column may be of a type DuckDB cannot read.
    tables = ("dividend_dps_cache", "ticker_master", "dps_history", "meta", "dividend_restatements")
    for table in tables:
        connection.execute(f"SELECT * FROM dps.{table}").fetchall()
    average = connection.execute("SELECT avg(dps_cash) FROM dps.dividend_dps_cache").fetchone()[0]
    print(f"duckdb {duckdb.__version__}: avg(dps_cash) = {average}")
    return rows, large


def in_pandas(path):
    import pandas

    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        series = pandas.read_sql_query(
            "SELECT * FROM dividend_series",
            database,
            dtype={"ticker": str},
            parse_dates=["stlm_dt", "fetched_at"],
        )
    groups = series.groupby("outcome")["dps_cash"]
    rows = [
        (outcome, int(n), None if nothing else float(won))
        for (outcome, won), n, nothing in zip(
            groups.sum().items(), groups.size(), groups.count() == 0
        )
    ]
    large = int(((series["dps_cash"] > 1000) & series["ticker"].str.startswith("0")).sum())
    print(f"pandas {pandas.__version__}: fetched_at is {series['fetched_at'].dtype}")
    return rows, large


def agree(one, other):
    (rows, large), (other_rows, other_large) = one, other
    return (
        large == other_large
        and len(rows) == len(other_rows)
        and all(
            a[:2] == b[:2]
            and (a[2] is None) == (b[2] is None)
            and (a[2] is None or math.isclose(a[2], b[2], rel_tol=1e-12))
            for a, b in zip(rows, other_rows)
        )
    )


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    path = pathlib.Path(sys.argv[1]).resolve()
    if not path.is_file():
        print(f"no database at {path}", file=sys.stderr)
        return 2
    expected = in_sqlite(path)
    print(f"sqlite {sqlite3.sqlite_version}: {expected}")
    if not expected[0]:
        print("the database holds no rows: nothing to compare", file=sys.stderr)
        return 2
    wrong = 0
    for name, read in (("duckdb", in_duckdb), ("pandas", in_pandas)):
        try:
            found = read(path)
        except Exception as error:  # a reader that is not there is no disagreement
            kind = type(error).__name__
            print(f"{name}: the check could not be made: {kind}: {error}", file=sys.stderr)
            return 2
        if agree(expected, found):
            print(f"{name}: agrees")
        else:
            wrong += 1
            print(f"{name}: differs: {found}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
