//! What repeats in micro- and milliseconds, each part alone, without HTTP.
//!
//! `cargo bench --bench parts`. The whole, as processes against a server, is `--bench readme`.

#![allow(clippy::unwrap_used)] // what cannot be set up cannot be measured
#![allow(missing_docs)] // criterion's macro makes a public function

#[path = "support/mod.rs"]
mod support;

use std::hint::black_box;
use std::path::Path;

use chrono::Utc;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dps::domain::{FiscalYear, OriginKind, ReprtCode};
use dps::opendart::alot_matter::{pack, unpack};
use dps::opendart::read_companies;
use dps::sandbox::market;
use dps::series::{SeriesRequest, Source, get_dps_series};
use dps::store::{GateState, NewRow, Store};
use tempfile::TempDir;

use support::{FIRST, LAST, samples};

/// A database on a disk, not in memory as a folder for temporary files may be.
fn database() -> (TempDir, Store) {
    let folder = TempDir::new_in(Path::new(env!("CARGO_TARGET_TMPDIR"))).unwrap();
    let store = Store::open(&folder.path().join("dps.db"), OriginKind::Sandbox).unwrap();
    (folder, store)
}

/// Reading answers of every kind the market has.
fn parser(criterion: &mut Criterion) {
    let samples = samples(100).unwrap();
    let mut group = criterion.benchmark_group("parser");
    group.throughput(Throughput::Elements(samples.len() as u64));
    group.bench_function("read", |bencher| {
        bencher.iter(|| {
            for sample in &samples {
                black_box(sample.read().unwrap());
            }
        });
    });
    group.bench_function("pack", |bencher| {
        bencher.iter(|| {
            for sample in &samples {
                black_box(pack(&sample.body).unwrap());
            }
        });
    });
    let packed: Vec<Vec<u8>> = samples.iter().map(|s| pack(&s.body).unwrap()).collect();
    group.bench_function("unpack", |bencher| {
        bencher.iter(|| {
            for packed in &packed {
                black_box(unpack(packed).unwrap());
            }
        });
    });
    group.finish();
}

/// Eleven years of one share, all of them known, among those of a hundred others.
fn series(criterion: &mut Criterion) {
    let now = Utc::now();
    let samples = samples(100).unwrap();
    let rows: Vec<NewRow> = samples.iter().map(|s| s.row(now).unwrap()).collect();
    let (_folder, store) = database();
    store.save(&rows, now).unwrap();
    let request = SeriesRequest {
        first: FiscalYear::new(FIRST).unwrap(),
        last: FiscalYear::new(LAST).unwrap(),
        reprt_code: ReprtCode::Annual,
        refresh: false,
        recheck_recent: 0,
        plan: None,
    };
    let known = samples
        .chunk_by(|one, other| one.ticker == other.ticker)
        .find(|years| years.len() == usize::from(LAST - FIRST + 1))
        .unwrap();
    let (ticker, corp_code) = (known[0].ticker, known[0].corp_code);
    criterion.bench_function("series/cached", |bencher| {
        bencher.iter(|| {
            let mut source = Source::offline();
            let shares = [(ticker, corp_code)];
            let series = get_dps_series(&store, &mut source, &shares, &request, now).unwrap();
            assert!(series[0].missing.is_empty());
            series
        });
    });
}

/// The list of companies, from the ZIP to the table.
fn ticker_sync(criterion: &mut Criterion) {
    let zip = market::corp_code_zip().unwrap();
    let list = read_companies(&zip).unwrap();
    let mut group = criterion.benchmark_group("ticker_sync");
    group.throughput(Throughput::Elements(list.total as u64));
    group.bench_function("read", |bencher| {
        bencher.iter(|| read_companies(&zip).unwrap());
    });
    let (_folder, store) = database();
    // A list in which nothing has changed is the usual one.
    group.bench_function("store", |bencher| {
        bencher.iter(|| {
            store
                .replace_companies(&list.companies, Utc::now())
                .unwrap()
        });
    });
    group.finish();
}

/// Rows into the database and down to the disk, one at a time and by the hundred.
fn durable_commit(criterion: &mut Criterion) {
    let now = Utc::now();
    let rows: Vec<NewRow> = samples(10)
        .unwrap()
        .iter()
        .take(100)
        .map(|sample| sample.row(now).unwrap())
        .collect();
    let (_folder, store) = database();
    let mut group = criterion.benchmark_group("durable_commit");
    for size in [1, 10, rows.len()] {
        group.throughput(Throughput::Elements(size as u64));
        group.bench_function(BenchmarkId::new("rows", size), |bencher| {
            let mut chunks = rows.chunks_exact(size).cycle();
            bencher.iter(|| store.save(chunks.next().unwrap(), Utc::now()).unwrap());
        });
    }
    group.finish();
}

/// What the gate costs a call, beside its wait: one short transaction on a connection of its own.
fn gate(criterion: &mut Criterion) {
    let (_folder, store) = database();
    let ledger = store.gate_ledger().unwrap();
    criterion.bench_function("gate/reserve", |bencher| {
        bencher.iter(|| {
            let reserved = ledger.reserve("0123456789ab", Utc::now, |now, state, _| {
                let next_at_us = Some(now.timestamp_micros());
                Ok::<_, ()>((
                    GateState {
                        next_at_us,
                        ..state
                    },
                    (),
                ))
            });
            reserved.unwrap().unwrap();
        });
    });
}

criterion_group!(parts, parser, series, ticker_sync, durable_commit, gate);
criterion_main!(parts);
