//! One test in a file of k6.

use super::errors::ErrorTexts;
use super::tags::Tags;
use crate::flights::{MOST_SECONDS, SECOND_US};
use crate::mix::EndpointDurations;
use crate::read::ReadOptions;
use crate::read::names::{Names, Scenarios};
use crate::read::order::Order;
use crate::read::others::{OtherMetrics, OtherProtocols};
use crate::recorder::Recorder;
use crate::timeline::FailureKind;
use crate::warning::Warning;
use std::collections::BTreeMap;

/// Seconds without a point that separate two tests (k6 writes `vus` every second).
pub(crate) const GAP_S: i64 = 60;

/// Seconds without a point that give a warning.
pub(crate) const STALL_S: i64 = 10;
/// The time without a point that gives a warning in a test with `vus`, which k6 writes every second,
/// whatever the system does, in seconds. A busy machine delays them by a second or two.
const STALL_WITH_USERS_S: i64 = 5;
/// Share of the seconds with `vus` from which k6 wrote them all the time.
const SHARE_ALWAYS_WITH_VUS: f64 = 0.9;

/// A request that waits for the `http_req_failed` point directly after it.
#[derive(Debug)]
pub(super) struct OpenRequest {
    pub(super) time_us: i64,
    pub(super) duration_us: u64,
    pub(super) verdict: Option<bool>,
    pub(super) kind: FailureKind,
}

/// One test, from its definitions of metrics to those of the next test.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) recorder: Recorder,
    pub(super) names: Names,
    pub(super) scenarios: Scenarios,
    /// The number of the endpoint of the last request.
    endpoint: Option<usize>,
    pub(super) mix: EndpointDurations,
    /// With an endpoint: the scenarios that send requests to it, and dropped iterations by second and
    /// scenario. Those of other scenarios do not belong to the endpoint.
    pub(super) calling: Scenarios,
    pub(super) dropped: BTreeMap<(i64, String), f64>,
    /// Metrics that were defined, one bit each.
    pub(super) defined: u16,
    pub(super) unjudged: Option<OpenRequest>,
    pub(super) unknown: u64,
    pub(super) matched: u64,
    /// Requests of `setup()` and `teardown()`.
    pub(super) outside: u64,
    /// Points of `vus` that cannot be read.
    pub(super) vus_lost: u64,
    /// True when a user sent a request over HTTP or gRPC. Iterations then do not count.
    pub(super) by_request: bool,
    pub(super) requests: Order,
    pub(super) calls: Order,
    pub(super) iterations: Order,
    pub(super) vus: Order,
    pub(super) others: OtherMetrics,
    /// The protocols that were used, and whose requests are not counted.
    pub(super) used_others: OtherProtocols,
    pub(super) errors: ErrorTexts,
}

impl Run {
    pub(super) fn judge(&mut self, ok: Option<bool>) {
        if let Some(one) = self.unjudged.take() {
            let ok = ok.or(one.verdict);
            self.unknown += u64::from(ok.is_none());
            self.request(one.time_us, one.duration_us, ok.unwrap_or(true), one.kind);
        }
    }

    /// Notes a request over HTTP or gRPC. Returns true when it is one of those that the user asked for.
    pub(super) fn begin_request<S: AsRef<str>>(
        &mut self,
        time_us: i64,
        tags: &Tags<S>,
        outside: bool,
        options: &ReadOptions,
    ) -> bool {
        self.judge(None);
        // Requests of `setup()` alone are no load: the users may speak another protocol.
        if !outside && !std::mem::replace(&mut self.by_request, true) {
            self.recorder.forget_requests();
            self.matched = 0;
        }
        let (name, url) = (tags.name.as_ref(), tags.url.as_ref());
        let name = if name.is_empty() { url } else { name };
        self.endpoint = self.names.add(name, tags.group.as_ref());
        self.scenarios.see(tags.scenario.as_ref());
        if outside || !tags.wanted(options) {
            // Requests that are not counted also show that the test ran.
            self.recorder.touch(time_us);
            self.outside += u64::from(outside);
            return false;
        }
        self.matched += 1;
        if options.endpoint.is_some() {
            self.calling.see(tags.scenario.as_ref());
        }
        true
    }

