//! Evidence from within the runs: whether a cost arises with requests, once a run, or with time.
//!
//! When the sides served different numbers of requests, each of the three can be the reason why a cost
//! per request differs: it changed, or it arises in another way. Sums of whole runs cannot
//! distinguish them: in a saturated server, a function that costs twice as much halves the
//! requests, so it costs as much per run and per second as before. Parts of the runs can. The first
//! requests of each run show what the same number of requests costs. The parts with little load
//! show the most that can arise with time.

use crate::measure::{LEAST_RATIO, Measure};
use crate::other_works::Work;
use crate::table::{Grouping, Side};
use crate::within::{RunPart, WithinRuns};

/// The parts with the least load take at least this share of all time. In a shorter time, a cost that
/// comes every few seconds could be missing by chance.
const LIGHT: f64 = 0.125;
/// The number of standard errors by which a change must differ from none in the evidence, which is
/// used after the test of the row itself.
const CLEAR_ERRORS: f64 = 3.0;
/// The number of standard errors that are added to what a row costs in the parts with little load, and by
/// which a row that changed must also have changed over the first requests.
const BEYOND: f64 = 2.0;
/// When a run served this many times as many requests as the run with the fewest, its first
/// requests are not known apart, because they are only some of the requests of its first part.
const MOST_TIMES: f64 = 16.0;

/// The runs and their parts, by which the rows of all tables are judged.
pub(crate) struct Evidence<'a> {
    within: &'a WithinRuns,
    sides: &'a [Side],
    /// The divisor of each run that turns a count into a cost per request.
    exposures: &'a [f64],
    /// The length of each run in seconds.
    seconds: Option<Vec<f64>>,
    /// The share of each part that belongs to the first requests of its run, as many in each run.
    early: Option<Vec<f64>>,
    /// The share of each run's requests that are among the first requests.
    early_of_run: Vec<f64>,
    /// Whether each part is one of those with little load.
    is_light: Vec<bool>,
}

/// A row of one table, with its counts in the whole runs.
pub(crate) struct Row<'a> {
    /// The index of the grouping.
    pub(crate) grouping: usize,
    /// The index of the row in its table.
    pub(crate) at: usize,
    /// True for the table of total counts.
    pub(crate) is_total: bool,
    pub(crate) measure: &'a Measure,
    pub(crate) counts: &'a [f64],
}

/// The cost of the first requests within the part in which they end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// They cost as much as all requests of the part.
    AsThePart,
    /// They cost as much as those of the part before.
    AsBefore,
}

/// All counts of one row.
struct RowCounts<'a> {
    measure: &'a Measure,
    /// The counts of the whole runs.
    counts: &'a [f64],
    parts: &'a [f64],
    of_requests: &'a [f64],
    of_timers: &'a [f64],
}

impl<'a> Evidence<'a> {
    pub(crate) fn new(
        within: &'a WithinRuns,
        sides: &'a [Side],
        exposures: &'a [f64],
        seconds: Option<Vec<f64>>,
    ) -> Self {
        let mut of_runs = vec![0.0; sides.len()];
        for part in within.parts.iter().filter(|part| !part.is_waiting) {
            if let Some(sum) = of_runs.get_mut(part.run) {
                *sum += part.requests;
            }
        }
        let fewest = of_runs.iter().copied().fold(f64::INFINITY, f64::min);
        let most = of_runs.iter().copied().fold(0.0, f64::max);
        let known = fewest > 0.0 && most <= MOST_TIMES * fewest && !within.parts.is_empty();
        let early = known.then(|| first_requests(&within.parts, fewest));
        let early_of_run = of_runs.iter().map(|requests| fewest / requests).collect();
        let is_light = light(&within.parts);
        Self { within, sides, exposures, seconds, early, early_of_run, is_light }
    }

