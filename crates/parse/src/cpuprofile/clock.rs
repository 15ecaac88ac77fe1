//! Times of samples, from the steps between them.

use crate::json::Amount;
use spikeflame_profile::warning::CpuProfileFact;
use spikeflame_profile::{Sample, StackId, VmState};

/// The longest step in microseconds, 31 years; a longer one is damage.
pub(crate) const LONGEST_STEP_US: f64 = 1e15;

/// Adds up steps in microseconds. The sum stays within 292 years.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    now_ns: i64,
    /// The sum of the steps below 0.
    back_ns: i64,
    steps: u64,
    /// The number of steps that are not a time, and the index of the first of them, from 0.
    wrong: Option<(u64, u64)>,
}

impl Clock {
    /// Makes a clock that starts at `start_us`, or at 0 when that is not a valid time.
    pub(crate) fn at(start_us: f64) -> Self {
        let start_us = if start_us.abs() <= LONGEST_STEP_US { start_us } else { 0.0 };
        Self { now_ns: (start_us * 1e3) as i64, ..Self::default() }
    }

    /// Adds a step and returns the time in microseconds; a time before the zero is returned
    /// as 0. V8 writes negative steps. A step outside all bounds is left out.
    #[inline]
    pub(crate) fn step(&mut self, delta_us: f64) -> u64 {
        if delta_us.abs() <= LONGEST_STEP_US {
            let whole = delta_us as i64;
            let step_ns = match whole as f64 == delta_us {
                true => whole * 1000,
                false => (delta_us * 1e3).round() as i64,
            };
            self.now_ns = self.now_ns.saturating_add(step_ns);
            self.back_ns = self.back_ns.saturating_add(step_ns.min(0));
        } else {
            let (count, first) = self.wrong.unwrap_or((0, self.steps));
            self.wrong = Some((count + 1, first));
        }
        self.steps += 1;
        self.now()
    }

    /// Adds a step of an [`Amount`] of microseconds, like [`Clock::step`].
    #[inline]
    pub(crate) fn step_by(&mut self, delta: Amount) -> u64 {
        match delta {
            Amount::Natural(us) if us <= LONGEST_STEP_US as u64 => {
                self.now_ns = self.now_ns.saturating_add((us * 1000).cast_signed());
                self.steps += 1;
                self.now()
            }
            Amount::Natural(us) => self.step(us as f64),
            Amount::Other(us) => self.step(us),
        }
    }

    /// Returns the current time in microseconds.
    #[inline]
    pub(crate) fn now(&self) -> u64 {
        self.now_ns.max(0).cast_unsigned() / 1000
    }

    /// Returns how far the steps went back in all, in microseconds.
    pub(crate) fn back_us(&self) -> u64 {
        self.back_ns.unsigned_abs() / 1000
    }

    /// Returns true when no step went back, so that times ascend.
    pub(crate) fn is_steady(&self) -> bool {
        self.back_ns == 0
    }

    /// Returns the number of steps that were left out, and the first of them.
    pub(crate) fn fact(&self) -> Option<CpuProfileFact> {
        let (count, first) = self.wrong?;
        Some(CpuProfileFact::WrongSteps { count, first: first + 1 })
    }
}

/// Returns the samples at these nodes, each a step after the last, up to the first one without a stack.
/// Each of them is counted in `placed`.
#[inline(always)]
pub(crate) fn placed(
    nodes: impl Iterator<Item = u32>,
    deltas: &[Amount],
    stacks: &[Option<StackId>],
    clock: &mut Clock,
    placed: &mut usize,
) -> impl Iterator<Item = Sample> {
    let stacks = nodes.map_while(|node| stacks.get(node as usize).copied().flatten());
    stacks.zip(deltas).map(|(stack, &delta)| {
        *placed += 1;
        Sample { time_us: clock.step_by(delta), stack, state: VmState::UNKNOWN }
    })
}
