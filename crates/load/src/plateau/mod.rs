//! Finds the plateau: the time in which more load no longer gives more throughput.
//!
//! A closed network of queues answers at most `min(N / (R + Z), Xmax)` requests a second. `N` is
//! the number of users, `R` the response time at rest, `Z` the think time, and `Xmax` the limit
//! (asymptotic bounds; Denning and Buzen 1978). Goodput against load is therefore a hinge. Its
//! knee, `Xmax (R + Z)`, is the start of the plateau.
//!
//! The load of most tests does not rise slowly enough to see the knee. In such tests, a second is
//! saturated when its requests get far fewer answers than they would get at rest, and more load
//! would not bring more answers (`signals`, `spans`).

mod below;
mod broken;
mod burst;
mod chosen;
mod edges;
mod grade;
mod hinge;
mod idle;
mod judge;
mod levels;
mod mix;
mod model;
mod pauses;
mod phrases;
mod pool;
mod ramp;
mod reason;
mod recovery;
mod rest;
mod row_edges;
mod rows;
mod scatter;
mod seen;
mod signals;
mod source;
mod spans;
mod stall;
mod window;

use crate::series::{Series, may_be_under_way};
use crate::stats;
use crate::timeline::{Second, Timeline};
use below::Below;
use judge::Rejection;
pub use model::{
    Basis, Evidence, FailureCount, Grade, Knee, Options, Plateau, Plateaus, Spread, Statistic,
    Stretch, Window,
};
pub use phrases::show_rate;
use ramp::Ramp;
pub use reason::{NoPlateau, NoPlateauReason};
use rows::RowUsers;
use signals::Signals;
use stall::Stall;

/// Finds the plateaus of a test: the times in which more load brings no more throughput. `options` are facts about
/// the test that the user gives, such as pauses of users. The result has at least one plateau, and one of them is
/// chosen ([`Plateaus::chosen`]).
///
/// For a timeline with a part of the test's requests ([`Timeline::whole`]), plateaus may be those
/// of the whole test: [`Plateau::basis`] states the requests in which one was found.
///
/// ```
/// use spikeflame_load::Timeline;
/// use spikeflame_load::plateau::{Options, find};
///
/// let reason = find(&Timeline::default(), &Options::default());
/// assert!(reason.is_err());
/// ```
///
/// # Errors
///
/// Returns the reason when there is no plateau that can be chosen.
pub fn find(timeline: &Timeline, options: &Options) -> Result<Plateaus, NoPlateau> {
    match &timeline.whole {
        Some(whole) => chosen::find(timeline, whole, options),
        None => search(timeline, options),
    }
}

/// Finds the plateaus of the requests of a timeline, without its idle start.
fn search(timeline: &Timeline, options: &Options) -> Result<Plateaus, NoPlateau> {
    match timeline.idle_s() {
        0 => search_all(timeline, options),
        idle => search_from(timeline, idle, options).map_err(|none| none.later(idle)),
    }
}

/// Finds the plateaus in the seconds of a timeline from a second on. A reason counts from this second.
fn search_from(timeline: &Timeline, from: usize, options: &Options) -> Result<Plateaus, NoPlateau> {
    let part = idle::without_start(timeline, from);
    let busy = options.busy.as_ref().map(|busy| busy.iter().skip(from).copied().collect());
    let mut found = search_all(&part, &Options { busy, ..options.clone() })?;
    found.all.iter_mut().for_each(|plateau| plateau.move_by(from));
    found.chosen.move_by(from);
    Ok(found)
}

