//! `perf.data`, read without perf: files, compressed records, pipes.
//!
//! The reader is our own, because a recording is not trusted: `docs/architecture.md` compares
//! it with the crate linux-perf-data.
//!
//! A source that cannot be opened again (standard input,
//! compressed files) is held in memory, up to 1 GiB. The other limits are:
//! - 32 MiB of a section, 256 KiB of the stream, 256 MiB for the window of compressed
//!   records, 64 MiB of records that wait for their turn;
//! - of data that grows with the recording: 2 GiB of samples, 2 GiB of stacks, 1 GiB of
//!   mappings, 0.3 GiB of threads, 0.1 GiB of counters, 0.5 GiB of addresses;
//! - 8 million codes of perf maps, 64 MiB of each jitdump, and 64 binaries at a time.
//!
//! Samples beyond that are counted as lost.

mod codes;
mod counters;
mod dump_lines;
mod event;
mod fields;
mod follow;
mod grouped;
mod header;
mod images;
mod jit;
mod jitdump;
mod kernel;
mod meta;
mod order;
mod perf_map;
mod processes;
mod reason;
mod records;
mod shape;
mod space;
mod unpack;
mod warnings;

use crate::cut_stacks::Limit;
use crate::error::{Error, ValueFault};
use crate::input;
use crate::options::{Count, Options};
use crate::perf::unit::Unit;
use event::{Event, MONOTONIC, REALTIME};
use fields::Fields;
use follow::Follower;
use header::RecordsPlace;
use jit::{Jit, Places};
use meta::{Meta, Moment};
use order::Order;
use records::{Ending, Head, Records, kind};
use shape::Shapes;
use spikeflame_profile::warning::{Fact, PerfFact, Warning};
use spikeflame_profile::{Ledger, Profile, Source, Zero};
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::Path;
use warnings::{Outcome, warnings};

#[cfg(feature = "fuzzing")]
pub use {jitdump::fuzz as fuzz_jitdump, perf_map::fuzz as fuzz_perf_map};

/// The most bytes that are held of a file that cannot be opened again.
const MOST_HELD: u64 = 1 << 30;

trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

/// Reads a recording; `on_disk` is true when `path` is the file that `input` reads.
pub(crate) fn read(
    mut input: impl Read,
    path: &Path,
    name: String,
    on_disk: bool,
    options: &Options,
) -> Result<Profile, Error> {
    let fail = |source| Error::Io { path: path.to_owned(), source };
    let head = input::fill(&mut input, header::PIPE_HEADER as usize).map_err(fail)?;
    let mut reading = Reading {
        meta: Meta::default(),
        path,
        name,
        on_disk,
        options,
        end: None,
        shapes: Shapes::default(),
        misshapen: Ledger::new("record"),
    };
    if header::is_pipe(&head) {
        return reading.records(Records::new(input));
    }
    let plain = on_disk.then(|| input::open_plain(path, b"PERFILE2", &options.progress));
    let mut is_whole = true;
    let (mut file, length): (Box<dyn ReadSeek>, u64) = match plain.flatten() {
        Some((file, length)) => (Box::new(file), length),
        None => {
            let (bytes, to_end) = hold(head, input, path)?;
            is_whole = to_end;
            let length = bytes.len() as u64;
            (Box::new(Cursor::new(bytes)), length)
        }
    };
    let opened = header::open(&mut file, length, &mut reading.meta).map_err(fail)?;
    let opened = opened.map_err(|(byte, what)| damaged(path, format!("byte {byte}"), what))?;
    file.seek(SeekFrom::Start(opened.records_at)).map_err(fail)?;
    let records = Records::new(file.take(opened.records));
    reading.end = Some(opened);
    let mut profile = reading.records(records)?;
    // A checksum may differ although all records can be read.
    let is_told = |warning: &Warning| {
        use PerfFact::{Cut, MissingSections};
        matches!(warning.fact, Fact::Perf(Cut { .. } | MissingSections { .. }))
    };
    if !is_whole && !profile.warnings.iter().any(is_told) {
        let name = profile.sources.first().map_or_else(String::new, |source| source.name.clone());
        profile.warnings.push(Warning::new(name, Fact::PackedData));
    }
    Ok(profile)
}

/// Reads the rest of a stream, up to the limit. Returns false when it could not be unpacked to its
/// end.
fn hold(head: Vec<u8>, input: impl Read, path: &Path) -> Result<(Vec<u8>, bool), Error> {
    let mut bytes = head;
    match input.take(MOST_HELD).read_to_end(&mut bytes) {
        Err(error) if !crate::chunks::is_damage(&error) => {
            Err(Error::Io { path: path.to_owned(), source: error })
        }
        _ if bytes.len() as u64 > MOST_HELD => {
            let what = "perf.data of more than 1 GiB cannot be read from a pipe or packed; expected \
                        a plain file: unpack it to one";
            Err(damaged(path, format!("byte {MOST_HELD}"), what))
        }
        // The bytes before the damage of a compressed file are used.
        end => Ok((bytes, end.is_ok())),
    }
}

