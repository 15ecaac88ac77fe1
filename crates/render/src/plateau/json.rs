//! The plateau as JSON, schema `spikeflame.plateau/1` (`docs/json.md`).

use super::{LimitWords, PlateauView, monitors, words};
use serde::Serialize;
use spikeflame_load::monitor::{Figures, TrackFigures, beside};
use spikeflame_load::plateau::{Basis, Evidence, FailureCount, Spread, Statistic, Stretch};
use spikeflame_load::{Axis, Metric, Plateaus, Starvation, Timeline, Unit, WatchedSystem};
use spikeflame_profile::{ClockSource, wall};
use std::io::{self, Write};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    source: &'a str,
    format: &'static str,
    found: bool,
    reason: Option<String>,
    way: Option<&'a str>,
    start: Option<String>,
    end: Option<String>,
    start_s: Option<usize>,
    end_s: Option<usize>,
    axis: Option<&'static str>,
    grade: Option<&'static str>,
    evidence: Option<Vec<Row>>,
    stretch: Option<f64>,
    stretch_at_least: Option<f64>,
    rest_ms: Option<f64>,
    rest_ms_at_most: Option<f64>,
    statistic: Option<&'static str>,
    rest_seen: Option<bool>,
    load: Option<Interval>,
    goodput_rps: Option<Interval>,
    knee_vus: Option<Interval>,
    knee_rate: Option<Interval>,
    level_rps: Option<f64>,
    capacity_rps: Option<f64>,
    retrograde: Option<bool>,
    whole_test: Option<StretchRow>,
    part_of_test: Option<bool>,
    before: Option<StretchRow>,
    within: Option<StretchRow>,
    after: Option<StretchRow>,
    little_ratio: Option<f64>,
    implied_think_s: Option<f64>,
    dropped: Option<f64>,
    failures: Option<Vec<FailureRow>>,
    plateaus: Vec<PlateauRow>,
    steadiest: Option<Interval>,
    setup_requests: u64,
    cpu_utilisation: Option<f64>,
    event_loop_utilisation: Option<f64>,
    cores: Option<f64>,
    gc_share: Option<f64>,
    coverage: Option<f64>,
    main_thread_cores: Option<f64>,
    other_threads_cores: Option<f64>,
    busiest_is_worker: Option<bool>,
    starved: Vec<StarvationRow>,
    clock: Option<ClockRow>,
    beside: Vec<TrackRow<'a>>,
}

/// A quantity beside the test.
#[derive(Serialize)]
struct TrackRow<'a> {
    name: &'a str,
    source: &'a str,
    unit: &'static str,
    metric: Option<&'static str>,
    watched: Option<&'static str>,
    before: Option<FigureRow>,
    within: Option<FigureRow>,
    means: Option<String>,
}

#[derive(Serialize)]
struct FigureRow {
    mean: f64,
    min: f64,
    max: f64,
    points: usize,
    outside: f64,
    covered: f64,
}

/// A range from the first number to the second.
#[derive(Serialize)]
struct Interval(f64, f64);

fn spread(spread: Spread) -> Interval {
    Interval(spread.low, spread.high)
}

/// Seconds in which the busiest thread had work, but got little of a core.
#[derive(Serialize)]
struct StarvationRow {
    start_s: usize,
    end_s: usize,
    cores: f64,
}

fn starvation(one: &Starvation) -> StarvationRow {
    StarvationRow { start_s: one.window.from, end_s: one.window.to, cores: one.cores }
}

/// A piece of evidence with its numbers.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Row {
    Flat {
        elasticity: f64,
    },
    Slower {
        rest_ms: f64,
        within_ms: f64,
    },
    Stretched {
        times: f64,
    },
    FirstBurst {
        requests: usize,
        rps: f64,
    },
    #[serde(rename = "failing")]
    FailureShare {
        rest: f64,
        within: f64,
    },
    Unserved {
        wanted_rps: f64,
        served_rps: f64,
        dropped: Option<f64>,
    },
    OtherLimit {
        earlier_rps: f64,
    },
    Busy {
        share: f64,
    },
}

/// Failed requests of one kind.
#[derive(Serialize)]
struct FailureRow {
    status: Option<u16>,
    error_code: Option<u16>,
    before: f64,
    within: f64,
}

/// One of several plateaus.
#[derive(Serialize)]
struct PlateauRow {
    start_s: usize,
    end_s: usize,
    grade: &'static str,
    level_rps: f64,
    chosen: bool,
}

#[derive(Serialize)]
struct StretchRow {
    start_s: usize,
    end_s: usize,
    missing_s: usize,
    requests: f64,
    rps: f64,
    // `null` when the input has no value: JSON has no NaN.
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
    mean_ms: f64,
    error_rate: f64,
    failed_checks_rate: f64,
    dropped: Option<f64>,
    received_bytes_per_s: f64,
    sent_bytes_per_s: f64,
    received_bytes_per_request: f64,
    sent_bytes_per_request: f64,
}