/// Finds the plateaus of the requests of a timeline in all of its seconds.
fn search_all(timeline: &Timeline, options: &Options) -> Result<Plateaus, NoPlateau> {
    let users = RowUsers::from_timeline(timeline);
    let is_unclear = options.axis.is_none() && may_be_under_way(timeline);
    let with_means = (timeline.resolution_s > 1).then(|| users.applied(timeline));
    let timeline = with_means.as_ref().unwrap_or(timeline);
    let dropped = timeline.seconds.iter().map(|second| second.dropped).sum();
    let bare = |why| NoPlateau { why, steadiest: None, dropped };
    let inner = timeline.seconds.len();
    if inner < signals::SHORTEST {
        return Err(bare(NoPlateauReason::TooShort { seconds: inner }));
    }
    let without_load = match options.axis {
        Some(crate::Axis::Vus) => NoPlateauReason::NoUsers,
        _ => NoPlateauReason::NoLoad,
    };
    let series = Series::from_timeline(timeline, options.axis).ok_or(bare(without_load))?;
    if timeline.seconds.iter().all(|second| second.ok <= 0.0) {
        let status = broken::status(timeline, &(0..inner));
        return Err(bare(NoPlateauReason::NothingSucceeded { status }));
    }
    let sum = |of: fn(&Second) -> f64| timeline.seconds.iter().map(of).sum::<f64>();
    let (ok, all) = (sum(|second| second.ok), sum(Second::requests));
    if ok < rest::FEWEST_ANSWERS as f64 && ok < HARDLY_ANY * all {
        let status = broken::status(timeline, &(0..inner));
        return Err(bare(NoPlateauReason::HardlySucceeded { ok, all, status }));
    }
    let signals = levels::signals(timeline, series.axis, &users);
    let broken = signals.as_ref().and_then(|signals| broken::find(timeline, signals));
    let row_s = timeline.resolution_s as usize;
    let stall = signals.as_ref().and_then(|signals| stall::find(signals, row_s));
    let ramp = ramp::find(timeline, &series, signals.as_ref());
    let busy = options.busy.as_deref();
    let cut = broken.map(|broken| broken.window);
    let find = |busy| signals.as_ref().map(|signals| spans::find(signals, busy, cut));
    let is_broken = |window| broken.is_some_and(|broken| broken.covers(window));
    // A failure ends a plateau: the seconds before it may show the limit that was reached.
    let fails = matches!(ramp, Some(Ramp::Knee { window, .. }) if is_broken(window));
    let ramp = ramp.filter(|_| !fails);
    let mut spans = find(None).unwrap_or_default();
    if spans.found.is_empty() && !matches!(ramp, Some(Ramp::Knee { .. })) && busy.is_some() {
        // The load test alone shows no plateau, but the busiest thread may.
        spans = find(busy).unwrap_or_default();
    }
    let whole_rows = |window| window::without_part_row(timeline, window);
    let mut all: Vec<Plateau> = Vec::new();
    if let Some(Ramp::Knee { hinge, window, short, until }) = ramp {
        let mut windows = spans.found.iter().map(|span| Window { from: span.start, to: span.end });
        let span = window.from..window.to;
        let parted = spans.has_other_limit(window)
            || cut.is_some_and(|cut| cut.overlaps(window))
            || signals.as_ref().is_some_and(|signals| {
                spans::relieved(signals, window) || levels::parted(signals, span).len() > 1
            });
        if !((short || parted) && windows.any(|span| span.overlaps(window))) {
            let others = ramp::others(&series, &hinge, window, until);
            let drained = |one: Window| {
                let begins = others.iter().chain([&window]).map(|other| other.from);
                let next = begins.filter(|from| *from >= one.to).min().unwrap_or(inner);
                signals.as_ref().map_or(one, |signals| edges::drained(signals, one, next))
            };
            let of_hinge = |window| {
                let window = whole_rows(window);
                grade::of_hinge(timeline, &series, signals.as_ref(), &hinge, window, options)
            };
            let early = signals
                .as_ref()
                .and_then(|signals| Some((signals, grade::from_the_start(signals, window)?)));
            all.push(match early {
                Some((signals, whole)) => {
                    grade::of_start(timeline, &series, signals, whole_rows(whole), options)
                }
                None => of_hinge(drained(mix::without_fast_start(timeline, window))),
            });
            // The knee also holds for each time in which the load came back.
            let late = |other: &&Window| spans.found.iter().any(|span| other.has_most_of(span));
            all.extend(others.iter().filter(late).map(|window| of_hinge(drained(*window))));
        }
    }
    let fitted: Vec<Window> = all.iter().map(|plateau| plateau.window).collect();
    for span in &spans.found {
        let window = whole_rows(Window { from: span.start, to: span.end });
        if let Some(signals) = &signals
            && !fitted.iter().any(|known| known.overlaps(window))
            && !all.last().is_some_and(|known| known.window.overlaps(window))
        {
            all.push(grade::of_span(timeline, &series, signals, window, options));
        }
    }
    let stood_still =
        |window: Window| stall.is_some_and(|stall| stall.covers(&(window.from..window.to)));
    all.retain(|plateau| !is_broken(plateau.window) && !stood_still(plateau.window));
    let mut other_mix = None;
    all.retain(|plateau| {
        let changed = mix::changed(timeline, plateau);
        let is_kept = changed.is_none();
        other_mix = other_mix.take().or(changed);
        is_kept
    });
    all.sort_by_key(|plateau| plateau.window.from);
    let is_late = |from, second| signals.as_ref().is_some_and(|one| one.jumped(from, second));
    window::part(timeline, &mut all, is_late);
    grade::compare_limits(&mut all);
    if is_unclear {
        grade::add_rates(&mut all);
    }
    let longest =
        (0..all.len()).rev().max_by_key(|&at| all.get(at).map(|plateau| plateau.window.seconds()));
    let index = match options.number {
        Some(number) => number.checked_sub(1),
        None => longest,
    };
    match index.and_then(|index| Some((index, all.get(index)?.clone()))) {
        Some((index, chosen)) => Ok(Plateaus { chosen, all, index }),
        None => {
            let broken = broken.filter(|_| fails || spans.failed);
            let why = match (options.number, all.len(), broken) {
                (Some(asked), found @ 1.., _) => NoPlateauReason::NoSuch { asked, found },
                _ if other_mix.is_some() => other_mix.unwrap_or(NoPlateauReason::NoLoad),
                (_, _, Some(broken)) => {
                    let broken::BrokenStretch { window, status, soon } = broken;
                    NoPlateauReason::Fails { window, status, soon }
                }
                _ => {
                    let users = timeline.seconds.iter().any(|second| second.vus.is_some());
                    refusal(&series, signals.as_ref(), ramp, &spans.not, stall, (users, dropped))
                }
            };
            let why = match why {
                NoPlateauReason::FastButFailing {
                    high, unit, rest_ms, then_ms, failed, ..
                } => {
                    let status = broken::status(timeline, &(0..inner));
                    NoPlateauReason::FastButFailing { high, unit, rest_ms, then_ms, failed, status }
                }
                why => why,
            };
            let steadiest = signals.as_ref().and_then(|signals| {
                let stalled = stall.map(|stall| stall.window.from..stall.over);
                let fails = cut.map(|cut| cut.from..cut.to);
                spans::steadiest(signals, &[stalled.unwrap_or_default(), fails.unwrap_or_default()])
            });
            let steadiest = match &why {
                NoPlateauReason::Fails { window, .. } if window.from >= signals::SHORTEST => {
                    Some(Window { from: 0, to: window.from })
                }
                _ => steadiest.map(|span| Window { from: span.start, to: span.end }),
            };
            Err(NoPlateau { why, steadiest, dropped })
        }
    }
}

