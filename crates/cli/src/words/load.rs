//! Converts facts about a load test and its monitors to messages, with advice for the user.

use super::{content, paths, plural};
use spikeflame_load::{ColumnFault, EXPECTED, Error, MONITOR, Summary, Warning, monitor};
use spikeflame_render::plateau::is_of_machine;
use spikeflame_render::{count, decimals, seconds};
use spikeflame_run::{Run, Window};
use std::path::{Path, PathBuf};

/// Returns the message for an error of reading a load test.
pub(super) fn error(error: &Error) -> String {
    match error {
        Error::Unrecognised { path, found } => {
            let hint = if *found == MONITOR { " (`plateau k6.json.gz --with FILE`)" } else { "" };
            let known = if error.is_unknown() { content::name(path) } else { None };
            let what = known.unwrap_or_else(|| content::with_command(found));
            format!(
                "{}: {what}{hint}; {EXPECTED} (name them with --columns time=...,rps=...)",
                path.display()
            )
        }
        Error::Io { path, source } => {
            paths::unreadable(path, source).unwrap_or_else(|| error.to_string())
        }
        Error::SeveralTests { path, tests } => {
            let advice = match tests.len() {
                1 => "it holds one test, so that --test can only be 1",
                _ => "choose one of the tests in it with --test N",
            };
            let tests = tests.iter().enumerate();
            let tests: String = tests.map(|(at, test)| format!("\n  {}: {test}", at + 1)).collect();
            format!("{}: {advice}:{tests}", path.display())
        }
        Error::ClockJump { seconds, .. } if *seconds >= 0.0 => format!(
            "{error}, or, if the generator paused there, take one side of it with --test 1 or \
             --test 2"
        ),
        Error::ClockJump { path, line, .. } => format!(
            "{error}, or take the part before the jump, as a file of its own: `{} | head -n {} > \
             before-the-jump.{}`",
            unpacked(path),
            line.saturating_sub(1),
            ending(path),
        ),
        Error::Columns { path, problem, found } => {
            let unit = match problem {
                ColumnFault::NoUnit { name, meaning } => format!(
                    ": name the unit with --columns {meaning}_s={name} or {meaning}_ms={name}"
                ),
                ColumnFault::NoTimeUnit { name, .. } => {
                    format!(": name the unit with --columns time_s={name} or time_ms={name}")
                }
                ColumnFault::Total { name, of } => {
                    let (row, start) = match *of {
                        "requests" => ("requests", "total"),
                        _ => ("errors", "errors_total"),
                    };
                    format!(": state which with --columns {row}={name} or {start}={name}")
                }
                ColumnFault::NoShare { name, of } => {
                    format!(": if it is their number, --columns {of}={name} reads it")
                }
                ColumnFault::PercentOrShare { name } => {
                    format!(
                        ": for requests that succeeded, --columns success_rate={name} reads a share of one; \
                         for failed ones, name the column error_pct or error_rate in the table"
                    )
                }
                ColumnFault::Fractions { name } => format!(
                    ": state which with --columns error_rate={name} (a share, or per cent) or \
                     errors={name} (their number)"
                ),
                ColumnFault::RateOrShare { name } => format!(
                    ": state which with --columns errors={name} (a second) or error_rate={name} (a \
                     share, or per cent)"
                ),
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

/// Returns the sentence about the load tests of a folder that are not used.
pub(super) fn others(used: &Path, others: &[PathBuf]) -> String {
    let names: Vec<String> = others.iter().map(|other| other.display().to_string()).collect();
    format!(
        "{}: not used, because the recording ran at the time of {}; name another load test with --load \
         (`plateau FILE`), or give each run a folder of its own",
        names.join(", "),
        used.display()
    )
}

/// Returns the sentence for a fact about a load test.
pub(super) fn warning(warning: &Warning) -> String {
    let advice = match warning {
        Warning::DayOrMonth { .. } => DATES,
        Warning::FractionOrThousands { .. } => MARKS,
        Warning::ManyEndpoints | Warning::LongEndpoints => "; give requests a `name` tag",
        Warning::SinceStart { .. } => "; `k6 run --out json=k6.json.gz` has every request",
        Warning::CumulativePercentiles => "; record with --csv-full-history to have them",
        Warning::RoundedTime { .. } | Warning::UnevenWorkers { .. } => {
            "; use -d to have the exact time"
        }
        Warning::NoFailures { .. } => {
            "; name one with --columns errors=NAME (their number) or error_rate=NAME (a share)"
        }
        Warning::MoreErrors => "; --columns success=NAME names a column of successful requests",
        Warning::LocalTimes => {
            "; if they are of another zone, write them with its offset (2026-11-28T09:00:00+09:00)"
        }
        Warning::AddedDurations => {
            "; run it with --ignoreCoordinatedOmission to have the measured ones"
        }
        Warning::AddedLatencies { .. } => {
            "; take them from the server's log or from another load generator"
        }
        _ => "",
    };
    format!("{warning}{advice}")
}

/// The advice for dates with two orders.
const DATES: &str = "; if the month is first, write them as 2026-11-28 09:00:00";

/// The advice for numbers with a fraction or thousands.
const MARKS: &str =
    "; if that is wrong, write them without marks of thousands, and with a point before a fraction";

/// Returns the sentence for a warning of a monitor.
pub(super) fn monitored(warning: &monitor::Warning) -> String {
    match warning {
        monitor::Warning::DayOrMonth(date) => {
            format!("dates such as {date} are read with the day first{DATES}")
        }
        monitor::Warning::FractionOrThousands { cell, value } => {
            let known = Warning::FractionOrThousands { cell: cell.clone(), value: value.clone() };
            format!("{known}{MARKS}")
        }
        monitor::Warning::ShareOrPercent { name, from, to } => format!(
            "the values of `{name}` lie between {from} and {to}, which may be shares of one or per cent: they are \
             no sign of a limit; in a table, `{name} [percentunit]` or `{name} [%]` as the name of the column \
             states the unit"
        ),
        monitor::Warning::LocalTimes => {
            "times without an offset are taken as UTC; --with-zone names another zone".to_owned()
        }
        monitor::Warning::Incomplete { metric } if metric.is_empty() => {
            "the answer continues on another page, which is not in the file".to_owned()
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
        monitor::Warning::Empty { name, series: 1 } => {
            format!("{name} has no values: check the name of the metric and its dimensions")
        }
        monitor::Warning::Empty { name, series } => {
            format!(
                "{name} and {} other series have no values: check the names of the metrics and their dimensions",
                series - 1
            )
        }
        monitor::Warning::FromMonitor(text) => format!("the monitor warned: {text}"),
        monitor::Warning::Dropped { series } => {
            format!("{series} series are left out: name fewer of them in the query")
        }
        monitor::Warning::Lost(loss) => {
            format!("line {}: {}; {} in all", loss.first_line, loss.reason, loss.count)
        }
        other => format!("{other:?}"),
    }
}

/// Returns the command that prints a file unpacked.
fn unpacked(path: &Path) -> String {
    let program = match path.extension().and_then(|end| end.to_str()) {
        Some("gz") => "gzip -dc",
        Some("zst") => "zstd -dc",
        _ => "cat",
    };
    format!("{program} {}", path.display())
}

/// Returns the ending of a file's name without that of its packing.
fn ending(path: &Path) -> String {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let name = name.trim_end_matches(".gz").trim_end_matches(".zst");
    name.rsplit_once('.').map_or("txt", |(_, end)| end).to_owned()
}

/// Returns a sentence about the load of the machine when the run began, if more processes ran or
/// waited than it has cores. It names no effect where the sentences about the load test do.
pub(crate) fn busy_machine(run: &Run) -> Option<String> {
    let facts = run.facts()?;
    let (average, cores) = (facts.load_average?, facts.cores?);
    (average > f64::from(cores)).then(|| {
        format!(
            "When the run began, the machine's load average was {} on {}{}.",
            decimals(average, 1),
            plural(cores.into(), "core"),
            if is_starved(run) {
                ""
            } else {
                ": other programs kept it busy, and answers may be late because of them"
            }
        )
    })
}

/// Returns the sentence about a load test beside a recording that has only totals.
pub(crate) fn only_totals(summary: &Summary) -> String {
    let totals = [
        summary.requests.map(|requests| format!("{} requests", count(requests))),
        summary.rps.map(|rps| format!("{} a second", decimals(rps, 1))),
        summary.failed.map(|failed| format!("{} failed", count(failed))),
        summary.p95_ms.map(|ms| format!("p95 {}", seconds((ms * 1e3).round() as u64))),
    ];
    let totals: Vec<String> = totals.into_iter().flatten().collect();
    let file = Path::new(&summary.source).file_name().unwrap_or_default().to_string_lossy();
    format!(
        "{file} has totals without a timeline, so that no plateau can be found in it{}{}. k6 run --out \
         json=k6.json.gz writes one.",
        if totals.is_empty() { "" } else { ": " },
        totals.join(", ")
    )
}

/// Returns the clause about a main thread that had work nearly all the time between two times of the recording
/// (microseconds since its zero), and got little of a core.
pub(super) fn without_core(run: &Run, from_us: u64, to_us: u64) -> Option<String> {
    let (main, busy) = run.without_core(from_us, to_us)?;
    Some(format!(
        "the main thread got {:.0} % of a core, although its event loop was busy {:.0} % of that time: most likely \
         other programs or a limit of CPU kept it from running",
        100.0 * main,
        100.0 * busy
    ))
}

/// Returns the clause of [`without_core`] about the time under load of a run without a load test that has seconds,
/// or about all of the run when this time is not known.
pub(crate) fn without_core_under_load(run: &Run) -> Option<String> {
    let end_us = run.recorded_us().ok()?;
    let placed = run.place(Window::Load).ok().flatten();
    let (from_us, to_us) =
        placed.map_or((0, end_us), |placed| (placed.from_us, placed.to_us.min(end_us)));
    without_core(run, from_us, to_us)
}

/// Returns true when the load test shows that the busiest thread lacked a core, which has its own sentences.
fn is_starved(run: &Run) -> bool {
    let found = run.found().ok().and_then(|found| found.as_ref().ok());
    let usage = found.and_then(|found| run.usage(found.chosen().window).ok().flatten());
    usage.is_some_and(|usage| is_of_machine(&usage)) || !run.starved().is_empty()
}

#[cfg(test)]
mod tests {
    use super::warning;
    use spikeflame_load::Warning;

    /// The error was: the library advised, and its users were told of flags.
    #[test]
    fn advice_follows_the_sentence_of_a_warning() {
        for (fact, end) in [
            (
                Warning::RoundedTime { took_s: 2.0, sample_s: 1.0 },
                "so the rate may be higher; use -d to have the exact time",
            ),
            (
                Warning::AddedDurations,
                "left out; run it with --ignoreCoordinatedOmission to have the measured ones",
            ),
            (
                Warning::AddedLatencies { printed_ms: 9.0, mean_ms: 5.0 },
                "left out; take them from the server's log or from another load generator",
            ),
        ] {
            let text = warning(&fact);
            assert!(text.ends_with(end), "{text}");
        }
    }
}
