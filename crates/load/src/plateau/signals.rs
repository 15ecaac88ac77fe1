//! Compares each second of a test with the system at rest.
//!
//! There are `N` users. `Q` of them wait for an answer at a time, and they get `X` answers a second.
//! The others pause, so a pause takes `Z = (N - Q) / X` (Little's law). With answers as fast as at rest, `R0`,
//! they would get `N / (R0 + Z)` answers. The stretch is the ratio of this number to `X`. It does
//! not depend on the think time, and users who send at the same moment by chance hardly change it.

use super::below::{self, Below};
use super::burst::{self, FirstBurst};
use super::model::Statistic;
use super::pool::{self, POOLED_SECONDS};
use super::rest;
use super::rows::{CALMER, LONG_ROW_S, RowUsers};
use super::source::DurationSource;
use crate::series::{Axis, carried, users_known, wanted_rates};
use crate::stats::{median, quantile};
use crate::timeline::{Second, Timeline};
use std::ops::Range;

/// Shortest length of a plateau, in seconds.
pub(super) const SHORTEST: usize = 5;
/// Smallest stretch of a saturated second. It is above the rounding of a queue that still empties,
/// and below the stretch at 1.2 times the limit.
pub(super) const STRETCHED: f64 = 1.15;
/// Smallest stretch in the middle of a plateau.
pub(super) const CLEARLY: f64 = 1.25;
/// Smallest stretch in the middle of a plateau where the input has each request. The duration at
/// rest is then a mean of many requests plus a margin for chance, so that it is too long, and the
/// stretch too small. A load that jumps to 1.3 times the limit needs this, when the test ends
/// before the system is at rest again.
const SURE_STRETCH: f64 = 1.2;
/// Smallest duration of a late answer, as a multiple of that at rest.
pub(super) const SLOWER: f64 = 1.3;
/// Time for which a request waits, as a multiple of that at rest, from which a second is no longer at rest.
const LATE: f64 = 2.0;
/// The steepest plateau: growth of goodput over growth of load, both in per cent.
pub(super) const FLAT: f64 = 0.25;

/// Longest stretch whose ends are searched second by second. The search takes the square of the
/// length, so in a longer stretch its steps are a share of the length.
pub(super) const SEARCHED: usize = 400;

/// Smallest growth of the load within [`POOLED_SECONDS`] seconds that is a jump and no ramp.
const JUMP: f64 = 2.0;
/// Requests under way for each user from which users have several at once.
const SEVERAL: f64 = 1.2;
/// Fewest requests from which the time between two of a user is computed: its standard error is then a
/// tenth.
const ENOUGH_CYCLES: f64 = 100.0;
/// Most seconds in which so many requests are looked for. Within more, the number of users of a
/// ramp changes too much.
const LONGEST_CYCLE: usize = 9;
/// Share of the usual goodput below which a tenth of the seconds lies when the rate is not even, or that of a
/// tenth of the seconds below which the usual one lies.
const EVEN: f64 = 0.75;
/// Number of seconds over which the requests wanted are averaged where ends are whole seconds: a request whose answer
/// comes late then seems to begin up to a second away.
const COARSE_S: usize = 5;
/// The largest stretch. A larger one cannot be distinguished from "nothing is answered".
pub(super) const LARGEST_STRETCH: f64 = 1_000.0;

