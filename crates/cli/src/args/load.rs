//! Arguments about the load test beside a profile.

use super::time;
use clap::{Args, ValueEnum};
use spikeflame_load::monitor::MonitorOptions;
use spikeflame_load::{Axis, ReadOptions, plateau, wall_time};
use spikeflame_profile::wall;
use spikeflame_run::Window;
use std::cmp::Ordering;
use std::path::PathBuf;

/// The load test that ran beside the recording, and the window to cut by it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Load")]
pub(crate) struct LoadArgs {
    #[command(flatten)]
    part: WindowArgs,
    /// Result of a load generator (k6, Locust, JMeter and others), or a CSV table [default: the one in
    /// RUN's folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) load: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) start: StartArgs,
    #[command(flatten)]
    pub(crate) test: TestArgs,
}

/// The load test beside a log of an application. Its requests are not selected: the errors of a log
/// belong to no endpoint.
#[derive(Debug, Args)]
#[command(next_help_heading = "Load")]
pub(crate) struct LogLoadArgs {
    #[command(flatten)]
    part: WindowArgs,
    /// Result of a load generator (k6, Locust, JMeter and others), or a CSV table [default: the one in
    /// LOG's folder]
    #[arg(long, value_name = "FILE")]
    load: Option<PathBuf>,
    #[command(flatten)]
    start: StartArgs,
    #[command(flatten)]
    file: TestFileArgs,
}

impl LogLoadArgs {
    /// Returns the load test with all of its requests selected.
    pub(crate) fn to_load(&self) -> LoadArgs {
        let test = TestArgs { file: self.file.clone(), ..TestArgs::default() };
        LoadArgs { part: self.part, load: self.load.clone(), start: self.start, test }
    }
}

impl LoadArgs {
    /// The part of the run to show.
    pub(crate) fn window(&self) -> Window {
        self.part.window
    }

    /// Returns these settings for the whole run.
    pub(crate) fn of_whole(self) -> Self {
        Self { part: WindowArgs { window: Window::All }, ..self }
    }
}

/// The part of a run.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Load")]
pub(crate) struct WindowArgs {
    /// The part of each run: `all`, `load` (from the first request to the last), `plateau` (where
    /// throughput no longer grows), `before` (before the plateau, with about as many requests), or
    /// times like 30s..50s (of the load test when there is one, else of the recording)
    #[arg(long, value_name = "WINDOW", default_value = "all", hide_default_value = true,
          value_parser = window)]
    pub(crate) window: Window,
}

/// When the recording began.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Load")]
pub(crate) struct StartArgs {
    /// Time at which the recording began (2026-11-23T01:24:45Z, or Unix time); needed only when the
    /// files do not contain it
    #[arg(long, value_name = "TIME", value_parser = wall)]
    pub(crate) profile_start: Option<i64>,
}

/// Files of monitors that ran beside a load test.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Load")]
pub(crate) struct MonitorArgs {
    /// File of a monitor that ran during the test: JSON of CloudWatch, Performance Insights,
    /// Prometheus or Grafana, or a CSV table with times; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) with: Vec<PathBuf>,
    /// Time zone of the times in files of --with that name no zone: +09:00 [default: UTC]
    #[arg(long, value_name = "ZONE", value_parser = super::input::zone, allow_hyphen_values = true)]
    with_zone: Option<i32>,
}

impl MonitorArgs {
    pub(crate) fn reading(&self) -> MonitorOptions {
        MonitorOptions { zone_s: self.with_zone }
    }
}

/// Settings for reading a load test.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Load")]
pub(crate) struct TestArgs {
    /// Keep only requests with this k6 tag `name`, `url` or `group`, or with this name in Locust,
    /// JMeter or Gatling
    #[arg(long, value_name = "NAME")]
    pub(super) endpoint: Option<String>,
    /// Keep only requests of this k6 scenario; the VUs are still those of the whole test
    #[arg(long, value_name = "NAME")]
    pub(super) scenario: Option<String>,
    #[command(flatten)]
    pub(super) file: TestFileArgs,
    /// Quantity that measures the load [default: chosen from the test]
    #[arg(long, value_name = "AXIS")]
    pub(super) axis: Option<LoadAxis>,
}

/// Settings for the file of a load test, and the plateau to use.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Load")]
pub(crate) struct TestFileArgs {
    /// Columns of a table by their meaning: rps=throughput,p95=latency_95
    #[arg(long, value_name = "MEANING=COLUMN", value_parser = columns)]
    pub(super) columns: Vec<Columns>,
    /// Number of the test to read, from 1, when the file contains several
    #[arg(long, value_name = "N")]
    pub(super) test: Option<usize>,
    /// Number of the plateau to use, from 1 in order of time [default: the longest]
    #[arg(long, value_name = "N")]
    pub(super) plateau: Option<usize>,
}

/// The quantity that measures the load.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum LoadAxis {
    /// Virtual users
    Vus,
    /// Requests a second that the test asks for (arrival-rate executors)
    Rate,
}

