//! The duration of a request at rest.

use super::burst;
use super::pool::greatest_around;
use super::rows::{CALMER, LONG_ROW_S, RowUsers};
use crate::latencies::Moments;
use crate::series::{MEAN, answers, percentile_of, summary_ms};
use crate::stats::{median, quantile};
use crate::timeline::{Second, Timeline};

/// Number of answers. A rate over fewer is chance.
pub(super) const FEWEST_ANSWERS: u64 = 10;

/// The duration of a request at rest.
#[derive(Clone, Copy, Debug)]
pub(super) struct RestDuration {
    /// The duration in seconds, with a margin for chance.
    pub(super) s: f64,
    /// The shortest duration that the data allow, in seconds.
    pub(super) least_s: f64,
    /// The duration in seconds; for a table, without the margin. Answers that are hardly later than this are
    /// as fast as at rest. Where each request is known, the margin stays: the shortest of many stretches is too
    /// short by chance, and the margin makes up for that.
    pub(super) bare_s: f64,
    /// True when the duration is that of the first row of a queue that grows from the start. The system at rest is
    /// faster.
    pub(super) queued: bool,
    /// False when nothing shows the system at rest. `s` is then the duration in the middle.
    pub(super) seen: bool,
}

/// Returns the mean of the fastest second, or of the fastest three, five or nine seconds, plus
/// three standard errors. Without this margin, chance could make the rest of the test look slow.
///
/// `load` is the number of users, or the rate of requests (`is_rate`).
pub(super) fn at_rest(timeline: &Timeline, load: &[f64], is_rate: bool) -> Option<RestDuration> {
    let seconds = timeline.seconds.as_slice();
    let mut rest = f64::INFINITY;
    // For each second: durations, requests in flight that get an answer, and answers.
    let sums: Vec<(Moments, f64, f64)> = (seconds.iter())
        .map(|second| {
            let waiting = second.in_flight_answered().unwrap_or_default();
            (second.latencies.moments(), waiting, second.answers())
        })
        .collect();
    for at in 0..sums.len() {
        for width in [1, 3, 5, 9] {
            let (mut all, mut spent_s, mut answers) = (Moments::default(), 0.0, 0.0);
            for (moments, waiting, answered) in
                sums.get(at..).unwrap_or_default().iter().take(width)
            {
                all += *moments;
                spent_s += waiting;
                answers += answered;
            }
            if all.count >= FEWEST_ANSWERS as f64 {
                let (mean, error) = all.mean_ms();
                // After a jump, only fast requests have ended. The time for each answer also counts
                // requests that still wait (Little's law).
                let by_chance = 1.0 + 3.0 / answers.max(1.0).sqrt();
                rest = rest.min((mean + 3.0 * error).max(1e3 * by_chance * spent_s / answers));
            }
        }
    }
    let whole = answers(seconds);
    if let Some(slow) = of_slow(timeline, &sums) {
        rest = rest.min(slow);
    }
    if !rest.is_finite() {
        rest = whole.mean_ms()?;
    }
    let rest =
        first_answers(timeline, load, is_rate).map_or(rest, |first| first.min(rest)).max(1e-3);
    let least = percentile_of(&whole, seconds, 0.02).min(rest).max(1e-3);
    Some(RestDuration {
        s: rest / 1e3,
        least_s: least / 1e3,
        bare_s: rest / 1e3,
        queued: false,
        seen: true,
    })
}

/// Most answers in nine seconds of a system so slow that the fastest answers of a test are spread over
/// more time than that.
const FEW_IN_NINE_S: f64 = 60.0;
/// Number of requests whose mean is taken.
const TOGETHER: usize = 10;
/// Requests at the start of the test among which these are. Of more, some are fast by chance.
const EARLY: usize = 30;

/// Returns the duration at rest of a system with a few answers a second at most, in milliseconds: the
/// mean of some requests in the order of their starts, plus three standard errors. Unlike the
/// answers of some seconds, these requests are all known, however late they end.
fn of_slow(timeline: &Timeline, sums: &[(Moments, f64, f64)]) -> Option<f64> {
    let answers = |part: &[(Moments, f64, f64)]| part.iter().map(|one| one.2).sum::<f64>();
    if sums.windows(9.min(sums.len())).map(answers).fold(0.0, f64::max) >= FEW_IN_NINE_S {
        return None;
    }
    let early = timeline.first.get(..EARLY.min(timeline.first.len()))?;
    let upper = early.windows(TOGETHER).map(|part| {
        let count = part.len() as f64;
        let ms = || part.iter().map(|one| one.duration_us as f64 / 1e3);
        let mean = ms().sum::<f64>() / count;
        let spread = ms().map(|one| (one - mean).powi(2)).sum::<f64>() / (count - 1.0);
        mean + 3.0 * (spread / count).sqrt()
    });
    upper.reduce(f64::min)
}