#[derive(Serialize)]
struct ClockRow {
    known: &'static str,
    uncertainty_ms: f64,
    /// `null` when the test's times are not those of a clock: the zero is then a time of the test.
    profile_start: Option<String>,
}

fn row(evidence: &Evidence, timeline: &Timeline) -> Row {
    match *evidence {
        Evidence::Flat { elasticity } => Row::Flat { elasticity },
        Evidence::Slower { rest_ms, within_ms } => Row::Slower { rest_ms, within_ms },
        Evidence::Stretched { times } => Row::Stretched { times },
        Evidence::FirstBurst { requests, rps } => Row::FirstBurst { requests, rps },
        Evidence::FailureShare { rest, within } => Row::FailureShare { rest, within },
        Evidence::Unserved { wanted_rps, served_rps, dropped } => {
            let dropped = timeline.counts_drops().then_some(dropped);
            Row::Unserved { wanted_rps, served_rps, dropped }
        }
        Evidence::OtherLimit { earlier_rps } => Row::OtherLimit { earlier_rps },
        Evidence::Busy { share } => Row::Busy { share },
    }
}

fn failure(one: &FailureCount) -> FailureRow {
    let FailureCount { kind, before, within } = *one;
    FailureRow { status: kind.status, error_code: kind.error_code, before, within }
}

/// Returns the totals of all requests in a plateau, when those of a part of them are shown.
fn of_whole_test(found: &spikeflame_load::Plateau) -> Option<Stretch> {
    match found.basis {
        Basis::WholeTest(whole) => Some(whole),
        Basis::Test | Basis::PartOfTest => None,
    }
}

fn shorts(all: &Plateaus) -> Vec<PlateauRow> {
    let plateaus = all.all.iter().enumerate();
    plateaus.map(|(at, one)| PlateauRow::new(one, at == all.index)).collect()
}

impl PlateauRow {
    fn new(plateau: &spikeflame_load::Plateau, chosen: bool) -> Self {
        Self {
            start_s: plateau.window.from,
            end_s: plateau.window.to,
            grade: words::grade(plateau.grade),
            level_rps: plateau.level_rps,
            chosen,
        }
    }
}

fn tracks<'a>(all: &[TrackFigures<'a>], words: LimitWords) -> Vec<TrackRow<'a>> {
    all.iter().map(|one| track_row(one, words)).collect()
}

fn track_row<'a>(one: &TrackFigures<'a>, words: LimitWords) -> TrackRow<'a> {
    TrackRow {
        name: &one.track.name,
        source: &one.track.source,
        unit: unit(one.track.unit),
        metric: one.track.metric().map(Metric::word),
        watched: match one.track.watched {
            WatchedSystem::Database => Some("database"),
            WatchedSystem::Container => Some("container"),
            WatchedSystem::Unknown => None,
        },
        before: one.before.map(figure_row),
        within: one.within.map(figure_row),
        means: monitors::sentence(one, words),
    }
}

fn figure_row(figures: Figures) -> FigureRow {
    FigureRow {
        mean: figures.mean,
        min: figures.min,
        max: figures.max,
        points: figures.points,
        outside: figures.outside,
        covered: figures.covered,
    }
}

/// Returns a unit as JSON names it.
pub(crate) fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Plain => "",
        Unit::Percent => "percent",
        Unit::Share => "share",
        Unit::Bytes => "bytes",
        Unit::BytesPerSecond => "bytes_per_second",
        Unit::Seconds => "seconds",
        Unit::PerSecond => "per_second",
    }
}

impl StretchRow {
    fn from_stretch(stretch: &Stretch, timeline: &Timeline) -> Self {
        let (received, sent) = stretch.bytes_per_request();
        Self {
            start_s: stretch.window.from,
            end_s: stretch.window.to,
            missing_s: stretch.missing_s,
            requests: stretch.requests,
            rps: stretch.rps,
            p50_ms: stretch.p50_ms,
            p95_ms: stretch.p95_ms,
            p99_ms: stretch.p99_ms,
            mean_ms: stretch.mean_ms,
            error_rate: stretch.error_rate,
            failed_checks_rate: stretch.checks.failed_share(),
            dropped: timeline.counts_drops().then_some(stretch.dropped),
            received_bytes_per_s: stretch.received_rate,
            sent_bytes_per_s: stretch.sent_rate,
            received_bytes_per_request: received,
            sent_bytes_per_request: sent,
        }
    }
}

