//! The lines of functions that ran, with their weights.

use crate::call_tree::weigh_stacks;
use crate::frame::{FrameId, FunctionId, Kind, Tier};
use crate::label::write_label;
use crate::profile::Profile;
use crate::selection::Selection;
use crate::sieve::Sieve;
use hashbrown::HashMap;
use regex::Regex;
use std::cmp::Reverse;

/// One line of a function that ran, with its weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The number of the line in the source file, from 1; 0 stands for all samples of the function
    /// whose line is not known.
    pub line: u32,
    /// Weight of the samples whose innermost shown frame is the function at this line.
    pub self_weight: u64,
    /// Weight of the samples whose stack contains the function at this line. Each sample counts
    /// once, also in a recursion.
    pub total: u64,
}

/// A function, with its weights and those of each of its lines that ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionLines {
    /// The function's label without a tier mark, as [`write_label`] writes it.
    pub label: String,
    /// The function's name; empty for an anonymous function and when it is not known.
    pub name: String,
    /// The path of the source file; empty when it is not known.
    pub file: String,
    /// The line in which the function begins, from 1; 0 when it is not known.
    pub line: u32,
    /// The kind of code, such as JavaScript or native.
    pub kind: Kind,
    /// Weight of the samples that end in the function, which is the sum of the self weights of
    /// `lines`.
    pub self_weight: u64,
    /// Weight of the samples whose stack contains the function. Each sample counts once, so it can
    /// be less than the sum of the totals of `lines`.
    pub total: u64,
    /// The lines that ran, in ascending order; the entry for unknown lines (0) comes last.
    pub lines: Vec<Line>,
}

/// Returns the functions whose label matches `wanted`, each with the weights of its lines, from the
/// samples that `selection` keeps. `wanted` may match any part of the label, which has no tier mark
/// here. Functions with the same label are one. [`Selection::group_by`], [`Selection::tiers`] and
/// [`Selection::annotate`] have no effect.
///
/// The highest self weight comes first; of equal ones, the highest total, then the label. The list is empty when
/// nothing matches.
///
/// ```
/// use spikeflame_profile::{Profile, Sample, Selection, Thread, VmState, function_lines};
///
/// let mut profile = Profile::default();
/// let frame = profile.frames.labelled("work /srv/app.js:1:10");
/// let mut thread = Thread::default();
/// for line in [3, 4, 4] {
///     let frame = profile.frames.at_line(frame, line);
///     let stack = profile.stacks.child(Default::default(), frame);
///     thread.samples.push(Sample { time_us: 0, stack, state: VmState::UNKNOWN });
/// }
/// profile.threads.push(thread);
/// let found = function_lines(&profile, &Selection::default(), &"^work ".parse()?);
/// let lines: Vec<_> = found[0].lines.iter().map(|line| (line.line, line.self_weight)).collect();
/// assert_eq!(lines, [(3, 1), (4, 2)]);
/// # Ok::<(), regex::Error>(())
/// ```
pub fn function_lines(
    profile: &Profile,
    selection: &Selection,
    wanted: &Regex,
) -> Vec<FunctionLines> {
    let sieve = Sieve::new(profile, selection);
    let (weights, _) = weigh_stacks(profile, &sieve);
    let mut gather = LinesCollector::new(profile, wanted);
    let mut path = Vec::new();
    for (stack, ..) in profile.stacks.nodes() {
        let weight = weights.get(stack.index()).copied().unwrap_or(0);
        if weight > 0 {
            path.clear();
            path.extend(profile.stacks.frames(stack));
            gather.add(&sieve, &mut path, weight);
        }
    }
    gather.finish()
}

struct LinesCollector<'a> {
    profile: &'a Profile,
    wanted: &'a Regex,
    found: Vec<FunctionLines>,
    by_label: HashMap<String, usize>,
    /// The place in `found` of each function that was met; `None` when it does not match.
    of_function: HashMap<FunctionId, Option<usize>>,
    lines: HashMap<(usize, u32), Sums>,
    /// The last stack that contained each function of `found`.
    last_stack: HashMap<usize, u64>,
    stacks: u64,
}

/// The weights of one line of a function.
#[derive(Default)]
struct Sums {
    own: u64,
    total: u64,
    /// The last stack that contained the line.
    last_stack: u64,
}

impl<'a> LinesCollector<'a> {
    fn new(profile: &'a Profile, wanted: &'a Regex) -> Self {
        let (found, by_label, of_function, lines) = Default::default();
        let (last_stack, stacks) = Default::default();
        Self { profile, wanted, found, by_label, of_function, lines, last_stack, stacks }
    }

    /// Adds a stack with its weight; `path` has its frames, innermost first.
    fn add(&mut self, sieve: &Sieve<'_>, path: &mut Vec<FrameId>, weight: u64) {
        path.reverse();
        let mut shown: Option<FrameId> = None;
        path.retain(|&frame| {
            let keep = !sieve.hides(frame, shown);
            shown = if keep { Some(frame) } else { shown };
            keep
        });
        self.stacks += 1;
        for (depth, &frame) in path.iter().enumerate() {
            let Some(function) = self.place(frame) else { continue };
            let key = (function, self.profile.frames.line(frame));
            let own = if depth + 1 == path.len() { weight } else { 0 };
            let is_first = self.last_stack.insert(function, self.stacks) != Some(self.stacks);
            let sums = self.lines.entry(key).or_default();
            sums.own += own;
            sums.total += if sums.last_stack == self.stacks { 0 } else { weight };
            sums.last_stack = self.stacks;
            if let Some(found) = self.found.get_mut(function) {
                found.self_weight += own;
                found.total += if is_first { weight } else { 0 };
            }
        }
    }

    fn place(&mut self, frame: FrameId) -> Option<usize> {
        let id = self.profile.frames.get(frame).function;
        if let Some(&known) = self.of_function.get(&id) {
            return known;
        }
        let strings = self.profile.frames.strings();
        let function = self.profile.frames.get_function(id);
        let mut label = String::new();
        write_label(&mut label, strings, function, Tier::None);
        let place = self.wanted.is_match(&label).then(|| {
            *self.by_label.entry(label.clone()).or_insert_with(|| {
                self.found.push(FunctionLines {
                    label,
                    name: strings.get(function.name).to_owned(),
                    file: strings.get(function.file).to_owned(),
                    line: function.line,
                    kind: function.kind,
                    self_weight: 0,
                    total: 0,
                    lines: Vec::new(),
                });
                self.found.len() - 1
            })
        });
        self.of_function.insert(id, place);
        place
    }

    fn finish(mut self) -> Vec<FunctionLines> {
        for ((function, line), Sums { own: self_weight, total, .. }) in self.lines {
            if let Some(found) = self.found.get_mut(function) {
                found.lines.push(Line { line, self_weight, total });
            }
        }
        for found in &mut self.found {
            found.lines.sort_unstable_by_key(|line| (line.line == 0, line.line));
        }
        self.found.sort_by(|a, b| {
            let key = |it: &FunctionLines| Reverse((it.self_weight, it.total));
            key(a).cmp(&key(b)).then_with(|| a.label.cmp(&b.label))
        });
        self.found
    }
}
