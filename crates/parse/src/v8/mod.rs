//! V8 tick logs, as `node --prof` of Node 16 to 26 writes them.
//!
//! The format is described in `docs/v8-log.md`. Reading has two parts. The part that does
//! not depend on the order of lines ([`scan`]) runs on every core. The part that needs the
//! code map at each line ([`follow`]) follows the order of the file. So the result does not
//! depend on the number of threads.

mod code_map;
mod fields;
mod follow;
mod frameless;
mod interval;
mod later;
mod lines;
mod maps;
mod marks;
mod native;
mod reason;
mod records;
mod resolve;
mod scan;
mod sources;
mod tick_times;

pub use sources::recorded_lines;

pub(crate) use code_map::Inlining;
pub(crate) use maps::pid_of;
pub(crate) use native::waits;
pub(crate) use records::inlining_of;

use crate::chunks::{Chunks, Ending};
use crate::error::Error;
use crate::options::Options;
use follow::Follower;
use native::Libraries;
use scan::{Batch, Scanner};
use spikeflame_profile::Profile;
use spikeflame_profile::warning::{Fact, V8Fact};
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

/// Removes the warnings of logs with few ticks when all that was read together has enough: the
/// first process of a cluster waits while its workers run.
pub(crate) fn forget_few_ticks(whole: &mut Profile) {
    if whole.sources.len() > 1 && whole.total() >= follow::FEW_TICKS {
        whole.warnings.retain(|it| !matches!(it.fact, Fact::V8(V8Fact::FewTicks { .. })));
    }
}

/// The most batches between each scanner and the follower.
const AHEAD: usize = 2;

/// Reads a log into a profile of one thread, named `name`; `on_disk` is true when `path` is
/// the file that `input` reads.
pub(crate) fn read(
    input: impl Read + Send,
    path: &Path,
    name: String,
    on_disk: bool,
    options: &Options,
) -> Result<Profile, Error> {
    let cores = || thread::available_parallelism().map_or(1, usize::from).min(8);
    let threads = if options.threads == 0 { cores() } else { options.threads };
    let log = on_disk.then(|| path.to_owned());
    let libraries = Libraries::new(options.symbols.clone(), options.shared_symbols.clone());
    let mut follower = Follower::new(name, libraries, log);
    if options.lines {
        follower.want_lines();
    }
    let chunks = Chunks::new(input);
    let ending = match threads {
        1 => read_alone(chunks, &mut follower, options.lines),
        threads => read_together(chunks, &mut follower, threads, options.lines),
    };
    let ending = ending.map_err(|source| Error::Io { path: path.to_owned(), source })?;
    follower
        .finish(ending)
        .map_err(|why| Error::NoSamples { path: path.to_owned(), why: why.to_owned() })
}

fn read_alone(
    mut chunks: Chunks<impl Read>,
    follower: &mut Follower,
    lines: bool,
) -> io::Result<Ending> {
    let (mut scanner, mut batch) = (Scanner::new(0, lines), Batch::default());
    while chunks.next(&mut batch.chunk)? {
        scanner.scan(&mut batch);
        follower.take(&batch);
    }
    Ok(chunks.ending())
}

/// The state that the scanning threads share.
struct SharedState<R> {
    chunks: Chunks<R>,
    /// The number of the next batch.
    next: u64,
    failure: Option<io::Error>,
    /// Batches to reuse.
    spare: Vec<Batch>,
}

fn read_together(
    chunks: Chunks<impl Read + Send>,
    follower: &mut Follower,
    threads: usize,
    lines: bool,
) -> io::Result<Ending> {
    let shared = Mutex::new(SharedState { chunks, next: 0, failure: None, spare: Vec::new() });
    let lock = || shared.lock().unwrap_or_else(PoisonError::into_inner);
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel(threads * AHEAD);
        for number in 0..threads {
            let (sender, lock) = (sender.clone(), &lock);
            scope.spawn(move || {
                let mut scanner = Scanner::new(number, lines);
                loop {
                    let mut shared = lock();
                    let mut batch = shared.spare.pop().unwrap_or_default();
                    match shared.chunks.next(&mut batch.chunk) {
                        Ok(true) if shared.failure.is_none() => {}
                        Ok(_) => return,
                        Err(error) => return shared.failure = Some(error),
                    }
                    let order = shared.next;
                    shared.next += 1;
                    drop(shared);
                    scanner.scan(&mut batch);
                    if sender.send((order, batch)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut early: BTreeMap<u64, Batch> = BTreeMap::new();
        let mut due = 0;
        for (order, batch) in receiver {
            early.insert(order, batch);
            while let Some(batch) = early.remove(&due) {
                follower.take(&batch);
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
