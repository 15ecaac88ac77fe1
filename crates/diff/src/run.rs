//! A run's profile, reduced to the counts that a comparison needs.

use crate::callers::{Call, Naming, named_callers};
use crate::environment::{Environment, Setting};
use crate::levels::{GroupCount, Levels};
use crate::slices::{NodeSums, Places, Slice, SliceCounts};
use crate::times::SampleTimes;
use spikeflame_profile::{
    CallTree, Category, Clock, GroupBy, Idle, Inlining, Kind, Profile, Sample, Selection, Source,
    Thread, Tiers, wall,
};

/// The share by which an interval that the user gave may differ from the one of the recording without a
/// warning: recorders round.
const SAME_INTERVAL: f64 = 0.02;

/// One run: its recording, and the facts about it.
#[derive(Clone, Debug)]
pub struct Run<'a> {
    /// The run's name in messages: its folder or file.
    pub name: &'a str,
    /// The recording of the run.
    pub profile: &'a Profile,
    /// The samples to count: window, threads, filters, inlining. Idle samples are always
    /// left out, tiers are merged, and groups are counted in addition to functions.
    pub selection: &'a Selection,
    /// Number of successful requests in the window; `None` when it is not known.
    pub requests: Option<f64>,
    /// The sampling interval in milliseconds, when the user gave it; `None` takes that of the
    /// recording, if it has one. It has no effect on recordings whose weights are times, or no CPU
    /// time.
    pub interval_ms: Option<f64>,
    /// The clock of the recording, from which the start of the run is taken; `None` when it is not
    /// known.
    pub began: Option<Clock>,
    /// The conditions that the machine gave the run.
    pub environment: Environment,
    /// The facts on which the run's costs depend, as far as a recorder wrote them.
    pub settings: Vec<Setting>,
    /// The parts of the window, in order and without gaps, cut where [`Slice::SHARES`] of its
    /// requests had ended. Empty when the times of the requests in the recording are not known.
    pub slices: Vec<Slice>,
    /// The requests of the load test by endpoint.
    pub mix: RequestMix,
}

/// The requests of a run's load test by endpoint.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RequestMix {
    /// Endpoints with the number of requests to each. Empty when they are not known.
    pub endpoints: Vec<(String, u64)>,
    /// True when `endpoints` has the successful requests of the run's window, and false when it has all
    /// requests of the test.
    pub of_window: bool,
    /// The share of the whole test's requests that are of the endpoint or scenario which the user chose, from 0
    /// to 1: [`Run::requests`] counts only these. `None` when all are counted.
    pub chosen: Option<f64>,
}

impl<'a> Run<'a> {
    /// Makes a run from its recording alone: without requests, clock, environment, settings,
    /// slices and endpoints.
    pub fn new(name: &'a str, profile: &'a Profile, selection: &'a Selection) -> Self {
        Self {
            name,
            profile,
            selection,
            requests: None,
            interval_ms: None,
            began: None,
            environment: Environment::default(),
            settings: Vec::new(),
            slices: Vec::new(),
            mix: RequestMix::default(),
        }
    }
}