    /// Returns true when parts of the runs show that a row changed with requests, and not only by
    /// another work.
    pub(crate) fn shows(&self, work: Work, row: &Row<'_>) -> bool {
        self.counts_of(row).is_some_and(|row| match work {
            Work::Run => self.not_once_a_run(&row),
            Work::Second => self.not_with_time(&row),
        })
    }

    /// Returns false when a row did not change in the same direction over the first requests of each
    /// run, as many in each: its cost depends on how far a run came. Returns true when they are not known.
    pub(crate) fn agrees_at_first(&self, row: &Row<'_>) -> bool {
        let Some(row) = self.counts_of(row) else { return true };
        [Within::AsThePart, Within::AsBefore].into_iter().all(|within| {
            self.first_counts(&row, within)
                .is_none_or(|(counts, work)| is_change(row.measure, counts, work))
        })
    }

    fn counts_of<'r>(&'r self, row: &Row<'r>) -> Option<RowCounts<'r>> {
        let tables = self.within.groupings.get(row.grouping)?;
        let of = |Grouping { self_counts, total_counts }: &'r Grouping| {
            (if row.is_total { total_counts } else { self_counts }).row(row.at).unwrap_or_default()
        };
        Some(RowCounts {
            measure: row.measure,
            counts: row.counts,
            parts: of(&tables.parts),
            of_requests: of(&tables.of_requests),
            of_timers: of(&tables.of_timers),
        })
    }

    /// Returns true when a row changed over the first requests of each run, as many in each. A cost
    /// that arises once a run is then the same on both sides.
    fn not_once_a_run(&self, row: &RowCounts<'_>) -> bool {
        self.first_counts(row, Within::AsThePart).is_some_and(|(counts, work)| {
            let variances = counts.map(|count: f64| row.measure.dispersion / count.max(0.5));
            is_same_change(row.measure, counts, work, variances)
        })
    }

    /// Returns the counts of a row over the first requests of each run, and their exposures, summed over
    /// the runs of each side. Returns `None` when the first requests are not known.
    fn first_counts(&self, row: &RowCounts<'_>, within: Within) -> Option<([f64; 2], [f64; 2])> {
        let early = self.early.as_ref()?;
        let (mut counts, mut work) = ([0.0; 2], [0.0; 2]);
        // The cost of a request in the part before, and the run of this part.
        let mut before: Option<(usize, f64)> = None;
        for ((part, share), count) in self.within.parts.iter().zip(early).zip(row.parts) {
            let is_cut = within == Within::AsBefore && *share > 0.0 && *share < 1.0;
            let known = before.filter(|(run, _)| is_cut && *run == part.run);
            let of_part = known.map_or(*count, |(_, cost)| cost * part.requests);
            if let Some(sum) = self.side_of(part.run).and_then(|side| counts.get_mut(side)) {
                *sum += share * of_part;
            }
            if !part.is_waiting && part.requests > 0.0 {
                before = Some((part.run, count / part.requests));
            }
        }
        for (run, (exposure, share)) in self.exposures.iter().zip(&self.early_of_run).enumerate() {
            if let Some(sum) = self.side_of(run).and_then(|side| work.get_mut(side)) {
                *sum += exposure * share;
            }
        }
        Some((counts, work))
    }

    /// Returns true when a row changed without all that may arise with time. The cost that may
    /// arise with time is at most as much each second as in the parts with little load, and nothing
    /// below a handler of requests.
    fn not_with_time(&self, row: &RowCounts<'_>) -> bool {
        let Some(seconds) = &self.seconds else { return false };
        let rate = self.most_a_second(row);
        let (mut counts, mut all, mut work) = ([0.0; 2], [0.0; 2], [0.0; 2]);
        let runs = row.counts.iter().zip(seconds).zip(row.of_requests.iter().zip(row.of_timers));
        for (run, ((count, seconds), (of_requests, of_timers))) in runs.enumerate() {
            let Some(side) = self.side_of(run) else { continue };
            let beside_timers = (count - of_timers - rate * seconds).max(0.0);
            let exposure = self.exposures.get(run).copied().unwrap_or(0.0);
            let sums = [&mut counts, &mut all, &mut work].map(|sums| sums.get_mut(side));
            let values = [beside_timers.max(*of_requests), *count, exposure];
            for (sum, value) in sums.into_iter().flatten().zip(values) {
                *sum += value;
            }
        }
        // A side that costs nothing without its timers shows nothing.
        if counts.iter().zip(all).any(|(count, all)| *count <= 0.0 && all > 0.0) {
            return false;
        }
        // The noise is that of all counts.
        let [before, after] = [0, 1].map(|side| {
            let of = |sums: [f64; 2]| sums.get(side).copied().unwrap_or(0.0).max(0.5);
            row.measure.dispersion * of(all) / of(counts).powi(2)
        });
        is_same_change(row.measure, counts, work, [before, after])
    }

    fn side_of(&self, run: usize) -> Option<usize> {
        self.sides.get(run).map(|side| usize::from(*side == Side::After))
    }

    /// Returns the most samples a second that a row can have without a request, from the parts with
    /// little load and from the time in which the program waited. Infinite when no part is known.
    fn most_a_second(&self, row: &RowCounts<'_>) -> f64 {
        let dispersion = self.dispersion_within(row).max(row.measure.dispersion);
        let parts = || self.within.parts.iter().zip(&self.is_light).zip(row.parts);
        let light = parts().filter(|((part, light), _)| **light && !part.is_waiting);
        let waiting = parts().filter(|((part, _), _)| part.is_waiting);
        let [light, waiting] = [
            most_a_second(light.map(|((part, _), count)| (part, *count)), dispersion),
            most_a_second(waiting.map(|((part, _), count)| (part, *count)), dispersion),
        ];
        light.min(waiting)
    }

    /// Returns the variance of a row's counts between the parts of a run, divided by their mean: the
    /// smaller one of that around the number of requests and that around the length of each part. A
    /// cost that comes in bursts has a large one.
    fn dispersion_within(&self, row: &RowCounts<'_>) -> f64 {
        let around = |work| self.dispersion_around(row.parts, work);
        around(|part| part.requests).min(around(|part| part.seconds))
    }

    /// Returns the variance of counts between the parts of a run, divided by their mean, when each
    /// part is expected to have its share of `work`.
    fn dispersion_around(&self, counts: &[f64], work: fn(&RunPart) -> f64) -> f64 {
        let mut of_runs = vec![(0.0, 0.0); self.sides.len()];
        let parts = || self.within.parts.iter().zip(counts).filter(|(part, _)| !part.is_waiting);
        for (part, count) in parts() {
            if let Some((all, of_counts)) = of_runs.get_mut(part.run) {
                *all += work(part);
                *of_counts += count;
            }
        }
        let (mut squares, mut df) = (0.0, -(of_runs.len() as f64));
        for (part, count) in parts() {
            let of_run = of_runs.get(part.run);
            let expected = of_run.map_or(0.0, |(all, counts)| counts * work(part) / all);
            if expected > 0.0 {
                squares += (count - expected).powi(2) / expected;
            }
            df += 1.0;
        }
        squares / df.max(1.0)
    }
}

