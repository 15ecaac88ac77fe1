//! The choice of the function that V8 left out, among those that the same call entered in other ticks.

use hashbrown::{HashMap, HashSet};
use spikeflame_profile::{
    CALLER_NOT_LOGGED, Frame, FrameId, FrameTable, FunctionId, Kind, StackId, StackTree, Tier,
};

/// The smallest number of ticks that show that a function calls a builtin.
const LEAST_TICKS: u64 = 2;

/// A function is not considered when another one is known to call the builtin in this many times as many
/// ticks.
const FAR_MORE: u64 = 20;

/// The functions that V8 left out of a tick.
#[derive(Default)]
pub(super) struct LeftOut {
    /// The frames that belong between the callers of the tick and its builtin, outermost first.
    pub(super) frames: Vec<FrameId>,
    /// The function that is put back although others were inlined into it, and no tick shows which of them
    /// called the builtin.
    pub(super) guess: Option<FunctionId>,
}

/// The functions that are known to call a builtin without a frame: the number of ticks by the function
/// and the builtin.
#[derive(Default)]
pub(super) struct KnownCalls(HashMap<(FunctionId, FunctionId), u64>);

impl KnownCalls {
    /// Adds a tick.
    pub(super) fn add(&mut self, function: FunctionId, builtin: FunctionId) {
        *self.0.entry((function, builtin)).or_default() += 1;
    }

    fn ticks(&self, function: FunctionId, builtin: FunctionId) -> u64 {
        self.0.get(&(function, builtin)).copied().unwrap_or(0)
    }
}

/// The calls of functions that were possibly left out, and the functions that V8 inlined into them.
pub(super) struct Choice<'a> {
    /// Each possible stack with the functions that were seen below it.
    calls: HashSet<(StackId, FunctionId)>,
    /// The possible stacks below which anything was seen.
    callers: HashSet<StackId>,
    /// The stacks of functions that were inlined into the last function of a possible stack, in the order
    /// of the stacks.
    inlined: HashMap<StackId, Vec<StackId>>,
    /// The functions into which others were inlined, in any stack.
    inlining: HashSet<FunctionId>,
    /// The functions into which the log shows others as inlined, also where no tick was in these.
    by_log: &'a HashSet<FunctionId>,
    /// The frame that stands for functions that are not known.
    unknown: FrameId,
}

impl<'a> Choice<'a> {
    /// `possible` are the stacks whose last function was possibly left out.
    pub(super) fn new(
        possible: &HashSet<StackId>,
        by_log: &'a HashSet<FunctionId>,
        frames: &mut FrameTable,
        stacks: &StackTree,
    ) -> Self {
        let function = frames.named(CALLER_NOT_LOGGED, Kind::Native);
        let unknown = frames.frame(Frame { function, tier: Tier::None, inlined: false });
        let mut choice = Self {
            calls: HashSet::new(),
            callers: HashSet::new(),
            inlined: HashMap::new(),
            inlining: HashSet::new(),
            by_log,
            unknown,
        };
        // The possible stack into whose last function the last function of a stack was inlined.
        let mut into: HashMap<StackId, StackId> = HashMap::new();
        for (stack, parent, frame) in stacks.nodes() {
            let is_possible = possible.contains(&parent);
            let frame = frames.get(frame);
            if is_possible {
                choice.calls.insert((parent, frame.function));
                choice.callers.insert(parent);
            }
            if frame.inlined
                && let Some((_, outer)) = stacks.get(parent)
            {
                choice.inlining.insert(frames.get(outer).function);
            }
            let outer = if is_possible { Some(parent) } else { into.get(&parent).copied() };
            if let Some(outer) = outer.filter(|_| frame.inlined) {
                into.insert(stack, outer);
                choice.inlined.entry(outer).or_default().push(stack);
            }
        }
        choice
    }

    /// Returns the frame that stands for functions that are not known.
    pub(super) fn unknown(&self) -> FrameId {
        self.unknown
    }

    /// Returns the frame of the function in which all these stacks end. Returns `None` when they end in
    /// several.
    ///
    /// A tick in the first or last instructions of a function lacks the caller, too. Its function is passed
    /// over: nothing was seen below it, and another of the functions calls it.
    fn only_function(
        &self,
        nodes: &[StackId],
        frames: &FrameTable,
        stacks: &StackTree,
    ) -> Option<Frame> {
        let is_called = |function| nodes.iter().any(|&node| self.calls.contains(&(node, function)));
        let mut only: Option<Frame> = None;
        for &node in nodes {
            let (_, frame) = stacks.get(node)?;
            let frame = frames.get(frame);
            if !self.callers.contains(&node) && is_called(frame.function) {
                continue;
            }
            match only {
                Some(other) if other.function != frame.function => return None,
                Some(_) => {}
                None => only = Some(frame),
            }
        }
        only
    }