fn damaged(path: &Path, at: String, what: &str) -> Error {
    let expected = format!("{what}; expected perf.data as `perf record` writes it");
    Error::Damaged { path: path.to_owned(), at, expected }
}

/// A recording that is being read.
struct Reading<'a> {
    meta: Meta,
    path: &'a Path,
    name: String,
    on_disk: bool,
    options: &'a Options,
    /// The place of the records, for a file.
    end: Option<RecordsPlace>,
    shapes: Shapes,
    /// Records that perf does not write.
    misshapen: Ledger,
}

impl<'a> Reading<'a> {
    fn records(mut self, mut records: Records<impl Read>) -> Result<Profile, Error> {
        let mut order = Order::default();
        let mut begun: Option<Follower<'a>> = None;
        loop {
            let next = records.next();
            let next = next.map_err(|source| Error::Io { path: self.path.to_owned(), source })?;
            let Some(head) = next else { break };
            let body = records.body(&head);
            if !self.shapes.fits(&head, body, &self.meta) {
                self.misshapen.lose(reason::SHAPE, head.number, 0);
                continue;
            }
            match head.kind {
                kind::FINISHED_ROUND => {
                    if let Some(follower) = &mut begun {
                        order.end_round(|held, body| follower.take(held, body, &self.meta));
                    }
                    continue;
                }
                kind::USER.. => {
                    // A damaged record is treated as missing.
                    let _ = self.user_record(&head, body, begun.is_some());
                    continue;
                }
                _ => {}
            }
            let follower = match &mut begun {
                Some(follower) => follower,
                None => begun.insert(self.begin()?),
            };
            let Some((event, time)) = self.place(&head, body, follower) else { continue };
            order.push(&head, body, event, time);
            if order.is_full() {
                order.make_room(|held, body| follower.take(held, body, &self.meta));
            }
        }
        let mut follower = match begun {
            Some(follower) => follower,
            None => self.begin()?,
        };
        order.finish(|held, body| follower.take(held, body, &self.meta));
        follower.late = order.late;
        self.finish(follower, records.ending())
    }

    /// Handles one of perf's own records, which stand for the header in a pipe.
    fn user_record(&mut self, head: &Head, body: &[u8], begun: bool) -> Option<()> {
        match head.kind {
            kind::HEADER_ATTR if !begun => self.meta.take_attribute(body),
            kind::HEADER_FEATURE => {
                let mut fields = Fields(body);
                let feature = u32::try_from(fields.u64()?).ok()?;
                self.meta.take_feature(feature, fields.0)
            }
            kind::HEADER_BUILD_ID => self.meta.take_build_id(body, head.misc),
            _ => Some(()),
        }
    }

    /// Returns the event and the time of one of the kernel's records; `None` for a sample
    /// that is not to be read.
    fn place(
        &mut self,
        head: &Head,
        body: &[u8],
        follower: &mut Follower<'_>,
    ) -> Option<(u32, Option<u64>)> {
        if head.kind != kind::SAMPLE {
            return Some((0, self.meta.events.first()?.layout.trailer_time(body)));
        }
        let Some(number) = self.meta.event_of(body) else {
            follower.ledger.lose(reason::EVENT, head.number, 1);
            return None;
        };
        let event = self.meta.events.get_mut(number)?;
        // The counters show later of which events this is a sample.
        let is_counted = event.layout.has_counters();
        event.samples += u64::from(!is_counted);
        (is_counted || follower.reads(number))
            .then(|| (number as u32, event.layout.sample_time(body)))
    }

