//! Making a profile of a file's tables.

use super::{RawProfile, ReadProblem, Tables};
use crate::error::Error;
use crate::names;
use crate::names::without_placeholder;
use crate::options::Options;
use crate::pprof::counts_samples;
use crate::weight::{HEAVIEST, TOO_HEAVY};
use hashbrown::HashMap;
use spikeflame_profile::Ledger;
use spikeflame_profile::warning::{Fact, UnreadValues, Warning};
use spikeflame_profile::{
    Frame, FrameId, FrameTable, Function, Kind, Profile, Sample, Samples, Source, StackId,
    StackTree, StrId, Thread, Tier, VmState, Zero,
};
use spikeflame_proto::otlp::{
    FRAME_TYPE, KERNEL, Location, PROCESS_ID, PROCESS_NAME, Sample as Raw, THREAD_ID, THREAD_NAME,
    V8, ValueType,
};
use spikeflame_proto::pprof::{
    INLINED_MOST, MONOTONIC, Mark, OURS, PRODUCER, UNIT, module_of_label,
};
use std::path::Path;

const INSTEAD: &str = "expected OTLP profiles with a dictionary and a table of stacks";

/// The most frames of a stack.
const DEEPEST: usize = 1 << 16;

/// The type and unit of a sample's values.
type TypeAndUnit = (String, String);

/// Returns the error for an input without a sample: its damage, or else `why`.
fn no_samples(path: &Path, wrong: Option<ReadProblem>, why: String) -> Error {
    match wrong {
        Some(ReadProblem::Json(damage)) => damage.error(path, &why),
        Some(ReadProblem::Wire(at, what)) => Error::Damaged {
            path: path.to_owned(),
            at: format!("byte {at}"),
            expected: format!("{what}; {why}"),
        },
        None => Error::NoSamples { path: path.to_owned(), why },
    }
}