/// Seconds of a table that are taken together. At a low load, a minute may have ten requests.
const ROWS: [usize; 6] = [1, 3, 5, 9, 27, 81];
/// Standard error of a mean of `n` durations, as a multiple of the mean over `sqrt(n)`. Exponential
/// durations vary by as much as their mean.
const ERROR_OF_MEAN: f64 = 1.0;
/// The relative standard error of a quantile `q` of exponential durations, for one duration: it is
/// `sqrt(q / (1 - q)) / -ln(1 - q)`, which is 1.44 for the median and 1.46 for the 95th percentile.
const ERROR_OF_QUANTILE: f64 = 1.45;
/// Quantile above which that of a few durations is the longest one.
const UPPER_QUANTILE: f64 = 0.8;
/// Largest share that a duration may be of the time since the load jumped. Slower requests have not
/// ended yet when a larger one is measured.
const LARGEST_PART_OF_TIME: f64 = 0.3;
/// Growth of the load within two seconds that is a jump.
const JUMP: f64 = 1.5;

/// Sums over the seconds of a table up to one of them.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    answers: f64,
    spent_ms: f64,
    /// Seconds of rows with few answers.
    few: usize,
    /// Seconds whose durations do not show the system at rest.
    left_out: usize,
    /// Duration of this second alone, in milliseconds; 0 when it is left out.
    own_ms: f64,
}

impl Sums {
    /// Returns the answers of the next seconds, `rows`, and their duration by the quantile `q`, in milliseconds;
    /// `None` when they do not show it.
    fn until(&self, rows: &[Self], q: f64) -> Option<(f64, f64)> {
        let to = rows.last()?;
        let (answers, few) = (to.answers - self.answers, to.few - self.few);
        // Among rows of a few answers, those that are not left out are the fast ones by chance.
        if answers < FEWEST_ANSWERS as f64 || few > 0 && to.left_out > self.left_out {
            return None;
        }
        // The upper percentile of a few durations is the longest one, and that of a single one is any.
        let ms = match q > UPPER_QUANTILE && few > 0 {
            true => rows.iter().map(|row| row.own_ms).fold(0.0, f64::max),
            false => (to.spent_ms - self.spent_ms) / answers,
        };
        Some((answers, ms))
    }
}

/// Returns the sums up to each second, and 0 before the first one. `known` returns the duration of a second.
fn row_sums(
    seconds: &[Second],
    load: &[f64],
    known: impl Fn(&Second) -> Option<f64>,
    row_s: usize,
) -> Vec<Sums> {
    let is_load_known = load.iter().any(|load| *load > 0.0);
    let load_at = |at: usize| match is_load_known {
        true => load.get(at).copied().unwrap_or_default(),
        false => seconds.get(at).map_or(0.0, |second| second.ok),
    };
    let mut jumped = 0;
    let mut sum = Sums::default();
    let mut sums = vec![sum];
    for (at, second) in seconds.iter().enumerate() {
        let earlier = at.checked_sub(2 * row_s).map_or(0.0, load_at);
        if load_at(at) > JUMP * earlier {
            jumped = at;
        }
        let since_ms = 1e3 * (at - jumped + row_s) as f64;
        let took = known(second);
        let ms = took.filter(|ms| *ms <= LARGEST_PART_OF_TIME * since_ms);
        sum.own_ms = ms.unwrap_or_default();
        sum.left_out += usize::from(ms.is_none() && took.is_some());
        if let Some(ms) = ms {
            sum.answers += second.ok;
            sum.spent_ms += second.ok * ms;
            sum.few += usize::from(second.ok * (row_s as f64) < FEWEST_ANSWERS as f64);
        }
        sums.push(sum);
    }
    sums
}