    /// Adds a request over HTTP.
    pub(super) fn add_request<S: AsRef<str>>(
        &mut self,
        time_us: i64,
        duration_us: u64,
        tags: &Tags<S>,
    ) {
        if tags.expected.as_ref() != "true" {
            self.errors.add(tags.failure(), tags.error.as_ref());
        }
        match tags.expected.as_ref() {
            "true" => self.request(time_us, duration_us, true, FailureKind::default()),
            "false" => self.request(time_us, duration_us, false, tags.failure()),
            _ => {
                self.recorder.touch(time_us);
                let (verdict, kind) = (tags.verdict(), tags.failure());
                self.unjudged = Some(OpenRequest { time_us, duration_us, verdict, kind });
            }
        }
    }

    /// Adds a call of gRPC. Its status is 0 when it succeeded.
    pub(super) fn add_call<S: AsRef<str>>(
        &mut self,
        time_us: i64,
        duration_us: u64,
        tags: &Tags<S>,
    ) {
        let status = tags.status.as_ref().parse::<u16>().ok();
        self.unknown += u64::from(status.is_none());
        let kind = FailureKind { status, error_code: None };
        self.request(time_us, duration_us, matches!(status, None | Some(0)), kind);
    }

    pub(super) fn request(&mut self, time_us: i64, duration_us: u64, ok: bool, kind: FailureKind) {
        if ok {
            self.mix.add(time_us.div_euclid(SECOND_US), self.endpoint, duration_us);
            self.recorder.request(time_us, duration_us, true);
            return;
        }
        // k6 writes 0 for a request that was refused or timed out.
        match kind.is_unanswered().unwrap_or(duration_us == 0) {
            true => self.recorder.request_without_answer(time_us, duration_us),
            false => self.recorder.request(time_us, duration_us, false),
        }
        self.recorder.failed_by(time_us, kind);
    }

    /// Keeps a dropped iteration until the scenarios that call the endpoint are known.
    pub(super) fn drop_later(&mut self, time_us: i64, scenario: &str, count: f64) {
        let second = time_us.div_euclid(SECOND_US);
        let key = (second, scenario.to_owned());
        if let Some(known) = self.dropped.get_mut(&key) {
            *known += count;
        } else if self.dropped.len() < MOST_SECONDS {
            self.dropped.insert(key, count);
        }
    }

    /// Counts the dropped iterations of the scenarios that call the endpoint.
    pub(super) fn count_dropped(&mut self) {
        for ((second, scenario), count) in std::mem::take(&mut self.dropped) {
            if self.calling.has(&scenario) {
                self.recorder.dropped(second.saturating_mul(SECOND_US), count);
            }
        }
    }

    /// Returns warnings for the user.
    pub(super) fn warnings(&self) -> Vec<Warning> {
        let always = self.recorder.share_with_vus() >= SHARE_ALWAYS_WITH_VUS;
        let parts = self.recorder.parts(if always { STALL_WITH_USERS_S } else { STALL_S });
        let stalls = parts.iter().zip(parts.iter().skip(1));
        let longest = stalls.map(|(one, next)| next.seconds.start() - one.seconds.end()).max();
        let stalled = longest.map(|seconds| Warning::Stall { seconds });
        let iterations = (!self.by_request).then_some(Warning::Iterations { successful: true });
        let others = self.by_request.then(|| self.used_others.warning()).flatten();
        let requests = self.unknown;
        let unknown = (requests > 0).then_some(Warning::UnknownOutcome { requests });
        let names = self.names.has_more().then_some(Warning::ManyEndpoints);
        let long = self.names.has_long().then_some(Warning::LongEndpoints);
        let points = self.vus_lost;
        let vus = (points > 0).then(|| Warning::LostVus { points, all: !self.recorder.has_vus() });
        [stalled, iterations, others, unknown, names, long, vus].into_iter().flatten().collect()
    }

    /// Returns the line and size of the clock's first jump back.
    pub(super) fn jump(&self) -> Option<(u64, i64)> {
        [self.requests, self.calls, self.iterations, self.vus].iter().filter_map(Order::jump).min()
    }
}
