//! Stacks that programs in the kernel (BPF) count: the text of bpftrace, and of bcc's
//! `profile` and `offcputime`.
//!
//! Both print a stack innermost first, one frame a line, and then its count. The output of
//! bcc with `-f` is folded stacks.

mod bcc;
mod bpftrace;
mod frames;
mod maps;

pub(crate) use bcc::looks_like as looks_like_bcc;
pub(crate) use bpftrace::looks_like as looks_like_bpftrace;

use crate::chunks::{Chunk, Chunks};
use crate::cut_stacks::Limit;
use crate::error::Error;
use crate::options::Options;
use crate::perf::recorder::{Id, Recorder};
use crate::utf8::lossy;
use crate::weight::{HEAVIEST, TOO_HEAVY};
use frames::Frames;
use hashbrown::HashMap;
use spikeflame_profile::Ledger;
use spikeflame_profile::warning::{Fact, Warning};
use spikeflame_profile::{Profile, Source};
use std::io::Read;
use std::path::Path;

/// Reads one map of the output of bpftrace: the one that the user named, or else the first one with
/// counted stacks.
pub(crate) fn bpftrace(
    input: impl Read,
    path: &Path,
    name: String,
    options: &Options,
) -> Result<Profile, Error> {
    let mut text = bpftrace::Text::new(options.sample_type.as_deref());
    let mut profile = read(input, path, &name, &mut text)?;
    if profile.total() == 0
        && let Some(why) = text.maps.nothing()
    {
        return Err(Error::NoSamples { path: path.to_owned(), why });
    }
    profile.warnings.extend(text.maps.left_out().map(|fact| Warning::new(name, fact)));
    Ok(profile)
}

/// Reads the output of bcc's `profile` or `offcputime`.
pub(crate) fn bcc(input: impl Read, path: &Path, name: String) -> Result<Profile, Error> {
    read(input, path, &name, &mut bcc::Text::default())
}

/// One of the formats.
trait Format {
    /// Reads a line without its line break; `number` is its number, from 0.
    fn line(&mut self, line: &str, number: u64, to: &mut Collector);
    /// Handles the end of the text.
    fn end(&mut self, number: u64, to: &mut Collector);
    /// Returns the facts that the text contains about itself.
    fn source(&self) -> Source;
}

/// A stack, with its thread.
struct CountedStack<'a> {
    stack: &'a Frames,
    /// The thread's name; empty when it is not known.
    comm: &'a str,
    pid: Option<i32>,
    weight: u64,
}

/// The parts of a profile that were read so far.
struct Collector {
    recorder: Recorder,
    ledger: Ledger,
    /// Numbers for threads of which only the name is known.
    named: HashMap<String, i32>,
    total: u64,
}

impl Collector {
    /// Adds a stack that was seen `weight` times.
    fn add(&mut self, counted: &CountedStack<'_>, line: u64) {
        let total = self.total.saturating_add(counted.weight);
        if counted.stack.cut {
            return self.ledger.lose(DEEP, line, 1);
        }
        if total > HEAVIEST {
            return self.ledger.lose(TOO_HEAVY, line, 1);
        }
        self.total = total;
        let (id, comm) = self.thread(counted);
        let stack = counted.stack.grow(&mut self.recorder);
        self.recorder.sample(id, &comm, 0, stack, counted.weight);
    }

    /// Returns the thread for a name and a process, as far as these are known.
    fn thread(&mut self, counted: &CountedStack<'_>) -> (Id, String) {
        // An idle processor runs `swapper/3`.
        if counted.comm == "swapper" || counted.comm.starts_with("swapper/") {
            return (Id { pid: 0, tid: 0 }, "swapper".to_owned());
        }
        if let Some(pid) = counted.pid {
            return (Id { pid, tid: pid }, counted.comm.to_owned());
        }
        let next = -2 - self.named.len() as i32;
        let tid = *self.named.entry_ref(counted.comm).or_insert(next);
        let comm = if counted.comm.is_empty() { "(all threads)" } else { counted.comm };
        (Id { pid: -1, tid }, comm.to_owned())
    }
}

const DEEP: &str = "a stack of more than 16 MiB";
const LONG: &str = "a line longer than 8 MiB";

fn read(
    input: impl Read,
    path: &Path,
    name: &str,
    format: &mut dyn Format,
) -> Result<Profile, Error> {
    let mut gathered = Collector {
        recorder: Recorder::new(),
        ledger: Ledger::new("line"),
        named: HashMap::new(),
        total: 0,
    };
    let mut number = 0;
    let (mut chunks, mut chunk) = (Chunks::new(input), Chunk::default());
    while chunks.next(&mut chunk).map_err(|source| Error::Io { path: path.to_owned(), source })? {
        let long = chunk.dropped.0 + chunk.dropped.1;
        gathered.ledger.lose_many(LONG, number, long, 0);
        number += long;
        for line in chunk.bytes().split(|&b| b == b'\n') {
            let line = lossy(line);
            format.line(line.trim_end(), number, &mut gathered);
            number += 1;
        }
        // Nothing follows the last line break.
        number -= u64::from(chunk.bytes().ends_with(b"\n"));
    }
    format.end(number, &mut gathered);
    let mut source = format.source();
    name.clone_into(&mut source.name);
    let mut profile = Profile { losses: gathered.ledger.close(name), ..Profile::default() };
    if chunks.ending().damaged {
        profile.warnings.push(Warning::new(name, Fact::PackedData));
    }
    profile.sources.push(source);
    let cut = gathered.recorder.finish(&mut profile, Some(Limit::Other));
    profile.warnings.extend(cut.map(|fact| Warning::new(name, fact)));
    Ok(profile)
}