/// One value for each second of the timeline, averaged over the seconds around it.
#[derive(Clone, Debug)]
pub(super) struct Signals {
    pub(super) axis: Axis,
    /// True when the load is the requests in flight, computed from throughput and durations. Such a load
    /// also grows when answers are late for another reason.
    pub(super) derived: bool,
    /// True when the input has the duration of each request.
    pub(super) by_request: bool,
    /// The statistic of the durations.
    pub(super) statistic: Statistic,
    /// Number of seconds over which the values are averaged.
    pub(super) pooled_s: usize,
    /// True when `pooled_s` is more than usual, because the test has few answers a second.
    pub(super) few_answers: bool,
    /// The load: virtual users, requests wanted a second, or requests in flight.
    pub(super) load: Vec<f64>,
    /// The load of each second alone.
    pub(super) own_load: Vec<f64>,
    /// False for seconds whose number of users is not in the input, nor that of the second before.
    pub(super) users_known: Vec<bool>,
    /// Virtual users; requests in flight when there are none.
    pub(super) users: Vec<f64>,
    /// Successful requests a second.
    pub(super) goodput: Vec<f64>,
    /// Successful requests of each second alone.
    pub(super) ok: Vec<f64>,
    /// Requests that ended a second, including failed ones.
    pub(super) ended: Vec<f64>,
    /// Requests that were answered a second, with or without success.
    pub(super) answers: Vec<f64>,
    /// Requests in flight that get an answer in the end.
    pub(super) waiting: Vec<f64>,
    /// Requests in flight.
    pub(super) in_flight: Vec<f64>,
    /// Successful answers that the load would get at rest, divided by those it gets.
    pub(super) stretch: Vec<f64>,
    /// Mean time in flight, as a multiple of that at rest.
    pub(super) slower: Vec<f64>,
    /// Share of failed requests.
    pub(super) failing: Vec<f64>,
    /// Requests wanted a second that would succeed at rest, divided by successful answers a second.
    pub(super) unserved: Vec<f64>,
    /// Requests wanted in each second alone.
    pub(super) wanted: Vec<f64>,
    /// True when the input does not show which requests failed.
    pub(super) failures_unknown: bool,
    /// False when rows of many seconds do not show the moment of their users.
    pub(super) moment_known: bool,
    /// Seconds of a row that has one number of users for many seconds; `None` for other inputs.
    pub(super) long_row_s: Option<usize>,
    /// True for seconds about which the input has nothing.
    pub(super) missing: Vec<bool>,
    /// True when `rest_s` is the duration in the first row of a queue that grows from the start.
    pub(super) rest_queued: bool,
    /// False when no row of a table shows the system at rest. `rest_s` is then the duration in the middle.
    pub(super) rest_seen: bool,
    /// Mean duration at rest, in seconds.
    pub(super) rest_s: f64,
    /// The shortest mean duration at rest that the data allow, in seconds.
    pub(super) least_rest_s: f64,
    /// Mean duration at rest, in seconds; for a table, without the margin for chance.
    pub(super) bare_rest_s: f64,
    /// The largest share of requests that may fail at rest: the smallest share of all seconds,
    /// plus a margin for chance.
    pub(super) rest_failing: f64,
    /// The stretch of each second alone, without an average: successful answers that its load
    /// would get at rest, divided by those that it gets.
    pub(super) alone: Vec<f64>,
    /// True when the load was about as high from the first second on; the last seconds of a table may
    /// have less. No second of the test then shows the system at rest.
    pub(super) steady: bool,
    /// Whether the rows of a table show the system below its greatest number of users.
    pub(super) below: Below,
    /// The best goodput up to each second.
    pub(super) best_goodput: Vec<f64>,
    /// The smallest load above 0 up to each second.
    pub(super) least_load: Vec<f64>,
    /// The seconds that were not saturated, those with the greatest load first.
    pub(super) free: Vec<usize>,
    /// Goodput of the seconds with fast answers, the greatest first.
    pub(super) calm: Vec<f64>,
    /// The first answers to a constant load, when they show a queue.
    pub(super) burst: Option<FirstBurst>,
    /// Seconds from one request of a user to the next at rest. It is known only when the input has
    /// no durations from which a mean can be computed, or when users have several requests under
    /// way at once.
    pub(super) rest_cycle_s: Option<f64>,
    /// The shortest `rest_cycle_s` that the data allow.
    pub(super) least_cycle_s: Option<f64>,
    /// Seconds from one request of a user to the next at rest, in a table. The durations of a table
    /// are those of successful requests, so they do not show how late a request failed.
    pub(super) table_cycle_s: Option<f64>,
    /// The shortest `table_cycle_s` that rows of many seconds allow.
    pub(super) row_cycle_s: Option<f64>,
    /// The durations of a table with users, as a multiple of that at rest. An upper percentile may be
    /// greater than in `slower`, where no more requests than users are under way.
    pub(super) table_slower: Vec<f64>,
}