/// The numbers of samples of each function and group in one run. [`RunCounts::count`] makes them,
/// and [`compare_counts`](crate::compare_counts) compares them.
///
/// ```
/// use spikeflame_diff::{Run, RunCounts};
/// use spikeflame_profile::{Selection, folded};
///
/// let mut text: &[u8] = b"main;parse 3\nmain;(idle) 5\n";
/// let profile = folded::read(&mut text, "example", None)?;
/// let counts = RunCounts::count(&Run::new("a", &profile, &Selection::default()));
/// assert_eq!(counts.samples(), 3.0, "idle samples are left out");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RunCounts {
    pub(crate) name: String,
    pub(crate) requests: Option<f64>,
    pub(crate) interval_ms: Option<f64>,
    /// True when the user gave another interval, which is not used because weights are times.
    pub(crate) ignores_interval: bool,
    pub(crate) began: Option<Clock>,
    pub(crate) environment: Environment,
    pub(crate) settings: Vec<Setting>,
    pub(crate) mix: RequestMix,
    pub(crate) around_ms: Option<[Option<f64>; 2]>,
    /// True when the samples of inlined functions count for their callers.
    pub(crate) hides_inlining: bool,
    /// Length of the recording, in microseconds.
    pub(crate) length_us: u64,
    /// Length of the window in seconds, when samples have times.
    pub(crate) seconds: Option<f64>,
    /// The number of samples kept.
    pub(crate) samples: f64,
    /// The quantity that the weights count when they are no CPU time, such as `errors` and `bytes`.
    pub(crate) no_cpu: Option<String>,
    /// The kind of time that the recording names, `cpu` or `wall`; empty when it names none.
    pub(crate) time: String,
    /// The program that wrote the recording.
    pub(crate) producer: String,
    /// True for a recording of V8's CPU profiler.
    pub(crate) is_of_cpu_profiler: bool,
    /// The times of the run's samples, by which a recording is known again in another format.
    pub(crate) times: Option<SampleTimes>,
    pub(crate) functions: Vec<FunctionCount>,
    /// The groups by file, by package and by category.
    pub(crate) groups: [Vec<GroupCount>; 3],
    /// Pairs of caller and callee, as indices in `functions`.
    pub(crate) calls: Vec<(u32, u32)>,
    /// The call tree, in pre-order.
    pub(crate) nodes: Vec<TreeNode>,
    /// The counts of the parts of the window.
    pub(crate) slices: Vec<SliceCounts>,
    /// The counts of the time before the window in which the program waited.
    pub(crate) waiting: Option<SliceCounts>,
}

/// A node of a run's call tree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TreeNode {
    /// The function, as an index in [`RunCounts::functions`].
    pub(crate) entry: u32,
    /// The index after the last node below this one.
    pub(crate) end: u32,
    /// The samples that end here.
    pub(crate) self_weight: f64,
}

#[derive(Clone, Debug)]
pub(crate) struct FunctionCount {
    pub(crate) label: String,
    pub(crate) name: String,
    /// The name of the nearest caller that has one, for a function without a name.
    pub(crate) called_by: Option<String>,
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) kind: Kind,
    pub(crate) category: Category,
    pub(crate) self_count: f64,
    pub(crate) total_count: f64,
    /// The part of `total_count` that is the machine's cost, not the code's.
    pub(crate) machine_count: f64,
    /// The parts of both counts that are below a handler of requests, and below a timer.
    pub(crate) of_requests: [f64; 2],
    pub(crate) of_timers: [f64; 2],
    /// True when the function's own cost is the machine's.
    pub(crate) is_machine: bool,
    /// The groups of the function, as indices in [`RunCounts::groups`].
    pub(crate) groups: [u32; 3],
}

impl RunCounts {
    /// Returns true when functions of the run are below a handler of HTTP requests.
    pub(crate) fn serves_requests(&self) -> bool {
        self.functions.iter().any(|function| function.of_requests.iter().any(|part| *part > 0.0))
    }

