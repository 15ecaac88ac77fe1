//! Collects the series of a file while it is read, and limits their number and size.

use super::counters;
use super::dstat::DstatDate;
use super::idle;
use super::units::{share_or_percent, unit_by_name};
use super::{Monitor, MonitorOptions, Warning};
use crate::flights::SECOND_US;
use crate::read::time::{self, DateOrder};
use crate::track::{Metric, PER_SECOND, Spans, Track, Unit, WatchedSystem, is_core_seconds};
use serde_json::Value;
use spikeflame_wall::{micros_of, seconds_of};
use std::collections::{HashMap, HashSet};

/// Largest number of series that are kept from a file.
const MOST_SERIES: usize = 200;

/// Largest number of values that are kept from a file.
const MOST_VALUES: usize = 2_000_000;

/// Largest number of characters of a series' name.
const LONGEST_NAME: usize = 200;

/// Largest number that counts as valid.
const LARGEST_NUMBER: f64 = 1e18;

/// The time to which the values of a series apply.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Reach {
    /// Each value applies to its own moment.
    #[default]
    Moment,
    /// Each value applies to the time up to the next value.
    Forward,
    /// Each value applies to the time since the value before it.
    Backward,
}

/// A series while it is read.
#[derive(Debug, Default)]
pub(super) struct Series {
    pub(super) name: String,
    /// Tells series of one name apart, such as the id of a query. It is shown only when the name
    /// alone is not enough.
    pub(super) id: String,
    pub(super) unit: Unit,
    pub(super) factor: f64,
    pub(super) reach: Reach,
    /// Length in seconds of the period that a value stands for, when the file contains it.
    pub(super) period_s: Option<f64>,
    /// True for counters that only grow. Their growth is the quantity.
    pub(super) counts: bool,
    /// The rank: the less the series shows, the higher. When a file has too many series, those of
    /// the highest rank are left out. A metric whose meaning is known has the rank 0.
    pub(super) rank: u8,
    pub(super) points: Vec<(i64, f64)>,
}

impl Series {
    /// The rank of a series about which nothing is known.
    const UNKNOWN: u8 = 1;

    pub(super) fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        let is_known = Metric::from_name(&name).is_some();
        Self {
            rank: if is_known { 0 } else { Self::UNKNOWN },
            name,
            factor: 1.0,
            ..Self::default()
        }
    }

    /// Sets the id that distinguishes the series from others of the same name.
    pub(super) fn known_as(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// Returns true when both series have a value for one moment, and not the same one. They are
    /// then two series, and not two pages of one.
    fn contradicts(&self, other: &Self) -> bool {
        let (Some(first), Some(second)) = (span(&self.points), span(&other.points)) else {
            return false;
        };
        if first.1 < second.0 || second.1 < first.0 {
            return false;
        }
        let own: HashMap<i64, f64> = self.points.iter().copied().collect();
        (other.points.iter()).any(|(us, value)| own.get(us).is_some_and(|own| own != value))
    }

    /// Sets the unit with this name, if it is a known unit.
    pub(super) fn measured_in(mut self, unit: Option<&str>) -> Self {
        if let Some((unit, factor)) = unit.and_then(Unit::named) {
            (self.unit, self.factor) = (unit, factor);
        }
        self
    }
}

/// Returns the first and the last moment of points in any order.
fn span(points: &[(i64, f64)]) -> Option<(i64, i64)> {
    let times = || points.iter().map(|point| point.0);
    Some((times().min()?, times().max()?))
}

/// The series of a file.
#[derive(Debug, Default)]
pub(super) struct SeriesCollector {
    pub(super) format: &'static str,
    series: Vec<Series>,
    values: usize,
    dropped: usize,
    /// The names and ids of series without a value.
    empty: Vec<(String, String)>,
    /// True when the answer that was read last names a further page.
    pub(super) goes_on: bool,
    pub(super) warnings: Vec<Warning>,
    /// The first series that has another number of values than of times.
    pub(super) uneven: Option<String>,
    pub(super) local: bool,
    /// The column and the text of the first cell that is no number with a known unit.
    pub(super) unread: Option<(String, String)>,
    dates: DateOrder,
    /// True for a table of Windows' counters, whose dates have the month first in every country.
    pub(super) is_windows: bool,
    /// The date in the head of a table of dstat, whose times have no year.
    pub(super) dstat: Option<DstatDate>,
    zone_s: Option<i32>,
}

impl SeriesCollector {
    pub(super) fn new(options: &MonitorOptions) -> Self {
        Self { zone_s: options.zone_s, ..Self::default() }
    }