impl Signals {
    /// Returns true when the load jumped to its height at second `from`, and the answers of
    /// `second`, shortly before it, were already late.
    pub(super) fn jumped(&self, from: usize, second: usize) -> bool {
        let earlier = from.checked_sub(POOLED_SECONDS).map(|earlier| at(&self.load, earlier));
        earlier.is_some_and(|earlier| at(&self.load, from) >= JUMP * earlier)
            && at(&self.alone, second) >= CLEARLY
    }

    /// Returns true when the load was about as high in the whole test. The first and the last row of a
    /// table may have another number of users.
    pub(super) fn stood_still(&self) -> bool {
        self.steady || self.below == Below::StoodStill
    }

    /// Returns the smallest stretch in the middle of a plateau.
    pub(super) fn clearly(&self) -> f64 {
        if self.by_request { SURE_STRETCH } else { CLEARLY }
    }

    /// Returns true when goodput was about as high in the whole test. The first and the last row of a table have
    /// the requests of a part of their time.
    pub(super) fn is_rate_even(&self) -> bool {
        let ends = if self.pooled_s > POOLED_SECONDS { self.pooled_s } else { 0 };
        // Rows before the test, and behind it, have no ends of their own.
        let has_answers = |rate: &f64| *rate > 0.0;
        let first = self.ok.iter().position(has_answers).unwrap_or_default();
        let last = self.ok.iter().rposition(has_answers).map_or(self.goodput.len(), |at| at + 1);
        let inner = first + ends..last.saturating_sub(ends);
        let inner = if inner.is_empty() { 0..self.goodput.len() } else { inner };
        let busy = || part(&self.goodput, &inner).iter().copied().filter(|rate| *rate > 0.0);
        let (low, high) = (quantile(busy(), 0.1), quantile(busy(), 0.9));
        let middle = median(busy()).unwrap_or_default();
        low.zip(high).is_some_and(|(low, high)| low >= EVEN * middle && EVEN * high <= middle)
    }