    /// Counts the samples of a run for a comparison, by their weights. Idle samples are left out, and the grouping
    /// of [`Run::selection`] has no effect. The result does not borrow the profile, so a caller can drop it before it
    /// reads the next one.
    pub fn count(run: &Run<'_>) -> Self {
        let selection = Selection {
            group_by: GroupBy::Function,
            tiers: Tiers::Merge,
            idle: Idle::Drop,
            annotate: false,
            ..run.selection.clone()
        };
        let (tree, of_stack) = CallTree::build_with_nodes(run.profile, &selection);
        let (weight, interval_ms) = sample_of(run);
        let no_cpu = run.profile.sources.iter().find_map(no_cpu);
        let interval_ms = interval_ms.filter(|_| no_cpu.is_none());
        let mut levels = Levels::new(tree.entries());
        let calls = levels.add_up(&tree);
        let (slices, waiting) = {
            let places = Places::new(&tree, &levels);
            let parts = (run.profile, run.slices.as_slice());
            let waiting = places.waiting(parts, &selection, (weight, interval_ms));
            let sums = NodeSums::new(&tree, &levels, &of_stack);
            (sums.parts(parts, &selection, weight), waiting)
        };
        let scaled = |weights: u64| weights as f64 / weight;
        let (nodes, samples) = (nodes(&tree, weight), tree.total() as f64 / weight);
        let entries = tree.into_entries().into_iter().zip(&levels.is_machine);
        let functions = entries.zip(&levels.of_entry).zip(&levels.functions).map(
            |(((entry, &is_machine), &groups), &sums)| FunctionCount {
                label: entry.label,
                name: entry.name,
                called_by: None,
                file: entry.file,
                line: entry.line,
                column: entry.column,
                kind: entry.kind,
                category: entry.category,
                self_count: scaled(sums.self_weight),
                total_count: scaled(sums.total),
                machine_count: scaled(sums.machine),
                of_requests: sums.of_requests.map(scaled),
                of_timers: sums.of_timers.map(scaled),
                is_machine,
                groups,
            },
        );
        let mut functions: Vec<FunctionCount> = functions.collect();
        let callers = callers_of(&functions, &nodes);
        for (function, caller) in functions.iter_mut().zip(callers) {
            function.called_by = caller;
        }
        let groups = levels.groups.map(|groups| groups.into_counts(scaled));
        let source = run.profile.sources.first();
        Self {
            name: run.name.to_owned(),
            requests: run.requests,
            interval_ms,
            ignores_interval: ignores_interval(run, interval_ms),
            began: run.began,
            environment: run.environment,
            settings: run.settings.clone(),
            mix: run.mix.clone(),
            around_ms: interval_ms.and_then(|ms| around(run, ms / weight)),
            hides_inlining: hides_inlining(run),
            length_us: run.profile.sources.iter().map(|source| source.end_us).max().unwrap_or(0),
            seconds: seconds(run),
            samples,
            no_cpu,
            time: source.map_or("", |source| source.time.as_str()).to_owned(),
            producer: source.map_or("", |s| s.producer.as_str()).to_owned(),
            is_of_cpu_profiler: source.is_some_and(Source::is_of_cpu_profiler),
            times: SampleTimes::new(run.profile),
            functions,
            groups,
            calls,
            nodes,
            slices,
            waiting,
        }
    }

    /// Returns the label of the group of files in which a function is.
    pub(crate) fn file_of(&self, function: &FunctionCount) -> Option<&str> {
        let ([files, ..], [file, ..]) = (&self.groups, function.groups);
        files.get(file as usize).map(|group| group.label.as_str())
    }

    /// Returns the package of a function; for the application's own code, its file. Functions
    /// without either (builtins, system calls) have none.
    pub(crate) fn package_of(&self, function: &FunctionCount) -> Option<&str> {
        let [files, packages, _] = &self.groups;
        let [file, package, _] = function.groups;
        let named = |label: &&str| !label.starts_with('(');
        let [package, file] =
            [(packages, package), (files, file)].map(|(groups, id)| groups.get(id as usize));
        let mut labels = [package, file].into_iter().flatten().map(|group| group.label.as_str());
        labels.find(named)
    }

    /// Returns the number of samples that were counted. Idle samples are not counted. Where weights
    /// are not samples, the result is the sum of the weights divided by the weight of one sample.
    pub fn samples(&self) -> f64 {
        self.samples
    }
}

/// Returns for each function without a name that of its nearest caller which has one.
fn callers_of(functions: &[FunctionCount], nodes: &[TreeNode]) -> Vec<Option<String>> {
    let is_shown = |of: &FunctionCount| matches!(of.category, Category::App | Category::Dependency);
    let naming = |of: &FunctionCount| match (of.kind, of.name.is_empty()) {
        (Kind::Js, true) => Naming::Nameless,
        (Kind::Js, false) if is_shown(of) => Naming::Named,
        _ => Naming::Other,
    };
    let named: Vec<Naming> = functions.iter().map(naming).collect();
    let call = |node: &TreeNode| Call {
        function: node.entry,
        end: node.end,
        self_weight: node.self_weight,
    };
    let callers = named_callers(&named, &nodes.iter().map(call).collect::<Vec<_>>());
    let name = |at: u32| functions.get(at as usize).map(|of| of.name.clone());
    callers.into_iter().map(|caller| name(caller?)).collect()
}

/// Returns the tree without its root, so that the first node has the index 0.
fn nodes(tree: &CallTree, weight: f64) -> Vec<TreeNode> {
    tree.nodes().iter().skip(1).map(|node| TreeNode::new(node, weight)).collect()
}

