//! The errors of an application's log beside a recording, with their times.

use crate::errors::Errors;
use hashbrown::HashMap;
use serde::Serialize;
use spikeflame_profile::{CallTree, Idle, Profile, Selection, StackId, VmState};
use std::collections::BTreeMap;

/// The most errors with a row of their own when others share one. A row that stands for one error has
/// its name.
const ROWS: usize = 100;

/// The most characters of a name.
const LONGEST_NAME: usize = 1_000;

/// Microseconds of the unit in which times are stored.
const TENTH_US: i64 = 100_000;

/// The errors of an application's log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoggedErrors {
    /// The errors, the most frequent first. When there are very many, the last row counts all
    /// further errors together (`12 further errors`).
    pub(crate) rows: Vec<LoggedError>,
}

/// An error of an application's log, and its times. The last of very many stands for all further errors.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct LoggedError {
    /// Class and message, without the parts that differ from one error to the next; `12 further errors` when
    /// it stands for several.
    pub(crate) name: String,
    /// The names of the causes, outermost first.
    pub(crate) causes: Vec<String>,
    /// The place where the error was thrown most often, as `function file:line`. It is empty when
    /// it is not known.
    pub(crate) thrown: String,
    /// The explanation of a known error, as a sentence without its full stop; empty for others.
    pub(crate) means: String,
    /// The times at which the error was logged, in whole tenths of a second since the recording's zero, in
    /// ascending order: 12 is the time from 1.2 s to 1.3 s. Times before the zero are negative.
    pub(crate) tenths: Vec<i64>,
    /// The number of errors in each of `tenths`.
    pub(crate) counts: Vec<u64>,
    /// The number of errors whose time is not known.
    pub(crate) untimed: u64,
}

impl LoggedError {
    /// Returns the number of errors of the window `from_us..to_us`, in microseconds since the
    /// recording's zero; `to_us` is not part of it. Errors are counted by whole `tenths`. With
    /// `None`, all errors count, also those without a time.
    pub(crate) fn count(&self, window: Option<(u64, u64)>) -> u64 {
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
        let all = errors.rows.len();
        let kept = if all > ROWS + 1 { ROWS } else { all };
        let mut times = vec![(BTreeMap::<i64, u64>::new(), 0); all.min(ROWS + 1)];
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
                    let kinds = all - kept;
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

#[cfg(test)]
mod tests {
    use super::LoggedErrors;
    use spikeflame_profile::{
        Frame, Kind, Profile, Sample, Samples, StackId, Thread, Tier, VmState,
    };

    /// Returns the names of the errors of a log with so many kinds of errors, each once.
    fn names(kinds: usize) -> Vec<String> {
        let (mut profile, mut samples) = (Profile::default(), Samples::default());
        for kind in 0..kinds {
            let function = profile.frames.named(&format!("Error: {kind}"), Kind::Error);
            let frame = Frame { function, tier: Tier::None, inlined: false };
            let frame = profile.frames.frame(frame);
            let stack = profile.stacks.child(StackId::ROOT, frame);
            samples.push(Sample { time_us: 0, stack, state: VmState::NO_TIME });
        }
        profile.threads.push(Thread { name: "log".to_owned(), samples, source: 0 });
        let logged = LoggedErrors::collect(&profile, None);
        assert_eq!(logged.rows.iter().map(|row| row.count(None)).sum::<u64>(), kinds as u64);
        logged.rows.into_iter().map(|row| row.name).collect()
    }

    /// The error was: with 101 kinds of errors, the last row was called `1 further errors`.
    #[test]
    fn a_row_for_one_error_has_its_name() {
        for kinds in [1, 100, 101] {
            let names = names(kinds);
            let is_error = |name: &String| name.starts_with("Error: ");
            assert!(names.len() == kinds && names.iter().all(is_error), "{names:?}");
        }
        let names = names(102);
        assert_eq!((names.len(), names[100].as_str()), (101, "2 further errors"));
    }
}