    /// Builds the signals of a timeline whose load is measured by `axis`. `rows` are the users of
    /// its rows. The first answers are compared with those up to the second `until`. Returns `None`
    /// without durations.
    pub(super) fn from_timeline(
        timeline: &Timeline,
        axis: Axis,
        rows: &RowUsers,
        until: usize,
    ) -> Option<Self> {
        let seconds = timeline.seconds.as_slice();
        let closed = axis == Axis::Vus;
        let users = carried(seconds);
        let times = if closed { users.clone()? } else { vec![0.0; seconds.len()] };
        let width = pool::width(timeline);
        let took = DurationSource::detect(seconds);
        // Only a load that is high from the start needs its first answers.
        let rates = wanted_rates(timeline);
        let under_way = match (&took, axis) {
            (DurationSource::Each, Axis::InFlight) => took.in_flights(seconds, &times),
            _ => Vec::new(),
        };
        let begun = match axis {
            Axis::Rate => &rates,
            Axis::InFlight if !under_way.is_empty() => &under_way,
            _ => &times,
        };
        let shown = took.at_rest(timeline, begun, axis == Axis::Rate)?;
        let (mut rest_s, mut least_rest_s) = (shown.s, shown.least_s);
        let mut bare_rest_s = shown.bare_s;
        let pool = |of: &dyn Fn(usize) -> f64| pool::means(seconds, width, of);
        let second = |at: usize| seconds.get(at);
        let goodput = pool(&|at| second(at).map_or(0.0, |s| s.ok));
        let ended = pool(&|at| second(at).map_or(0.0, Second::requests));
        let flights = took.in_flights(seconds, &times);
        let in_flight = pool(&|place| at(&flights, place));
        let users = pool(&|at| times.get(at).copied().unwrap_or_default());
        // The more users there are, the longer they pause.
        let is_coarse = closed && timeline.resolution_s as usize > LONG_ROW_S;
        let most_users = |place: usize| if is_coarse { at(&rows.most, place) } else { 0.0 };
        let most_pooled = pool(&most_users);
        let answers = pool(&|at| second(at).map_or(0.0, Second::answers));
        let waiting = pool(&|place| {
            let lost = second(place).map_or(0.0, |s| s.in_flight_unanswered);
            (at(&flights, place) - lost).max(0.0)
        });
        // A table has the users of a moment, so that its last rows may be outside of the load.
        let by_request = matches!(took, DurationSource::Each);
        let ends = if by_request { 0 } else { POOLED_SECONDS };
        let is_steady = |load: &[f64], own: &[f64]| {
            is_steady(load.get(..load.len().saturating_sub(ends)).unwrap_or(load), own)
        };
        let burst =
            Some(&users).filter(|users| closed && is_steady(users, &times)).and_then(|users| {
                let level = median(ended.iter().copied().take(until).filter(|rate| *rate > 0.0))?;
                let users = median(users.iter().copied().filter(|n| *n > 0.0))?;
                burst::find(timeline, users, level, until)
            });
        if let Some(burst) = burst {
            rest_s = rest_s.min(burst.rest_s);
            least_rest_s = least_rest_s.min(rest_s);
            bare_rest_s = bare_rest_s.min(rest_s);
        }
        let asked_s = if timeline.coarse && by_request { width.max(COARSE_S) } else { width };
        let asked = pool::means(seconds, asked_s, &|at| rates.get(at).copied().unwrap_or_default());
        let share = |good: f64, all: f64| if all > 0.0 { 1.0 - good / all } else { 0.0 };
        let failing: Vec<f64> =
            goodput.iter().zip(&ended).map(|(good, all)| share(*good, *all)).collect();
        let is_late = |at: usize| waits(&waiting, &answers, at) >= LATE * rest_s;
        let rest_failing = rest::failing(seconds, is_late);
        // A 95th percentile is not a mean: users for each request are compared instead.
        // A number of users that is absent must not make this time shorter than it is.
        let several = closed && !is_steady(&users, &times) && are_several(&users, &in_flight);
        let row_slower = match is_steady(&users, &times) && width > LONG_ROW_S {
            true => Vec::new(),
            false => took.upper(timeline, begun, rest_s),
        };
        let is_table = closed && matches!(took, DurationSource::Summary(_));
        let slower = (row_slower.as_slice(), rest_s);
        let cycle_of = |by_row| rest::cycle_of_table(seconds, rows, slower, width, by_row);
        let cycle_s = |by_row| if is_table { cycle_of(by_row) } else { None };
        let table_cycle_s = cycle_s(false);
        let rest_cycle_s = match took {
            DurationSource::Summary(q) if q > 0.5 => table_cycle_s,
            _ if several => cycle_at_rest(seconds, &times),
            _ => None,
        };
        let least_cycle_s = rest_cycle_s.map(|s: f64| cycle_s(true).unwrap_or(s).min(s));
        let rest = RestingSystem { s: rest_s, failing: rest_failing, cycle_s: rest_cycle_s };
        let get = |of: &[f64], at: usize| of.get(at).copied().unwrap_or_default();
        let refused = |at: usize| second(at).map_or(0.0, refused);
        let refused = pool(&|at| if axis == Axis::Rate { refused(at) } else { 0.0 });
        let stretch = (0..seconds.len()).map(|at| {
            let (rate, waiting) = (get(&ended, at), get(&in_flight, at));
            let users = match rest_cycle_s {
                _ if !closed => waiting,
                Some(_) => get(&users, at).max(waiting),
                None => get(&users, at).max(get(&most_pooled, at)).max(waiting),
            };
            let stretch = rest.stretch(users, waiting, rate, get(&failing, at));
            // Refused requests of a rate end sooner than others, so that fewer wait.
            let many = (3.0 * rest_failing).max(0.01) * rate;
            match get(&refused, at) > many {
                true => stretch.max((rate / get(&goodput, at)).min(LARGEST_STRETCH)),
                false => stretch,
            }
        });
        let alone = seconds.iter().enumerate().map(|(at, second)| {
            let (rate, now) = (second.requests(), get(&times, at));
            let waiting = get(&flights, at);
            let users = match rest_cycle_s {
                _ if !closed => waiting,
                Some(_) => now.max(waiting),
                None => now.max(most_users(at)).max(waiting),
            };
            rest.stretch(users, waiting, rate, share(second.ok, rate))
        });
        let slower = waiting.iter().zip(&answers).map(|(waiting, rate)| {
            if *waiting > 0.0 { (waiting / rate / rest_s).min(LARGEST_STRETCH) } else { 1.0 }
        });
        let all = took.in_flights(seconds, &vec![0.0; seconds.len()]);
        let all = pool(&|place| at(&all, place));
        let uncapped = all.iter().zip(&ended).map(|(all, rate)| all / rate.max(1e-9) / rest_s);
        let uncapped: Vec<f64> = uncapped.collect();
        let stretch: Vec<f64> = stretch.collect();
        // A percentile is longer than the mean, and has nothing to do with the number of users.
        let of_rows = closed && matches!(took, DurationSource::Summary(_));
        let slower: Vec<f64> = match of_rows {
            true => uncapped.iter().map(|times| if *times > 0.0 { *times } else { 1.0 }).collect(),
            false => slower.collect(),
        };
        let calm = goodput.iter().zip(&slower).filter(|(_, slower)| **slower < CALMER);
        let mut calm: Vec<f64> = calm.map(|(goodput, _)| *goodput).collect();
        calm.sort_by(|a, b| b.total_cmp(a));
        let (load, own) = match axis {
            Axis::Vus => (users.clone(), &times),
            Axis::Rate => (asked.clone(), &rates),
            Axis::InFlight => (in_flight.clone(), &flights),
        };
        // Requests that fail at rest too are not left behind.
        let unserved = |(asked, good): (&f64, &f64)| {
            ((1.0 - rest_failing) * asked / good).min(LARGEST_STRETCH)
        };
        let counted = || seconds.iter().any(|second| second.in_flight.is_some());
        Some(Self {
            axis,
            by_request,
            statistic: took.statistic(),
            pooled_s: width,
            few_answers: width > POOLED_SECONDS.max(timeline.resolution_s as usize),
            derived: axis == Axis::InFlight && !counted(),
            steady: is_steady(&load, own),
            below: match axis {
                Axis::Vus => below::find(timeline, &times, &rows.most),
                Axis::InFlight if !by_request => below::find_by_rate(timeline),
                Axis::InFlight | Axis::Rate => Below::Shown,
            },
            best_goodput: up_to(&goodput, 0.0, f64::max),
            least_load: up_to(&load, f64::INFINITY, |least, load| match load > 0.0 {
                true => f64::min(least, load),
                false => least,
            }),
            free: free(&load, &stretch),
            own_load: own.clone(),
            load,
            users: if closed { users } else { in_flight.clone() },
            users_known: users_known(timeline, 1),
            alone: alone.collect(),
            stretch,
            calm,
            slower,
            unserved: asked.iter().zip(&goodput).map(unserved).collect(),
            wanted: rates.clone(),
            failures_unknown: timeline.failures_unknown,
            moment_known: !is_coarse || rows.moment_known,
            long_row_s: is_coarse.then_some(timeline.resolution_s as usize),
            missing: seconds.iter().map(|second| second.missing).collect(),
            ok: seconds.iter().map(|second| second.ok).collect(),
            goodput,
            ended,
            answers,
            waiting,
            in_flight,
            failing,
            rest_queued: shown.queued,
            rest_seen: shown.seen,
            rest_s,
            least_rest_s,
            bare_rest_s,
            rest_failing,
            burst,
            rest_cycle_s,
            least_cycle_s,
            row_cycle_s: cycle_s(true),
            table_slower: if table_cycle_s.is_some() { uncapped } else { Vec::new() },
            table_cycle_s,
        })
    }
}