    /// Chooses the events to read, after all are known.
    fn begin(&self) -> Result<Follower<'a>, Error> {
        let events = &self.meta.events;
        let is_time = |event: &&Event| Unit::from_event(&event.label()).is_time;
        let of_program = || events.iter().filter(|event| !event.is_dummy());
        let first = of_program().find(is_time).or_else(|| of_program().next()).or(events.first());
        let Some(first) = first else {
            return Err(damaged(self.path, "byte 24".to_owned(), "there is no event"));
        };
        if !self.meta.tells_events() {
            let what = "several events, and samples that do not tell which they are of";
            return Err(damaged(self.path, "byte 24".to_owned(), what));
        }
        let asked = self.options.sample_type.as_deref();
        let chosen: Vec<bool> = events
            .iter()
            .map(|event| asked.map_or_else(|| event.is_twin(first), |name| event.is_called(name)))
            .collect();
        if !chosen.contains(&true) {
            let fault = ValueFault::NoEvent(asked.unwrap_or_default().to_owned());
            return Err(self.no_values(fault, self.labels(|_| true)));
        }
        let home = std::env::home_dir().map(|home| home.join(".debug"));
        let folders = self.options.symbols.iter().cloned().chain(home).collect();
        let hostname = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let parent = self.path.parent().filter(|_| self.on_disk);
        let jit = Jit::new(Places {
            beside: parent.map(Path::to_owned),
            folders: self.options.symbols.clone(),
            here: self.meta.hostname == hostname.trim_end() && !hostname.is_empty(),
            progress: self.options.progress.clone(),
        });
        let monotonic = first.clock() == Some(MONOTONIC);
        let mut read = events.iter().zip(&chosen).filter(|(_, chosen)| **chosen);
        let weighs = self.options.count == Count::Weights && read.all(|(e, _)| e.has_periods());
        let mut follower = Follower::new(self.options, chosen, monotonic, jit, folders);
        follower.weighs = weighs;
        Ok(follower)
    }

    /// Returns the names of events.
    fn labels(&self, which: impl Fn(&Event) -> bool) -> Vec<String> {
        let events = self.meta.events.iter().filter(|event| which(event) && !event.is_dummy());
        events.map(Event::label).collect()
    }

    fn no_values(&self, fault: ValueFault, kinds: Vec<String>) -> Error {
        Error::NoSuchValues { path: self.path.to_owned(), fault, kinds }
    }

    fn finish(mut self, follower: Follower<'_>, ending: Ending) -> Result<Profile, Error> {
        for (event, samples) in self.meta.events.iter_mut().zip(follower.counters.samples()) {
            event.samples += samples;
        }
        let Some((first, last)) = follower.span else {
            let others = self.labels(|event| event.samples > 0);
            let why = if self.meta.scattered {
                format!(
                    "{}; record with `perf record`, but without its --threads",
                    PerfFact::Scattered
                )
            } else if others.is_empty() {
                "the program ended before the first, or never ran".to_owned()
            } else {
                return Err(self.no_values(ValueFault::OtherEvents, others));
            };
            return Err(Error::NoSamples { path: self.path.to_owned(), why });
        };
        let Self { meta, name, end, misshapen, .. } = self;
        let chosen = follower.chosen();
        let event = meta.events.iter().zip(chosen).find(|(_, chosen)| **chosen);
        let event = event.map(|(event, _)| event.clone()).unwrap_or_default();
        let outcome = Outcome {
            name: &name,
            ending,
            unfinished: end.as_ref().is_some_and(|end| end.unfinished),
            cut: end.as_ref().is_some_and(|end| end.cut),
            missing: end.as_ref().map_or(&[], |end| &end.missing),
            scattered: meta.scattered,
            events: &meta.events,
            chosen,
        };
        let warnings = warnings(&follower, &outcome);
        let timed = event.layout.is_timed();
        let unit = event.unit();
        let source = Source {
            name: name.clone(),
            producer: format!("perf {}", meta.version).trim_end().to_owned(),
            interval_us: event.interval_us(),
            end_us: (last - first) / 1000,
            timed,
            zero: if timed { zero(first, event.clock(), meta.moment) } else { Zero::Unknown },
            time: unit.time().to_owned(),
            event: event.plain_label(),
            unit: if follower.weighs { unit.name } else { "samples".to_owned() },
            ..Source::default()
        };
        let mut losses = follower.ledger.close(&name);
        losses.extend(misshapen.close(&name));
        let sources = vec![source];
        let mut profile = Profile { sources, losses, warnings, ..Profile::default() };
        let cut = follower.recorder.finish(&mut profile, Some(Limit::Perf));
        profile.warnings.extend(cut.map(|fact| Warning::new(name, fact)));
        Ok(profile)
    }
}

/// Returns the zero for a time of the events' clock in nanoseconds.
fn zero(first: u64, clock: Option<u32>, moment: Option<Moment>) -> Zero {
    match (clock, moment) {
        (Some(clock), Some(moment)) if clock == moment.clock => {
            Zero::Wall(first.wrapping_sub(moment.told).wrapping_add(moment.wall) / 1000)
        }
        (Some(REALTIME), _) => Zero::Wall(first / 1000),
        // perf's own clock is close to the monotonic one.
        (Some(MONOTONIC) | None, _) => Zero::Monotonic(first / 1000),
        _ => Zero::Unknown,
    }
}
