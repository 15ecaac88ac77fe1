//! Reading of one stream on several cores. Scanners do the work that does not depend on the lines before; one
//! follower takes their results in the order of the stream.

use crate::chunks::{Chunk, Chunks, Ending};
use crate::options::Options;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

/// The most batches between each scanner and the follower.
const AHEAD: usize = 2;

/// A chunk with the results of a scanner.
pub(crate) trait Batch: Default + Send {
    /// Returns the chunk, for the next lines of the stream.
    fn chunk(&mut self) -> &mut Chunk;
}

/// Returns the number of threads that a reader may use.
pub(crate) fn thread_count(options: &Options) -> usize {
    match options.threads {
        0 => thread::available_parallelism().map_or(1, usize::from).min(8),
        threads => threads,
    }
}

/// The state that the scanning threads share.
struct SharedState<R, B> {
    chunks: Chunks<R>,
    /// The number of the next batch.
    next: u64,
    failure: Option<io::Error>,
    /// Batches to reuse.
    spare: Vec<B>,
}

/// Reads a stream with this number of threads besides the caller's. `scanner` makes the scanner of the
/// thread with a number, and `take` follows.
pub(crate) fn read_together<B: Batch, S: FnMut(&mut B)>(
    chunks: Chunks<impl Read + Send>,
    threads: usize,
    scanner: impl Fn(usize) -> S + Sync,
    mut take: impl FnMut(&B),
) -> io::Result<Ending> {
    let shared = Mutex::new(SharedState { chunks, next: 0, failure: None, spare: Vec::new() });
    let lock = || shared.lock().unwrap_or_else(PoisonError::into_inner);
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel(threads * AHEAD);
        for number in 0..threads {
            let (sender, lock, scanner) = (sender.clone(), &lock, &scanner);
            scope.spawn(move || {
                let mut scan = scanner(number);
                loop {
                    let mut shared = lock();
                    let mut batch: B = shared.spare.pop().unwrap_or_default();
                    match shared.chunks.next(batch.chunk()) {
                        Ok(true) if shared.failure.is_none() => {}
                        Ok(_) => return,
                        Err(error) => return shared.failure = Some(error),
                    }
                    let order = shared.next;
                    shared.next += 1;
                    drop(shared);
                    scan(&mut batch);
                    if sender.send((order, batch)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut early: BTreeMap<u64, B> = BTreeMap::new();
        let mut due = 0;
        for (order, batch) in receiver {
            early.insert(order, batch);
            while let Some(batch) = early.remove(&due) {
                take(&batch);
                due += 1;
                lock().spare.push(batch);
            }
        }
    });
    let shared = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    match shared.failure {
        Some(error) => Err(error),
        None => Ok(shared.chunks.ending()),
    }
}