/// Returns true when users have several requests under way at once (k6: `http.batch`). A user then
/// pauses although more requests than users are under way, so Little's law does not show the
/// pauses. The load has to be high: while users end, their last requests may outnumber them.
fn are_several(users: &[f64], in_flight: &[f64]) -> bool {
    let high = 0.5 * users.iter().copied().fold(0.0, f64::max);
    let busy = users.iter().zip(in_flight).filter(|(users, _)| **users > 0.0 && **users >= high);
    median(busy.map(|(users, waiting)| waiting / users)).is_some_and(|each| each >= SEVERAL)
}

/// Returns the shortest time from one request of a user to the next over some seconds with enough
/// requests, plus one standard error.
fn cycle_at_rest(seconds: &[Second], users: &[f64]) -> Option<f64> {
    let mut least = f64::INFINITY;
    for at in 0..seconds.len() {
        let (mut all, mut sum) = (0.0, 0.0);
        for (second, users) in seconds.iter().zip(users).skip(at).take(LONGEST_CYCLE) {
            all += second.requests();
            sum += users;
            if all >= ENOUGH_CYCLES {
                least = least.min(sum / all * (1.0 + 1.0 / all.sqrt()));
                break;
            }
        }
    }
    least.is_finite().then_some(least)
}

/// Returns for each place the fold of the values up to it.
fn up_to(values: &[f64], first: f64, fold: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let mut so_far = first;
    let each = |value: &f64| {
        so_far = fold(so_far, *value);
        so_far
    };
    values.iter().map(each).collect()
}