/// Returns the most samples a second that these parts allow, for counts of this dispersion: the
/// highest mean that the counts miss by at most [`BEYOND`] standard errors. Infinite without a
/// part.
fn most_a_second<'p>(parts: impl Iterator<Item = (&'p RunPart, f64)>, dispersion: f64) -> f64 {
    let (mut count, mut seconds) = (0.0, 0.0);
    for (part, of_part) in parts {
        count += of_part;
        seconds += part.seconds;
    }
    let spread = BEYOND.powi(2) * dispersion;
    let mean = count + spread / 2.0 + (spread * count + spread.powi(2) / 4.0).sqrt();
    if seconds > 0.0 { mean / seconds } else { f64::INFINITY }
}

/// Returns true when a cost changed in the direction of `measure`, by more than chance and by the least
/// ratio. The error is that of a cost that did not change, so that one side may have no samples.
fn is_change(measure: &Measure, counts: [f64; 2], work: [f64; 2]) -> bool {
    let [before, after] = [counts[0] / work[0], counts[1] / work[1]];
    let [least_before, least_after] = [counts[0].max(0.5) / work[0], counts[1].max(0.5) / work[1]];
    let rate = (counts[0] + counts[1]) / (work[0] + work[1]);
    let noise = measure.dispersion * (rate / work[0] + rate / work[1]);
    let error = (noise + rate.powi(2) * measure.between).sqrt();
    (after - before) * measure.change > 0.0
        && (least_after / least_before).ln().abs() >= LEAST_RATIO.ln()
        && (after - before).abs() >= BEYOND * error
}

