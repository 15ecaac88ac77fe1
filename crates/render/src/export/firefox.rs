//! Writes the Firefox Profiler's processed format, through fxprof-processed-profile.
//!
//! That crate (0.8.1) gives a function nothing but a label: the format has columns for files, lines
//! and the depth of inlining, but the crate leaves them empty. Functions therefore carry full
//! labels here, and tier and inlining are subcategories.

use super::{Common, Counter, ExportError, Measure};
use fxprof_processed_profile::debugid::DebugId;
use fxprof_processed_profile::{
    CategoryColor, CategoryHandle, CategoryPairHandle, CpuDelta, Frame as FoxFrame, FrameFlags,
    FrameInfo, LibraryHandle, LibraryInfo, ProcessHandle, Profile as Fox, ReferenceTimestamp,
    SamplingInterval, StackHandle, Symbol, SymbolTable, ThreadHandle, Timestamp, WeightType,
};
use hashbrown::HashMap;
use spikeflame_profile::{
    Category, FrameId, Kind, Profile, Source, StackId, Thread, Tier, Zero, display_name,
    write_label,
};
use std::io::Write;
use std::sync::Arc;

/// Largest number of parts into which all samples together may be split. Weights in the format have
/// 32 bits, so a larger one is split.
const MOST_PARTS: u64 = 1 << 20;

/// Writes a selected profile.
pub(super) fn write(
    profile: &Profile,
    counters: &[Counter],
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    check(profile)?;
    let common = Common::collect(profile);
    let mut writer = Writer::new(profile, &common);
    writer.write();
    writer.count(counters);
    serde_json::to_writer(&mut *out, &writer.fox)?;
    Ok(writeln!(out)?)
}

/// Refuses weights that would have to be split into too many parts.
pub(super) fn check(profile: &Profile) -> Result<(), ExportError> {
    let weights = profile.threads.iter().flat_map(|t| t.samples.iter()).map(|(_, w)| w);
    let parts = weights.map(|weight| weight / i32::MAX as u64).fold(0, u64::saturating_add);
    if parts > MOST_PARTS { Err(ExportError::TooHeavy) } else { Ok(()) }
}

struct Writer<'a> {
    profile: &'a Profile,
    common: &'a Common,
    fox: Fox,
    categories: HashMap<Category, CategoryHandle>,
    subcategories: HashMap<(Category, Tier, bool), CategoryPairHandle>,
    /// Facts about each frame, in the order of the frames' numbers.
    infos: Vec<FrameInfo>,
    threads: u32,
    first: Option<ProcessHandle>,
}

impl<'a> Writer<'a> {
    fn new(profile: &'a Profile, common: &'a Common) -> Self {
        let start_ms = match common.zero {
            Zero::Wall(us) => us as f64 / 1000.0,
            Zero::Monotonic(_) | Zero::Unknown => 0.0,
        };
        let interval = match common.interval_us {
            Some(us) => SamplingInterval::from_nanos(us.saturating_mul(1000)),
            None => SamplingInterval::from_millis(1),
        };
        let start = ReferenceTimestamp::from_millis_since_unix_epoch(start_ms);
        let mut fox = Fox::new(&common.name, start, interval);
        // All names are known, so Firefox must not look for symbols.
        fox.set_symbolicated(true);
        let (categories, subcategories, infos) = Default::default();
        let mut writer = Self {
            profile,
            common,
            fox,
            categories,
            subcategories,
            infos,
            threads: 0,
            first: None,
        };
        writer.describe();
        writer
    }

    /// Describes every frame.
    fn describe(&mut self) {
        let frames = &self.profile.frames;
        let libraries = self.libraries();
        for (id, how) in frames.frames() {
            let function = frames.get_function(how.function);
            let category = Category::classify(function, frames.strings());
            let mut label = String::new();
            write_label(&mut label, frames.strings(), function, Tier::None);
            let frame = match libraries.get(&id) {
                Some(&(library, address)) => {
                    FoxFrame::RelativeAddressFromInstructionPointer(library, address)
                }
                None => FoxFrame::Label(self.fox.intern_string(&label)),
            };
            let flags = match function.kind {
                Kind::Js => FrameFlags::IS_JS,
                Kind::Builtin | Kind::RegExp | Kind::Wasm => FrameFlags::IS_RELEVANT_FOR_JS,
                _ => FrameFlags::empty(),
            };
            let category_pair = self.category(category, how.tier, how.inlined);
            self.infos.push(FrameInfo { frame, category_pair, flags });
        }
    }