impl Timeline {
    /// Returns the number of seconds at the start of a table that [`find`] passes over: they have neither requests nor users,
    /// and such a row follows. It is 0 for other formats.
    ///
    /// ```
    /// use spikeflame_load::{Second, Timeline};
    ///
    /// let second = |ok, vus| Second { ok, vus: Some(vus), ..Second::default() };
    /// let seconds = [second(0.0, 0.0), second(0.0, 0.0), second(80.0, 10.0)];
    /// let timeline = Timeline { seconds: seconds.into(), resolution_s: 1, ..Timeline::default() };
    /// assert_eq!(timeline.idle_s(), 1);
    /// ```
    pub fn idle_s(&self) -> usize {
        idle::before_test(self)
    }
}

/// Returns true for a stretch that is most of a test whose load stood still, when other seconds hardly had
/// more answers. Those other seconds need not show a system at rest, and the stretch is no slow
/// phase.
fn is_usual(signals: &Signals, span: &std::ops::Range<usize>) -> bool {
    let others = signals.goodput.iter().enumerate().filter(|(at, _)| !span.contains(at));
    let others = stats::median(others.map(|(_, rate)| *rate)).unwrap_or_default();
    let level = signals::middle(&signals.goodput, span);
    signals.steady && 2 * span.len() >= signals.load.len() && others < judge::HIGHER * level
}

/// A stretch of less than this part of a test is short.
const BRIEF: usize = 4;
/// Share of successful requests below which a test shows no system at rest when they are few.
const HARDLY_ANY: f64 = 0.1;
/// Share of requests that failed under the greatest load, from which more than single requests did.
const SOME_FAIL: f64 = 0.01;
/// Stretch that no system has, because it would answer more than at rest.
const IMPOSSIBLE: f64 = 0.9;
/// Share of the best goodput below which hardly any request succeeds.
const HARDLY: f64 = 0.05;

/// Returns the reason for late answers that the load alone does not explain.
fn slow_phase(signals: &Signals, span: &std::ops::Range<usize>) -> NoPlateauReason {
    let rps = signals::middle(&signals.goodput, span);
    NoPlateauReason::SlowPhase {
        window: Window { from: span.start, to: span.end },
        load: signals::middle(&signals.load, span),
        unit: signals.axis.unit(),
        rps,
        times: signals.times(signals::middle(&signals.slower, span)),
        others_rps: judge::at_other_times(signals, span).filter(|other| *other > rps),
    }
}