/// Returns true when a cost changed clearly, in the direction of `measure`. `variances` are those of
/// the logarithms of the counts.
fn is_same_change(
    measure: &Measure,
    counts: [f64; 2],
    work: [f64; 2],
    variances: [f64; 2],
) -> bool {
    let [before, after] = counts.map(|count| count.max(0.5));
    let log = (after / work[1]).ln() - (before / work[0]).ln();
    let error = (variances[0] + variances[1] + measure.between).sqrt();
    log * measure.change > 0.0 && log.abs() >= LEAST_RATIO.ln() && log.abs() >= CLEAR_ERRORS * error
}

/// Returns the share of each part that belongs to the first `requests` of its run.
fn first_requests(parts: &[RunPart], requests: f64) -> Vec<f64> {
    let (mut run, mut done) = (usize::MAX, 0.0);
    let mut shares = Vec::with_capacity(parts.len());
    for part in parts {
        if part.run != run {
            (run, done) = (part.run, 0.0);
        }
        let left = (requests - done).clamp(0.0, part.requests);
        shares.push(match (part.is_waiting, part.requests > 0.0) {
            (true, _) => 0.0,
            (false, true) => left / part.requests,
            // A part without a request belongs to those before it.
            (false, false) => f64::from(u8::from(done < requests)),
        });
        done += part.requests;
    }
    shares
}

/// Returns whether each part is one of those with the fewest requests a second.
fn light(parts: &[RunPart]) -> Vec<bool> {
    let rate = |part: &RunPart| part.requests / part.seconds.max(1e-9);
    let mut order: Vec<(usize, &RunPart)> =
        parts.iter().enumerate().filter(|(_, part)| !part.is_waiting).collect();
    order.sort_by(|(a, one), (b, other)| rate(one).total_cmp(&rate(other)).then(a.cmp(b)));
    let all: f64 = order.iter().map(|(_, part)| part.seconds).sum();
    let (mut light, mut sum) = (vec![false; parts.len()], 0.0);
    for (at, part) in order {
        if sum >= LIGHT * all {
            break;
        }
        sum += part.seconds;
        if let Some(slot) = light.get_mut(at) {
            *slot = true;
        }
    }
    light
}

#[cfg(test)]
mod tests {
    use crate::analysis::{Analysis, Assumptions, analyse_with};
    use crate::measure::{Doubt, Verdict};
    use crate::profile_facts::ProfileFacts;
    use crate::slices::Slice;
    use crate::table::{Counts, Grouping, Side, TableRun};
    use crate::within::{PartCounts, RunPart, WithinRuns};

    /// The seconds of a run, and those before it in which the program waited.
    const RUN_S: f64 = 60.0;
    const WAITING_S: f64 = 2.0;
    /// Requests a second in each part, relative to the others.
    const RAMP: [f64; 8] = [0.3, 0.5, 0.8, 1.0, 1.0, 1.0, 0.9, 0.4];
    const EVEN: [f64; 8] = [1.0; 8];

    /// A cost, as samples of a run between two numbers of its requests, and its seconds.
    struct Cost {
        /// Samples of each request, by its number in the run; before and after.
        of_request: fn(Side, f64) -> f64,
        /// Samples a second, also while nobody asks.
        of_second: f64,
        below_handlers: bool,
        below_timers: bool,
        machine: bool,
    }

