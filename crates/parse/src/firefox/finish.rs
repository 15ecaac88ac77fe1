//! Making a profile of the tables that were read.

use super::frames::{Namer, are_ours};
use super::samples::{Measure, SamplePlacement, Stacks};
use super::{ProcessProfile, RawThread, Reader, column};
use crate::error::Error;
use crate::json::{self, Damage};
use crate::options::Options;
use hashbrown::HashMap;
use spikeflame_profile::Ledger;
use spikeflame_profile::warning::{Fact, UnreadValues, Warning};
use spikeflame_profile::{FrameTable, Profile, Source, StackTree, Thread, Zero};
use std::path::Path;

const INSTEAD: &str = "expected threads with samples, as profiler.firefox.com saves them";

/// The share of samples without a function above which a warning is printed, in percent.
const MANY_NAMELESS: u64 = 5;

impl Reader {
    /// Makes the profile of all that was read.
    pub(super) fn finish(
        self,
        path: &Path,
        name: String,
        damage: Option<Damage>,
        options: &Options,
    ) -> Result<Profile, Error> {
        let Self { mut names, mut parts, .. } = self;
        let mut ledger = Ledger::new("sample");
        settle(&mut parts, damage.as_ref(), &mut ledger);
        let measure = measure(&parts, options.sample_type.as_deref(), path)?;
        let threads = parts.iter().flat_map(|part| &part.threads);
        let measured = threads.filter(|one| Measure::from_samples(&one.samples) == measure);
        let decimals = measured.map(|one| measure.decimals(&one.samples)).max().unwrap_or(0);
        let mut out = Profile::default();
        out.warnings.extend(damage.iter().map(|damage| damage.warning(&name)));
        let Some(main) = parts.first() else { return Err(nothing(path, damage, INSTEAD)) };
        let own = are_ours(&main.meta.categories);
        let began = if main.meta.began.0.is_nan() { 0.0 } else { main.meta.began.0 };
        let (start_ms, producer) = (main.meta.start.0, producer(main));
        let interval_ms = main.meta.interval.0;
        // Allocations happen at any time. The format demands an interval for them, too.
        let is_regular = interval_ms > 0.0 && measure != Measure::Bytes;
        let mut all = Threads {
            names: &mut names,
            tree: StackTree::default(),
            measure,
            factor: measure.factor(decimals),
            own,
            lines: options.lines,
            several: several(&parts),
            used: HashMap::new(),
            left_out: 0,
            timed: true,
            nameless: 0,
            idle: 0,
            end_us: 0,
        };
        for part in &parts {
            let later = part.meta.start.0 - start_ms;
            let later_ms = if later.is_nan() { 0.0 } else { later } - began;
            all.part(part, later_ms, &mut ledger, &mut out.threads);
        }
        let Threads { tree, left_out, timed, nameless, idle, end_us, .. } = all;
        (out.frames, out.stacks) = (names, tree);
        out.losses = ledger.close(&name);
        if out.threads.is_empty() {
            let lost = out.losses.iter().find(|loss| loss.samples > 0);
            return Err(nothing(path, damage, lost.map_or(INSTEAD, |loss| loss.reason)));
        }
        let busy = out.total().saturating_sub(idle);
        let facts = facts(left_out, measure, nameless, busy);
        let named = own_unit(main).filter(|_| own && measure == Measure::Samples && decimals == 0);
        let unit = named.map_or_else(|| measure.unit(decimals), str::to_owned);
        let parts = (decimals > 0).then(|| Fact::FractionalWeights { unit: unit.clone() });
        out.warnings.extend(facts.chain(parts).map(|fact| Warning::new(name.as_str(), fact)));
        let wall_us = (start_ms + began) * 1e3;
        out.sources.push(Source {
            name,
            producer,
            interval_us: is_regular.then_some((interval_ms * 1e3).round() as u64),
            end_us: if timed { end_us } else { 0 },
            timed,
            zero: if wall_us > 0.0 { Zero::Wall(wall_us.round() as u64) } else { Zero::Unknown },
            unit,
            ..Source::default()
        });
        Ok(out)
    }
}

/// Makes columns of rows. A row that the file ends within is dropped, and counted.
fn settle(parts: &mut [ProcessProfile], damage: Option<&Damage>, ledger: &mut Ledger) {
    for part in parts {
        part.shared.settle();
        for thread in &mut part.threads {
            thread.tables.settle();
            let columns = thread.samples.table.has_columns();
            thread.samples.table.settle();
            // The last number may be incomplete.
            if thread.samples.open && columns && damage.is_some_and(|damage| damage.cut) {
                let stacks = thread.samples.table.column(column::SAMPLE_STACK).len();
                if stacks > 0 && thread.samples.table.pop_last() == Some(column::SAMPLE_STACK) {
                    ledger.lose(json::CUT, stacks as u64 - 1, 1);
                    thread.samples.cut = 1;
                }
            }
        }
    }
}

/// Returns the measure to read, when threads measure different things.
fn measure(parts: &[ProcessProfile], wanted: Option<&str>, path: &Path) -> Result<Measure, Error> {
    let threads = || parts.iter().flat_map(|part| &part.threads);
    let with_samples = || threads().filter(|thread| thread.samples.count() > 0);
    let measures = || with_samples().map(|thread| Measure::from_samples(&thread.samples));
    let Some(wanted) = wanted else { return Ok(measures().next().unwrap_or(Measure::Samples)) };
    measures().find(|measure| measure.word() == wanted).ok_or_else(|| {
        let mut words: Vec<&str> = measures().map(Measure::word).collect();
        words.sort_unstable();
        words.dedup();
        let why = format!("none measure `{wanted}`; its threads measure {}", words.join(", "));
        Error::NoSamples { path: path.to_owned(), why }
    })
}

