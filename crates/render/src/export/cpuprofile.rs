//! Writes `.cpuprofile`, the `Profiler.Profile` of the DevTools protocol.

use super::{Common, ExportError, FrameText, JsonArray};
use serde::Serialize;
use spikeflame_profile::{Frame, Kind, Profile, StackId, Thread, Tier, Zero};
use std::io::Write;

/// Number of the root node, which readers do not show as a function.
const ROOT: u32 = 1;

/// Number of intervals. A longer gap between samples is a pause, and belongs to no stack.
const PAUSE: u64 = 4;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct File<'a, Nodes: Serialize, Ids: Serialize, Deltas: Serialize, Weights: Serialize> {
    nodes: Nodes,
    start_time: u64,
    end_time: u64,
    samples: Ids,
    time_deltas: Deltas,
    spikeflame: Extra<'a, Weights>,
}

/// Fields of our own, for data that the format has no place for.
#[derive(Serialize)]
struct Extra<'a, Weights> {
    /// Weight of each of `samples`, when they are not all 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    weights: Option<Weights>,
    unit: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    interval_us: Option<u64>,
    producer: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Node<'a> {
    id: u32,
    call_frame: CallFrame<'a>,
    hit_count: u64,
    #[serde(skip_serializing_if = "<[u32]>::is_empty")]
    children: &'a [u32],
    #[serde(skip_serializing_if = "Option::is_none")]
    spikeflame: Option<Mark<'a>>,
}

/// A function; line and column are from 0, or -1.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CallFrame<'a> {
    function_name: String,
    script_id: String,
    url: &'a str,
    line_number: i64,
    column_number: i64,
}

/// Properties of a node that its call frame does not hold.
#[derive(Serialize)]
struct Mark<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    tier: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    inlined: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    module: &'a str,
}

/// Writes a selected profile that has one thread.
///
/// Readers give the time from one sample to the next to the earlier one. When the recording has no
/// times, samples therefore follow one another by their weights. When it has times, a pause
/// (samples that were left out, or idle time) goes to the root, with a weight of 0. DevTools
/// spreads the whole time over the nodes by their counts, so the root also gets counts for the
/// pauses.
pub(super) fn write(profile: &Profile, out: &mut dyn Write) -> Result<(), ExportError> {
    let thread = only_thread(profile)?;
    let common = Common::collect(profile);
    let line = Line::new(&common);
    let mut tree = Tree::build(profile, thread);
    let pauses = moments(thread, &tree, &line).filter(|moment| moment.weight == 0);
    let pauses = pauses.map(|pause| pause.intervals(&line)).fold(0, u64::saturating_add);
    // The weight of an average sample, in the unit of the weights.
    let mean = thread.samples.total() / (thread.samples.len() as u64).max(1);
    tree.add_hits(ROOT, pauses.saturating_mul(mean.max(1)));
    let tree = tree;
    let weighted = || moments(thread, &tree, &line).any(|moment| moment.weight != 1);
    let end = moments(thread, &tree, &line).last().map_or(0, |last| last.end_us);
    let file = File {
        nodes: JsonArray(|| tree.nodes(profile)),
        start_time: line.start_us,
        end_time: line.start_us.saturating_add(end),
        samples: JsonArray(|| moments(thread, &tree, &line).map(|moment| moment.node)),
        time_deltas: JsonArray(|| {
            let mut last = 0;
            moments(thread, &tree, &line).map(move |moment| {
                let delta = moment.time_us - last;
                last = moment.time_us;
                delta
            })
        }),
        spikeflame: Extra {
            weights: weighted()
                .then_some(JsonArray(|| moments(thread, &tree, &line).map(|m| m.weight))),
            unit: &common.unit,
            interval_us: common.interval_us,
            producer: &common.producer,
        },
    };
    serde_json::to_writer(&mut *out, &file)?;
    Ok(writeln!(out)?)
}

/// Returns the only thread of the profile.
pub(super) fn only_thread(profile: &Profile) -> Result<&Thread, ExportError> {
    match profile.threads.as_slice() {
        [thread] => Ok(thread),
        threads => {
            Err(ExportError::Threads(threads.iter().map(|thread| thread.name.clone()).collect()))
        }
    }
}

/// The nodes, one for each stack of a thread; parents come first.
struct Tree {
    /// Node number of each stack; 0 for none.
    ids: Vec<u32>,
    /// For each node, from number 1: stack, weight, and start and end in `children`.
    nodes: Vec<(StackId, u64, (usize, usize))>,
    children: Vec<u32>,
}

impl Tree {
    fn build(profile: &Profile, thread: &Thread) -> Self {
        let stacks = &profile.stacks;
        let mut hits: Vec<Option<u64>> = vec![None; stacks.len()];
        for (sample, weight) in thread.samples.iter() {
            if let Some(slot) = hits.get_mut(sample.stack.index()) {
                *slot = Some(slot.unwrap_or(0).saturating_add(weight));
            }
        }
        for (stack, parent, _) in stacks.nodes().rev() {
            let used = hits.get(stack.index()).is_some_and(Option::is_some);
            if let Some(slot) = hits.get_mut(parent.index()).filter(|_| used) {
                slot.get_or_insert(0);
            }
        }
        let mut ids = vec![0; stacks.len()];
        let own = |stack: StackId| hits.get(stack.index()).copied().flatten();
        let mut nodes = vec![(StackId::ROOT, own(StackId::ROOT).unwrap_or(0), (0, 0))];
        let mut edges = Vec::new();
        if let Some(root) = ids.first_mut() {
            *root = ROOT;
        }
        for (stack, parent, _) in stacks.nodes() {
            let (Some(hits), Some(&above)) = (own(stack), ids.get(parent.index())) else {
                continue;
            };
            nodes.push((stack, hits, (0, 0)));
            let id = nodes.len() as u32;
            edges.push((above, id));
            if let Some(slot) = ids.get_mut(stack.index()) {
                *slot = id;
            }
        }
        edges.sort_unstable();
        for (at, (above, _)) in edges.iter().enumerate() {
            if let Some((.., children)) = nodes.get_mut(*above as usize - 1) {
                let start = if children.1 == 0 { at } else { children.0 };
                *children = (start, at + 1);
            }
        }
        Self { ids, nodes, children: edges.into_iter().map(|(_, id)| id).collect() }
    }

