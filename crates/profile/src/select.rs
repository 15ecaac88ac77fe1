//! Cutting a profile to a selection; the result is a profile again.

use crate::frame::{Frame, FrameId, Kind, Tier};
use crate::group;
use crate::label::SOME_BUILTIN;
use crate::profile::{Profile, Source, Thread, Zero};
use crate::samples::Samples;
use crate::selection::{GroupBy, LeftOutWeights, Selection, Tiers};
use crate::sieve::Sieve;
use crate::stack::{StackId, StackTree};
use hashbrown::HashMap;

impl Profile {
    /// Returns a profile of the samples that `selection` keeps, with their times, and the weights
    /// of those that it left out. The stacks have the frames that the selection shows, grouped and
    /// merged as it states; [`Selection::annotate`] has no effect. Samples of weight 0, threads without a
    /// sample, and [`Profile::error_details`] are left out.
    pub fn select(self, selection: &Selection) -> (Self, LeftOutWeights) {
        let sieve = Sieve::new(&self, selection);
        let mut out = LeftOutWeights::default();
        let mut used = vec![false; self.stacks.len()];
        let mut wanted = Vec::with_capacity(self.threads.len());
        for thread in &self.threads {
            let takes = sieve.takes_thread(thread, &mut out);
            wanted.push(takes);
            for (sample, weight) in thread.samples.iter().filter(|_| takes) {
                if sieve.takes(&sample, weight, &mut out)
                    && weight > 0
                    && let Some(slot) = used.get_mut(sample.stack.index())
                {
                    *slot = true;
                }
            }
        }
        let mut builder = Builder::new(&self, selection);
        let places = builder.places(&sieve, &mut used);
        let mut threads = Vec::new();
        for (thread, _) in self.threads.iter().zip(wanted).filter(|(_, wanted)| *wanted) {
            let mut samples = Samples::default();
            for (mut sample, weight) in thread.samples.iter().filter(|(_, weight)| *weight > 0) {
                // The first pass has counted the samples that are left out.
                if sieve.takes(&sample, weight, &mut LeftOutWeights::default()) {
                    let place = places.get(sample.stack.index()).copied().unwrap_or_default();
                    sample.stack = builder.stack(sample.stack, place);
                    samples.push_weighted(sample, weight);
                }
            }
            if !samples.is_empty() {
                threads.push(Thread { name: thread.name.clone(), samples, source: thread.source });
            }
        }
        let mut target = builder.target;
        target.threads = threads;
        target.sources = self.sources;
        target.losses = self.losses;
        target.warnings = self.warnings;
        (target, out)
    }

    /// Makes the window of a selection the whole time of this profile, which must contain no other samples:
    /// all times and zeros count from the window's start, and the sources end with it. A profile
    /// without times does not change, nor does one for a selection without a window.
    pub fn count_from_window(&mut self, selection: &Selection) {
        if !self.is_timed() || !selection.has_window() {
            return;
        }
        let from_us = selection.from_us.unwrap_or(0);
        self.threads.iter_mut().for_each(|thread| thread.samples.count_from(from_us));
        for source in &mut self.sources {
            source.cut(from_us, selection.to_us.unwrap_or(u64::MAX));
        }
    }
}

impl Source {
    /// Makes the part between two times the whole recording.
    fn cut(&mut self, from_us: u64, to_us: u64) {
        let end_us = self.end_us.min(to_us).max(from_us);
        // The end of the recording was the time of the file's last write.
        if let Some(modified) = &mut self.modified_us {
            *modified =
                modified.saturating_add_unsigned(end_us).saturating_sub_unsigned(self.end_us);
        }
        self.end_us = end_us - from_us;
        self.zero = match self.zero {
            Zero::Monotonic(us) => Zero::Monotonic(us.saturating_add(from_us)),
            Zero::Wall(us) => Zero::Wall(us.saturating_add(from_us)),
            Zero::Unknown => Zero::Unknown,
        };
        if let Some(clock) = &mut self.clock {
            clock.zero_us = clock.zero_us.saturating_add_unsigned(from_us);
        }
    }
}

/// The selected stack that a stack of the whole profile becomes, and its innermost shown
/// frame.
#[derive(Clone, Copy, Default)]
struct Place {
    stack: StackId,
    shown: Option<FrameId>,
}

struct Builder<'a> {
    whole: &'a Profile,
    selection: &'a Selection,
    target: Profile,
    of_frame: Vec<Option<FrameId>>,
    groups: HashMap<String, FrameId>,
}