/// Returns true when the threads are from several processes.
fn several(parts: &[ProcessProfile]) -> bool {
    let mut pids = parts.iter().flat_map(|part| &part.threads).map(|thread| &thread.pid);
    let first = pids.next();
    pids.any(|pid| Some(pid) != first)
}

/// Returns the unit that our own export writes behind the profile's name, because the format has no place
/// for it.
fn own_unit(part: &ProcessProfile) -> Option<&'static str> {
    const UNITS: [&str; 5] = ["nanoseconds", "microseconds", "milliseconds", "seconds", "cycles"];
    let (_, unit) = part.meta.product.0.as_deref()?.strip_suffix(')')?.rsplit_once(" (")?;
    UNITS.into_iter().find(|known| *known == unit)
}

fn producer(part: &ProcessProfile) -> String {
    let word = |word: &json::Word| word.0.clone().filter(|word| !word.is_empty());
    match word(&part.meta.imported).or_else(|| word(&part.meta.product)) {
        Some(of) => format!("Firefox Profiler ({of})"),
        None => "Firefox Profiler".to_owned(),
    }
}

/// The threads that were made so far.
struct Threads<'a> {
    names: &'a mut FrameTable,
    tree: StackTree,
    measure: Measure,
    /// The number of units in a weight of 1 of the file.
    factor: f64,
    own: bool,
    /// True when the lines that ran are wanted.
    lines: bool,
    /// True when the threads are from several processes.
    several: bool,
    used: HashMap<String, u64>,
    left_out: usize,
    timed: bool,
    nameless: u64,
    idle: u64,
    end_us: u64,
}

impl Threads<'_> {
    fn part(
        &mut self,
        part: &ProcessProfile,
        later_ms: f64,
        ledger: &mut Ledger,
        out: &mut Vec<Thread>,
    ) {
        let is_shared = !part.shared.stacks.column(column::STACK_FRAME).is_empty();
        let shared = is_shared.then(|| {
            let Self { names, tree, own, lines, .. } = self;
            let namer = &mut Namer {
                names,
                part,
                tables: &part.shared,
                libs: &[],
                own: *own,
                lines: *lines,
            };
            Stacks::build(namer, tree)
        });
        let zero = |at: f64| at == 0.0;
        let cpu = |thread: &RawThread| {
            let column = thread.samples.table.column(column::CPU);
            column.iter().skip(1).any(|value| value.0 > 0.0 && !zero(value.0))
        };
        // Many programs write a column of zeros.
        let cpu_known = !self.own && part.threads.iter().any(cpu);
        let mut total = out.iter().map(|thread| thread.samples.total()).sum();
        for thread in &part.threads {
            if thread.samples.count() == 0 {
                continue;
            }
            if Measure::from_samples(&thread.samples) != self.measure {
                self.left_out += 1;
                continue;
            }
            let Self { names, tree, factor, own, lines, .. } = self;
            let own_stacks;
            let stacks = match &shared {
                Some(shared) => shared,
                None => {
                    let (tables, libs) = (&thread.tables, thread.libs.as_slice());
                    let (own, lines) = (*own, *lines);
                    let namer = &mut Namer { names, part, tables, libs, own, lines };
                    own_stacks = Stacks::build(namer, tree);
                    &own_stacks
                }
            };
            let factor = *factor;
            let mut placing =
                SamplePlacement { stacks, tree, names, factor, later_ms, cpu_known, total };
            let placed = placing.place(&thread.samples, ledger);
            total = placing.total;
            self.timed &= placed.timed;
            self.nameless += placed.nameless;
            self.idle += placed.idle;
            let last = placed.samples.last().map_or(0, |sample| sample.time_us);
            self.end_us = self.end_us.max(last);
            if !placed.samples.is_empty() {
                let name = crate::distinct::distinct(self.name_of(thread), &mut self.used);
                out.push(Thread { name, samples: placed.samples, source: 0 });
            }
        }
    }

    /// Returns a thread's name: `node`, or `node 42/43` with several processes.
    fn name_of(&self, thread: &RawThread) -> String {
        let RawThread { name, process, kind, pid, tid, .. } = thread;
        let name = [&name.0, &process.0].into_iter().find(|name| !name.is_empty());
        let name = name.map(String::as_str).or(kind.0.as_deref()).unwrap_or("thread");
        match self.several && !self.own {
            true => format!("{name} {pid}/{tid}"),
            false => name.to_owned(),
        }
    }
}

fn facts(
    left_out: usize,
    measure: Measure,
    nameless: u64,
    busy: u64,
) -> impl Iterator<Item = Fact> {
    let (threads, read) = (left_out as u64, measure.word().to_owned());
    let left_out = (left_out > 0).then_some(Fact::LeftOut(UnreadValues::Threads { threads, read }));
    let many = nameless.saturating_mul(100) > busy.saturating_mul(MANY_NAMELESS);
    left_out.into_iter().chain(many.then_some(Fact::NamelessCode { nameless, busy }))
}

fn nothing(path: &Path, damage: Option<Damage>, why: &str) -> Error {
    match damage {
        Some(damage) => damage.error(path, why),
        None => Error::NoSamples { path: path.to_owned(), why: why.to_owned() },
    }
}
