//! Reasons why a test has no plateau.

use super::model::{Statistic, Window};
use super::phrases::{
    and_failed, at_load, failing_as_at_rest, failing_too, held_back, how_late, how_soon,
    load_unknown, of_status, show_levels, show_rate, show_times, waited, without_users,
};
use super::signals::SHORTEST;

/// The result of a search without a plateau that can be chosen.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{why}")]
pub struct NoPlateau {
    /// The reason why there is none, with the measured values.
    pub why: NoPlateauReason,
    /// A stretch of at least five seconds with a high load, which a user may choose instead of a
    /// plateau. The longest time in which the system stood still, and that in which nearly all requests failed,
    /// are no part of it. With [`NoPlateauReason::Fails`], it is the time before the failure, when that is long enough.
    /// It is `None` when no such stretch was found or looked for.
    pub steadiest: Option<Window>,
    /// Number of iterations in the test that the load generator did not start, because no
    /// virtual user was free.
    pub dropped: f64,
}

impl NoPlateau {
    /// Returns the window to use in place of a plateau. It depends on the reason; `steadiest` is
    /// the usual one. With `None`, only the whole time under load remains.
    ///
    /// ```
    /// use spikeflame_load::plateau::{NoPlateau, NoPlateauReason, Window};
    ///
    /// let window = Window { from: 12, to: 16 };
    /// let why = NoPlateauReason::TooBrief { window };
    /// let steadiest = Some(Window { from: 8, to: 17 });
    /// let none = NoPlateau { why, steadiest, dropped: 0.0 };
    /// assert_eq!(none.instead(), steadiest);
    /// ```
    pub fn instead(&self) -> Option<Window> {
        match &self.why {
            NoPlateauReason::SlowPhase { window, .. }
            | NoPlateauReason::AsManyFaster { window }
                if window.seconds() >= SHORTEST =>
            {
                Some(*window)
            }
            NoPlateauReason::LevelsDiffer { levels, .. } => {
                let least = levels.iter().min_by(|a, b| a.1.total_cmp(&b.1));
                least.map(|(window, _)| *window).or(self.steadiest)
            }
            _ => self.steadiest,
        }
    }
}

