//! Work over many shares: computed on every core, taken in the shares' order on the calling thread.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;

use crate::domain::Ticker;
use crate::store::{Result, Store};

use super::ResolveError;

/// Shares whose rows are read from one state of the database.
const BATCH: usize = 16;

/// More threads than this wait for the disk and for the thread that takes their results.
const MOST_WORKERS: usize = 8;

/// Gives `take` what `work` makes of the shares, batch by batch in their order.
///
/// `work` runs on several threads, each with its own connection and within a read transaction; only
/// `take` may write. The first error ends it; what was taken until then stays.
pub(crate) fn sweep<T: Send>(
    store: &Store,
    tickers: &[Ticker],
    work: impl Fn(&Store, &[Ticker]) -> Result<T, ResolveError> + Sync,
    mut take: impl FnMut(T) -> Result<(), ResolveError>,
) -> Result<(), ResolveError> {
    let batches: Vec<&[Ticker]> = tickers.chunks(BATCH).collect();
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let workers = cores.min(MOST_WORKERS).min(batches.len());
    let connections = (0..workers)
        .filter(|_| workers > 1)
        .filter_map(|_| Store::open_existing(store.path(), store.kind()).transpose())
        .collect::<Result<Vec<Store>>>()?;
    if connections.is_empty() {
        for batch in batches {
            take(store.reading(|| work(store, batch))?)?;
        }
        return Ok(());
    }
    let next = AtomicUsize::new(0);
    let (send, results) = sync_channel(2 * workers);
    thread::scope(|scope| {
        for connection in connections {
            let (batches, next, work, send) = (&batches, &next, &work, send.clone());
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(batch) = batches.get(index) else {
                        break;
                    };
                    let result = connection.reading(|| work(&connection, batch));
                    // Nobody takes results any more once one of them was an error.
                    if send.send((index, result)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(send);
        let mut waiting = BTreeMap::new();
        let mut due = 0;
        for (index, result) in results {
            waiting.insert(index, result);
            while let Some(result) = waiting.remove(&due) {
                take(result?)?;
                due += 1;
            }
        }
        Ok(())
    })
}