impl TestArgs {
    pub(crate) fn reading(&self) -> ReadOptions {
        ReadOptions {
            endpoint: self.endpoint.clone(),
            scenario: self.scenario.clone(),
            columns: self.file.columns.iter().flat_map(|columns| columns.0.clone()).collect(),
            test: self.file.test,
        }
    }

    pub(crate) fn options(&self, think_us: Option<u64>) -> plateau::Options {
        plateau::Options {
            axis: self.axis.map(|axis| match axis {
                LoadAxis::Vus => Axis::Vus,
                LoadAxis::Rate => Axis::Rate,
            }),
            think_s: think_us.map(wall::seconds_of),
            number: self.file.plateau,
            busy: None,
        }
    }
}

/// Reads a window: a name such as `plateau`, or two times such as `30s..50s`.
pub(super) fn window(text: &str) -> Result<Window, String> {
    match text {
        "all" => return Ok(Window::All),
        "load" => return Ok(Window::Load),
        "plateau" => return Ok(Window::Plateau),
        "before" => return Ok(Window::Before),
        _ => {}
    }
    let wrong = || "expected all, load, plateau, before, or two times like 30s..50s".to_owned();
    let (from, to) = text.split_once("..").ok_or_else(wrong)?;
    let (from_us, to_us) = (time(from)?, time(to)?);
    match from_us.cmp(&to_us) {
        Ordering::Less => Ok(Window::Times { from_us, to_us }),
        Ordering::Equal => Err(format!("it ends where it begins; {from}..END is a window")),
        Ordering::Greater => Err(format!("it ends before it begins; {to}..{from} is a window")),
    }
}

pub(super) fn wall(text: &str) -> Result<i64, String> {
    wall_time(text).ok_or_else(|| {
        "expected a time like 2026-11-23T01:24:45Z, or Unix time in seconds".to_owned()
    })
}

/// The meanings of columns in one argument, each with the name of its column.
#[derive(Clone, Debug)]
pub(super) struct Columns(pub(super) Vec<(String, String)>);

fn columns(text: &str) -> Result<Columns, String> {
    let mut pairs: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(end) = end_of_pair(rest) {
        let (pair, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        pairs.push(pair);
        rest = behind.strip_prefix(',').unwrap_or_default();
    }
    pairs.push(rest);
    pairs.into_iter().map(column).collect::<Result<_, _>>().map(Columns)
}

/// Returns the place of the comma behind the first pair. A comma in brackets, and one that no `meaning=` follows,
/// are part of a name: `p95=pct(duration, 95)`.
fn end_of_pair(text: &str) -> Option<usize> {
    let commas = text.match_indices(',').map(|(at, _)| at);
    let mut starts = commas.filter(|at| {
        let behind = text.get(at + 1..).unwrap_or_default();
        let word = behind.split('=').next().filter(|word| *word != behind).unwrap_or_default();
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let before = text.get(..*at).unwrap_or_default();
        let count = |marks: [char; 3]| before.matches(marks).count();
        let is_open = count(['(', '{', '[']) > count([')', '}', ']']);
        !word.is_empty() && word.bytes().all(is_word) && !is_open
    });
    starts.next()
}

fn column(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((meaning, name)) if !meaning.is_empty() && !name.is_empty() => {
            Ok((meaning.to_owned(), name.to_owned()))
        }
        _ => Err("expected MEANING=COLUMN, like rps=throughput".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error was: a column whose name has a comma could not be named.
    #[test]
    fn names_of_columns_may_have_commas() {
        let pairs = |text: &str| columns(text).map(|columns| columns.0);
        let pair = |word: &str, name: &str| (word.to_owned(), name.to_owned());
        assert_eq!(
            pairs("time=bin(10s),p95=pct(duration, 95),rps=a{b=\"1\",c=\"2\"},errors=Failed, all"),
            Ok(vec![
                pair("time", "bin(10s)"),
                pair("p95", "pct(duration, 95)"),
                pair("rps", "a{b=\"1\",c=\"2\"}"),
                pair("errors", "Failed, all"),
            ])
        );
        assert!(pairs("rps").is_err() && pairs("rps=a,p95=").is_err());
    }

    #[test]
    fn windows_are_named_or_timed() {
        assert_eq!(window("plateau"), Ok(Window::Plateau));
        assert_eq!(window("load"), Ok(Window::Load));
        let times = Window::Times { from_us: 30_000_000, to_us: 60_000_000 };
        assert_eq!(window("30s..1m"), Ok(times));
        for wrong in ["", "30s", "30s-50s", "peak"] {
            assert!(window(wrong).is_err(), "{wrong}");
        }
        // The error was: the message named the forms of a window, and `50s..30s` has one of them.
        for (wrong, why) in [
            ("50s..30s", "it ends before it begins; 30s..50s is a window"),
            ("30s..30s", "it ends where it begins; 30s..END is a window"),
        ] {
            assert_eq!(window(wrong), Err(why.to_owned()));
        }
    }
}