/// Returns the duration of a request at rest by a table's mean or quantile `q`: that of its fastest
/// rows, plus three standard errors. Rows
/// directly after a jump of the load show only the requests that were soon answered, and are left
/// out. `load` is the number of users, or a rate; without it, answers show a jump.
pub(super) fn of_table(timeline: &Timeline, load: &[f64], q: f64) -> Option<RestDuration> {
    let seconds = timeline.seconds.as_slice();
    let error = if q > MEAN { ERROR_OF_QUANTILE } else { ERROR_OF_MEAN };
    let row_s = timeline.resolution_s.max(1) as usize;
    let known = |second: &Second| summary_ms(second, q).filter(|ms| *ms > 0.0 && second.ok > 0.0);
    let sums = row_sums(seconds, load, known, row_s);
    let (mut rest, mut bare) = (f64::INFINITY, f64::INFINITY);
    for (at, from) in sums.iter().enumerate() {
        for width in ROWS {
            let Some(rows) = sums.get(at + 1..at + width + 1) else { break };
            let Some((count, ms)) = from.until(rows, q) else { continue };
            let margin = 3.0 * error / count.sqrt();
            if ms * (1.0 + margin) < rest {
                (rest, bare) = (ms * (1.0 + margin), ms);
            }
        }
    }
    let all = || seconds.iter().filter_map(known);
    let mut queued = false;
    if let Some((count, ms)) = grows_from(seconds, known, q, row_s) {
        queued = ms <= bare;
        (rest, bare) = (rest.min(ms * (1.0 + 3.0 * error / count.sqrt())), bare.min(ms));
    }
    let seen = Some(rest).filter(|rest| rest.is_finite());
    let rest = seen.or_else(|| quantile(all(), 0.5))?;
    Some(RestDuration {
        s: rest / 1e3,
        least_s: quantile(all(), 0.0)? / 1e3,
        bare_s: bare.min(rest) / 1e3,
        queued,
        seen: seen.is_some(),
    })
}

/// Multiples of the seconds that are averaged over which the time between two requests of a user is
/// computed.
const CYCLES: [usize; 3] = [1, 3, 9];
/// Change of the number of users from one row to the next, as a share, up to which it stands.
const STANDING: f64 = 0.2;
/// Share of the time between two requests of a user by which durations may lag behind the number of users.
const LAGS: f64 = 0.1;
/// Durations, as a multiple of that at rest, below which a row of up to three seconds is at rest.
const AT_REST: f64 = 1.3;
/// Fewest seconds at rest whose users stood still: fewer may lie between two jumps of the load.
const STILL_S: usize = 5;
/// Durations, as a multiple of that at rest, from which a row is far beyond a calm one.
const TOO_LATE: f64 = 2.0 * CALMER;
/// Fewest requests of such a row: the time between two then varies by a tenth.
const ENOUGH_CALM: f64 = 100.0;
/// Standard errors by which this time is lengthened. Of many seconds with few requests, some have more
/// than usual by chance.
const CHANCE: f64 = 2.5;
/// Share of the shortest of these times that is left out: a late row has the requests of two.
const BY_A_LATE_ROW: f64 = 0.02;