    fn nodes<'a>(&'a self, profile: &'a Profile) -> impl Iterator<Item = Node<'a>> {
        (ROOT..).zip(&self.nodes).map(|(id, (stack, hit_count, children))| {
            let children = self.children.get(children.0..children.1).unwrap_or_default();
            let (call_frame, spikeflame) = match profile.stacks.get(*stack) {
                Some((_, frame)) => described(profile, profile.frames.get(frame)),
                None => (CallFrame::named("(root)".to_owned()), None),
            };
            Node { id, call_frame, hit_count: *hit_count, children, spikeflame }
        })
    }

    fn add_hits(&mut self, id: u32, hits: u64) {
        if let Some(node) = self.nodes.get_mut(id as usize - 1) {
            node.1 = node.1.saturating_add(hits);
        }
    }

    fn id(&self, stack: StackId) -> u32 {
        self.ids.get(stack.index()).copied().unwrap_or(ROOT)
    }
}

impl CallFrame<'_> {
    fn named(function_name: String) -> Self {
        let script_id = "0".to_owned();
        Self { function_name, script_id, url: "", line_number: -1, column_number: -1 }
    }
}

fn described(profile: &Profile, frame: Frame) -> (CallFrame<'_>, Option<Mark<'_>>) {
    let shown = FrameText::describe(&profile.frames, frame);
    let from_0 = |number: u32| i64::from(number) - 1;
    let is_script = shown.kind == Kind::Js && !shown.file.is_empty();
    let call_frame = match is_script {
        true => {
            let function = profile.frames.get_function(frame.function);
            CallFrame {
                function_name: profile.frames.strings().get(function.name).to_owned(),
                // The recording's script ids are not known here: each file gets a number.
                script_id: (function.file.index() + 1).to_string(),
                url: shown.file,
                line_number: from_0(shown.line),
                column_number: from_0(shown.column),
            }
        }
        false => CallFrame::named(shown.name),
    };
    // States for which V8 itself writes nodes.
    let state = matches!(shown.kind, Kind::Gc | Kind::Idle | Kind::Program);
    let led_out = is_script && !shown.module.is_empty();
    let plain = (is_script || state) && shown.tier == Tier::None && !shown.inlined && !led_out;
    let mark = Mark {
        kind: shown.kind.word(),
        tier: shown.tier.mark(),
        inlined: shown.inlined,
        module: shown.module,
    };
    (call_frame, (!plain).then_some(mark))
}

/// Places samples in time.
struct Line<'a> {
    common: &'a Common,
    start_us: u64,
}

impl<'a> Line<'a> {
    fn new(common: &'a Common) -> Self {
        let start_us = match common.zero {
            Zero::Monotonic(us) => us,
            // The time of another clock than V8's is of no use here.
            Zero::Wall(_) | Zero::Unknown => 0,
        };
        Self { common, start_us }
    }

    /// Returns the start of a pause that ends at `time_us`, if there is one.
    fn pause(&self, last_us: Option<u64>, time_us: u64) -> Option<u64> {
        let (last_us, interval) = (last_us?, self.common.step_us?);
        let paused = time_us.saturating_sub(last_us) / interval > PAUSE;
        paused.then(|| last_us.saturating_add(interval))
    }
}

/// An entry of `samples`. Its time ends where the next entry begins.
#[derive(Clone, Copy)]
struct Moment {
    node: u32,
    time_us: u64,
    end_us: u64,
    weight: u64,
}

impl Moment {
    /// Returns the number of samples that the recorder would have taken in this time.
    fn intervals(&self, line: &Line<'_>) -> u64 {
        let us = self.end_us.saturating_sub(self.time_us);
        line.common.step_us.and_then(|interval| us.checked_div(interval)).unwrap_or(0)
    }
}

fn moments(thread: &Thread, tree: &Tree, line: &Line<'_>) -> impl Iterator<Item = Moment> {
    let common = line.common;
    let (mut last_us, mut passed) = (None, 0u64);
    thread.samples.iter().flat_map(move |(sample, weight)| {
        let node = tree.id(sample.stack);
        if !common.timed {
            let time_us = passed / 1000;
            passed = passed.saturating_add(common.laid_out(thread, sample.stack, weight));
            let end_us = passed / 1000;
            return [None, Some(Moment { node, time_us, end_us, weight })].into_iter().flatten();
        }
        let time_us = sample.time_us;
        let pause = line.pause(last_us, time_us);
        let pause = pause.map(|at| Moment { node: ROOT, time_us: at, end_us: time_us, weight: 0 });
        last_us = Some(time_us);
        let end_us = time_us.saturating_add(common.step_us.unwrap_or(0));
        [pause, Some(Moment { node, time_us, end_us, weight })].into_iter().flatten()
    })
}
