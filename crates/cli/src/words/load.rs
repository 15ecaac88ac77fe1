//! Converts facts about a load test and its monitors to messages, with advice for the user.

use spikeflame_load::{ColumnFault, EXPECTED, Error, MONITOR, Warning, monitor};

/// Returns the message for an error of reading a load test.
pub(super) fn error(error: &Error) -> String {
    match error {
        Error::Unrecognised { path, found } => {
            let hint = if *found == MONITOR { " (`plateau k6.json.gz --with FILE`)" } else { "" };
            format!(
                "{}: {found}{hint}; {EXPECTED} (name them with --columns time=...,rps=...)",
                path.display()
            )
        }
        Error::SeveralTests { path, tests } => {
            let tests = tests.iter().enumerate();
            let tests: String = tests.map(|(at, test)| format!("\n  {}: {test}", at + 1)).collect();
            format!("{}: choose one of the tests in it with --test N:{tests}", path.display())
        }
        Error::ClockJump { seconds, .. } if *seconds >= 0.0 => format!(
            "{error}, or, if the generator paused there, take one side of it with --test 1 or \
             --test 2"
        ),
        Error::Columns { path, problem, found } => {
            let unit = match problem {
                ColumnFault::NoUnit { name, meaning } => format!(
                    ": name the unit with --columns {meaning}_s={name} or {meaning}_ms={name}"
                ),
                ColumnFault::Total { name } => {
                    format!(": say which with --columns requests={name} or total={name}")
                }
                _ => String::new(),
            };
            format!(
                "{}: {problem}{unit}; its columns: {}; name them with --columns \
                 time=NAME,rps=NAME,...",
                path.display(),
                found.join(", ")
            )
        }
        other => other.to_string(),
    }
}

/// Returns the sentence for a fact about a load test.
pub(super) fn warning(warning: &Warning) -> String {
    let advice = match warning {
        Warning::ManyEndpoints => "; give requests a `name` tag",
        Warning::CumulativePercentiles => "; record with --csv-full-history to have them",
        _ => "",
    };
    format!("{warning}{advice}")
}

/// Returns the sentence for a warning of a monitor.
pub(super) fn monitored(warning: &monitor::Warning) -> String {
    match warning {
        monitor::Warning::LocalTimes => {
            "times without an offset are taken as UTC; --with-zone names another zone".to_owned()
        }
        monitor::Warning::Incomplete { metric } if metric.is_empty() => {
            "the answer goes on on another page, which is not in the file".to_owned()
        }
        monitor::Warning::Incomplete { metric } => {
            format!("{metric}: the monitor gave only a part of the data: ask it again")
        }
        monitor::Warning::Answered { query, message } => {
            format!("query {query} was answered with an error: {message}")
        }
        monitor::Warning::Histograms(count) => {
            format!(
                "{count} series are native histograms, which are not read: query a quantile of them"
            )
        }
        monitor::Warning::Dropped { series } => {
            format!("{series} series are left out: name fewer of them in the query")
        }
        monitor::Warning::Lost(loss) => {
            format!("line {}: {}; {} in all", loss.first_line, loss.reason, loss.count)
        }
        other => format!("{other:?}"),
    }
}