/// Returns the seconds that are not saturated, those with the greatest load first.
fn free(load: &[f64], stretch: &[f64]) -> Vec<usize> {
    let is_free = |second: &usize| at(stretch, *second) < STRETCHED;
    let mut free: Vec<usize> = (0..load.len()).filter(is_free).collect();
    free.sort_by(|&a, &b| at(load, b).total_cmp(&at(load, a)));
    free
}

/// Returns true when the load is about as high from the first second on. Seconds without a load show nothing: it may
/// begin late, or come back after a pause. `own` is the load of each second alone.
fn is_steady(load: &[f64], own: &[f64]) -> bool {
    // The seconds beside those without a load are averaged with them.
    let is_idle = |at: usize| own.get(at).is_some_and(|own| *own <= 0.0);
    let is_beside =
        |at: usize| (at.saturating_sub(POOLED_SECONDS - 1)..at + POOLED_SECONDS).any(is_idle);
    let loaded = load.iter().enumerate().filter(|(at, _)| !is_beside(*at)).map(|(_, load)| *load);
    let greatest = load.iter().copied().fold(0.0, f64::max);
    quantile(loaded, 0.1).unwrap_or_default() >= 0.8 * greatest
}

/// Returns the time for which a request of a second waits for its answer (Little's law), in seconds.
fn waits(waiting: &[f64], answers: &[f64], second: usize) -> f64 {
    at(waiting, second) / at(answers, second)
}

/// Statuses of requests that a system refuses because more are wanted than it serves.
const REFUSED: [u16; 2] = [429, 503];

/// Returns the number of requests of a second that were refused.
fn refused(second: &Second) -> f64 {
    let kinds = second.failures.iter();
    let refused = kinds.filter(|(kind, _)| kind.status.is_some_and(|one| REFUSED.contains(&one)));
    refused.map(|(_, count)| f64::from(*count)).sum()
}

/// The system at rest.
struct RestingSystem {
    /// Mean duration in seconds.
    s: f64,
    failing: f64,
    cycle_s: Option<f64>,
}

impl RestingSystem {
    /// Returns the stretch: successful answers that the users would get at rest, divided by those
    /// that they get.
    fn stretch(&self, users: f64, waiting: f64, rate: f64, failing: f64) -> f64 {
        let good = (1.0 - failing) / (1.0 - self.failing).max(1e-9);
        let stretch = match self.cycle_s {
            Some(cycle_s) => users / rate / cycle_s,
            None => users / (users - waiting + rate * self.s),
        };
        if users <= 0.0 { 1.0 } else { (stretch / good).min(LARGEST_STRETCH) }
    }
}

pub(super) fn at(of: &[f64], second: usize) -> f64 {
    of.get(second).copied().unwrap_or_default()
}

pub(super) fn part<'a>(of: &'a [f64], span: &Range<usize>) -> &'a [f64] {
    of.get(span.clone()).unwrap_or_default()
}

pub(super) fn middle(of: &[f64], span: &Range<usize>) -> f64 {
    median(part(of, span).iter().copied()).unwrap_or_default()
}
