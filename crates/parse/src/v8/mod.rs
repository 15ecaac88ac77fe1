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
use crate::together::{read_together, thread_count};
use follow::Follower;
use native::Libraries;
use scan::{Batch, Scanner};
use spikeflame_profile::Profile;
use spikeflame_profile::warning::{Fact, V8Fact};
use std::io::{self, Read};
use std::path::Path;

/// Removes the warnings of logs with few ticks when all that was read together has enough: the
/// first process of a cluster waits while its workers run.
pub(crate) fn forget_few_ticks(whole: &mut Profile) {
    if whole.sources.len() > 1 && whole.total() >= follow::FEW_TICKS {
        whole.warnings.retain(|it| !matches!(it.fact, Fact::V8(V8Fact::FewTicks { .. })));
    }
}

/// Reads a log into a profile of one thread, named `name`; `on_disk` is true when `path` is
/// the file that `input` reads.
pub(crate) fn read(
    input: impl Read + Send,
    path: &Path,
    name: String,
    on_disk: bool,
    options: &Options,
) -> Result<Profile, Error> {
    let log = on_disk.then(|| path.to_owned());
    let libraries = Libraries::new(options.symbols.clone(), options.shared_symbols.clone());
    let mut follower = Follower::new(name, libraries, log);
    if options.lines {
        follower.want_lines();
    }
    let chunks = Chunks::new(input);
    let ending = match thread_count(options) {
        1 => read_alone(chunks, &mut follower, options.lines),
        threads => {
            let scanner = |number| {
                let mut scanner = Scanner::new(number, options.lines);
                move |batch: &mut Batch| scanner.scan(batch)
            };
            read_together(chunks, threads, scanner, |batch| follower.take(batch))
        }
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
