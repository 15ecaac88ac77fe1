//! The choice of the function that V8 left out, among those that the same call entered in other ticks.

use super::call::name;
use super::texts::Reader;
use super::words;
use hashbrown::{HashMap, HashSet};
use spikeflame_profile::{
    CALLER_NOT_LOGGED, Frame, FrameId, FrameTable, FunctionId, Kind, StackId, StackTree, Tier,
};
use std::collections::BTreeSet;

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

/// The functions that V8 inlined into each function. Each chain begins with the function that was inlined into
/// the key, and each further function was inlined into the one before it.
pub(super) type Inlinings = HashMap<FunctionId, BTreeSet<Vec<FunctionId>>>;

/// The functions that are known to call a builtin: the number of ticks by the function and the builtin.
#[derive(Default)]
pub(super) struct KnownCalls {
    /// Calls of a builtin while it had no frame.
    frameless: HashMap<(FunctionId, FunctionId), u64>,
    /// Calls of a builtin while it had a frame, so that its caller is in the log.
    framed: HashMap<(FunctionId, FunctionId), u64>,
}

impl KnownCalls {
    /// Adds a tick.
    pub(super) fn add(&mut self, function: FunctionId, builtin: FunctionId, has_frame: bool) {
        let calls = if has_frame { &mut self.framed } else { &mut self.frameless };
        *calls.entry((function, builtin)).or_default() += 1;
    }

    /// Returns those of the paths that end in a function which is known to call the builtin. Ticks in which the
    /// builtin had a frame decide only when the others show none, and when one path remains.
    fn among<'p>(&self, paths: &[&'p [Frame]], builtin: FunctionId) -> Vec<&'p [Frame]> {
        let known = among(&self.frameless, paths, builtin);
        if !known.is_empty() {
            return known;
        }
        Some(among(&self.framed, paths, builtin))
            .filter(|known| known.len() == 1)
            .unwrap_or_default()
    }
}

/// Returns those of the paths that end in a function with enough of these calls of the builtin.
fn among<'p>(
    calls: &HashMap<(FunctionId, FunctionId), u64>,
    paths: &[&'p [Frame]],
    builtin: FunctionId,
) -> Vec<&'p [Frame]> {
    let ticks = |path: &[Frame]| calls.get(&(path.last()?.function, builtin)).copied();
    let known = paths.iter().map(|&path| (path, ticks(path).unwrap_or(0)));
    let known: Vec<_> = known.filter(|&(_, ticks)| ticks >= LEAST_TICKS).collect();
    let most = known.iter().map(|&(_, ticks)| ticks).max().unwrap_or(0);
    let counts = known.into_iter().filter(|&(_, ticks)| ticks.saturating_mul(FAR_MORE) > most);
    counts.map(|(path, _)| path).collect()
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
    /// The functions that the log shows as inlined, also those in which no tick was.
    inlinings: &'a Inlinings,
    /// The frame that stands for functions that are not known.
    unknown: FrameId,
}

impl<'a> Choice<'a> {
    /// `possible` are the stacks whose last function was possibly left out.
    pub(super) fn new(
        possible: &HashSet<StackId>,
        inlinings: &'a Inlinings,
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
            inlinings,
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
        (known, texts): (&KnownCalls, &mut Reader<'_>),
        frames: &mut FrameTable,
        stacks: &StackTree,
    ) -> LeftOut {
        let only = self.only_function(nodes, frames, stacks);
        let called = name(builtin, frames);
        let mut paths = match only {
            Some(only) if words::is_of_frame(called) => vec![vec![only]],
            Some(only) => self.paths_of(only),
            None => self.paths(nodes, frames, stacks),
        };
        paths.retain(|path| {
            path.last().is_some_and(|end| texts.may_call(end.function, called) != Some(false))
        });
        let paths: Vec<&[Frame]> = paths.iter().map(Vec::as_slice).collect();
        let certain = known.among(&paths, builtin);
        // A frame has no line: the line that ran in other ticks is not the one that called the builtin.
        let mut frame = |frame: &Frame| frames.frame(*frame);
        let mut whole = |path: &[Frame]| path.iter().map(&mut frame).collect();
        let first = only.map(|only| only.function);
        match (paths.as_slice(), certain.as_slice(), first) {
            ([path], _, Some(_)) => LeftOut { frames: whole(path), guess: None },
            (_, [path], _) => {
                // Calls of a function into which others are inlined, and no tick shows these, may be theirs.
                let is_guess =
                    path.len() == 1 && first.is_some_and(|of| !self.inlining.contains(&of));
                LeftOut { frames: whole(path), guess: first.filter(|_| is_guess) }
            }
            ([path, ..], [], Some(_)) if path.len() == 1 => {
                LeftOut { frames: whole(path), guess: first }
            }
            (possible, certain, first) => {
                let of = if certain.is_empty() && first.is_some() { possible } else { certain };
                let mut frames: Vec<FrameId> = whole(common(of));
                frames.push(self.unknown);
                LeftOut { frames, guess: None }
            }
        }
    }

    /// Returns the paths from a function to itself and to each function that V8 inlined into it.
    fn paths_of(&self, only: Frame) -> Vec<Vec<Frame>> {
        let outer = Frame { inlined: false, ..only };
        let inner = |&function: &FunctionId| Frame { function, inlined: true, ..only };
        let path =
            |chain: &Vec<FunctionId>| [outer].into_iter().chain(chain.iter().map(inner)).collect();
        let chains = self.inlinings.get(&only.function).into_iter().flatten();
        [vec![outer]].into_iter().chain(chains.map(path)).collect()
    }

    /// Returns the paths from the entered functions to themselves and to those that were inlined into them.
    /// Paths through the same functions are one.
    fn paths(&self, nodes: &[StackId], frames: &FrameTable, stacks: &StackTree) -> Vec<Vec<Frame>> {
        let (mut paths, mut seen) = (Vec::new(), HashSet::new());
        for &node in nodes {
            let inlined = self.inlined.get(&node).map_or(&[][..], Vec::as_slice);
            for &end in [node].iter().chain(inlined) {
                let path = path(node, end, frames, stacks);
                let functions: Vec<_> = path.iter().map(|frame| frame.function).collect();
                if seen.insert(functions) {
                    paths.push(path);
                }
            }
        }
        paths
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
fn common<'p>(paths: &[&'p [Frame]]) -> &'p [Frame] {
    let Some((&first, others)) = paths.split_first() else { return &[] };
    let is_common = |count: &usize| {
        let start = first.get(..*count).unwrap_or_default();
        others.iter().all(|path| path.get(..*count).is_some_and(|it| is_same(it, start)))
    };
    let count = (0..=first.len()).rev().find(is_common).unwrap_or(0);
    first.get(..count).unwrap_or_default()
}
