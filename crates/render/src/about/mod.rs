//! Facts about a recording and its selection, for the head of a view.

mod words;

pub(crate) use words::interval;

use serde::Serialize;
use spikeflame_profile::{CallTree, Kind, LeftOutWeights, Node, Profile, Selection, Source};

/// Facts about a recording and its selection, for the title of a view.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The name of the recording. When there are several, it is the name of the first one and the
    /// number of the others: `v8.log and 2 more`. It is empty without a recording.
    pub recordings: String,
    /// The program that wrote the first recording, with its version; empty when it is not known.
    pub(crate) producer: String,
    /// Weight of all samples that were read, before the selection.
    pub read: u64,
    /// Weight of the samples that the selection keeps.
    pub kept: u64,
    /// Weight of the samples that the selection leaves out, by reason.
    pub left_out: LeftOutWeights,
    /// The number of samples that could not be read. They are not in `read`.
    pub(crate) unreadable: u64,
    /// Weight of kept samples that end at an address of no known function.
    pub(crate) unresolved: u64,
    /// Weight of kept samples that the recorder wrote without an address: `(program)`.
    pub(crate) without_address: u64,
    /// Start and end of the window, in microseconds since the profile's zero; `None` for a
    /// recording without times. Without a window, they are 0 and the end of the recording. A window ends
    /// with the recording, unless this is a log.
    pub window_us: Option<(u64, u64)>,
    /// Microseconds between two samples; `None` when they are not known.
    pub(crate) interval_us: Option<u64>,
    /// The interval that was set for the first recording, in microseconds; `None` unless its
    /// samples show another one.
    pub(crate) asked_us: Option<u64>,
    /// The unit of all weights here, in the plural: `ticks`, `samples`, `nanoseconds`. It is that of the
    /// first recording.
    pub unit: String,
    /// The name of the first recording's event, unless another field contains it; may be empty.
    pub(crate) event: String,
    /// True when the sampled event of at least one recording is known not to be time, such as page faults.
    pub(crate) no_time: bool,
    /// The window's name and the source of its times, in words; `None` when they need no words.
    pub window: Option<String>,
}

/// Returns the event of a source, unless its unit or its producer contains the name.
fn unnamed_event(source: &Source) -> String {
    let named = source.unit.starts_with(&source.event) || source.producer.ends_with(&source.event);
    if named { String::new() } else { source.event.clone() }
}

/// A window in JSON.
#[derive(Serialize)]
pub(crate) struct Window<'a> {
    from_ms: f64,
    to_ms: f64,
    note: Option<&'a str>,
}

impl About {
    /// Collects the facts from a profile, a selection, and the tree cut by that selection. The
    /// field `window` is `None`: a caller sets it.
    pub fn collect(profile: &Profile, selection: &Selection, tree: &CallTree) -> Self {
        let names: Vec<&str> = profile.sources.iter().map(|s| s.name.as_str()).collect();
        let recordings = match names.as_slice() {
            [] => String::new(),
            [one] => (*one).to_owned(),
            [first, rest @ ..] => format!("{first} and {} more", rest.len()),
        };
        let end = profile.sources.iter().map(|source| source.end_us).max().unwrap_or(0);
        let from = selection.from_us.unwrap_or(0);
        let first = profile.sources.first();
        // A log can end long before a window does, and has no errors there. Other recordings end with it.
        let is_log = first.is_some_and(|source| source.unit == "errors");
        let is_whole = |to: &u64| is_log && *to < u64::MAX;
        let to = selection.to_us.map_or(end, |to| if is_whole(&to) { to } else { to.min(end) });
        let to = to.max(from);
        let producer = first.map(|source| source.producer.clone()).unwrap_or_default();
        // Bun's files have gaps in place of idle samples.
        let is_sampled = first.is_some_and(|source| {
            source.is_of_cpu_profiler() && source.unit == "samples" && !source.is_no_time()
        });
        Self {
            recordings,
            producer,
            read: profile.total(),
            kept: tree.total(),
            left_out: *tree.left_out(),
            unreadable: profile.unreadable(),
            unresolved: ending_in(tree, Kind::Unresolved),
            without_address: ending_in(tree, Kind::Program),
            window_us: profile.is_timed().then_some((from, to)),
            interval_us: profile
                .recorded_step_us()
                .or_else(|| first.and_then(|source| source.interval_us))
                .or_else(|| profile.step_us().filter(|_| is_sampled)),
            asked_us: first.and_then(|source| source.asked_us),
            unit: first.map(|source| source.unit.clone()).unwrap_or_default(),
            event: first.map(unnamed_event).unwrap_or_default(),
            no_time: profile.sources.iter().any(Source::is_no_time),
            window: None,
        }
    }

    /// Returns the window for JSON.
    pub(crate) fn window(&self) -> Option<Window<'_>> {
        let ms = |us: u64| us as f64 / 1000.0;
        let of =
            |(from, to)| Window { from_ms: ms(from), to_ms: ms(to), note: self.window.as_deref() };
        self.window_us.map(of)
    }

    /// Returns true when the weights are time, or counts of samples that stand for time. It is
    /// false for bytes, objects and page faults, because these do not show where time was spent.
    pub(crate) fn counts_time(&self) -> bool {
        let time = ["ticks", "samples", "seconds", "cycles"];
        let counts = self.unit.is_empty() || time.iter().any(|word| self.unit.ends_with(word));
        counts && !self.no_time
    }
}

/// Returns the weight of the samples that end in an entry of a kind.
fn ending_in(tree: &CallTree, kind: Kind) -> u64 {
    let of_kind = |node: &&Node| tree.entry(node.entry).is_some_and(|entry| entry.kind == kind);
    tree.nodes().iter().filter(of_kind).map(|node| node.self_weight).sum()
}
