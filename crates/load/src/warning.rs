//! Facts about a load test that its user should know.

use std::fmt;

/// A fact about a load test. Its `Display` states the fact in one sentence, without advice; a
/// program adds the advice, because only it knows its own flags.
///
/// ```
/// use spikeflame_load::Warning;
///
/// let warning = Warning::Hole { seconds: 12 };
/// assert_eq!(warning.to_string(), "there is no row for 12 s: nothing is known of them");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Warning {
    /// The load generator wrote nothing for some seconds.
    Stall {
        /// The longest such time.
        seconds: i64,
    },
    /// The test sent no HTTP requests, so that iterations stand for requests.
    Iterations {
        /// True when all iterations count as successful.
        successful: bool,
    },
    /// Requests without their outcome count as successful.
    UnknownOutcome {
        /// The number of these requests.
        requests: u64,
    },
    /// There are more names of endpoints than are listed.
    ManyEndpoints,
    /// Points of the number of virtual users cannot be read.
    LostVus {
        /// The number of these points.
        points: u64,
        /// True when no point can be read.
        all: bool,
    },
    /// The virtual users are those of several scenarios, and the requests those of one.
    VusOfScenarios {
        /// The scenarios.
        scenarios: Vec<String>,
    },
    /// Cells of virtual users in a table cannot be read.
    DamagedVus {
        /// The number of these cells.
        cells: u64,
        /// The line of the first one, from 1.
        first_line: u64,
        /// True when no row has a number of users.
        all: bool,
    },
    /// Cells of durations in a table cannot be read.
    DamagedDurations {
        /// The number of these cells.
        cells: u64,
        /// The line of the first one, from 1.
        first_line: u64,
    },
    /// The number of virtual users is missing for a while in which requests ended.
    NoVusFor {
        /// The longest such time.
        seconds: usize,
        /// The first second of that stretch, from the start of the test.
        from: usize,
        /// The last number before it, which is used in its place.
        vus: f64,
    },
    /// Percentiles of Locust cover the time since the start, and are not used.
    CumulativePercentiles,
    /// Hey's times are not of a clock, and it leaves out requests without an answer.
    Hey,
    /// Autocannon sent requests that got no answer.
    Unanswered {
        /// The number of requests sent.
        sent: f64,
        /// The number of those without an answer.
        lost: f64,
    },
    /// The compressed file is cut off or damaged.
    CutFile {
        /// The last line that was read, from 1.
        line: u64,
    },
    /// Answers to wrk came later than its limit.
    LateAnswers {
        /// The number of these answers.
        answers: u64,
    },
    /// Answers to autocannon had another body than it expected.
    OtherBodies {
        /// The number of these answers.
        answers: u64,
    },
    /// Durations of autocannon are wrong once a request got no answer.
    ShiftedDurations,
    /// With a rate, autocannon adds durations that nothing measured to those of the answers.
    AddedDurations,
    /// The latencies that wrk prints are longer in all than its connections had time for: it adds
    /// some that it did not measure.
    AddedLatencies {
        /// The mean that wrk prints, in milliseconds.
        printed_ms: f64,
        /// The mean by connections, duration and answers, in milliseconds.
        mean_ms: f64,
    },
    /// Locust's totals lack the requests of the last second.
    UnfinishedTotals,
    /// The table of `ab -g` has neither statuses nor requests whose connection broke off.
    AbPlot,
    /// Answers to ab were of another length than the first.
    OtherLengths {
        /// The number of these answers.
        answers: u64,
    },
    /// Dates may have the day or the month first, and no date of the file shows the order. The day is
    /// taken as the first.
    DayOrMonth {
        /// The first such date.
        date: String,
    },
    /// Times have no offset from UTC, and count as UTC.
    LocalTimes,
    /// Times count from the start of the test.
    NoClock,
    /// Times have no date.
    NoDate,
    /// Rows have more errors than requests.
    MoreErrors,
    /// Rows are missing for some seconds.
    Hole {
        /// The longest such time.
        seconds: i64,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stall { seconds } => write!(
                f,
                "nothing was recorded for {seconds} s: the load generator stalled or its clock was \
                 set"
            ),
            Self::Iterations { successful } => {
                f.write_str("the test sent no HTTP requests: its iterations stand for requests")?;
                f.write_str(if *successful { ", all of them successful" } else { "" })
            }
            Self::UnknownOutcome { requests } => write!(
                f,
                "{requests} requests do not say whether they succeeded (no expected_response, no \
                 status): counted as successful"
            ),
            Self::ManyEndpoints => {
                f.write_str("more than 1,000 endpoint names, so not all are listed")
            }
            Self::LostVus { points, all: false } => write!(
                f,
                "{points} points of `vus` cannot be read: the number before each stands for it"
            ),
            Self::LostVus { points, all: true } => write!(
                f,
                "all {points} points of `vus` cannot be read: without them the load is taken from \
                 the requests"
            ),
            Self::VusOfScenarios { scenarios } => write!(
                f,
                "the virtual users are those of all {} scenarios ({}), because k6 does not count \
                 them by scenario: a knee, a stretch and a think time refer to all of them",
                scenarios.len(),
                scenarios.join(", ")
            ),
            Self::DamagedVus { cells, first_line, all } => {
                write!(
                    f,
                    "{cells} numbers of virtual users cannot be read (the first on line \
                     {first_line}): "
                )?;
                f.write_str(match all {
                    true => "no row has one, so the load is taken to be requests in flight",
                    false => "the number of the row before stands for each",
                })
            }
            Self::DamagedDurations { cells, first_line } => write!(
                f,
                "{cells} durations cannot be read (the first on line {first_line}): their rows \
                 count without them"
            ),
            Self::NoVusFor { seconds, from, vus } => write!(
                f,
                "the number of virtual users is missing for {seconds} s from {from} s on: the last \
                 one, {vus}, stands for it, and a plateau in this time may be wrong"
            ),
            Self::CumulativePercentiles => f.write_str(
                "without --csv-full-history Locust's percentiles are since the start of the test, \
                 so they are not used",
            ),
            Self::Hey => f.write_str(
                "hey counts from the start, not on a clock, and leaves out requests without an \
                 answer: no profile can be aligned with it, and errors are those with a status",
            ),
            Self::Unanswered { sent, lost } => write!(
                f,
                "{sent} requests were sent and {lost} of them got no answer, which autocannon \
                 counts neither as requests nor as errors (connections that were closed): they are \
                 counted as failed here"
            ),
            Self::CutFile { line } => write!(
                f,
                "the compressed file is cut off or damaged behind line {line}: what came before it \
                 was read"
            ),
            Self::LateAnswers { answers } => write!(
                f,
                "{answers} answers came later than wrk's --timeout: wrk counts them as requests, and \
                 leaves their time out of the latencies; requests without any answer are in none \
                 of its numbers"
            ),
            Self::OtherBodies { answers } => write!(
                f,
                "{answers} answers had another body than --expectBody: autocannon counts them as \
                 successful, and they are counted as failed here"
            ),
            Self::ShiftedDurations => f.write_str(
                "autocannon measures answers from an earlier request once a connection was lost or a \
                 request timed out, so its durations are left out",
            ),
            Self::AddedDurations => f.write_str(
                "with a rate, autocannon adds durations that it did not measure, so its durations are \
                 left out; run it with --ignoreCoordinatedOmission to have the measured ones",
            ),
            Self::AddedLatencies { printed_ms, mean_ms } => write!(
                f,
                "wrk adds latencies that it did not measure: it prints a mean of {printed_ms:.1} ms, \
                 but its connections had time for {mean_ms:.1} ms an answer. The mean is therefore \
                 {mean_ms:.1} ms here, and the percentiles are left out; take them from the server's \
                 log or from another load generator"
            ),
            Self::UnfinishedTotals => f.write_str(
                "Locust writes its totals once a second and not at the end: requests of the last \
                 second are missing",
            ),
            Self::AbPlot => f.write_str(
                "ab's table has no statuses and no request whose connection broke off, so errors are \
                 not known; its times are whole seconds",
            ),
            Self::OtherLengths { answers } => write!(
                f,
                "{answers} answers were of another length than the first one: ab calls them failed, \
                 and they are not counted so here"
            ),
            Self::DayOrMonth { date } => {
                write!(f, "dates such as {date} are read with the day first")
            }
            Self::LocalTimes => f.write_str("times without an offset are taken as UTC"),
            Self::NoClock => f.write_str(
                "times count from the start, not on a clock: no profile can be aligned with them",
            ),
            Self::NoDate => f.write_str(
                "times have no date: no profile can be aligned with them",
            ),
            Self::MoreErrors => f.write_str(
                "some rows have more errors than requests: requests are expected to include the \
                 failed ones",
            ),
            Self::Hole { seconds } => {
                write!(f, "there is no row for {seconds} s: nothing is known of them")
            }
        }
    }
}
