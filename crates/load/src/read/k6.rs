//! Gathers points of metrics, from k6's JSON and CSV, of one test or several.

mod choose;
mod errors;
mod known;
mod run;
mod tags;

use super::ReadOptions;
use super::ledger::Ledger;
use super::others::OtherProtocols;
use super::time::Time;
use crate::error::Error;
use crate::flights::MOST_SECONDS;
use crate::timeline::{Bytes, Timeline};
use crate::warning::Warning;
use choose::choose;
use run::Run;
use spikeflame_wall::seconds_of;
use std::path::Path;

pub(crate) use known::KnownTags;
pub(crate) use run::{GAP_S, STALL_S};
pub(crate) use tags::Tags;

/// Largest number of tests in a file, without the last one.
const MOST_TESTS: usize = 100;

/// Longest duration in milliseconds: a week. A longer one is broken.
const LONGEST_MS: f64 = 7.0 * 24.0 * 3600.0 * 1e3;

/// Half a second, in microseconds.
const HALF_SECOND_US: i64 = 500_000;

/// Largest value that counts as valid. The sums of such values are finite.
const LARGEST_VALUE: f64 = 1e18;

/// The metrics from which a timeline is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Metric {
    /// `http_req_duration`: one point for each request.
    Request,
    /// `http_req_failed`: one point for each request. It is used when a request lacks the tag
    /// `expected_response`.
    Failed,
    /// `grpc_req_duration`: one point for each call of gRPC.
    Call,
    /// `iteration_duration`: used for tests whose users send no requests over HTTP or gRPC.
    Iteration,
    /// The number of virtual users, `vus`.
    Vus,
    /// `dropped_iterations`.
    Dropped,
    /// `data_received`, in bytes.
    Received,
    /// `data_sent`, in bytes.
    Sent,
    /// `checks`: 1 for a check that passed, and 0 for one that failed.
    Check,
}

impl Metric {
    /// Returns the metric of a name, or `None` for one that no timeline needs.
    pub(crate) fn from_name(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"http_req_duration" => Self::Request,
            b"http_req_failed" => Self::Failed,
            b"grpc_req_duration" => Self::Call,
            b"iteration_duration" => Self::Iteration,
            b"vus" => Self::Vus,
            b"dropped_iterations" => Self::Dropped,
            b"data_received" => Self::Received,
            b"data_sent" => Self::Sent,
            b"checks" => Self::Check,
            _ => return None,
        })
    }
}

/// Gathers the points of a k6 file.
#[derive(Debug)]
pub(crate) struct Points<'o> {
    options: &'o ReadOptions,
    closed: Vec<Run>,
    run: Run,
    /// Number of tests so far.
    runs: usize,
    /// Number of tests that were not kept, because there are too many.
    unkept: usize,
    /// True when a time had a fraction of a second.
    fine: bool,
}

impl<'o> Points<'o> {
    pub(crate) fn new(options: &'o ReadOptions) -> Self {
        Self { options, closed: Vec::new(), run: Run::default(), runs: 1, unkept: 0, fine: false }
    }

    /// Returns false for metrics that need not be read further.
    pub(crate) fn wants(&self, metric: Metric) -> bool {
        match metric {
            Metric::Failed => self.run.unjudged.is_some(),
            Metric::Iteration => !self.run.by_request,
            // These metrics have no endpoint.
            Metric::Received | Metric::Sent | Metric::Check => self.options.endpoint.is_none(),
            _ => true,
        }
    }

    /// Notes a point of a metric that no timeline needs.
    pub(crate) fn pass(&mut self, name: &[u8]) {
        self.run.used_others |= OtherProtocols::of_metric(name);
        if !self.run.by_request && self.run.matched == 0 {
            self.run.others.see(name);
        }
    }

    /// Counts a point of `vus` that cannot be read.
    pub(crate) fn lose_vus(&mut self) {
        self.run.vus_lost += 1;
    }

    /// Notes the definition of a metric. k6 writes it once in a test, before its first point.
    pub(crate) fn define(&mut self, metric: Metric) {
        let bit = 1 << metric as u8;
        if self.run.defined & bit != 0 {
            self.next_run();
        }
        self.run.defined |= bit;
    }

    /// Begins the next test: further points belong to it.
    pub(crate) fn next_run(&mut self) {
        self.run.defined = 0;
        if self.run.recorder.is_empty() {
            return;
        }
        self.runs += 1;
        let kept: usize = self.closed.iter().map(|run| run.recorder.len()).sum();
        self.run.judge(None);
        let run = std::mem::take(&mut self.run);
        match self.closed.len() < MOST_TESTS && kept < MOST_SECONDS {
            true => self.closed.push(run),
            false => self.unkept += 1,
        }
    }