    /// Returns the native functions by library, and the functions that a source map led out of their
    /// package by the file that ran. A function has a name but no address here, so a number serves
    /// as its address in the library.
    fn libraries(&mut self) -> HashMap<FrameId, (LibraryHandle, u32)> {
        let frames = &self.profile.frames;
        let mut by_module: HashMap<&str, Vec<(FrameId, String)>> = HashMap::new();
        for (id, frame) in frames.frames() {
            let function = frames.get_function(frame.function);
            let module = frames.strings().get(function.module);
            let name = match function.kind {
                _ if module.is_empty() => continue,
                Kind::Native => display_name(frames.strings(), function),
                Kind::Js => {
                    let mut label = String::new();
                    write_label(&mut label, frames.strings(), function, Tier::None);
                    label
                }
                _ => continue,
            };
            by_module.entry(module).or_default().push((id, name));
        }
        let mut modules: Vec<_> = by_module.into_iter().collect();
        modules.sort_unstable();
        let mut found = HashMap::new();
        for (module, functions) in modules {
            let symbols = (0..).zip(&functions).map(|(address, (_, name))| Symbol {
                address,
                size: Some(1),
                name: name.clone(),
            });
            let name = module.rsplit(['/', '\\']).next().unwrap_or(module).to_owned();
            let library = self.fox.add_lib(LibraryInfo {
                debug_name: name.clone(),
                name,
                path: module.to_owned(),
                debug_path: module.to_owned(),
                debug_id: DebugId::nil(),
                code_id: None,
                arch: None,
                symbol_table: Some(Arc::new(SymbolTable::new(symbols.collect()))),
            });
            found.extend((0..).zip(functions).map(|(at, (id, _))| (id, (library, at))));
        }
        found
    }

    /// Returns a category. Its subcategory holds the tier, and whether the function was inlined.
    fn category(&mut self, category: Category, tier: Tier, inlined: bool) -> CategoryPairHandle {
        let fox = &mut self.fox;
        let whole = *self
            .categories
            .entry(category)
            .or_insert_with(|| fox.add_category(category.word(), color(category)));
        let name = match (tier, inlined) {
            (Tier::None, false) => return whole.into(),
            (Tier::None, true) => "inlined".to_owned(),
            (tier, false) => tier.word().to_owned(),
            (tier, true) => format!("{}, inlined", tier.word()),
        };
        *self
            .subcategories
            .entry((category, tier, inlined))
            .or_insert_with(|| fox.add_subcategory(whole, &name))
    }

    /// Writes a process for each source, with its threads.
    fn write(&mut self) {
        let sources = &self.profile.sources;
        let mut by_source: Vec<Vec<&Thread>> = vec![Vec::new(); sources.len().max(1)];
        for thread in &self.profile.threads {
            let at = sources.iter().position(|source| belongs(thread, source)).unwrap_or(0);
            if let Some(threads) = by_source.get_mut(at) {
                threads.push(thread);
            }
        }
        for (pid, threads) in (1..).zip(by_source) {
            let source = self.profile.sources.get(pid as usize - 1);
            let zero = Timestamp::from_nanos_since_reference(0);
            // Firefox shows the name of the process for its main thread.
            let name = match (threads.as_slice(), source) {
                ([], _) => continue,
                ([one], _) | ([one, ..], None) => &one.name,
                (_, Some(source)) => &source.name,
            };
            let process = self.fox.add_process(name, pid, zero);
            self.first = self.first.or(Some(process));
            for thread in &threads {
                self.thread(thread, process, threads.len() == 1);
            }
        }
    }

    /// Adds counters to the first process.
    ///
    /// The Firefox Profiler takes a counter with an unknown name for amounts since the sample
    /// before. Its curve shows their rate, and its tooltip the amount. When samples lie at equal
    /// distances, both are correct for plain values. It takes the first sample for 0, and a missing
    /// one makes the rate too low. A 0 is therefore written before each value that has no
    /// neighbour.
    fn count(&mut self, counters: &[Counter]) {
        let Some(process) = self.first else { return };
        for counter in counters {
            let handle = self.fox.add_counter(process, &counter.name, "load", &counter.name);
            let mut draw = |us: u64, value: f64| {
                let at = Timestamp::from_nanos_since_reference(us.saturating_mul(1000));
                self.fox.add_counter_sample(handle, at, value, 0);
            };
            let times = || counter.points.iter().map(|(us, _)| *us);
            let gaps = times().zip(times().skip(1)).map(|(one, next)| next.saturating_sub(one));
            let step = gaps.filter(|gap| *gap > 0).min().unwrap_or(1_000_000);
            let mut last = None;
            for &(us, value) in &counter.points {
                let before = us.checked_sub(step);
                if let Some(before) = before.filter(|before| last.is_none_or(|us| us < *before)) {
                    draw(before, 0.0);
                }
                draw(us, value);
                last = Some(us);
            }
        }
    }

