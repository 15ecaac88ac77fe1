//! Samples of a thread, with the stacks of its tables.

use super::frames::{FrameDescription, FrameForm, Namer};
use super::{RawSamples, column};
use crate::weight::{HEAVIEST, TOO_HEAVY};
use spikeflame_profile::Ledger;
use spikeflame_profile::{
    Frame, FrameId, FrameTable, Kind, Sample, Samples, StackId, StackTree, Tier, VmState, folded,
};

/// The largest distance of a moment from the zero in milliseconds, 1000 years.
const LONGEST_MS: f64 = 3.2e13;

/// The reason for the loss of samples after the end of the column of stacks.
const NO_STACK: &str = "a sample for which the file has no entry of a stack";

/// The meaning of a thread's weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    Samples,
    Time,
    Bytes,
}

impl Measure {
    pub(super) fn from_samples(raw: &RawSamples) -> Self {
        match raw.weight_type.0.as_deref() {
            Some("tracing-ms") => Self::Time,
            Some("bytes") => Self::Bytes,
            _ => Self::Samples,
        }
    }

    /// Returns the user's word for the measure.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Samples => "samples",
            Self::Time => "time",
            Self::Bytes => "bytes",
        }
    }

    /// Returns the unit of a weight of 1, when the weights of the file have this many decimals.
    pub(super) fn unit(self, decimals: u32) -> String {
        match self {
            Self::Samples => folded::parts_of("sample", decimals),
            Self::Time => "nanoseconds".to_owned(),
            Self::Bytes => folded::parts_of("byte", decimals),
        }
    }

    /// Returns the number of decimals of a thread's weights that are kept. Times are counted in
    /// nanoseconds.
    pub(super) fn decimals(self, raw: &RawSamples) -> u32 {
        let weights = raw.table.column(column::WEIGHT).iter().map(|weight| weight.0);
        let fractions = weights.filter(|weight| self != Self::Time && weight.fract() != 0.0);
        let decimals = fractions.filter(|weight| weight.is_finite()).map(|weight| {
            let text = weight.to_string();
            text.split_once('.').map_or(0, |(_, decimals)| decimals.len() as u32)
        });
        decimals.max().unwrap_or(0).min(folded::DECIMALS)
    }

    /// Returns the number of units in a weight of 1 of the file.
    pub(super) fn factor(self, decimals: u32) -> f64 {
        match self {
            Self::Samples | Self::Bytes => 10f64.powi(decimals as i32),
            Self::Time => 1e6,
        }
    }
}

/// The stacks of a table.
pub(super) struct Stacks {
    /// The stack of each number; `None` for one whose callers are not in the table.
    ids: Vec<Option<StackId>>,
    /// Whether the thread waits in each stack.
    idle: Vec<bool>,
    /// Whether each stack ends where no function is known.
    nameless: Vec<bool>,
}

impl Stacks {
    /// Builds the stacks of the tables that `namer` has.
    pub(super) fn build(namer: &mut Namer<'_>, tree: &mut StackTree) -> Self {
        let table = &namer.tables.stacks;
        let count = table.column(column::STACK_FRAME).len();
        let mut described: Vec<Option<FrameDescription>> = Vec::new();
        let mut stacks =
            Self { ids: vec![None; count], idle: vec![false; count], nameless: vec![false; count] };
        let offsets = !table.column(column::OFFSET).is_empty();
        let caller = |at: usize| match offsets {
            true => match table.index(column::OFFSET, at) {
                None | Some(0) => Ok(None),
                Some(offset) => at.checked_sub(offset).map(Some).ok_or(()),
            },
            false => Ok(table.index(column::PREFIX, at)),
        };
        // The innermost frame of each stack, which decides whether the next one repeats it.
        let mut last: Vec<Option<(FrameId, FrameForm)>> = vec![None; count];
        for at in 0..count {
            let Some(number) = table.index(column::STACK_FRAME, at) else { continue };
            let Ok(caller_at) = caller(at) else { continue };
            // A caller's number is lower than its callee's.
            if caller_at.is_some_and(|caller| caller >= at) {
                continue;
            }
            let above = caller_at.map(|caller| stacks.ids.get(caller).copied().flatten());
            let Some(above) = above.unwrap_or(Some(StackId::ROOT)) else { continue };
            if described.len() <= number {
                // The number of frames in the table, and one more for all that are missing
                // in it.
                let frames = namer.tables.frames.column(column::FUNC).len();
                let frames = frames.max(namer.tables.frames.column(column::LOCATION).len());
                if number >= frames {
                    continue;
                }
                described.resize(number + 1, None);
            }
            let found = match described.get(number).copied().flatten() {
                Some(found) => found,
                None => {
                    let found = namer.describe(number);
                    if let Some(slot) = described.get_mut(number) {
                        *slot = Some(found);
                    }
                    found
                }
            };
            let over = caller_at.and_then(|caller| last.get(caller).copied().flatten());
            let waits = caller_at.and_then(|caller| stacks.idle.get(caller)).copied();
            let waits = found.idle.unwrap_or(waits.unwrap_or(false));
            let same = |over: FrameId, frame: FrameId| {
                namer.names.get(over).function == namer.names.get(frame).function
            };
            let id = match (over, found.frame) {
                (_, None) => above,
                // Without symbols, repeated frames of one library carry no information: one
                // is kept.
                (Some((over, FrameForm::Nameless)), Some(frame))
                    if found.how == FrameForm::Nameless && over == frame =>
                {
                    above
                }
                // The table has both a label and the machine code of the same function: one
                // is kept.
                (Some((over, FrameForm::JsLabel)), Some(frame))
                    if found.how == FrameForm::Jit && same(over, frame) =>
                {
                    let outer = tree.get(above).map_or(StackId::ROOT, |(outer, _)| outer);
                    tree.child(outer, frame)
                }
                (_, Some(frame)) => tree.child(above, frame),
            };
            for (list, value) in [
                (&mut stacks.idle, waits),
                (&mut stacks.nameless, found.how == FrameForm::Nameless),
            ] {
                if let Some(slot) = list.get_mut(at) {
                    *slot = value;
                }
            }
            if let Some(slot) = stacks.ids.get_mut(at) {
                *slot = Some(id);
            }
            if let Some(slot) = last.get_mut(at) {
                *slot = found.frame.map(|frame| (frame, found.how)).or(over);
            }
        }
        stacks
    }
}