impl TreeNode {
    /// Makes a node from one of a tree with a root. `weight` is the weight of one sample.
    fn new(node: &spikeflame_profile::Node, weight: f64) -> Self {
        Self {
            entry: node.entry.map_or(u32::MAX, |entry| entry.index() as u32),
            end: u32::try_from(node.end - 1).unwrap_or(u32::MAX),
            self_weight: node.self_weight as f64 / weight,
        }
    }
}

/// Returns true when the user gave a sampling interval, and the recording shows another one or has none: its
/// weights are times.
fn ignores_interval(run: &Run<'_>, interval_ms: Option<f64>) -> bool {
    let differs = |(given, used): (f64, f64)| (given / used - 1.0).abs() > SAME_INTERVAL;
    run.interval_ms.zip(interval_ms).is_some_and(differs)
}

/// Returns the weight of one sample, and the CPU time in milliseconds that it stands for.
///
/// When weights are not samples (nanoseconds, periods), the mean weight is taken as one
/// sample, because the statistics need counts.
fn sample_of(run: &Run<'_>) -> (f64, Option<f64>) {
    let sources = &run.profile.sources;
    let all = |same: fn(&str) -> bool| sources.iter().all(|source| same(&source.unit));
    let recorded = run.profile.cpu_step_us().map(|us| us as f64 / 1e3);
    if all(|unit| matches!(unit, "ticks" | "samples")) {
        return (1.0, run.interval_ms.or(recorded));
    }
    let millis = [("nanoseconds", 1e-6), ("microseconds", 1e-3), ("milliseconds", 1.0)];
    let unit = sources.first().map_or("", |source| source.unit.as_str());
    let in_ms = millis.iter().find(|(name, _)| *name == unit).map(|(_, ms)| *ms);
    let taken = run.profile.threads.iter().map(|thread| taken(thread, sources)).sum::<usize>();
    let mean = run.profile.total() as f64 / taken.max(1) as f64;
    match (in_ms, recorded) {
        (Some(ms), Some(interval)) => ((interval / ms).max(1.0), Some(interval)),
        (Some(ms), None) => (mean.max(1.0), Some(mean.max(1.0) * ms)),
        (None, _) => (mean.max(1.0), run.interval_ms),
    }
}

/// Returns the number of a thread's samples. In recordings of durations, the reader makes several samples of a
/// long one, which are one here.
fn taken(thread: &Thread, sources: &[Source]) -> usize {
    let is_lasting = |source: &Source| {
        source.producer == "trace events" || source.producer.starts_with("speedscope")
    };
    if !sources.iter().all(is_lasting) {
        return thread.samples.len();
    }
    let mut end = None;
    let is_new = |(sample, weight): &(Sample, u64)| {
        let is_new = end != Some((sample.stack, sample.time_us));
        end = Some((sample.stack, sample.time_us.saturating_add(weight / 1_000)));
        is_new
    };
    thread.samples.iter().filter(is_new).count()
}

/// Returns what a recording counts, when that is no CPU time. A unit that is not known to be something
/// else is taken for CPU time.
fn no_cpu(source: &Source) -> Option<String> {
    let unit = source.unit.as_str();
    let is_of_samples = matches!(unit, "" | "ticks" | "samples") || unit.ends_with(" of a sample");
    if source.is_no_time() {
        let event = || format!("samples of {}", source.event);
        return Some(if is_of_samples { event() } else { unit.to_owned() });
    }
    let is_time = is_of_samples
        || unit == "cycles"
        || ["nanoseconds", "microseconds", "milliseconds", "seconds"]
            .iter()
            .any(|time| unit.ends_with(time));
    (!is_time).then(|| unit.to_owned())
}

/// Returns the program that made a recording. An export names itself before the program:
/// `speedscope of Node 20`.
pub(crate) fn engine(producer: &str) -> &str {
    producer.split_once(" of ").map_or(producer, |(_, engine)| engine)
}

/// Returns true when inlined JavaScript functions are not shown as functions of their own.
/// Only the log of `node --prof` records what V8 inlined; for folded stacks it is not
/// known.
fn hides_inlining(run: &Run<'_>) -> bool {
    let frames = &run.profile.frames;
    let has_js = || frames.frames().any(|(id, _)| frames.kind(id) == Kind::Js);
    // A log's producer is `Node 20, V8 11.3`, or `V8` and its version.
    let is_log = |producer: &str| producer.starts_with("V8") || producer.contains(", V8 ");
    let producers = run.profile.sources.iter().map(|source| source.producer.as_str());
    let collapsed = run.selection.inlined == Inlining::Collapse;
    let unknown = producers.into_iter().any(|producer| !producer.is_empty() && !is_log(producer));
    let shown = frames.frames().any(|(_, frame)| frame.inlined);
    has_js() && (collapsed || unknown && !shown)
}