    /// Returns the function in which all these stacks end, and whether others were inlined into it in any
    /// stack.
    pub(super) fn only(
        &self,
        nodes: &[StackId],
        frames: &FrameTable,
        stacks: &StackTree,
    ) -> Option<(FunctionId, bool)> {
        let function = self.only_function(nodes, frames, stacks)?.function;
        Some((function, self.inlining.contains(&function)))
    }

    /// Returns the frames that V8 left out of a tick in `builtin`, when the call entered the functions in
    /// which `nodes` end. A part that is not known is one frame, called `(caller not logged)`.
    pub(super) fn left_out(
        &self,
        nodes: &[StackId],
        builtin: FunctionId,
        known: &KnownCalls,
        frames: &mut FrameTable,
        stacks: &StackTree,
    ) -> LeftOut {
        let only = self.only_function(nodes, frames, stacks);
        let is_plain = nodes.iter().all(|node| !self.inlined.contains_key(node))
            && only.is_none_or(|only| !self.by_log.contains(&only.function));
        let paths = match only {
            Some(_) if is_plain => Vec::new(),
            _ => self.paths(nodes, builtin, known, frames, stacks),
        };
        // A frame has no line: the line that ran in other ticks is not the one that called the builtin.
        let mut frame = |frame: &Frame| frames.frame(*frame);
        // Calls of a function into which others are inlined, and no tick shows these, may be calls of them.
        let may_be_inlined = |only: &Frame| {
            self.by_log.contains(&only.function) && !self.inlining.contains(&only.function)
        };
        let guess = only.filter(may_be_inlined).map(|only| only.function);
        match (paths.as_slice(), only) {
            ([path], _) => LeftOut {
                frames: path.iter().map(frame).collect(),
                guess: guess.filter(|_| path.len() == 1),
            },
            ([], Some(only)) => LeftOut {
                frames: vec![frame(&Frame { inlined: false, ..only })],
                guess: Some(only.function).filter(|_| !is_plain),
            },
            (paths, _) => {
                let common = common(paths).iter().map(frame).chain([self.unknown]);
                LeftOut { frames: common.collect(), guess: None }
            }
        }
    }

    /// Returns the paths from the entered functions to the functions that are known to call the builtin.
    /// Paths through the same functions are one.
    fn paths(
        &self,
        nodes: &[StackId],
        builtin: FunctionId,
        known: &KnownCalls,
        frames: &FrameTable,
        stacks: &StackTree,
    ) -> Vec<Vec<Frame>> {
        let mut paths: Vec<(Vec<Frame>, u64)> = Vec::new();
        for &node in nodes {
            let inlined = self.inlined.get(&node).map_or(&[][..], Vec::as_slice);
            for &end in [node].iter().chain(inlined) {
                let Some((_, frame)) = stacks.get(end) else { continue };
                let ticks = known.ticks(frames.get(frame).function, builtin);
                if ticks < LEAST_TICKS {
                    continue;
                }
                let path = path(node, end, frames, stacks);
                if !paths.iter().any(|(other, _)| is_same(other, &path)) {
                    paths.push((path, ticks));
                }
            }
        }
        let most = paths.iter().map(|&(_, ticks)| ticks).max().unwrap_or(0);
        paths.retain(|&(_, ticks)| ticks.saturating_mul(FAR_MORE) > most);
        paths.into_iter().map(|(path, _)| path).collect()
    }
}

/// Returns the frames from the last one of `node` to the last one of `end`, which is `node` or below it.
fn path(node: StackId, end: StackId, frames: &FrameTable, stacks: &StackTree) -> Vec<Frame> {
    let (mut path, mut at) = (Vec::new(), end);
    while let Some((parent, frame)) = stacks.get(at) {
        path.push(Frame { inlined: at != node, ..frames.get(frame) });
        if at == node {
            break;
        }
        at = parent;
    }
    path.reverse();
    path
}

/// Returns true for paths through the same functions.
fn is_same(one: &[Frame], other: &[Frame]) -> bool {
    one.iter().map(|frame| frame.function).eq(other.iter().map(|frame| frame.function))
}

/// Returns the beginning that all paths have in common.
fn common(paths: &[Vec<Frame>]) -> &[Frame] {
    let Some((first, others)) = paths.split_first() else { return &[] };
    let is_common = |count: &usize| {
        let start = first.get(..*count).unwrap_or_default();
        others.iter().all(|path| path.get(..*count).is_some_and(|it| is_same(it, start)))
    };
    let count = (0..=first.len()).rev().find(is_common).unwrap_or(0);
    first.get(..count).unwrap_or_default()
}