/// The place that a thread's samples are put in.
pub(super) struct SamplePlacement<'a> {
    pub(super) stacks: &'a Stacks,
    pub(super) tree: &'a mut StackTree,
    pub(super) names: &'a mut FrameTable,
    /// The number of units in a weight of 1 of the file.
    pub(super) factor: f64,
    /// Milliseconds from the profile's zero to the thread's zero.
    pub(super) later_ms: f64,
    /// True when CPU times show where the thread waited.
    pub(super) cpu_known: bool,
    /// The sum of the weights so far.
    pub(super) total: u64,
}

/// The kind of a stack's innermost frame.
enum End {
    Known,
    /// No function is known there.
    Nameless,
    /// The thread waited.
    Idle,
}

/// The samples of a thread.
#[derive(Default)]
pub(super) struct PlacedSamples {
    pub(super) samples: Samples,
    /// True when every sample has a time.
    pub(super) timed: bool,
    /// The weight of samples that end where no function is known.
    pub(super) nameless: u64,
    /// The weight of samples in which the thread waited.
    pub(super) idle: u64,
}

impl SamplePlacement<'_> {
    /// Gives every sample of a table its stack, time and weight.
    pub(super) fn place(&mut self, raw: &RawSamples, ledger: &mut Ledger) -> PlacedSamples {
        let table = &raw.table;
        let deltas = table.column(column::TIME).is_empty();
        let weighed = !table.column(column::WEIGHT).is_empty();
        let mut placed = PlacedSamples { timed: true, ..PlacedSamples::default() };
        let (mut now_ms, mut before_ms) = (0.0, f64::NAN);
        for (at, stack) in table.column(column::SAMPLE_STACK).iter().enumerate() {
            let time_ms = if deltas {
                now_ms += table.get(column::DELTA, at).0;
                now_ms
            } else {
                table.get(column::TIME, at).0
            };
            placed.timed &= time_ms.is_finite();
            let passed = time_ms > before_ms;
            before_ms = time_ms;
            let weight = if weighed { table.get(column::WEIGHT, at).0 } else { 1.0 };
            let weight = weight * self.factor;
            let number = at as u64;
            if weight.is_nan() {
                ledger.lose("a sample without a weight, among others that have one", number, 1);
                continue;
            }
            if weight < 0.0 {
                ledger.lose("a weight below 0, as a comparison has them", number, 1);
                continue;
            }
            let weight = weight.round() as u64;
            if (self.total + placed.samples.total()).saturating_add(weight) > HEAVIEST {
                ledger.lose(TOO_HEAVY, number, 1);
                continue;
            }
            let waited = self.cpu_known && passed && table.get(column::CPU, at).0 == 0.0;
            let Some((stack, end)) = self.stack(stack.0, waited) else {
                ledger.lose("a sample whose stack the file does not hold", number, 1);
                continue;
            };
            match end {
                End::Nameless => placed.nameless += weight,
                End::Idle => placed.idle += weight,
                End::Known => {}
            }
            if weight > 0 {
                let time_us = self.time_us(time_ms);
                let state = VmState::UNKNOWN;
                placed.samples.push_weighted(Sample { time_us, stack, state }, weight);
            }
        }
        let stacks = table.column(column::SAMPLE_STACK).len() as u64;
        let lost = raw.count().saturating_sub(stacks + raw.cut);
        ledger.lose_many(NO_STACK, stacks, lost, lost);
        placed.samples.sort();
        self.total += placed.samples.total();
        placed
    }

    /// Returns the microseconds since the profile's zero, or 0 for a value that cannot be a
    /// time.
    pub(super) fn time_us(&self, at_ms: f64) -> u64 {
        let us = (at_ms + self.later_ms) * 1e3;
        // The product is rounded, because decimal fractions are not exact in binary.
        if us.abs() <= LONGEST_MS * 1e3 { us.round() as u64 } else { 0 }
    }

    /// Returns the stack with this number, and the kind of its end.
    fn stack(&mut self, number: f64, waited: bool) -> Option<(StackId, End)> {
        if number.is_nan() {
            // The recorder had no stack for this sample.
            let (kind, end) =
                if waited { (Kind::Idle, End::Idle) } else { (Kind::Program, End::Known) };
            return Some((self.state(StackId::ROOT, kind), end));
        }
        if number < 0.0 || number.fract() != 0.0 {
            return None;
        }
        let at = number as usize;
        let stack = self.stacks.ids.get(at).copied().flatten()?;
        let is = |list: &[bool]| list.get(at).copied().unwrap_or(false);
        if waited || is(&self.stacks.idle) {
            return Some((self.state(stack, Kind::Idle), End::Idle));
        }
        Some((stack, if is(&self.stacks.nameless) { End::Nameless } else { End::Known }))
    }

    fn state(&mut self, stack: StackId, kind: Kind) -> StackId {
        let function = self.names.named("", kind);
        let frame = self.names.frame(Frame { function, tier: Tier::None, inlined: false });
        self.tree.child(stack, frame)
    }
}