/// Returns the time from one request of a user to the next at rest in a table, in seconds. `rows` are the
/// users of each second, and `width` is the number of seconds that are averaged.
/// `slower` are upper percentiles of durations as a multiple of that at rest, `rest_s`; it may be empty.
///
/// The users of a row with late answers were not there in a row beside it with fast answers, whose number of
/// users is that of the row before: they would have made these answers late, too. A pause of the users is at
/// least that of the row with late answers: pauses do not depend on the load.
///
/// In rows of up to three seconds, the time is at least that of seconds at rest whose users stood still.
///
/// With `by_row`, each second has the least users, and the time no margin for chance: it is then the shortest
/// that the rows allow.
pub(super) fn cycle_of_table(
    seconds: &[Second],
    rows: &RowUsers,
    (slower, rest_s): (&[f64], f64),
    width: usize,
    by_row: bool,
) -> Option<f64> {
    let reach = if width > LONG_ROW_S && !by_row { width } else { 0 };
    let slower = |at: usize| slower.get(at).copied().unwrap_or(f64::NAN);
    let users = rows.likely.as_slice();
    let stands = |at: usize| {
        let earlier = at.checked_sub(width).and_then(|earlier| users.get(earlier));
        let now = users.get(at).copied().unwrap_or_default();
        earlier.is_none_or(|earlier| (earlier - now).abs() <= STANDING * now)
    };
    let not_late = users.iter().enumerate();
    let not_late = not_late.map(|(at, users)| if slower(at) >= TOO_LATE { 0.0 } else { *users });
    let of_calm = greatest_around(&not_late.collect::<Vec<f64>>(), reach);
    let all = if by_row { &rows.least } else { &rows.most };
    let most = |at: usize| {
        let all = all.get(at).copied().unwrap_or_default();

        let is_calm = reach > 0 && slower(at) < CALMER && stands(at);
        if is_calm { of_calm.get(at).map_or(all, |calm| calm.min(all)) } else { all }
    };
    // Answers that come now were sent a while ago, when fewer users may have waited.
    let stood = |at: usize| {
        let sent = at.checked_sub((slower(at) * rest_s) as usize).and_then(|sent| users.get(sent));
        let now = users.get(at).copied().unwrap_or_default();
        sent.is_some_and(|sent| (sent - now).abs() <= STANDING * now)
    };
    let is_full =
        |at: usize| width > LONG_ROW_S && slower(at) >= TOO_LATE && stands(at) && stood(at);
    let full = seconds.iter().enumerate().filter(|(at, one)| is_full(*at) && one.requests() > 0.0);
    let pauses = full.filter_map(|(at, second)| {
        let cycle_s = users.get(at).copied()? / second.requests();
        Some(((1.0 - LAGS) * cycle_s - slower(at) * rest_s).max(0.0))
    });
    let least_s = median(pauses).unwrap_or_default();
    let mut sums = vec![(0.0, 0.0, 0.0)];
    let (mut all, mut requests, mut known) = (0.0, 0.0, 0.0);
    for (at, second) in seconds.iter().enumerate() {
        if !second.missing {
            (all, requests, known) = (all + most(at), requests + second.requests(), known + 1.0);
        }
        sums.push((all, requests, known));
    }
    let by_chance = if by_row { 0.0 } else { CHANCE };
    let around = |half: usize, at: usize| {
        let from = sums.get(at.saturating_sub(half))?;
        let to = sums.get((at + half + 1).min(seconds.len()))?;
        let (n, x, known) = (to.0 - from.0, to.1 - from.1, to.2 - from.2);
        let cycle_s = (n / x).max(least_s) * (1.0 + by_chance / x.sqrt());
        (n >= known && x >= known && known > 0.0).then_some(cycle_s)
    };
    let of = |multiple: usize| {
        let half = multiple * width / 2;
        let mut times: Vec<f64> = (0..seconds.len()).filter_map(|at| around(half, at)).collect();
        times.sort_by(f64::total_cmp);
        times.get((BY_A_LATE_ROW * times.len().saturating_sub(1) as f64) as usize).copied()
    };
    // A row beside a jump whose answers are fast has none of the users behind it.
    let calm = rows.own.iter().zip(seconds).enumerate().filter(|(at, (own, second))| {
        let requests = second.requests() * width as f64;
        by_row
            && width > LONG_ROW_S
            && slower(*at) < CALMER
            && **own > 0.0
            && requests >= ENOUGH_CALM
    });
    let calm = calm.map(|(_, (own, second))| own / second.requests());
    let shortest = CYCLES.into_iter().filter_map(of).chain(calm).min_by(f64::total_cmp)?;
    // A number that is carried over seconds without one stands still, and shows nothing.
    let is_known = |at: usize| seconds.get(at).is_some_and(|second| second.vus.is_some());
    let is_fast = |at: &usize| is_known(*at) && slower(*at) < AT_REST && stands(*at);
    let fast: Vec<usize> =
        (0..seconds.len()).filter(|at| is_fast(at) && is_fast(&(at + 1))).collect();
    if by_row || width > LONG_ROW_S {
        return Some(shortest);
    }
    // A step of stairs just beyond the limit has hardly later answers, so that the shortest time counts.
    let still = fast.chunk_by(|a, b| a + 1 == *b).filter_map(|run| cycle_of(seconds, users, run));
    Some(shortest.max(still.min_by(f64::total_cmp).unwrap_or_default()))
}

/// Returns the time from one request of a user to the next in seconds at rest, in which the number of users
/// stood still. Rows of a second beside a jump have the users of another moment, and a time that is too
/// short. Returns `None` for too few seconds or requests.
fn cycle_of(seconds: &[Second], users: &[f64], at_rest: &[usize]) -> Option<f64> {
    let known = at_rest.iter().filter_map(|at| Some((users.get(*at)?, seconds.get(*at)?)));
    let sums = known.fold((0.0, 0.0), |(users, requests), (own, second)| {
        (users + own, requests + second.requests())
    });
    let is_enough = at_rest.len() >= STILL_S && sums.1 >= ENOUGH_CALM;
    is_enough.then(|| sums.0 / sums.1 * (1.0 + CHANCE / sums.1.sqrt()))
}

/// Growth of the durations from the first row on that a queue without a limit exceeds.
const GROWS: f64 = 3.0;
/// Share of the greatest duration up to which the durations grow.
const GROWN: f64 = 0.8;
/// Fewest rows in which the durations grow: two rows rise by chance in every other test.
const GROWING: usize = 3;
/// Share of the time since the start that the durations of such a queue do not exceed: as many
/// requests are wanted as three times those that are served. A server that only answers slowly has
/// larger shares at first, because only the faster requests have ended.
const OF_TIME: f64 = 0.7;

