//! The times of samples that say how long after the one before they came.

/// A longer step is damage: 31 years, in microseconds.
pub(crate) const LONGEST: f64 = 1e15;

/// Adds up steps in microseconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    now_ns: i128,
    steps: u64,
    /// Steps that are no time, and the number of the first, from 0.
    wrong: Option<(u64, u64)>,
}

impl Clock {
    /// A clock that stands at `start_us`, if that can be.
    pub(crate) fn at(start_us: f64) -> Self {
        let start_us = if start_us.abs() <= LONGEST { start_us } else { 0.0 };
        Self { now_ns: (start_us * 1e3) as i128, ..Self::default() }
    }

    /// The time after a step, in microseconds; before the zero it is 0. V8
    /// writes steps below 0. One that is out of all bounds is left out.
    pub(crate) fn step(&mut self, delta_us: f64) -> u64 {
        if delta_us.abs() <= LONGEST {
            self.now_ns += (delta_us * 1e3).round() as i128;
        } else {
            let (count, first) = self.wrong.unwrap_or((0, self.steps));
            self.wrong = Some((count + 1, first));
        }
        self.steps += 1;
        self.now()
    }

    /// The time now.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.now_ns.max(0) / 1000).unwrap_or(u64::MAX)
    }

    /// What to say of steps that were left out.
    pub(crate) fn warning(&self, name: &str) -> Option<String> {
        let (count, first) = self.wrong?;
        Some(format!(
            "{name}: {count} of the times between samples cannot be right (the first is that of \
             sample {}); those samples stand at the time of the one before",
            first + 1
        ))
    }
}