impl<'a> Builder<'a> {
    fn new(whole: &'a Profile, selection: &'a Selection) -> Self {
        let of_frame = vec![None; whole.frames.frames().len()];
        let (stacks, groups) = (StackTree::with_capacity(whole.stacks.len()), HashMap::new());
        let target = Profile { stacks, ..Profile::default() };
        Self { whole, selection, target, of_frame, groups }
    }

    /// Returns the place of each stack of the whole profile that `used` marks.
    fn places(&mut self, sieve: &Sieve<'_>, used: &mut [bool]) -> Vec<Place> {
        for (stack, parent, _) in self.whole.stacks.nodes().rev() {
            let is_used = used.get(stack.index()).is_some_and(|&used| used);
            if let Some(slot) = used.get_mut(parent.index()).filter(|_| is_used) {
                *slot = true;
            }
        }
        let mut places = vec![Place::default(); self.whole.stacks.len()];
        for (stack, parent, frame) in self.whole.stacks.nodes() {
            let is_used = used.get(stack.index()).is_some_and(|&used| used);
            let Some(&above) = places.get(parent.index()).filter(|_| is_used) else { continue };
            let hidden = sieve.hides(frame, above.shown);
            let place = if hidden { above } else { self.place(above, frame) };
            if let Some(slot) = places.get_mut(stack.index()) {
                *slot = place;
            }
        }
        places
    }

    /// Returns the stack of a sample. It is `(hidden)` when no frame of `whole` is shown,
    /// and `(program)` when `whole` is empty.
    fn stack(&mut self, whole: StackId, place: Place) -> StackId {
        if place.shown.is_some() {
            return place.stack;
        }
        let function = self.target.frames.named("", whole.kind_without_frames());
        let frame = self.target.frames.frame(Frame { function, tier: Tier::None, inlined: false });
        self.target.stacks.child(StackId::ROOT, frame)
    }

    fn place(&mut self, above: Place, frame: FrameId) -> Place {
        let shown = self.frame(frame);
        let innermost = self.target.stacks.get(above.stack).map(|(_, frame)| frame);
        // A group that calls itself is one box; a function that calls itself is recursion.
        let grouped = self.selection.group_by.joins_functions();
        let stack = match innermost {
            Some(innermost) if grouped && innermost == shown => above.stack,
            _ => self.target.stacks.child(above.stack, shown),
        };
        Place { stack, shown: Some(frame) }
    }

    /// Returns the selected profile's frame for a frame of the whole profile.
    fn frame(&mut self, id: FrameId) -> FrameId {
        if let Some(known) = self.of_frame.get(id.index()).copied().flatten() {
            return known;
        }
        let frame = self.whole.frames.get(id);
        let function = self.whole.frames.get_function(frame.function);
        let strings = self.whole.frames.strings();
        let made = match group::label(self.selection.group_by, function, strings) {
            Some(label) => self.group(label, function.kind),
            None => {
                let line = self.whole.frames.line(id);
                let frames = &mut self.target.frames;
                let mut function = frames.import_function(&self.whole.frames, frame.function);
                if self.selection.group_by == GroupBy::Line {
                    function = frames.function(frames.get_function(function).on_line(line));
                }
                let split = self.selection.tiers == Tiers::Split;
                let tier = if split { frame.tier } else { Tier::None };
                frames.frame(Frame { function, tier, ..frame })
            }
        };
        if let Some(slot) = self.of_frame.get_mut(id.index()) {
            *slot = Some(made);
        }
        made
    }

    /// Returns the frame of a group, which is written as its label alone; `kind` is that of
    /// its first function.
    fn group(&mut self, label: String, kind: Kind) -> FrameId {
        if let Some(&known) = self.groups.get(&label) {
            return known;
        }
        let frames = &mut self.target.frames;
        let function = match (Kind::of_state(&label), kind) {
            (Some(state), _) => frames.named("", state),
            (None, Kind::Builtin) if label == SOME_BUILTIN => frames.named(&label, kind),
            // The labels of other kinds contain more than the name.
            (None, Kind::Js | Kind::Wasm | Kind::Kernel) => frames.named(&label, kind),
            (None, _) => frames.named(&label, Kind::Native),
        };
        let made = frames.frame(Frame { function, tier: Tier::None, inlined: false });
        self.groups.insert(label, made);
        made
    }
}