    fn thread(&mut self, thread: &Thread, process: ProcessHandle, is_main: bool) {
        self.threads += 1;
        let zero = Timestamp::from_nanos_since_reference(0);
        let handle = self.fox.add_thread(process, self.threads, zero, is_main);
        self.fox.set_thread_name(handle, &thread.name);
        let weights = match self.common.measure {
            Measure::Bytes => WeightType::Bytes,
            _ => WeightType::Samples,
        };
        self.fox.set_thread_samples_weight_type(handle, weights);
        let mut stacks = vec![None; self.profile.stacks.len()];
        let (mut passed, mut last) = (0u64, 0u64);
        for (sample, weight) in thread.samples.iter() {
            let at = match self.common.timed {
                true => sample.time_us.saturating_mul(1000),
                false => passed,
            };
            let lasts = self.common.laid_out(thread, sample.stack, weight);
            passed = passed.saturating_add(lasts);
            let stack = self.stack(handle, sample.stack, &mut stacks);
            let kind =
                self.profile.stacks.get(sample.stack).map(|(_, f)| self.profile.frames.kind(f));
            let busy = match kind {
                Some(Kind::Idle) => 0,
                _ if self.common.no_time => 0,
                // A sample cannot take more than the time since the last one.
                _ => lasts.min(at.saturating_sub(last)),
            };
            last = at;
            let at = Timestamp::from_nanos_since_reference(at);
            let mut busy = CpuDelta::from_nanos(busy);
            let mut rest = weight;
            while rest > 0 {
                let part = i32::try_from(rest).unwrap_or(i32::MAX);
                self.fox.add_sample(handle, at, stack, busy, part);
                rest -= part as u64;
                busy = CpuDelta::ZERO;
            }
        }
    }

    /// Returns the stack's number in a thread. Adds the stack and its callers when they are new.
    fn stack(
        &mut self,
        thread: ThreadHandle,
        stack: StackId,
        known: &mut [Option<StackHandle>],
    ) -> Option<StackHandle> {
        let mut missing: Vec<(StackId, FrameId)> = Vec::new();
        let (mut at, mut below) = (stack, None);
        while let Some((parent, frame)) = self.profile.stacks.get(at) {
            below = known.get(at.index()).copied().flatten();
            if below.is_some() {
                break;
            }
            missing.push((at, frame));
            at = parent;
        }
        for (at, frame) in missing.into_iter().rev() {
            let Some(info) = self.infos.get(frame.index()) else { continue };
            let frame = self.fox.intern_frame(thread, info.clone());
            let made = self.fox.intern_stack(thread, below, frame);
            if let Some(slot) = known.get_mut(at.index()) {
                *slot = Some(made);
            }
            below = Some(made);
        }
        below
    }
}

/// Returns the Firefox colour that is nearest to the colour in our pictures.
fn color(category: Category) -> CategoryColor {
    match category {
        Category::App => CategoryColor::Orange,
        Category::Dependency => CategoryColor::Yellow,
        Category::NodeCore => CategoryColor::Green,
        Category::Wasm => CategoryColor::Brown,
        Category::Builtin => CategoryColor::LightBlue,
        Category::Native => CategoryColor::Blue,
        Category::Kernel => CategoryColor::Purple,
        Category::Gc | Category::Error => CategoryColor::Red,
        Category::Compiler => CategoryColor::Magenta,
        Category::Idle => CategoryColor::Transparent,
        Category::Unresolved => CategoryColor::DarkGray,
    }
}

/// Returns true when a thread is of a source. Readers name threads after their source, or after the
/// part of its name that is unique.
fn belongs(thread: &Thread, source: &Source) -> bool {
    let stem = source.name.strip_suffix(".log").unwrap_or(&source.name);
    thread.name.starts_with(stem) || source.name.starts_with(&thread.name)
}