/// Returns the CPU time in milliseconds before and after the window, for a weight of 1 that
/// is worth `worth`. Returns `None` when the window is the whole run, and for a part in which nothing was
/// recorded: the window then begins or ends with the recording.
fn around(run: &Run<'_>, worth: f64) -> Option<[Option<f64>; 2]> {
    let (from_us, to_us) = (run.selection.from_us, run.selection.to_us);
    if from_us.is_none() && to_us.is_none() {
        return None;
    }
    let whole = Selection { idle: Idle::Drop, from_us: None, to_us: None, ..run.selection.clone() };
    let (mut before, mut after) = (0, 0);
    run.profile.visit(&whole, |_, sample, weight| {
        if from_us.is_some_and(|from| sample.time_us < from) {
            before += weight;
        } else if to_us.is_some_and(|to| sample.time_us >= to) {
            after += weight;
        }
    });
    // A wait before the window shows that the start is not in it.
    let (mut first_us, mut last_us) = (u64::MAX, 0);
    run.profile.visit(&Selection { idle: Idle::Keep, ..whole }, |_, sample, _| {
        first_us = first_us.min(sample.time_us);
        last_us = last_us.max(sample.time_us);
    });
    let begins_later = from_us.is_some_and(|from| first_us < from);
    let ends_earlier = to_us.is_some_and(|to| last_us >= to);
    let cost = |is_outside: bool, weight: u64| is_outside.then_some(weight as f64 * worth);
    Some([cost(begins_later, before), cost(ends_earlier, after)])
}

fn seconds(run: &Run<'_>) -> Option<f64> {
    if !run.profile.is_timed() {
        return None;
    }
    let end = run.profile.sources.iter().map(|source| source.end_us).max()?;
    let to = run.selection.to_us.map_or(end, |to| to.min(end));
    let length = to.saturating_sub(run.selection.from_us.unwrap_or(0));
    (length > 0).then(|| wall::seconds_of(length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeflame_profile::folded;

    /// The error was: the interval that the user gave was left out without a word when weights are times.
    #[test]
    fn an_interval_that_is_not_used_is_noted() {
        let mut profile = folded::read(&mut &b"main;parse 3000\n"[..], "example", None).unwrap();
        let all = Selection::default();
        for (unit, step_us, given_ms, used_ms, ignores) in [
            ("samples", None, 2.0, 2.0, false),
            ("ticks", Some(1_000), 2.0, 2.0, false),
            ("microseconds", Some(1_000), 2.0, 1.0, true),
            ("microseconds", Some(1_001), 1.0, 1.001, false),
            ("nanoseconds", None, 2.0, 0.003, true),
        ] {
            profile.sources[0].unit = unit.to_owned();
            profile.sources[0].interval_us = step_us;
            let run = Run { interval_ms: Some(given_ms), ..Run::new("a", &profile, &all) };
            let counts = RunCounts::count(&run);
            let used = counts.interval_ms.unwrap();
            assert!((used - used_ms).abs() < 1e-9, "{unit}: {used}");
            assert_eq!(counts.ignores_interval, ignores, "{unit}");
        }
    }

    /// The error was: a tick log in which V8 had inlined nothing was said to hide inlining.
    #[test]
    fn only_recordings_without_inlining_hide_it() {
        let mut text: &[u8] = b"main /srv/a.js:1:1;parse /srv/a.js:2:1 3\n";
        let mut profile = folded::read(&mut text, "example", None).unwrap();
        for (producer, hides) in [
            ("Node 20, V8 11.3.244.8-node.38", false),
            ("V8 11.3.244.8", false),
            ("V8", false),
            (".cpuprofile", true),
            ("Chrome trace", true),
        ] {
            profile.sources[0].producer = producer.to_owned();
            let selection = Selection::default();
            let run = Run::new("a", &profile, &selection);
            assert_eq!(hides_inlining(&run), hides, "{producer}");
        }
    }
}
