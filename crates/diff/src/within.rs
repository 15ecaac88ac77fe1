//! Counts of parts of the runs, and of stacks below handlers of requests and below timers.

use crate::run::RunCounts;
use crate::slices::SliceCounts;
use crate::table::{Counts, Grouping, Side};

/// Counts of parts of the runs. They show whether the cost of a row arises with requests.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct WithinRuns {
    /// The parts, one for each column of [`PartCounts::parts`]: the parts of a run follow one another in
    /// time. Empty when the parts of a run are not known.
    pub(crate) parts: Vec<RunPart>,
    /// The counts of each grouping, in the order of the groupings that are compared.
    pub(crate) groupings: Vec<PartCounts>,
}

/// A part of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RunPart {
    /// The index of the run, from 0, in the order of the runs that are compared.
    pub(crate) run: usize,
    /// The length of the part in seconds. For a part with `is_waiting`, these are the seconds in which the
    /// program was idle.
    pub(crate) seconds: f64,
    /// The number of successful requests that ended in it.
    pub(crate) requests: f64,
    /// True for time outside of the run's window, in which the program waited for requests. Its
    /// counts are not part of the run's counts.
    pub(crate) is_waiting: bool,
}

/// Counts of one grouping that show where its costs arise.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PartCounts {
    /// Self and total counts, one column for each part.
    pub(crate) parts: Grouping,
    /// The part of self and total counts that is below a handler of requests, one column for each
    /// run.
    pub(crate) of_requests: Grouping,
    /// The part of self and total counts that is below a timer, one column for each run.
    pub(crate) of_timers: Grouping,
}

impl WithinRuns {
    /// Collects the counts of all groupings. `rows` has, for each grouping and run, the row of each
    /// function or group of the run. `lengths` has the number of rows of each grouping.
    pub(crate) fn new(
        runs: &[(Side, &RunCounts)],
        rows: &[Vec<Vec<usize>>],
        lengths: &[usize],
    ) -> Self {
        let known = runs.iter().all(|(_, run)| !run.slices.is_empty());
        let mut parts: Vec<RunPart> = Vec::new();
        let mut counts: Vec<&SliceCounts> = Vec::new();
        for (at, (_, run)) in runs.iter().enumerate().filter(|_| known) {
            let waiting = run.waiting.iter().map(|slice| (slice, true));
            for (slice, is_waiting) in waiting.chain(run.slices.iter().map(|slice| (slice, false)))
            {
                let SliceCounts { seconds, requests, .. } = *slice;
                parts.push(RunPart { run: at, seconds, requests, is_waiting });
                counts.push(slice);
            }
        }
        let groupings = rows.iter().zip(lengths).enumerate();
        let groupings = groupings.map(|(grouping, (rows, length))| {
            let mut of_parts = Pair::new(*length, parts.len());
            for (column, (part, slice)) in parts.iter().zip(&counts).enumerate() {
                let values = match grouping.checked_sub(1) {
                    None => Some(&slice.functions),
                    Some(group) => slice.groups.get(group),
                };
                let rows = rows.get(part.run).into_iter().flatten();
                of_parts.add(column, rows.zip(values.into_iter().flatten().copied()));
            }
            let [of_requests, of_timers] = of_events(runs, (grouping, rows), *length);
            PartCounts { parts: of_parts.0, of_requests, of_timers }
        });
        Self { groupings: groupings.collect(), parts }
    }

    /// Returns true when the tables have a column for each part and for each run, and all numbers
    /// are usable.
    pub(crate) fn fits(&self, runs: usize) -> bool {
        let usable = |value: f64| value.is_finite() && value >= 0.0;
        let is_part =
            |part: &RunPart| part.run < runs && usable(part.seconds) && usable(part.requests);
        let have = |Grouping { self_counts, total_counts }: &Grouping, columns: usize| {
            self_counts.check(columns).is_ok() && total_counts.check(columns).is_ok()
        };
        self.parts.iter().all(is_part)
            && self.groupings.iter().all(|counts| {
                have(&counts.parts, self.parts.len())
                    && have(&counts.of_requests, runs)
                    && have(&counts.of_timers, runs)
            })
    }
}

/// Returns the counts below handlers of requests, and below timers, of one grouping.
fn of_events(
    runs: &[(Side, &RunCounts)],
    (grouping, rows): (usize, &[Vec<usize>]),
    length: usize,
) -> [Grouping; 2] {
    let mut both = [Pair::new(length, runs.len()), Pair::new(length, runs.len())];
    for (column, ((_, run), rows)) in runs.iter().zip(rows).enumerate() {
        let values: Vec<[[f64; 2]; 2]> = match grouping.checked_sub(1) {
            None => run.functions.iter().map(|of| [of.of_requests, of.of_timers]).collect(),
            Some(group) => {
                let groups = run.groups.get(group).into_iter().flatten();
                groups.map(|of| [of.of_requests, of.of_timers]).collect()
            }
        };
        let [of_requests, of_timers] = &mut both;
        of_requests.add(column, rows.iter().zip(values.iter().map(|[requests, _]| *requests)));
        of_timers.add(column, rows.iter().zip(values.iter().map(|[_, timers]| *timers)));
    }
    both.map(|pair| pair.0)
}

/// Two tables under construction.
struct Pair(Grouping);

impl Pair {
    fn new(rows: usize, columns: usize) -> Self {
        let zeros = || Counts::zeros(rows, columns);
        Self(Grouping { self_counts: zeros(), total_counts: zeros() })
    }

    fn add<'a>(&mut self, column: usize, values: impl Iterator<Item = (&'a usize, [f64; 2])>) {
        for (row, [of_self, of_total]) in values {
            self.0.self_counts.add(*row, column, of_self);
            self.0.total_counts.add(*row, column, of_total);
        }
    }
}