    /// Adds a point from line `line`. `value` is the number in the file.
    pub(crate) fn add<S: AsRef<str>>(
        &mut self,
        metric: Metric,
        time: Time,
        value: f64,
        tags: &Tags<S>,
        line: u64,
    ) -> Result<(), &'static str> {
        if !self.wants(metric) {
            return Ok(());
        }
        if !value.is_finite() || value > LARGEST_VALUE {
            return Err("a value that is not a finite number");
        }
        if value < 0.0 {
            return Err("a negative value");
        }
        let duration_us = (value * 1e3).round() as u64;
        let timed = matches!(metric, Metric::Request | Metric::Call | Metric::Iteration);
        if timed && value > LONGEST_MS {
            return Err("a duration of more than a week");
        }
        self.fine |= !time.whole;
        // Whole seconds are cut off. On average, the moment lies in the middle of the second.
        let time_us = if self.fine { time.us } else { time.us.saturating_add(HALF_SECOND_US) };
        let outside = self.options.endpoint.is_none() && tags.is_outside();
        let run = &mut self.run;
        run.recorder.at_line(line);
        run.recorder.ends_are_exact(self.fine);
        match metric {
            Metric::Request => {
                run.requests.add(time_us, line);
                if run.begin_request(time_us, tags, outside, self.options) {
                    run.add_request(time_us, duration_us, tags);
                }
            }
            Metric::Call => {
                run.calls.add(time_us, line);
                if run.begin_request(time_us, tags, outside, self.options) {
                    run.add_call(time_us, duration_us, tags);
                }
            }
            Metric::Failed => {
                if run.unjudged.as_ref().is_some_and(|one| one.time_us == time_us) {
                    run.judge(Some(value == 0.0));
                }
            }
            Metric::Iteration => {
                run.iterations.add(time_us, line);
                run.scenarios.see(tags.scenario.as_ref());
                run.recorder.touch(time_us);
                if outside || !tags.wanted(self.options) {
                    return Ok(());
                }
                run.matched += 1;
                run.recorder.request(time_us, duration_us, true);
            }
            Metric::Vus => {
                run.vus.add(time_us, line);
                run.recorder.vus(time_us, value);
            }
            Metric::Dropped if !tags.of_scenario(self.options) => run.recorder.touch(time_us),
            Metric::Dropped if self.options.endpoint.is_some() => {
                run.recorder.touch(time_us);
                run.drop_later(time_us, tags.scenario.as_ref(), value);
            }
            Metric::Dropped => run.recorder.dropped(time_us, value),
            Metric::Received | Metric::Sent | Metric::Check
                if outside || !tags.of_scenario(self.options) => {}
            Metric::Check => run.recorder.check(time_us, value > 0.0),
            Metric::Received => {
                run.recorder.bytes(time_us, Bytes { received: value, sent: 0.0 });
            }
            Metric::Sent => run.recorder.bytes(time_us, Bytes { received: 0.0, sent: value }),
        }
        Ok(())
    }

    /// Builds the timeline of the only test, or of the one that the user chose.
    pub(crate) fn finish(
        mut self,
        path: &Path,
        format: &'static str,
        ledger: Ledger,
    ) -> Result<Timeline, Error> {
        self.run.judge(None);
        if self.unkept > 0 {
            return Err(Error::ManyTests { path: path.to_owned(), tests: self.runs });
        }
        // A header of CSV without a row after it is no test.
        let is_header = self.run.recorder.is_empty() && self.run.defined == 0;
        let defined = self.runs - usize::from(is_header && self.runs > 1);
        let others = self.run.others.clone();
        let mut runs = self.closed;
        runs.push(self.run);
        runs.retain(|run| !run.recorder.is_empty());
        let losses = ledger.close();
        if runs.is_empty() {
            let why = match losses.first() {
                Some(loss) => {
                    format!(
                        "line {} is the first that cannot be read: {}",
                        loss.first_line, loss.reason
                    )
                }
                None => others.why(),
            };
            return Err(Error::NoRequests { path: path.to_owned(), why });
        }
        let (mut run, part) = choose(runs, defined, path, self.options)?;
        if let Some((line, size_us)) = run.jump() {
            return Err(Error::ClockJump {
                path: path.to_owned(),
                line,
                seconds: seconds_of(size_us),
            });
        }
        if let Some(asked) = self.options.endpoint.clone().filter(|_| run.matched == 0) {
            if run.names.known().is_empty() && !run.by_request {
                return Err(Error::NoEndpoints { path: path.to_owned(), asked });
            }
            let (known, long) = (run.names.known(), run.names.has_long());
            return Err(Error::UnknownEndpoint { path: path.to_owned(), asked, known, long });
        }
        if let Some(asked) = self.options.scenario.clone().filter(|_| run.matched == 0) {
            let known = run.scenarios.known();
            return Err(Error::UnknownScenario { path: path.to_owned(), asked, known });
        }
        run.count_dropped();
        run.recorder.keep(&part.seconds);
        let mut warnings = run.warnings();
        let scenarios = run.scenarios.known();
        if self.options.scenario.is_some() && scenarios.len() > 1 && run.recorder.has_vus() {
            // k6 does not write the users of a scenario.
            warnings.push(Warning::VusOfScenarios { scenarios });
        }
        let outside = run.outside;
        let errors = std::mem::take(&mut run.errors);
        let mut mix = std::mem::take(&mut run.mix);
        mix.renumber(&run.names.places());
        // k6 writes no failures of iterations.
        let no_outcomes = !run.by_request || run.unknown == run.matched;
        let is_other = !run.by_request && run.matched == 0 && losses.is_empty();
        let others = is_other.then_some(run.others);
        let mut timeline = run.recorder.finish(path, format).map_err(|error| match others {
            Some(others) => others.explain(error),
            None => error,
        })?;
        timeline.endpoint_durations = mix;
        timeline.setup_requests = outside;
        timeline.own_error = errors.commonest(&timeline);
        timeline.failures_unknown = no_outcomes;
        if !self.fine {
            timeline.coarsen();
        }
        timeline.endpoints = run.names.busiest();
        timeline.losses = losses;
        timeline.warnings.splice(..0, warnings);
        Ok(timeline)
    }
}