/// Share of the usual answers that the first row of such a queue has: the server works at its limit
/// from the first request on. A server whose answers only take seconds has fewer.
const AT_ONCE: f64 = 0.4;

/// Returns the requests and the duration of the first row with enough requests, when durations grow from the first
/// row on: more requests come than are served, from the first second on.
fn grows_from(
    seconds: &[Second],
    known: impl Fn(&Second) -> Option<f64>,
    q: f64,
    row_s: usize,
) -> Option<(f64, f64)> {
    let rows = seconds.iter().enumerate().filter(|(_, second)| second.ok >= FEWEST_ANSWERS as f64);
    let rows: Vec<(usize, f64)> = rows.filter_map(|(at, one)| Some((at, known(one)?))).collect();
    let (place, first) = *rows.first()?;
    let all = || rows.iter().map(|(_, ms)| *ms);
    let most = all().fold(0.0, f64::max);
    let growing = rows.iter().take_while(|(_, ms)| *ms < GROWN * most);
    let share = if q > 0.8 { OF_TIME } else { 0.5 * OF_TIME };
    let in_time = |(at, ms): &&(usize, f64)| *ms <= share * 1e3 * (at + row_s) as f64;
    let answers = seconds.get(place)?.ok;
    let usual = quantile(seconds.iter().map(|one| one.ok).filter(|ok| *ok > 0.0), 0.5)?;
    let grows = quantile(all(), 0.5)? >= GROWS * first
        && answers >= AT_ONCE * usual
        && growing.clone().count() >= GROWING
        && growing.skip(1).all(|row| in_time(&row));
    Some((answers, first)).filter(|_| grows)
}

/// Returns the mean duration of the first answers. It is needed when the load is constant from the
/// first second on: only answers that came before there was a queue were then as fast as at rest.
///
/// Let `t` be the duration that 2 % of the later answers do not exceed. The first answers are used
/// only when clearly more than 2 % of the requests that began were faster than `t`. Otherwise
/// returns `None`.
fn first_answers(timeline: &Timeline, load: &[f64], is_rate: bool) -> Option<f64> {
    let seconds = timeline.seconds.as_slice();
    let begin = seconds.iter().position(|second| second.started > 0.0)?;
    let most = load.iter().copied().fold(0.0, f64::max);
    // The number of users is written at the end of a second, and may be that of the second before.
    // Load generators take a second to start many users.
    let soon = load.get(begin..(begin + 3).min(load.len())).unwrap_or_default();
    let soon = soon.iter().copied().fold(0.0, f64::max);
    if soon < 0.5 * most || !is_rate && burst::is_of_another_kind(timeline, soon) {
        return None;
    }
    // The queue may take a second or two to build up.
    (1..=3).find_map(|width| {
        let part = seconds.get(begin..begin + width)?;
        let later = answers(seconds.get(begin + width..)?);
        let (fast, mean) = answers(part).fastest(later.quantile_ms(0.02)?);
        // Counts requests that began, because slow ones have not ended yet.
        let began: f64 = part.iter().map(|second| second.started).sum();
        (fast >= 5.0 + 3.0 * 0.02 * began).then_some(mean)
    })
}

/// Returns the share that fails in the second with the fewest failures, plus two standard errors.
/// A queue that refuses requests at once may be full in all seconds except the first and the last. The kinds of requests
/// in a queue alternate, so a second with late answers (`is_late`) counts together with the seconds beside it.
pub(super) fn failing(seconds: &[Second], is_late: impl Fn(usize) -> bool) -> f64 {
    let sums = (0..seconds.len()).map(|at| {
        let reach = usize::from(is_late(at));
        let around = seconds.get(at.saturating_sub(reach)..(at + reach + 1).min(seconds.len()));
        let around = around.unwrap_or_default().iter();
        around.fold((0.0, 0.0), |sum, one| (sum.0 + one.failed, sum.1 + one.requests()))
    });
    let upper = sums.filter(|(_, all)| *all >= FEWEST_ANSWERS as f64).map(|(failed, all)| {
        let share = (failed + 0.5) / (all + 1.0);
        (failed / all).max(share + 2.0 * (share * (1.0 - share) / all).sqrt())
    });
    let fewest = upper.fold(f64::INFINITY, f64::min);
    let failed: f64 = seconds.iter().map(|second| second.failed).sum();
    let whole = failed / seconds.iter().map(Second::requests).sum::<f64>();
    if failed > 0.0 { fewest.min(whole) } else { 0.0 }
}