    /// Sets the zone that the file names for its times, unless the user named one.
    pub(super) fn set_zone(&mut self, zone_s: Option<i32>) {
        self.zone_s = self.zone_s.or(zone_s);
    }

    /// Adds a series. If there is a series with the same name and id, its values are added to that
    /// one, because an answer may come in pages. Series that contradict each other stay separate.
    pub(super) fn add(&mut self, series: Series) {
        self.values += series.points.len();
        while self.is_full() && self.leaves_out_one(series.rank) {}
        let is_full = self.is_full();
        let same = |other: &&mut Series| {
            other.name == series.name && other.id == series.id && !other.contradicts(&series)
        };
        match self.series.iter_mut().find(same) {
            Some(there) if self.values <= MOST_VALUES => there.points.extend(series.points),
            None if series.points.is_empty() => {}
            None if !is_full => self.series.push(series),
            _ => {
                self.values -= series.points.len();
                self.dropped += 1;
            }
        }
    }

    fn is_full(&self) -> bool {
        self.values > MOST_VALUES || self.series.len() >= MOST_SERIES
    }

    /// Leaves out the last series of the highest rank, when this rank is higher than `rank`.
    /// Returns false when there is no such series.
    fn leaves_out_one(&mut self, rank: u8) -> bool {
        let ranks = self.series.iter().map(|one| one.rank).enumerate();
        let last = ranks.max_by_key(|(at, rank)| (*rank, *at));
        let Some((at, _)) = last.filter(|(_, highest)| *highest > rank) else { return false };
        self.values -= self.series.remove(at).points.len();
        self.dropped += 1;
        true
    }

    /// Counts series that were left out before they were added.
    pub(super) fn left_out(&mut self, series: usize) {
        self.dropped += series;
    }

    /// Notes a series that the user's query names and that has no value in this page of the answer.
    pub(super) fn no_values(&mut self, series: &Series) {
        if self.empty.len() < MOST_SERIES {
            self.empty.push((series.name.clone(), series.id.clone()));
        }
    }

    /// Notes the lengths of the two lists of a series. When they differ, nobody knows which value
    /// belongs to which time.
    pub(super) fn pair(&mut self, name: &str, times: usize, values: usize) {
        if times != values && self.uneven.is_none() {
            let name: String = name.chars().take(LONGEST_NAME).collect();
            self.uneven = Some(format!("`{name}` has {times} times and {values} values"));
        }
    }