/// The reasons why a test has no plateau, with the measured values. Goodput is successful requests a
/// second.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoPlateauReason {
    /// The file does not contain the load: apart from its first and its last second, it has neither
    /// numbers of virtual users nor requests.
    #[error("the file has neither VUs nor requests over time: there is no load to compare with")]
    NoLoad,
    /// [`Options::axis`](crate::plateau::Options::axis) is [`Axis::Vus`](crate::Axis::Vus), and the file has no
    /// virtual users apart from its first and its last second.
    #[error("the file has no VUs in which the load could be measured")]
    NoUsers,
    /// The file contains the load, but no durations that can be used.
    #[error(
        "no durations are known, and throughput alone cannot show that answers were late: record \
         the test with durations (k6 JSON or CSV have them, or a column with p50, p95, p99 or the \
         mean)"
    )]
    NoDurations,
    /// The test has too few seconds.
    #[error("the test lasts {seconds} s, and a plateau alone takes {}", super::signals::SHORTEST)]
    TooShort {
        /// Number of seconds of the test.
        seconds: usize,
    },
    /// No request of the test succeeded.
    #[error("no request succeeded{}: there is no time at rest to compare with", of_status(*status))]
    NothingSucceeded {
        /// The most frequent HTTP status of the failed requests, which is 0 when no answer came. It is
        /// `None` when the file has no statuses.
        status: Option<u16>,
    },
    /// Hardly any request of the test succeeded.
    #[error(
        "only {ok:.0} of {all:.0} requests succeeded{}: they are too few to show the system at rest",
        of_status(*status)
    )]
    HardlySucceeded {
        /// Number of successful requests.
        ok: f64,
        /// Number of all requests.
        all: f64,
        /// The most frequent HTTP status of the failed requests, which is 0 when no answer came. It is
        /// `None` when the file has no statuses.
        status: Option<u16>,
    },
    /// Hardly any request succeeded under the greatest load, so no duration shows how long answers
    /// took.
    #[error(
        "under the greatest load ({high:.0} {unit}) {} requests a second succeeded, and up to {} \
         with less load: the system did not answer, and no durations show why", show_rate(*rps),
        show_rate(*most)
    )]
    NoAnswers {
        /// The greatest load.
        high: f64,
        /// Unit of the load.
        unit: &'static str,
        /// Median goodput under loads near the greatest one, in requests a second.
        rps: f64,
        /// The greatest goodput at any load, in requests a second.
        most: f64,
    },
    /// Answers under the greatest load were about as fast as at rest.
    #[error(
        "the test did not reach the system's limit: at {high:.0} {unit} ({} requests a \
         second) a request took {then_ms:.1} ms, and {rest_ms:.1} ms at rest{}", show_rate(*rps),
        failing_as_at_rest(*failed)
    )]
    NotReached {
        /// The greatest load.
        high: f64,
        /// Unit of the load.
        unit: &'static str,
        /// Median goodput under loads near the greatest one, in requests a second.
        rps: f64,
        /// Duration at rest, in milliseconds: the mean, or the statistic that a table has in its place.
        rest_ms: f64,
        /// Duration under loads near the greatest one, in milliseconds.
        then_ms: f64,
        /// Share of failed requests under loads near the greatest one, from 0 to 1; `None` when the input
        /// does not show failures. It is at most 1 %, or at most about that at rest.
        failed: Option<f64>,
    },
    /// Answers under the greatest load were about as fast as at rest, but more requests failed than at rest.
    #[error(
        "at {high:.0} {unit} a request took {then_ms:.1} ms, and {rest_ms:.1} ms at rest, but {:.1} % of the \
         requests failed{}: the file does not show whether they failed at a limit of the system",
        100.0 * failed, of_status(*status)
    )]
    FastButFailing {
        /// The greatest load.
        high: f64,
        /// Unit of the load.
        unit: &'static str,
        /// Duration at rest, in milliseconds: the mean, or the statistic that a table has in its place.
        rest_ms: f64,
        /// Duration under loads near the greatest one, in milliseconds.
        then_ms: f64,
        /// Share of failed requests under loads near the greatest one, from 0 to 1.
        failed: f64,
        /// The most frequent HTTP status of the test's failed requests, which is 0 when no answer came; `None` when the
        /// file has no statuses.
        status: Option<u16>,
    },
    /// Answers were late, and a row of the table has one number of users for so many seconds that
    /// the load within the row is not known.
    #[error(
        "answers under the greatest load ({high:.0} {unit}) took {times:.1} times as long as at rest, but a \
         row of the file is {row_s} s long and has one number of users: the file does not show whether \
         throughput was held back"
    )]
    RowsTooLong {
        /// Seconds of a row.
        row_s: usize,
        /// The greatest load.
        high: f64,
        /// Unit of the load.
        unit: &'static str,
        /// Duration under loads near the greatest one, as a multiple of the duration at rest.
        times: f64,
    },
    /// The answers show neither that the load reached the limit, nor that it surely stayed below it.
    #[error(
        "answers under the greatest load ({high:.0} {unit}) took {times:.1} times as long as at \
         rest, {}", held_back(*times, *stretch, *dropped)
    )]
    NotHeldBack {
        /// The greatest load.
        high: f64,
        /// Unit of the load.
        unit: &'static str,
        /// Duration under loads near the greatest one, as a multiple of the duration at rest.
        times: f64,
        /// Requests that the greatest load would get answered with the durations at rest, divided
        /// by those that it got answered. For a rate, it is the wanted requests divided by the successful ones.
        stretch: f64,
        /// Number of iterations that were not started.
        dropped: f64,
    },
    /// The plateau of the whole test has no request of the endpoint or the scenario that the user
    /// chose.
    #[error(
        "the plateau of the whole test lasts from {} s to {} s, and none of the requests that were chosen \
         ended in it", window.from, window.to
    )]
    NotCalled {
        /// The plateau of the whole test.
        window: Window,
    },
    /// The load was about as high in most of the test, so that no second surely shows the system at rest.
    #[error(
        "the load stood still at {load:.0} {unit}, and a request took {then_ms:.1} ms {}{}: the file does \
         not show whether that is the system at rest or at its limit", statistic.words(), and_failed(*failed)
    )]
    NothingToCompare {
        /// The greatest load.
        load: f64,
        /// Unit of the load.
        unit: &'static str,
        /// Duration of a request under loads near the greatest one, in milliseconds.
        then_ms: f64,
        /// The statistic of the duration.
        statistic: Statistic,
        /// Share of failed requests, from 0 to 1, when it is more than 1 % and than about that at rest.
        failed: Option<f64>,
    },
    /// The load was about constant, and goodput had several levels. A system with another limit
    /// shows this, and also one whose answers waited for something else.
    #[error(
        "the load stood still at {load:.0} {unit}, and throughput changed: {}. The file does not show \
         whether these are limits of the system",
        show_levels(levels)
    )]
    LevelsDiffer {
        /// The constant load.
        load: f64,
        /// Unit of the load.
        unit: &'static str,
        /// The seconds of each level, and their median goodput in requests a second, in order of time.
        levels: Vec<(Window, f64)>,
    },
    /// No second, or no row of a table, shows the system at rest, so that it is not known how long
    /// an answer takes without load.
    #[error(
        "no row of the file shows the system at rest: answers took {then_ms:.0} ms {} with the most \
         requests under way, and the file does not show whether the system was at its limit",
        statistic.words()
    )]
    RestUnknown {
        /// Duration of a request under loads near the greatest one, in milliseconds.
        then_ms: f64,
        /// The statistic of the duration.
        statistic: Statistic,
    },
    /// Answers were late, but goodput still grew with the load.
    #[error(
        "from {} s to {} s answers were late, but throughput was still rising with the load \
         (at {high:.0} {unit}, {} requests a second)", window.from, window.to, show_rate(*rps)
    )]
    StillRising {
        /// The seconds with late answers.
        window: Window,
        /// The greatest load.
        high: f64,
        /// Unit of the load.
        unit: &'static str,
        /// Median goodput under loads near the greatest one, in requests a second.
        rps: f64,
    },
    /// Answers were late several times for some seconds, and as fast as at rest between them.
    #[error(
        "answers were late {} times for up to {longest_s} s ({}), and came about as soon as at rest between these times: \
         the system paused, and no second shows a limit of throughput", pauses.len(), show_times(pauses)
    )]
    Pauses {
        /// The seconds of each time with late answers.
        pauses: Vec<Window>,
        /// Number of seconds of the longest of these times.
        longest_s: usize,
    },
    /// Answers were as late as at a limit for too few seconds.
    #[error(
        "the system may have been at its limit from {} s to {} s: {} s are too short to be sure",
        window.from, window.to, window.seconds()
    )]
    TooBrief {
        /// The seconds in which answers were late.
        window: Window,
    },
    /// Answers were as late as at a limit, but there were too few of them.
    #[error(
        "the system may have been at its limit from {} s to {} s, but only {answers:.0} requests ended in \
         that time: they are too few to be sure", window.from, window.to
    )]
    TooFewAnswers {
        /// The seconds in which answers were late.
        window: Window,
        /// Number of requests that ended in these seconds.
        answers: f64,
    },
    /// Answers were late, and the load was not the only reason.
    #[error(
        "from {} s to {} s {}, {}",
        window.from, window.to, how_late(*times), at_load((*load, unit), *rps, *others_rps)
    )]
    SlowPhase {
        /// The seconds with late answers.
        window: Window,
        /// Median load in these seconds.
        load: f64,
        /// Unit of the load.
        unit: &'static str,
        /// Median goodput in these seconds, in requests a second.
        rps: f64,
        /// Median duration in these seconds, as a multiple of the duration at rest.
        times: f64,
        /// Median goodput of about the same load at other times, in requests a second, when it is
        /// higher.
        others_rps: Option<f64>,
    },
    /// Answers were late, but at other times of the test, about as many requests a second got fast
    /// answers.
    #[error(
        "from {} s to {} s answers were late, but at other times of the test about as many requests a \
         second got fast answers: throughput does not show that the system was at its limit",
        window.from, window.to
    )]
    AsManyFaster {
        /// The seconds with late answers.
        window: Window,
    },
    /// Answers took longer on average, because slower requests were sent: those of each endpoint took about as long as
    /// at rest.
    #[error(
        "from {} s to {} s answers took {times:.1} times as long as at rest, but each endpoint's own {slower:.1} \
         times: other requests were sent, and the test shows no limit",
        window.from, window.to
    )]
    OtherMix {
        /// The seconds with later answers.
        window: Window,
        /// Mean duration in these seconds, as a multiple of that at rest.
        times: f64,
        /// The ratio where each request is compared with the fastest ones of its endpoint.
        slower: f64,
    },
    /// Answers were later than at rest, but a system somewhat below its limit would show the same.
    /// The number of users who sent them is not known, so the input does not show whether more
    /// requests were wanted.
    #[error(
        "while answers were late, they took {times:.1} times as long as at rest (median), at {} \
         requests a second: {}, so it does not show whether the system was at its limit or near it",
        show_rate(*rps), load_unknown(*users)
    )]
    UsersUnknown {
        /// Median duration in the seconds with later answers or near the greatest load, as a multiple of the
        /// duration at rest.
        times: f64,
        /// Median goodput in the same seconds, in requests a second.
        rps: f64,
        /// True when the input has virtual users. Their number may be that of the requests under way.
        users: bool,
    },
    /// The system stood still for some seconds, and no other seconds show a limit.
    #[error(
        "from {} s to {} s ({} s) hardly a request succeeded, and {} a second before, though the load \
         was not greater: the system stood still, and the rest of the test shows no limit",
        window.from, window.to, window.seconds(), show_rate(*usual_rps)
    )]
    Stalled {
        /// The seconds in which hardly a request succeeded.
        window: Window,
        /// Median goodput shortly before these seconds, in requests a second.
        usual_rps: f64,
    },
    /// Nearly all requests failed for some seconds.
    #[error(
        "from {} s to {} s nearly all requests failed{}{}",
        window.from, window.to, of_status(*status), how_soon(*soon)
    )]
    Fails {
        /// The seconds in which nearly all requests failed.
        window: Window,
        /// The most frequent HTTP status of the failed requests, which is 0 when no answer came. It is
        /// `None` when the file has no statuses.
        status: Option<u16>,
        /// True when the file shows that the requests ended about as soon as answers come at rest.
        soon: bool,
    },
    /// Answers were late, but nearly all wanted requests were served (arrival rate).
    #[error(
        "the system served all {} requests a second that were wanted: answers came later than at rest, \
         {}{}", show_rate(*rps), waited(*backlog), without_users(*users)
    )]
    AllServed {
        /// Median goodput under loads near the greatest one, in requests a second.
        rps: f64,
        /// True when the input has virtual users. Without them, the clients may have waited for
        /// their answers, and have wanted more.
        users: bool,
        /// The greatest number of requests, in the seconds with late answers or in the whole test, that were wanted
        /// and not yet answered, beyond those under way at rest.
        backlog: f64,
    },
    /// More requests were wanted than served for a while, and nearly all were served later, far more a
    /// second than before (arrival rate).
    #[error(
        "from {} s to {} s {} requests a second were wanted and {} ended, so that they piled up; later {} \
         a second ended: the file does not show whether the system had a lower limit at first, or was \
         slow for another reason",
        window.from, window.to, show_rate(*wanted_rps), show_rate(*ended_rps), show_rate(*later_rps)
    )]
    PiledUp {
        /// The seconds in which the requests piled up.
        window: Window,
        /// Mean number of requests wanted in these seconds, a second.
        wanted_rps: f64,
        /// Mean number of requests that ended in these seconds, a second.
        ended_rps: f64,
        /// Median number of requests that ended after these seconds, a second, as long as answers were late.
        later_rps: f64,
    },
    /// Throughput stops growing, but answers are about as fast as before and hardly more requests fail, so
    /// that the load generator seems to be the limit.
    #[error(
        "throughput stops growing at {knee:.0} {unit}, but answers come as fast as before (p95 \
         {} ms before, {} ms then){}: the limit was not the system, but the load generator or its \
         script", show_rate(*before_ms), show_rate(*within_ms), failing_too(*failed)
    )]
    NothingClimbs {
        /// The load at which throughput stops growing.
        knee: f64,
        /// Unit of the load.
        unit: &'static str,
        /// 95th percentile of durations in the seconds before the load passed `knee`, in milliseconds.
        before_ms: f64,
        /// 95th percentile of durations in the seconds after that, in milliseconds.
        within_ms: f64,
        /// Share of failed requests in these later seconds, from 0 to 1; `None` when the input does
        /// not show failures.
        failed: Option<f64>,
    },
    /// The user chose a plateau by number, and the test has no plateau with this number.
    #[error("number {asked} does not exist: the test has {found}")]
    NoSuch {
        /// The number that the user chose. Numbers count from 1.
        asked: usize,
        /// Number of plateaus in the test.
        found: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::NoPlateauReason;

    /// The errors were: "0.89 times as many requests would have been answered at rest", and "not held back" beside 27
    /// iterations that were dropped.
    #[test]
    fn throughput_that_rest_would_not_raise_is_in_words() {
        let dropping = |times, stretch, dropped| {
            let (high, unit) = (4.0, "VUs");
            NoPlateauReason::NotHeldBack { high, unit, times, stretch, dropped }.to_string()
        };
        let text = |times, stretch| dropping(times, stretch, 0.0);
        assert!(dropping(4.5, 1.01, 27.0).contains("and 27 iterations were dropped"));
        assert!(text(0.9, 0.89).ends_with("no more requests would have been answered"));
        assert!(text(1.4, 1.1).contains("1.10 times as many"));
    }
}