/// Makes a profile of what was read.
pub(super) fn finish(
    tables: Tables,
    path: &Path,
    name: String,
    wrong: Option<ReadProblem>,
    options: &Options,
) -> Result<Profile, Error> {
    let mut out = Profile::default();
    match &wrong {
        Some(ReadProblem::Json(damage)) => out.warnings.push(damage.warning(&name)),
        Some(ReadProblem::Wire(at, what)) => {
            let fact = Fact::Damage { at: format!("byte {at}"), what: (*what).to_owned() };
            out.warnings.push(Warning::new(name.as_str(), fact));
        }
        None => {}
    }
    let measured = |profile: &RawProfile| -> TypeAndUnit {
        let ValueType { r#type, unit } = profile.head.sample_type.unwrap_or_default();
        (tables.text(r#type).to_owned(), tables.text(unit).to_owned())
    };
    let with_samples = || tables.profiles.iter().filter(|profile| !profile.samples.is_empty());
    let wanted = options.sample_type.as_deref();
    // The eBPF profiler writes time off the processor beside its samples, in any order.
    let chosen = match wanted {
        Some(wanted) => with_samples().map(measured).find(|(kind, _)| wanted == kind),
        None => with_samples()
            .map(measured)
            .find(|(kind, unit)| counts_samples(kind, unit))
            .or_else(|| with_samples().map(measured).next()),
    };
    let mut kinds: Vec<String> = with_samples().map(|profile| measured(profile).0).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let Some(chosen) = chosen else {
        let why = match wanted.filter(|_| !kinds.is_empty()) {
            Some(wanted) => format!("none measures `{wanted}`; there are {}", kinds.join(", ")),
            None => INSTEAD.to_owned(),
        };
        return Err(no_samples(path, wrong, why));
    };
    if tables.stacks.is_empty() {
        // The dictionary comes last, and is missing in a file that was cut.
        let why = if wrong.is_some() {
            "the tables of its stacks are not in it"
        } else {
            "it has no table of stacks: OTLP profiles from before v1.8 of the protocol are not read"
        };
        return Err(no_samples(path, wrong, why.to_owned()));
    }
    let (others, ours): (Vec<&RawProfile>, Vec<&RawProfile>) =
        with_samples().partition(|profile| measured(profile) != chosen);
    if !others.is_empty() {
        let (profiles, read) = (others.len() as u64, chosen.0.clone());
        kinds.retain(|kind| others.iter().any(|profile| measured(profile).0 == *kind));
        let fact = UnreadValues::Otlp { profiles, read, kinds };
        out.warnings.push(Warning::new(name.as_str(), fact));
    }
    let mut reader = Reader {
        tables: &tables,
        names: FrameTable::default(),
        tree: StackTree::default(),
        own: false,
        lines: options.lines,
        stacks: HashMap::new(),
        threads: Vec::new(),
        by_name: HashMap::new(),
        ledger: Ledger::new("sample"),
        timed: true,
        zero_ns: 0,
        total: 0,
    };
    let source = reader.run(&ours, name.clone(), &chosen);
    out.losses = reader.ledger.close(&name);
    out.threads = reader.threads;
    out.threads.iter_mut().for_each(|thread| thread.samples.sort());
    (out.frames, out.stacks) = (reader.names, reader.tree);
    out.sources.push(source);
    if out.total() == 0 && out.losses.is_empty() {
        return Err(no_samples(path, wrong, "every value is 0".to_owned()));
    }
    Ok(out)
}

struct Reader<'a> {
    tables: &'a Tables,
    names: FrameTable,
    tree: StackTree,
    /// True when the file is an export of ours.
    own: bool,
    /// True when the lines that ran are wanted.
    lines: bool,
    /// The stack of each number; `None` for one that is not in the table.
    stacks: HashMap<i32, Option<StackId>>,
    threads: Vec<Thread>,
    by_name: HashMap<String, usize>,
    ledger: Ledger,
    timed: bool,
    zero_ns: u64,
    total: u64,
}

impl Reader<'_> {
    fn run(&mut self, profiles: &[&RawProfile], name: String, measured: &TypeAndUnit) -> Source {
        let heads = || profiles.iter().map(|profile| profile.head);
        let times = profiles.iter().flat_map(|profile| &profile.samples);
        let times = times.flat_map(|sample| &sample.times_unix_nano).copied();
        let starts = heads().map(|head| head.time_unix_nano).filter(|at| *at > 0);
        self.zero_ns = starts.chain(times).min().unwrap_or(0);
        let first = profiles.first();
        let scope = first.map_or("", |profile| profile.scope.as_str());
        self.own = scope.starts_with(OURS);
        let mut number = 0;
        for profile in profiles {
            for sample in &profile.samples {
                self.sample(profile, sample, number);
                number += 1;
            }
        }
        let last = self.threads.iter().flat_map(|thread| thread.samples.iter());
        let last = last.map(|(sample, _)| sample.time_us).max().unwrap_or(0);
        let ends = heads().map(|head| {
            let end = head.time_unix_nano.saturating_add(head.duration_nano);
            end.saturating_sub(self.zero_ns) / 1000
        });
        let end_us = ends.max().unwrap_or(0).max(last);
        let period = first.map(|profile| profile.head).filter(|head| head.period > 0);
        let interval_us = period.and_then(|head| {
            let unit = self.tables.text(head.period_type.unwrap_or_default().unit);
            let nanos = nanos_of(unit)?.checked_mul(head.period.cast_unsigned())?;
            Some(nanos / 1000).filter(|us| *us > 0)
        });
        let time = match measured.0.as_str() {
            "cpu" | "wall" => measured.0.clone(),
            _ => String::new(),
        };
        let mut source = Source {
            name,
            producer: if scope.is_empty() { "OTLP".to_owned() } else { format!("OTLP of {scope}") },
            interval_us,
            time,
            end_us: if self.timed { end_us } else { 0 },
            timed: self.timed,
            zero: match self.zero_ns {
                0 => Zero::Unknown,
                ns => Zero::Wall(ns / 1000),
            },
            unit: unit_of(measured),
            ..Source::default()
        };
        if self.own {
            self.as_before(&mut source, scope);
        }
        source
    }

    /// Restores the facts about a source that our export keeps in the scope's name.
    fn as_before(&self, source: &mut Source, scope: &str) {
        for part in scope.split('\n') {
            if let Some(producer) = part.strip_prefix(PRODUCER) {
                producer.clone_into(&mut source.producer);
            } else if let Some(unit) = part.strip_prefix(UNIT) {
                unit.clone_into(&mut source.unit);
            } else if let Some(us) = part.strip_prefix(MONOTONIC).and_then(|us| us.parse().ok()) {
                source.zero = Zero::Monotonic(us);
            } else if part == "no zero" {
                source.zero = Zero::Unknown;
            }
        }
    }

    fn sample(&mut self, profile: &RawProfile, raw: &Raw, number: u64) {
        let count = raw.values.len().max(raw.times_unix_nano.len());
        let Some(stack) = self.stack(raw.stack) else {
            let lost = count.max(1) as u64;
            let reason = "a sample whose stack the file does not hold";
            return self.ledger.lose_many(reason, number, 1, lost);
        };
        let (values, times) = (raw.values.len(), raw.times_unix_nano.len());
        if count == 0 {
            return self.ledger.lose("a sample without a value and a time", number, 1);
        }
        if values > 0 && times > 0 && values != times {
            // The protocol demands as many values as times: it is not known which value belongs to
            // which time, and whether the values are those of all times.
            let reason = "a sample with a different number of values and times";
            return self.ledger.lose_many(reason, number, 1, count as u64);
        }
        let thread = self.thread(profile, raw);
        self.timed &= times == count;
        for at in 0..count {
            // Times without values count 1 each.
            let value = match raw.values.is_empty() {
                true => 1,
                false => raw.values.get(at).copied().unwrap_or(0),
            };
            let Ok(weight) = u64::try_from(value) else {
                self.ledger.lose("a value below 0", number, 1);
                continue;
            };
            if self.total.saturating_add(weight) > HEAVIEST {
                self.ledger.lose(TOO_HEAVY, number, 1);
                continue;
            }
            self.total += weight;
            let time = raw.times_unix_nano.get(at).copied().unwrap_or(self.zero_ns);
            let time_us = time.saturating_sub(self.zero_ns) / 1000;
            if let Some(thread) = self.threads.get_mut(thread).filter(|_| weight > 0) {
                let state = VmState::UNKNOWN;
                thread.samples.push_weighted(Sample { time_us, stack, state }, weight);
            }
        }
    }

    /// Returns the name and value of an attribute, when it exists.
    fn attribute(&self, number: i32) -> Option<(&str, String)> {
        let attribute = self.tables.attributes.get(usize::try_from(number).ok()?)?;
        let value = attribute.value.as_ref()?;
        let text = self.tables.text_of(value).map(str::to_owned);
        let text = text.or_else(|| value.number.map(|number| number.to_string()))?;
        Some((self.tables.text(attribute.key), text))
    }

    /// Returns the thread of a sample.
    fn thread(&mut self, profile: &RawProfile, raw: &Raw) -> usize {
        let all: Vec<_> = raw.attributes.iter().filter_map(|&at| self.attribute(at)).collect();
        let find = |key: &str| all.iter().find(|(known, _)| *known == key).map(|(_, text)| text);
        let name = match (find(THREAD_NAME), find(PROCESS_ID), find(THREAD_ID)) {
            (Some(name), _, _) if self.own => name.clone(),
            (Some(name), Some(pid), Some(tid)) => format!("{name} {pid}/{tid}"),
            (Some(name), _, Some(tid)) => format!("{name} {tid}"),
            (Some(name), _, None) => name.clone(),
            (None, pid, tid) => {
                let process = find(PROCESS_NAME).unwrap_or(&profile.resource);
                let process = if process.is_empty() { "thread" } else { process };
                match (pid, tid) {
                    (Some(pid), Some(tid)) => format!("{process} {pid}/{tid}"),
                    (None, Some(one)) | (Some(one), None) => format!("{process} {one}"),
                    (None, None) => process.to_owned(),
                }
            }
        };
        let threads = &mut self.threads;
        *self.by_name.entry(name).or_insert_with_key(|name| {
            threads.push(Thread { name: name.clone(), samples: Samples::default(), source: 0 });
            threads.len() - 1
        })
    }

    fn stack(&mut self, number: i32) -> Option<StackId> {
        if let Some(&known) = self.stacks.get(&number) {
            return known;
        }
        let stack = self.new_stack(number);
        self.stacks.insert(number, stack);
        stack
    }

    fn new_stack(&mut self, number: i32) -> Option<StackId> {
        let tables = self.tables;
        let stack = tables.stacks.get(usize::try_from(number).ok()?)?;
        if stack.locations.len() > DEEPEST {
            return None;
        }
        let mut at = StackId::ROOT;
        for &location in stack.locations.iter().rev() {
            let location = tables.locations.get(usize::try_from(location).ok()?)?;
            at = self.location(location, at);
        }
        if stack.locations.is_empty() {
            // Entry 0 means that there is no stack.
            let function = self.names.named("", Kind::Program);
            let frame = self.names.frame(Frame { function, tier: Tier::None, inlined: false });
            at = self.tree.child(at, frame);
        }
        Some(at)
    }

    fn location(&mut self, location: &Location, mut at: StackId) -> StackId {
        let mapping = usize::try_from(location.mapping).ok();
        let mapping = mapping.and_then(|at| self.tables.mappings.get(at));
        let module = mapping.map_or("", |mapping| self.tables.text(mapping.filename)).to_owned();
        let types = location.attributes.iter().filter_map(|&at| self.attribute(at));
        let sort = types.into_iter().find(|(key, _)| *key == FRAME_TYPE).map(|(_, text)| text);
        let sort = sort.unwrap_or_default();
        let lines = location.lines.iter().rev().take(INLINED_MOST);
        for (depth, line) in lines.enumerate() {
            let frame = self.frame(line.function, (line.line, line.column), &module, &sort, depth);
            at = self.tree.child(at, frame);
        }
        if location.lines.is_empty() {
            let function = match (module.as_str(), sort.as_str()) {
                ("", KERNEL) => self.names.named("[kernel]", Kind::Kernel),
                ("", _) => self.names.named("", Kind::Unresolved),
                (module, KERNEL) => self.names.named(module, Kind::Kernel),
                (module, _) => names::native("", module, &mut self.names),
            };
            let frame = self.names.frame(Frame { function, tier: Tier::None, inlined: false });
            at = self.tree.child(at, frame);
        }
        at
    }

    fn frame(
        &mut self,
        number: i32,
        place: (i64, i64),
        module: &str,
        sort: &str,
        depth: usize,
    ) -> FrameId {
        let tables = self.tables;
        let function = usize::try_from(number).ok().and_then(|at| tables.functions.get(at));
        let function = function.copied().unwrap_or_default();
        let (name, file) = (tables.text(function.name), tables.text(function.filename));
        let system = tables.text(function.system_name);
        let whole = |number: i64| u32::try_from(number).unwrap_or(0);
        if self.own {
            return self.own_frame(name, file, system, place, module, depth > 0);
        }
        let start = whole(function.start_line);
        let id = if let Some(id) = names::of_module(name, file, &mut self.names) {
            id
        } else if sort == V8 || sort.is_empty() && crate::script_path::is_script(file) {
            let name = without_placeholder(name);
            // A function of a file may be called `Script:load` itself.
            match names::jitted(name, file.is_empty(), &mut self.names) {
                Some((id, _)) => id,
                None => names::javascript(name, file, start, 0, &mut self.names),
            }
        } else if sort == KERNEL {
            self.names.named(name, Kind::Kernel)
        } else {
            let name = if name.is_empty() { system } else { name };
            names::native(crate::demangle::without_parameters(name), module, &mut self.names)
        };
        let frame = self.names.frame(Frame { function: id, tier: Tier::None, inlined: depth > 0 });
        if self.lines { self.at_line(frame, file, whole(place.0)) } else { frame }
    }

    /// Returns the frame at the line that ran, when its file is known.
    fn at_line(&mut self, frame: FrameId, file: &str, line: u32) -> FrameId {
        let whole = self.names.get(frame);
        let function = *self.names.get_function(whole.function);
        if line == 0 || file.is_empty() || function.kind == Kind::Kernel {
            return frame;
        }
        if function.file != StrId::EMPTY {
            return self.names.at_line(frame, line);
        }
        let file = self.names.intern(file);
        let function = self.names.function(Function { file, ..function });
        let frame = self.names.frame(Frame { function, ..whole });
        self.names.at_line(frame, line)
    }

    /// Returns a frame as it was before our export.
    fn own_frame(
        &mut self,
        name: &str,
        file: &str,
        system: &str,
        place: (i64, i64),
        module: &str,
        within: bool,
    ) -> FrameId {
        let Mark { kind, tier, inlined } = Mark::read(system);
        let name = spikeflame_profile::bare_name(name, kind);
        let whole = |number: i64| u32::try_from(number).unwrap_or(0);
        let module = match kind {
            Kind::Native => module,
            Kind::Js => module_of_label(system).unwrap_or_default(),
            _ => "",
        };
        let module = self.names.intern(module);
        let (name, file) = (self.names.intern(name), self.names.intern(file));
        let (line, column) = (whole(place.0), whole(place.1));
        let function = Function { name, file, line, column, kind, module };
        let function = self.names.function(function);
        self.names.frame(Frame { function, tier, inlined: inlined || within })
    }
}

fn nanos_of(unit: &str) -> Option<u64> {
    Some(match unit {
        "nanoseconds" | "ns" => 1,
        "microseconds" | "us" => 1_000,
        "milliseconds" | "ms" => 1_000_000,
        "seconds" | "s" => 1_000_000_000,
        _ => return None,
    })
}

/// Returns the unit of a weight of 1.
fn unit_of((kind, unit): &TypeAndUnit) -> String {
    match (kind.as_str(), unit.as_str()) {
        ("samples" | "sample" | "events" | "", "count" | "1" | "") => "samples".to_owned(),
        (kind, "count" | "1" | "") => kind.to_owned(),
        (_, "ns") => "nanoseconds".to_owned(),
        (_, "us") => "microseconds".to_owned(),
        (_, "ms") => "milliseconds".to_owned(),
        (_, "s") => "seconds".to_owned(),
        (_, "By") => "bytes".to_owned(),
        (_, unit) => unit.to_owned(),
    }
}