    pub(super) fn warn(&mut self, warning: Warning) {
        if self.warnings.len() < MOST_SERIES && !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// Reads a time from a text. A time without a zone is in the zone that the user named.
    pub(super) fn written(&mut self, text: &str) -> Option<i64> {
        let text = text.trim();
        let whole = self.dstat.and_then(|date| date.whole(text));
        let whole = whole.or_else(|| if self.is_windows { year_first(text) } else { None });
        let text = whole.as_deref().unwrap_or(text);
        let found = time::either(text.as_bytes()).or_else(|| {
            let found = time::dated(text)?;
            self.dates.see(text);
            Some(found)
        })?;
        if !found.local {
            return Some(found.us);
        }
        self.local |= self.zone_s.is_none();
        Some(found.us - i64::from(self.zone_s.unwrap_or(0)) * SECOND_US)
    }

    /// Reads a time from JSON: a text, or a number of seconds or milliseconds.
    pub(super) fn moment(&mut self, value: &Value) -> Option<i64> {
        match value {
            Value::String(text) => self.written(text),
            Value::Number(number) => time::unix(number.to_string().as_bytes()).map(|time| time.us),
            _ => None,
        }
    }

    /// Returns the tracks. Their points are in the order of time, with one point for each moment.
    pub(super) fn finish(self, source: &str) -> Monitor {
        let Self { format, mut series, dropped, mut empty, mut warnings, local, dates, .. } = self;
        // A page of an answer may lack the values that another page has.
        empty.retain(|(name, id)| {
            !series.iter().any(|series| series.name == *name && series.id == *id)
        });
        empty.sort();
        empty.dedup();
        if self.goes_on {
            warnings.push(Warning::Incomplete { metric: String::new() });
        }
        if let Some((first, _)) = empty.first().filter(|_| !series.is_empty()) {
            let name = first.chars().take(LONGEST_NAME).collect();
            warnings.push(Warning::Empty { name, series: empty.len() });
        }
        let mut used: Vec<Series> = series.iter().filter_map(|idle| used(idle, &series)).collect();
        if used.is_empty() {
            used.extend(sum_of_parts(&series));
        }
        used.extend(series.iter().filter_map(|one| throttled(one, &series)));
        used.extend(series.iter().filter_map(|one| of_reserved(one, &series)));
        series.splice(0..0, used);
        tell_apart(&mut series);
        let names: Vec<(&str, &str)> =
            series.iter().map(|series| (series.name.as_str(), series.id.as_str())).collect();
        let watched = WatchedSystem::from_names(&names);
        if dropped > 0 {
            warnings.push(Warning::Dropped { series: dropped });
        }
        warnings.extend(dates.unknown().map(Warning::DayOrMonth));
        if local {
            warnings.push(Warning::LocalTimes);
        }
        let is_alone = |one: &Series| {
            one.points.len() == 1 && one.period_s.is_none() && matches!(one.reach, Reach::Forward)
        };
        let alone = series.iter().all(is_alone);
        let track = |(series, watched)| track(series, watched, source);
        let tracks: Vec<Track> = series.into_iter().zip(watched).filter_map(track).collect();
        warnings.extend(tracks.iter().find_map(share_or_percent));
        Monitor { format, tracks, warnings, local, alone }
    }
}

/// Returns a time whose date has the month first, `12/01/2026 01:58:45`, with the year first.
fn year_first(text: &str) -> Option<String> {
    let (date, clock) = text.split_once(' ')?;
    let (month, rest) = date.split_once('/')?;
    let (day, year) = rest.split_once('/')?;
    Some(format!("{year}-{month:0>2}-{day:0>2} {clock}"))
}

/// Returns the series of the CPU use that a series of idle time leaves.
fn used(idle: &Series, all: &[Series]) -> Option<Series> {
    let is_percent = matches!(idle.unit, Unit::Plain | Unit::Percent) && idle.factor == 1.0;
    // RDS has the use of the CPU beside its parts.
    if all.iter().any(|one| Metric::from_name(&one.name) == Some(Metric::Cpu)) {
        return None;
    }
    let all = all.iter().map(|one| (one.name.as_str(), one.points.as_slice()));
    let (name, points) = idle::used((&idle.name, &idle.points), all).filter(|_| is_percent)?;
    let (unit, reach, period_s) = (Unit::Percent, idle.reach, idle.period_s);
    Some(Series { unit, reach, period_s, points, ..Series::new(name).known_as(&idle.id) })
}

/// Returns the share of the periods in which a container was stopped, for the series with their number.
fn throttled(stopped: &Series, all: &[Series]) -> Option<Series> {
    let all = all.iter().filter(|one| one.id == stopped.id);
    let all = all.map(|one| (one.name.as_str(), one.points.as_slice()));
    let (name, points) = idle::throttled((&stopped.name, &stopped.points), all)?;
    let (unit, reach) = (Unit::Percent, Reach::Backward);
    Some(Series { unit, reach, points, ..Series::new(name).known_as(&stopped.id) })
}

/// Returns the use of a resource in per cent of its reserved part, for the series with the use.
fn of_reserved(used: &Series, all: &[Series]) -> Option<Series> {
    let all = all.iter().filter(|one| one.id == used.id);
    let all = all.map(|one| (one.name.as_str(), one.points.as_slice()));
    let (name, points) = idle::of_reserved((&used.name, &used.points), all)?;
    let (unit, reach, period_s) = (Unit::Percent, used.reach, used.period_s);
    Some(Series { unit, reach, period_s, points, ..Series::new(name).known_as(&used.id) })
}

/// Returns the series of the CPU use that is the sum of other series.
fn sum_of_parts(all: &[Series]) -> Option<Series> {
    let is_known = all
        .iter()
        .any(|one| Metric::from_name(&one.name) == Some(Metric::Cpu) || one.name.contains("idle"));
    let part = all.iter().find(|one| one.name == "user").filter(|_| !is_known)?;
    let plain: Vec<(&str, &[(i64, f64)])> = all
        .iter()
        .filter(|one| one.id == part.id && one.unit == part.unit && one.factor == 1.0)
        .map(|one| (one.name.as_str(), one.points.as_slice()))
        .collect();
    let is_percent = matches!(part.unit, Unit::Plain | Unit::Percent);
    let (name, points) = idle::sum_of_parts(&plain).filter(|_| is_percent)?;
    let (unit, reach, period_s) = (Unit::Percent, part.reach, part.period_s);
    Some(Series { unit, reach, period_s, points, ..Series::new(name).known_as(&part.id) })
}

/// Adds the ids of series, or else numbers, to a name that several series have.
fn tell_apart(series: &mut [Series]) {
    let mut ids: HashMap<String, HashSet<String>> = HashMap::new();
    for one in series.iter() {
        ids.entry(one.name.clone()).or_default().insert(one.id.clone());
    }
    for one in series.iter_mut().filter(|one| !one.id.is_empty()) {
        if ids.get(&one.name).is_some_and(|ids| ids.len() > 1) {
            one.name = format!("{} ({})", one.name, one.id);
        }
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    for one in series {
        let number = seen.entry(one.name.clone()).or_default();
        *number += 1;
        if *number > 1 {
            one.name = format!("{} (no. {number})", one.name);
        }
    }
}

fn track(mut series: Series, watched: WatchedSystem, source: &str) -> Option<Track> {
    let factor = series.factor;
    series.points.iter_mut().for_each(|point| point.1 *= factor);
    series.points.retain(|point| point.1.abs() < LARGEST_NUMBER);
    // When two values have one moment, the later one in the file counts.
    series.points.sort_by_key(|point| point.0);
    series.points.reverse();
    series.points.dedup_by_key(|point| point.0);
    series.points.reverse();
    let mut name: String = series.name.chars().take(LONGEST_NAME).collect();
    let mut unit = series.unit;
    // Services have rates of a period under the same names.
    let is_of_moments = matches!(series.reach, Reach::Moment);
    series.counts |= is_of_moments && counters::is_counter(&series.name, &series.points);
    let mut track = Track { points: series.points, ..Track::default() };
    if series.counts {
        let step_us = period_us(&track);
        track.points = growth(&track.points);
        // The distance of the two values is known only here.
        let is_alone = track.points.len() == 1;
        series.period_s = series.period_s.or(is_alone.then_some(seconds_of(step_us)));
        series.reach = Reach::Backward;
        name.push_str(PER_SECOND);
        unit = if unit == Unit::Bytes { Unit::BytesPerSecond } else { Unit::PerSecond };
    }
    if track.points.is_empty() {
        return None;
    }
    track.name = name;
    let step = match series.period_s.filter(|seconds| (0.001..1e7).contains(seconds)) {
        Some(seconds) => micros_of(seconds),
        None => period_us(&track),
    };
    track.spans = match series.reach {
        // Nothing tells the period of one value alone.
        _ if step <= 0 => Spans::Moment,
        Reach::Moment => Spans::Moment,
        Reach::Forward => Spans::Forward(step),
        Reach::Backward => Spans::Backward(step),
    };
    track.source = source.to_owned();
    track.watched = watched;
    track.unit = match unit {
        // A second of CPU in each second is one core.
        Unit::Plain | Unit::PerSecond | Unit::Seconds if is_core_seconds(&track.name) => {
            Unit::Share
        }
        Unit::Plain => unit_by_name(&mut track),
        unit => unit,
    };
    Some(track)
}

/// Returns the length of the periods that the values of a track stand for. Where a value is
/// missing, the distance between its neighbours is a multiple of the period.
fn period_us(track: &Track) -> i64 {
    /// The largest difference from a multiple, as a share of the period.
    const OFF: f64 = 0.05;
    /// One in so many distances is a period. Fewer may be two values within one period.
    const ONE_IN: usize = 4;
    let pairs = track.points.iter().zip(track.points.iter().skip(1));
    let steps: Vec<i64> = pairs.map(|(a, b)| b.0 - a.0).collect();
    let Some(least) = steps.iter().copied().min().filter(|least| *least > 0) else { return 0 };
    let periods = |step: i64| step as f64 / least as f64;
    let is_multiple = |step: &i64| (periods(*step) - periods(*step).round()).abs() <= OFF;
    let single = steps.iter().filter(|step| periods(**step) < 1.0 + OFF).count();
    match steps.iter().all(is_multiple) && single * ONE_IN >= steps.len() {
        true => least,
        false => track.step_us(),
    }
}

/// Returns the growth for each second from one value to the next. A falling value means that the
/// counter was restarted, so it counts as no growth.
fn growth(points: &[(i64, f64)]) -> Vec<(i64, f64)> {
    let pairs = points.iter().zip(points.iter().skip(1));
    pairs
        .filter(|(before, after)| after.1 >= before.1 && after.0 > before.0)
        .map(|(before, after)| (after.0, (after.1 - before.1) / seconds_of(after.0 - before.0)))
        .collect()
}
