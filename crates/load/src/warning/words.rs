//! Sentences that state the facts about a load test.

use super::Warning;
use std::fmt;

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stall { seconds } => write!(
                f,
                "nothing was recorded for {seconds} s: the load generator stalled or its clock was \
                 set"
            ),
            Self::Iterations { successful } => {
                f.write_str(match successful {
                    true => {
                        "the users sent no requests over HTTP or gRPC: iterations stand for requests"
                    }
                    false => "the test sent no HTTP requests: its iterations stand for requests",
                })?;
                let note = ", all of them as successful, because k6 writes no failures of iterations";
                f.write_str(if *successful { note } else { "" })
            }
            Self::OtherProtocols { names } => write!(
                f,
                "the test also used {}, of which nothing is counted here: rates and durations are those of \
                 its other requests, and may miss the limit of the rest",
                names.join(" and ")
            ),
            Self::UnknownOutcome { requests } => write!(
                f,
                "{requests} requests do not show whether they succeeded (they have no \
                 expected_response and no status): they are counted as successful"
            ),
            Self::ManyEndpoints => {
                f.write_str("more than 1,000 endpoint names, so not all are listed")
            }
            Self::LongEndpoints => {
                f.write_str("endpoint names of more than 512 bytes, which are not listed")
            }
            Self::LostVus { points, all: false } => write!(
                f,
                "{points} points of `vus` cannot be read: the numbers beside them are used in \
                 their place"
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
                    false => "the numbers of the rows beside them are used in their place",
                })
            }
            Self::Background { rows, first_line } => write!(
                f,
                "{rows} rows before and after the load have a few requests (the first on line {first_line}): they \
                 are taken for those of other programs, such as health checks, and are not counted"
            ),
            Self::ZeroVus { rows, all: true, .. } => write!(
                f,
                "{rows} rows have requests, and none has virtual users: the load is taken to be requests \
                 in flight"
            ),
            Self::ZeroVus { rows, first_line, all: false } => write!(
                f,
                "{rows} rows have requests and 0 virtual users (the first on line {first_line}): \
                 the numbers of the rows beside them are used in their place"
            ),
            Self::StuckVus { vus, longest_s, shortest_s } => write!(
                f,
                "the number of virtual users stands still at {vus:.0} while the requests change: \
                 in one part of the test, each user would send a request every {longest_s:.2} s, \
                 and in another part every {shortest_s:.2} s, although answers take no longer. \
                 The column is not the number of users who send, and is not used"
            ),
            Self::DamagedDurations { cells, first_line } => write!(
                f,
                "{cells} durations cannot be read (the first on line {first_line}): their rows \
                 count without them"
            ),
            Self::OtherStatistic { name, other, printed } => write!(
                f,
                "every {printed} that is shown is the {other}, from the column {name:?}"
            ),
            Self::SinceStart { name } => write!(
                f,
                "k6 sends Prometheus a {name} of all requests since the start of the test: if \
                 these values come from k6, they show a change late"
            ),
            Self::AbsentFailures { rows, first_line } => write!(
                f,
                "{rows} rows with requests have no number of failed ones (the first on line \
                 {first_line}): none of their requests counts as failed"
            ),
            Self::NoFailures { columns } => write!(
                f,
                "no column is known to hold failed requests, so that none counts as failed; these may: {}",
                columns.join(", ")
            ),
            Self::AbsentParts { rows, first_line } => write!(
                f,
                "{rows} rows have no value in some of the columns of requests that are added up (the first on \
                 line {first_line}): they count as 0"
            ),
            Self::NoVusFor { seconds, from, vus } => write!(
                f,
                "the number of virtual users is missing for {seconds} s from {from} s on: the \
                 numbers beside this time are used in its place (the nearest one is {vus}), and a \
                 plateau in this time may be wrong"
            ),
            Self::CumulativePercentiles => f.write_str(
                "without --csv-full-history, Locust's percentiles are those of all requests since \
                 the start of the test, so they are not used",
            ),
            Self::Hey => f.write_str(
                "hey's times count from the start of the test, so that the clock of a recording cannot be \
                 compared with them; requests without an answer are not in its file, so that only answers with \
                 an error status are errors",
            ),
            Self::Unanswered { sent, lost } => write!(
                f,
                "{sent} requests were sent and {lost} of them got no answer, which autocannon \
                 counts neither as requests nor as errors (connections that were closed): they are \
                 counted as failed here"
            ),
            Self::CutFile { line } => write!(
                f,
                "the file is cut off or damaged after line {line}: what came before it was read"
            ),
            Self::LateAnswers { answers } => write!(
                f,
                "{answers} answers came later than wrk's --timeout: wrk counts them as requests, and \
                 leaves their time out of the latencies; requests without any answer are in none \
                 of its numbers"
            ),
            Self::NeverSent { requests } => write!(
                f,
                "h2load never sent {requests} requests, because a connection was lost and it does \
                 not connect again: it counts them as failed, and they are left out here"
            ),
            Self::RoundedTime { took_s, sample_s } => write!(
                f,
                "with --amount, autocannon counts the time up to the end of the sample in which \
                 the last answer came: the test took between {:.1} s and {took_s:.1} s, so the rate \
                 may be higher",
                (took_s - sample_s).max(0.0)
            ),
            Self::UnevenWorkers { workers, first_s, least_s, most_rps } => write!(
                f,
                "autocannon's {workers} workers ended at different times, and it wrote the time of the first one, \
                 {first_s:.1} s: the test took at least {least_s:.1} s, and had at most {most_rps:.1} requests \
                 a second",
            ),
            Self::OtherBodies { answers } => write!(
                f,
                "{answers} answers had another body than --expectBody: autocannon counts them as \
                 successful, and they are counted as failed here"
            ),
            Self::ShiftedDurations => f.write_str(
                "once a connection was lost or a request timed out, autocannon measures answers \
                 from the start of an earlier request, so its durations are left out",
            ),
            Self::AddedDurations => f.write_str(
                "with a rate, autocannon adds durations that it did not measure, so its durations are \
                 left out",
            ),
            Self::AddedLatencies { printed_ms, mean_ms } => write!(
                f,
                "wrk adds latencies that it did not measure: it prints a mean of {printed_ms:.1} ms, \
                 but its connections had time for {mean_ms:.1} ms an answer. The mean is therefore \
                 {mean_ms:.1} ms here, and the percentiles are left out"
            ),
            Self::UnfinishedTotals => f.write_str(
                "Locust writes its totals once a second and not at the end: requests of the last \
                 second may be missing",
            ),
            Self::AbPlot => f.write_str(
                "ab's table has no statuses and no request whose connection broke off, so errors are \
                 not known; its times are whole seconds",
            ),
            Self::H2loadLog => f.write_str(
                "h2load's log has no line for a request whose connection broke off: errors are those \
                 with a status",
            ),
            Self::OtherLengths { answers } => write!(
                f,
                "{answers} answers were of another length than the first one: ab calls them failed, \
                 and they are not counted so here"
            ),
            Self::DayOrMonth { date } => {
                write!(f, "dates such as {date} are read with the day first")
            }
            Self::FractionOrThousands { cell, value } => write!(
                f,
                "numbers such as {cell} may have a fraction or thousands, and no cell shows which: this one \
                 is read as {value}"
            ),
            Self::LocalTimes => f.write_str("times without an offset are taken as UTC"),
            Self::NoClock => f.write_str(
                "times count from the start of the test, so that the clock of a recording cannot be compared \
                 with them",
            ),
            Self::NoDate => f.write_str(
                "times have no date, so that the clock of a recording cannot be compared with them",
            ),
            Self::LaggingRate { name, range_s, row_s } => write!(
                f,
                "the column {name} has in each row the mean rate of the last {range_s:.0} s, and rows are {row_s} s \
                 apart: rates follow a load that changes sooner only later, and their height is then too low"
            ),
            Self::MoreErrors => f.write_str(
                "some rows have more errors than requests, but the number of requests should \
                 include the failed ones",
            ),
            Self::Hole { seconds } => {
                write!(f, "there is no row for {seconds} s: nothing is known of this time")
            }
        }
    }
}
