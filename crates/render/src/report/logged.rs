//! The errors of an application's log beside a recording, with their times.

use crate::errors::Errors;
use hashbrown::HashMap;
use serde::Serialize;
use spikeflame_profile::{CallTree, Idle, Profile, Selection, StackId, VmState};
use std::collections::BTreeMap;

/// The most errors with a row of their own; the others share one.
const ROWS: usize = 100;

/// The most characters of a name.
const LONGEST_NAME: usize = 1_000;

/// Microseconds of the unit in which times are stored.
const TENTH_US: i64 = 100_000;

/// The errors of an application's log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoggedErrors {
    /// The errors, the most frequent first. When there are more than 100, a last row counts all
    /// further errors together; its name is their number, as in `12 further errors`.
    pub rows: Vec<LoggedError>,
}

/// An error of an application's log, and its times.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LoggedError {
    /// Class and message, without the parts that differ from one error to the next.
    pub name: String,
    /// The names of the causes, outermost first.
    pub causes: Vec<String>,
    /// The place where the error was thrown most often, as `function file:line`: the innermost
    /// function of the application's own code, or else that of the innermost cause. It is empty when
    /// the log has no stack with either.
    pub thrown: String,
    /// The explanation of a known error, as a sentence without its full stop; empty for others.
    pub means: String,
    /// The tenths of a second in which the error was logged, in ascending order. They count from
    /// the recording's zero, and are negative before it.
    pub tenths: Vec<i64>,
    /// The number of errors in each of `tenths`.
    pub counts: Vec<u64>,
    /// The number of errors whose time is not known.
    pub untimed: u64,
}

impl LoggedError {
    /// Returns the number of errors of the window `from_us..to_us`, in microseconds since the
    /// recording's zero; `to_us` is not part of it. A tenth of a second belongs to the window that
    /// contains its middle. With `None`, all errors count, also those without a time and those
    /// before the zero.
    pub fn count(&self, window: Option<(u64, u64)>) -> u64 {
        let Some((from_us, to_us)) = window else {
            return self.counts.iter().sum::<u64>() + self.untimed;
        };
        let timed = self.tenths.iter().zip(&self.counts);
        let within = timed.filter(|(tenth, _)| {
            let middle = tenth.saturating_mul(TENTH_US).saturating_add(TENTH_US / 2);
            u64::try_from(middle).is_ok_and(|us| (from_us..to_us).contains(&us))
        });
        within.map(|(_, count)| count).sum()
    }
}

impl LoggedErrors {
    /// Collects all errors of a log. `shift_us` is the time of the log's zero in microseconds since the
    /// recording's zero; without it, no error has a time.
    pub fn collect(log: &Profile, shift_us: Option<i64>) -> Self {
        let selection = Selection { idle: Idle::Keep, ..Selection::default() };
        let tree = CallTree::build(log, &selection);
        let errors = Errors::collect(log, &selection, &tree, false);
        let of_stack: HashMap<StackId, usize> = errors
            .rows
            .iter()
            .enumerate()
            .flat_map(|(row, error)| error.stacks.iter().map(move |stack| (*stack, row)))
            .collect();
        let kept = errors.rows.len().min(ROWS);
        let mut times = vec![(BTreeMap::<i64, u64>::new(), 0); errors.rows.len().min(ROWS + 1)];
        log.visit(&selection, |_, sample, weight| {
            let row = of_stack.get(&sample.stack).map(|row| (*row).min(kept));
            let Some((timed, untimed)) = row.and_then(|row| times.get_mut(row)) else { return };
            match shift_us.filter(|_| sample.state != VmState::NO_TIME) {
                Some(shift) => {
                    let us =
                        i64::try_from(sample.time_us).unwrap_or(i64::MAX).saturating_add(shift);
                    *timed.entry(us.div_euclid(TENTH_US)).or_default() += weight;
                }
                None => *untimed += weight,
            }
        });
        let rows = times.into_iter().enumerate().map(|(at, (timed, untimed))| {
            let (tenths, counts) = timed.into_iter().unzip();
            let times = LoggedError { tenths, counts, untimed, ..LoggedError::default() };
            match errors.rows.get(at).filter(|_| at < kept) {
                None => {
                    let kinds = errors.rows.len() - kept;
                    LoggedError { name: format!("{kinds} further errors"), ..times }
                }
                Some(error) => {
                    let place = error.thrown.first();
                    let place = place.and_then(|it| it.app.as_ref().or(it.innermost.as_ref()));
                    LoggedError {
                        name: brief(&error.name),
                        causes: error.causes.iter().map(|cause| brief(cause)).collect(),
                        thrown: place.map_or_else(String::new, |place| brief(&place.short)),
                        means: error.known.map_or("", |known| known.means).to_owned(),
                        ..times
                    }
                }
            }
        });
        Self { rows: rows.collect() }
    }

    /// Returns the rows for the page, with cleaned texts.
    pub(super) fn head(&self) -> Vec<LoggedError> {
        self.rows.iter().map(LoggedError::cleaned).collect()
    }
}

impl LoggedError {
    fn cleaned(&self) -> Self {
        let clean = |text: &String| crate::clean::xml(text);
        Self {
            name: clean(&self.name),
            causes: self.causes.iter().map(clean).collect(),
            thrown: clean(&self.thrown),
            ..self.clone()
        }
    }
}

fn brief(text: &str) -> String {
    crate::clean::shortened(text, LONGEST_NAME)
}