    const NONE: Cost = Cost {
        of_request: |_, _| 0.0,
        of_second: 0.0,
        below_handlers: false,
        below_timers: false,
        machine: false,
    };

    /// Compares three runs a side in turn, with these numbers of requests before and after.
    fn compared(requests: [f64; 2], load: [f64; 8], waits: bool, costs: &[Cost]) -> Analysis {
        let ends: Vec<f64> = Slice::SHARES.into_iter().chain([1.0]).collect();
        let (mut runs, mut parts, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
        for at in 0..6 {
            let side = Side::ALL[at % 2];
            let all = requests[at % 2] + at as f64;
            runs.push(TableRun {
                side,
                interval_ms: Some(1.0),
                requests: Some(all),
                seconds: Some(RUN_S),
                ..TableRun::named("run")
            });
            if waits {
                let part = RunPart { run: at, seconds: WAITING_S, requests: 0.0, is_waiting: true };
                parts.push(part);
                numbers.push((0.0, 0.0));
            }
            let starts = [0.0].into_iter().chain(ends.iter().copied());
            let shares = || starts.clone().zip(&ends).map(|(from, to)| to - from).zip(load);
            let length: f64 = shares().map(|(share, load)| share / load).sum();
            for ((share, load), (from, to)) in shares().zip(starts.clone().zip(&ends)) {
                let (seconds, requests) = (share / load / length * RUN_S, share * all);
                parts.push(RunPart { run: at, seconds, requests, is_waiting: false });
                numbers.push((from * all, to * all));
            }
        }
        let other = Cost { of_request: |_, _| 0.1, ..NONE };
        let costs: Vec<&Cost> = costs.iter().chain(std::iter::repeat_n(&other, 30)).collect();
        let tables = |columns: usize| Grouping::without_totals(columns, Counts::new(columns));
        let (mut counts, mut of_parts) = (tables(6), tables(parts.len()));
        let (mut of_requests, mut of_timers) = (tables(6), tables(6));
        for (row, cost) in costs.iter().enumerate() {
            let of_part = |(at, (part, (from, to))): (usize, (&RunPart, &(f64, f64)))| {
                let numbers = (*from as usize..*to as usize).map(|number| number as f64);
                let sum: f64 = numbers.map(|n| (cost.of_request)(runs[part.run].side, n)).sum();
                let noise = 1.0 + ((row * 7 + at * 5) % 4) as f64 / 40.0;
                (sum + cost.of_second * part.seconds) * noise
            };
            let cells: Vec<f64> = parts.iter().zip(&numbers).enumerate().map(of_part).collect();
            let mut sums = [0.0; 6];
            for (part, cell) in parts.iter().zip(&cells).filter(|(part, _)| !part.is_waiting) {
                sums[part.run] += cell;
            }
            let below = |is: bool| if is { sums } else { [0.0; 6] };
            counts.self_counts.push(&sums);
            of_parts.self_counts.push(&cells);
            of_requests.self_counts.push(&below(cost.below_handlers));
            of_timers.self_counts.push(&below(cost.below_timers));
        }
        let machine = costs.iter().map(|cost| f64::from(u8::from(cost.machine))).collect();
        counts.self_counts = counts.self_counts.with_machine(machine);
        let groupings = vec![PartCounts { parts: of_parts, of_requests, of_timers }];
        let within = Some(WithinRuns { parts, groupings });
        let found = ProfileFacts { within, ..ProfileFacts::default() };
        analyse_with(&runs, &[counts], &Assumptions::default(), &found).unwrap()
    }

    fn verdicts(analysis: &Analysis, rows: usize) -> Vec<(Verdict, Option<Doubt>)> {
        let measures = &analysis.groupings[0].self_result.measures;
        measures.iter().take(rows).map(|measure| (measure.verdict, measure.doubt)).collect()
    }

    const CHANGED: (Verdict, Option<Doubt>) = (Verdict::Changed, None);
    const START_UP: (Verdict, Option<Doubt>) = (Verdict::NotResolved, Some(Doubt::StartUp));

    /// A loop that ran twice halved the requests of a saturated server. It cost as much per second and
    /// per run as before, and was START-UP?.
    fn doubled(side: Side, _: f64) -> f64 {
        if side == Side::Before { 10.0 } else { 20.0 }
    }

    #[test]
    fn a_doubling_that_halves_the_requests_is_a_change() {
        let hot = Cost { of_request: doubled, ..NONE };
        let handler = Cost { below_handlers: true, ..hot };
        // Below a timer, the rise of the load proves nothing: connections have timers too.
        let in_timer = Cost { below_timers: true, ..hot };
        let timer = Cost { of_second: 10.0, below_timers: true, ..NONE };
        let background = Cost { of_second: 15.0, ..NONE };
        let start = Cost { of_request: |_, n| if n < 100.0 { 5.0 } else { 0.0 }, ..NONE };
        let machine = Cost { machine: true, ..hot };
        let costs = [hot, handler, in_timer, timer, background, start, machine];
        let analysis = compared([4_000.0, 2_000.0], RAMP, false, &costs);
        let right = [CHANGED, CHANGED, START_UP, START_UP, START_UP, START_UP, START_UP];
        assert_eq!(verdicts(&analysis, 7), right);
    }

    #[test]
    fn under_an_even_load_stacks_and_the_time_before_it_show_what_requests_cost() {
        let costs = || {
            let hot = Cost { of_request: doubled, ..NONE };
            let background = Cost { of_second: 15.0, ..NONE };
            [Cost { below_handlers: true, ..hot }, hot, background]
        };
        let verdicts_of = |waits| verdicts(&compared([4_000.0, 2_000.0], EVEN, waits, &costs()), 3);
        assert_eq!(verdicts_of(false), [CHANGED, START_UP, START_UP]);
        assert_eq!(verdicts_of(true), [CHANGED, CHANGED, START_UP]);
    }

    /// The first requests cost more until V8 has compiled the code. With fewer requests, they are a
    /// larger part of the run, also below a handler.
    #[test]
    fn code_that_warms_up_did_not_change() {
        let of_request = |_, n| if n < 100.0 { 1.0 } else { 0.1 };
        let warm = Cost { of_request, below_handlers: true, ..NONE };
        for requests in [[2_000.0, 200.0], [200.0, 2_000.0]] {
            let analysis = compared(requests, RAMP, true, std::slice::from_ref(&warm));
            let measure = &analysis.groupings[0].self_result.measures[0];
            assert!(measure.q.is_some_and(|q| q < 0.05), "{measure:?}");
            assert_eq!(verdicts(&analysis, 1), [START_UP]);
        }
    }

    /// A comparator of samples/app cost more from about the 1,500th request of each run on, and was
    /// CHANGED by 110 %: one side served 1.68 times as many requests.
    #[test]
    fn a_cost_that_grows_with_the_requests_of_a_run_did_not_change() {
        let grows = Cost {
            of_request: |_, n| if n < 1_500.0 { 0.1 } else { 0.5 },
            below_handlers: true,
            ..NONE
        };
        // After the change, each request of this function costs five times as much.
        let changed = Cost {
            of_request: |side, n| {
                let times = if side == Side::Before { 1.0 } else { 5.0 };
                times * if n < 1_500.0 { 0.1 } else { 0.5 }
            },
            ..grows
        };
        let costs = [grows, changed];
        let analysis = compared([1_600.0, 2_700.0], EVEN, true, &costs);
        let measure = &analysis.groupings[0].self_result.measures[0];
        assert!(measure.q.is_some_and(|q| q < 0.05), "{measure:?}");
        assert_eq!(verdicts(&analysis, 2), [START_UP, CHANGED]);
    }
}