/// Writes the plateau that [`Plateaus::chosen`] returns as JSON of schema `spikeflame.plateau/1`
/// (`docs/json.md`), with the times of all plateaus. Shares are from 0 to 1, and a number that is
/// not known is `null`. When the view has no plateau, `found` is false, `reason` is a sentence, and `way` is
/// the advice for the next step ([`PlateauWords::way_out`](super::PlateauWords::way_out)).
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn json(tested: &PlateauView<'_>, out: &mut impl Write) -> io::Result<()> {
    let timeline = tested.timeline;
    let all = tested.plateau.as_ref().ok();
    let found = all.map(Plateaus::chosen);
    // Other times count from the start of the test or from midnight.
    let time = |us: i64| timeline.has_clock().then(|| wall::rfc3339(us.max(0).unsigned_abs()));
    let at = |second: usize| time(timeline.second_us(second));
    let interval = |axis| {
        let knee = found.filter(|found| found.axis == axis).and_then(|found| found.knee);
        knee.map(|knee| Interval(knee.low, knee.high))
    };
    let of_rate = || found?.knee_of_rate.map(|knee| Interval(knee.low, knee.high));
    let at_rest = |seen: bool| found.filter(|found| found.rest_seen == seen);
    let part = |stretch: &Stretch| StretchRow::from_stretch(stretch, timeline);
    let (usage, clock) = tested.usage.unzip();
    let beside = beside(timeline, found);
    let document = Document {
        schema: "spikeflame.plateau/1",
        source: &timeline.source,
        format: timeline.format,
        found: found.is_some(),
        reason: tested.plateau.as_ref().err().map(ToString::to_string),
        way: tested.plateau.as_ref().err().map(|_| tested.words.way_out.as_str()),
        start: found.and_then(|found| at(found.window.from)),
        end: found.and_then(|found| at(found.window.to)),
        start_s: found.map(|found| found.window.from),
        end_s: found.map(|found| found.window.to),
        axis: found.map(|found| match found.axis {
            Axis::Vus => "vus",
            Axis::Rate => "rate",
            Axis::InFlight => "in_flight",
        }),
        grade: found.map(|found| words::grade(found.grade)),
        evidence: found.map(|found| found.evidence.iter().map(|one| row(one, timeline)).collect()),
        stretch: at_rest(true).and_then(|found| found.stretch),
        stretch_at_least: at_rest(false).and_then(|found| found.stretch),
        rest_ms: at_rest(true).and_then(|found| found.rest_ms),
        rest_ms_at_most: at_rest(false).and_then(|found| found.rest_ms),
        statistic: found.map(|found| match found.statistic {
            Statistic::Mean => "mean",
            Statistic::P50 => "p50",
            Statistic::P95 => "p95",
            Statistic::P99 => "p99",
        }),
        rest_seen: found.map(|found| found.rest_seen),
        load: found.map(|found| spread(found.load)),
        goodput_rps: found.map(|found| spread(found.goodput)),
        knee_vus: interval(Axis::Vus),
        knee_rate: interval(Axis::Rate).or_else(of_rate),
        level_rps: found.map(|found| found.level_rps),
        capacity_rps: found.and_then(|found| found.capacity_rps),
        retrograde: found.map(|found| found.retrograde),
        whole_test: found.and_then(of_whole_test).map(|whole| part(&whole)),
        part_of_test: found.map(|found| found.basis == Basis::PartOfTest),
        before: found.and_then(|found| found.before.as_ref()).map(part),
        within: found.map(|found| part(&found.within)),
        after: found.and_then(|found| found.after.as_ref()).map(part),
        little_ratio: found.and_then(|found| found.little_ratio),
        implied_think_s: found.and_then(|found| found.implied_think_s),
        dropped: found.filter(|_| timeline.counts_drops()).map(|found| found.dropped),
        failures: (found.filter(|_| timeline.has_failure_kinds()))
            .map(|found| found.failing.iter().map(failure).collect()),
        plateaus: all.map(shorts).unwrap_or_default(),
        steadiest: (tested.plateau.as_ref().err())
            .and_then(|none| none.steadiest)
            .map(|window| Interval(window.from as f64, window.to as f64)),
        setup_requests: timeline.setup_requests,
        cpu_utilisation: usage.map(|usage| usage.cpu_utilisation),
        event_loop_utilisation: usage
            .filter(|usage| !usage.idle_may_work)
            .and_then(|usage| usage.loop_utilisation),
        cores: usage.and_then(|usage| usage.core_share()).map(|share| share.share),
        gc_share: usage.and_then(|usage| usage.gc_share),
        coverage: usage.map(|usage| usage.coverage),
        main_thread_cores: usage.and_then(|usage| usage.main_cores),
        other_threads_cores: usage.and_then(|usage| usage.other_cores),
        busiest_is_worker: usage.and_then(|usage| usage.is_worker),
        starved: tested.starved.iter().map(starvation).collect(),
        clock: clock.map(|clock| ClockRow {
            known: match clock.known {
                ClockSource::Recorded => "recorded",
                ClockSource::Marks => "marks",
                ClockSource::Given => "told",
                ClockSource::FileName | ClockSource::FileStamp => "file_name",
                ClockSource::FileTime => "file_time",
                ClockSource::Correlated => "correlated",
                ClockSource::Spanned => "spanned",
            },
            uncertainty_ms: clock.uncertainty_us as f64 / 1e3,
            profile_start: time(clock.zero_us),
        }),
        beside: tracks(&beside, tested.words.limits),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}