/// Returns true for the reasons of stretches that hardly look like a plateau.
fn is_weak(not: &Rejection) -> bool {
    matches!(not, Rejection::Fast | Rejection::Short { .. } | Rejection::FewAnswers { .. })
}

/// Returns the reason why there is no plateau. It is the reason of the candidate that was nearest
/// to being a plateau. `users` is true when the input has virtual users, and `dropped` is the number of iterations that
/// were not started.
fn refusal(
    series: &Series,
    signals: Option<&Signals>,
    ramp: Option<Ramp>,
    not: &[(std::ops::Range<usize>, Rejection)],
    stall: Option<Stall>,
    (users, dropped): (bool, f64),
) -> NoPlateauReason {
    let unit = series.axis.unit();
    let Some(signals) = signals else { return NoPlateauReason::NoDurations };
    let greatest = grade::GreatestLoad::find(signals);
    // A percentile before the knee may contain a slow start. Only answers that are as fast as at
    // rest show that the system was not the limit.
    // The margin for chance of a table must not hide that answers are late.
    let surely_fast = signals.below == Below::Shown
        && greatest.slower * signals.rest_s < ramp::SLOWER * signals.bare_rest_s;
    // Requests that fail at rest as often do not fail at a limit.
    let fails = greatest.failed.filter(|failed| *failed > SOME_FAIL.max(signals.rest_failing));
    let flat = match ramp {
        Some(Ramp::NothingClimbs(flat)) => Some(flat),
        _ => ramp::stands(series, greatest.failed),
    };
    if let Some(flat) = flat
        && surely_fast
        && fails.is_none()
    {
        let ramp::Flat { knee, before_ms, within_ms, failed } = flat;
        return NoPlateauReason::NothingClimbs { knee, unit, before_ms, within_ms, failed };
    }
    // A pause of a second or two is no reason for a whole test.
    let is_long = |(span, not): &&(std::ops::Range<usize>, Rejection)| {
        *not != Rejection::SlowPhase || span.len() >= signals::SHORTEST
    };
    let nearest = not.iter().filter(is_long).max_by_key(|(span, not)| (!is_weak(not), span.len()));
    let window = |span: &std::ops::Range<usize>| Window { from: span.start, to: span.end };
    let is_stall = |stall: &Stall| match nearest {
        None => true,
        Some((_, not)) if is_weak(not) || *not == Rejection::Served => true,
        Some((span, _)) => stall.covers(span),
    };
    if let Some(stall) = stall.filter(is_stall) {
        return NoPlateauReason::Stalled { window: stall.window, usual_rps: stall.usual_rps };
    }
    let (high, rps) = (greatest.load, greatest.rps);
    // A number of users that is too small for the answers at rest is that of another moment.
    let users_unknown = greatest.most_stretch >= signals::STRETCHED
        || greatest.stretch < IMPOSSIBLE
        || !signals.moment_known;
    // Users who stand still are known in rows of any length.
    let stood_still = signals.stood_still();
    let late = greatest.slower >= ramp::SLOWER && users_unknown && !stood_still;
    let too_long = signals.long_row_s.filter(|_| late);
    let times = signals.times(greatest.slower);
    let too_long = too_long.map(|row_s| NoPlateauReason::RowsTooLong { row_s, high, unit, times });
    // A short disturbance says less than a load that stood still.
    let is_brief =
        |span: &std::ops::Range<usize>| stood_still && span.len() * BRIEF < signals.load.len();
    let levels = levels::differing(signals);
    if nearest.is_none_or(|(_, not)| is_weak(not) || *not == Rejection::SlowPhase)
        && !levels.is_empty()
    {
        return NoPlateauReason::LevelsDiffer { load: high, unit, levels };
    }
    if let (Some((_, Rejection::SlowPhase)), Some(why)) = (nearest, &too_long) {
        return why.clone();
    }
    match nearest {
        Some((
            span,
            Rejection::Rises | Rejection::SlowPhase | Rejection::Fast | Rejection::Short { .. },
        )) if let Some(pauses) = pauses::find(signals, span) => {
            return pauses;
        }
        Some((span, Rejection::Rises)) if greatest.slower >= ramp::SLOWER => {
            return NoPlateauReason::StillRising { window: window(span), high, unit, rps };
        }
        // Answers were late, and about the same load got more of them, or more load as fast ones as at rest.
        Some((span, Rejection::SlowPhase | Rejection::Rises))
            if !is_usual(signals, span) && !is_brief(span) =>
        {
            return slow_phase(signals, span);
        }
        Some((span, Rejection::Outpaced)) => {
            return NoPlateauReason::AsManyFaster { window: window(span) };
        }
        // Some of the seconds had late answers, by chance.
        Some((span, Rejection::Unclear))
            if signals::middle(&signals.slower, span) >= ramp::SLOWER =>
        {
            let times = signals.times(signals::middle(&signals.slower, span));
            let rps = signals::middle(&signals.goodput, span);
            return NoPlateauReason::UsersUnknown { times, rps, users };
        }
        Some((span, Rejection::PiledUp { until })) => {
            let mean = |of: &[f64], part: std::ops::Range<usize>| {
                signals::part(of, &part).iter().sum::<f64>() / part.len().max(1) as f64
            };
            return NoPlateauReason::PiledUp {
                window: Window { from: span.start, to: *until },
                wanted_rps: mean(&signals.load, span.start..*until),
                ended_rps: mean(&signals.ended, span.start..*until),
                later_rps: signals::middle(&signals.ended, &(*until..span.end)),
            };
        }
        // Dropped requests were not served.
        Some((span, Rejection::Served)) if dropped <= 0.0 => {
            let (_, backlog) = judge::greatest_backlog(signals, span);
            return NoPlateauReason::AllServed { rps, users, backlog };
        }
        Some((span, Rejection::FewAnswers { answers }))
            if greatest.slower >= ramp::SLOWER && !signals.derived =>
        {
            return NoPlateauReason::TooFewAnswers { window: window(span), answers: *answers };
        }
        Some((span, Rejection::Short { seconds: 2.. }))
            if greatest.slower >= ramp::SLOWER && !signals.derived =>
        {
            return NoPlateauReason::TooBrief { window: window(span) };
        }
        _ => {}
    }
    let most = signals.goodput.iter().copied().fold(0.0, f64::max);
    if rps < HARDLY * most && !greatest.steady && greatest.in_whole_row {
        return NoPlateauReason::NoAnswers { high, unit, rps, most };
    }
    let (then_ms, statistic) = (1e3 * greatest.took_s, signals.statistic);
    let rest_seen = signals.rest_seen && signals.below == Below::Shown;
    // Answers of another row were faster under fewer users, who changed within the row.
    if let Some(why) = too_long.clone().filter(|_| signals.rest_seen && !rest_seen) {
        return why;
    }
    if (!rest_seen || signals.derived && signals.is_rate_even()) && !stood_still {
        return NoPlateauReason::RestUnknown { then_ms, statistic };
    }
    if stood_still || judge::is_left_behind_from_the_start(signals) {
        return NoPlateauReason::NothingToCompare {
            load: high,
            unit,
            then_ms,
            statistic,
            failed: fails,
        };
    }
    if greatest.slower < ramp::SLOWER
        && let Some(late) = spans::late(signals, high)
    {
        return slow_phase(signals, &late);
    }
    let (rest_ms, then_ms) = (signals.bare_rest_s * 1e3, signals.rest_s * 1e3 * greatest.slower);
    if surely_fast {
        return match (fails, greatest.failed) {
            (Some(failed), _) => NoPlateauReason::FastButFailing {
                high,
                unit,
                rest_ms,
                then_ms,
                failed,
                status: None,
            },
            (None, failed) => {
                NoPlateauReason::NotReached { high, unit, rps, rest_ms, then_ms, failed }
            }
        };
    }
    if signals.derived {
        return NoPlateauReason::UsersUnknown { times, rps, users };
    }
    // No more requests than these were wanted, however fast the answers are.
    let whole = 0..signals.goodput.len();
    let all_served = dropped <= 0.0 && judge::unserved(signals, &whole) < judge::UNSERVED;
    if signals.axis == crate::Axis::Rate && all_served {
        let (_, backlog) = judge::greatest_backlog(signals, &whole);
        return NoPlateauReason::AllServed { rps, users, backlog };
    }
    if let Some(why) = too_long {
        return why;
    }
    let stretch = match signals.axis {
        crate::Axis::Rate => judge::unserved(signals, &whole),
        crate::Axis::Vus | crate::Axis::InFlight => greatest.stretch,
    };
    NoPlateauReason::NotHeldBack { high, unit, times, stretch, dropped }
}
