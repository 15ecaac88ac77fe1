//! Numbers of a track before and within the plateau of a test.

use crate::plateau::{Plateau, Window};
use crate::timeline::Timeline;
use crate::track::{Metric, Spans, Track, Unit, WatchedSystem, is_allowed, is_in_use, subject};
use std::collections::BTreeSet;

/// Summary of the values of a [`Track`] over some seconds of a test, in the track's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// The mean. A value for a moment has the weight 1. A value for a period is weighted by the
    /// part of the period that lies in these seconds.
    pub mean: f64,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// The earliest value.
    pub first: f64,
    /// The latest value.
    pub last: f64,
    /// Number of values.
    pub points: usize,
    /// Share of the periods of the values that lies outside these seconds, from 0 to 1; 0 for
    /// values of moments.
    pub outside: f64,
    /// Share of these seconds to which the values apply, from 0 to 1. The value of a moment counts here for the
    /// time up to the usual distance of two values before and after it.
    pub covered: f64,
}

/// A track with summaries of its values before and within the plateau of a test.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackFigures<'a> {
    /// The track whose values are summarised.
    pub track: &'a Track,
    /// Summary over the seconds of [`Plateau::before`]. It is `None` when there are none, and
    /// without a value in them.
    pub before: Option<Figures>,
    /// Summary over the seconds of the plateau, or over the whole test when it has no plateau. It is
    /// `None` without a value in them.
    pub within: Option<Figures>,
    /// For a track of CPU credits, the track with the CPU use of this machine, in per cent. It is
    /// `None` when that is not known, and for other tracks.
    pub cpu_track: Option<&'a Track>,
    /// Summary of `cpu_track` over the same time as `within`; `None` without this track, or without a value in
    /// that time.
    pub machine_cpu: Option<Figures>,
    /// For connections in use, the largest number that the file states as allowed over the same time
    /// as `within`. It is `None` when that is not known or when several tracks of the file state one,
    /// and for other tracks.
    pub allowed: Option<f64>,
    /// True for the largest or the smallest samples of each period, when the same file has the means of the same
    /// quantity. They are no sign of a limit: a moment at 100 % is in most periods.
    pub has_mean: bool,
}

/// Returns an entry for each of [`Timeline::tracks`], in their order, with summaries of its values
/// before and within `plateau`. Without a plateau, `before` is `None` and `within` covers the whole
/// test.
pub fn beside<'a>(timeline: &'a Timeline, plateau: Option<&Plateau>) -> Vec<TrackFigures<'a>> {
    let whole = Window { from: 0, to: timeline.seconds.len() };
    let within = plateau.map_or(whole, |found| found.within.window);
    let before = plateau.and_then(|found| found.before.as_ref()).map(|before| before.window);
    timeline.tracks.iter().map(|track| of_track(track, timeline, before, within)).collect()
}

fn of_track<'a>(
    track: &'a Track,
    timeline: &'a Timeline,
    before: Option<Window>,
    within: Window,
) -> TrackFigures<'a> {
    let over = |track: &Track, window: Window| {
        figures(track, timeline.second_us(window.from), timeline.second_us(window.to))
    };
    let cpu_track = cpu_of(track, &timeline.tracks);
    TrackFigures {
        track,
        before: before.and_then(|window| over(track, window)),
        within: over(track, within),
        cpu_track,
        machine_cpu: cpu_track.and_then(|cpu| over(cpu, within)),
        allowed: allowed(track, &timeline.tracks).and_then(|bound| Some(over(bound, within)?.max)),
        has_mean: has_mean(track, &timeline.tracks),
    }
}

/// Returns the only track of the same file with the number of connections that are allowed, for connections in use.
fn allowed<'a>(used: &Track, tracks: &'a [Track]) -> Option<&'a Track> {
    let is_known = matches!(used.metric(), Some(Metric::Connections | Metric::PoolUsed));
    if !is_known && !is_in_use(&used.name) {
        return None;
    }
    let is_bound = |track: &&Track| track.source == used.source && is_allowed(&track.name);
    let mut found = tracks.iter().filter(is_bound);
    found.next().filter(|bound| found.next().is_none() && hardly_changes(bound))
}

/// Returns true for a track with the largest or the smallest samples of each period, when a track of the same file has
/// the means: `CPUUtilization (maximum)` beside `CPUUtilization (average)`.
fn has_mean(extreme: &Track, tracks: &[Track]) -> bool {
    const EXTREMES: [&str; 6] =
        [" (maximum)", " (minimum)", " (max)", " (min)", "_maximum", "_minimum"];
    const MEANS: [&str; 5] = ["", " (average)", " (avg)", " (mean)", "_average"];
    let name = extreme.name.to_lowercase();
    let Some(word) = EXTREMES.into_iter().find(|word| name.contains(word)) else { return false };
    let means = MEANS.map(|mean| name.replacen(word, mean, 1));
    let of_file = tracks.iter().filter(|track| track.source == extreme.source);
    of_file.map(|track| track.name.to_lowercase()).any(|other| means.contains(&other))
}

/// Returns true for a track whose values differ by 1 % at most. A number that follows the load is no limit.
fn hardly_changes(track: &Track) -> bool {
    let values = || track.points.iter().map(|point| point.1);
    let (least, most) = (values().fold(f64::MAX, f64::min), values().fold(f64::MIN, f64::max));
    least >= 0.99 * most
}

/// Returns the CPU use of the machine whose CPU credits a track counts: a track in per cent, whose name has
/// the same words beside those of the metric. A track of the same file comes first. Each metric may also
/// have a file of its own: then only one track may fit, and the names of the files may not contradict.
fn cpu_of<'a>(credits: &Track, tracks: &'a [Track]) -> Option<&'a Track> {
    if credits.metric() != Some(Metric::CpuCredits) {
        return None;
    }
    let machine = subject(&credits.name);
    let fits = |track: &&Track| {
        track.metric() == Some(Metric::Cpu)
            && track.unit == Unit::Percent
            && subject(&track.name) == machine
    };
    let mut own = tracks.iter().filter(fits).filter(|track| track.source == credits.source);
    if let Some(own) = own.next() {
        return Some(own);
    }
    // The maximum of a period is no measure of how busy the machine was, where the mean is known.
    let mean = |track: &&Track| !track.name.to_lowercase().contains("(max");
    let others = || tracks.iter().filter(fits).filter(|track| is_of_one(track, credits));
    let only = |mut found: Vec<&'a Track>| found.pop().filter(|_| found.is_empty());
    only(others().filter(mean).collect()).or_else(|| only(others().collect()))
}

/// Returns true when nothing in the names of two files shows that they are of different machines.
fn is_of_one(track: &Track, other: &Track) -> bool {
    const UNKNOWN: WatchedSystem = WatchedSystem::Unknown;
    let (one, two) = (file_words(&track.source), file_words(&other.source));
    let kinds = [track.watched, other.watched];
    let is_one_kind = track.watched == other.watched || kinds.contains(&UNKNOWN);
    is_one_kind && (one == two || one.is_empty() || two.is_empty())
}

/// Returns the words in the name of a file that are not of a metric: those of a machine or a service.
fn file_words(source: &str) -> BTreeSet<String> {
    const METRICS: [&str; 10] = [
        "cpu",
        "credit",
        "credits",
        "balance",
        "utilization",
        "utilisation",
        "usage",
        "metrics",
        "metric",
        "cloudwatch",
    ];
    let file = source.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = file.split('.').next().unwrap_or_default();
    let is_of_metric = |word: &String| {
        METRICS.contains(&word.as_str()) || word.bytes().all(|byte| byte.is_ascii_digit())
    };
    subject(stem).into_iter().filter(|word| !is_of_metric(word)).collect()
}

/// Returns the numbers of a track between two moments; `None` without a value in this time.
fn figures(track: &Track, from_us: i64, to_us: i64) -> Option<Figures> {
    let reach_us = if track.spans == Spans::Moment { track.step_us() } else { 0 };
    // The end of the time that is covered so far, and its length.
    let (mut end_us, mut covered_us) = (from_us, 0_i64);
    let mut found: Option<Figures> = None;
    let (mut weights, mut sum, mut whole) = (0.0, 0.0, 0.0);
    for point in &track.points {
        let (from, to) = track.stands_for(point);
        let covered = (to.min(to_us) - from.max(from_us)).max(0) as f64;
        let weight = match track.spans {
            Spans::Moment if (from_us..to_us).contains(&point.0) => 1.0,
            Spans::Moment => 0.0,
            _ => covered,
        };
        if weight <= 0.0 {
            continue;
        }
        let starts_us = from.saturating_sub(reach_us).max(end_us);
        let ends_us = to.saturating_add(reach_us).min(to_us);
        covered_us += (ends_us - starts_us).max(0);
        end_us = end_us.max(ends_us);
        weights += weight;
        sum += weight * point.1;
        whole += if to > from { (to - from) as f64 } else { weight };
        let value = point.1;
        found = Some(match found {
            None => Figures {
                mean: value,
                min: value,
                max: value,
                first: value,
                last: value,
                points: 1,
                outside: 0.0,
                covered: 0.0,
            },
            Some(so_far) => Figures {
                min: so_far.min.min(value),
                max: so_far.max.max(value),
                last: value,
                points: so_far.points + 1,
                ..so_far
            },
        });
    }
    let covered = covered_us as f64 / (to_us - from_us).max(1) as f64;
    found.map(|found| Figures {
        mean: sum / weights,
        outside: 1.0 - weights / whole,
        covered,
        ..found
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flights::SECOND_US;

    #[test]
    fn a_value_a_minute_counts_by_the_part_of_it_that_lies_within() {
        let mut track = Track::new("cpu", vec![(0, 20.0), (60 * SECOND_US, 80.0)]);
        track.spans = Spans::Forward(60 * SECOND_US);
        let figures = figures(&track, 50 * SECOND_US, 80 * SECOND_US).unwrap();
        assert!((figures.mean - 60.0).abs() < 1e-9);
        assert_eq!((figures.min, figures.max, figures.points), (20.0, 80.0, 2));
        assert!((figures.outside - 0.75).abs() < 1e-9);
    }

    #[test]
    fn values_of_a_part_of_the_window_cover_that_part() {
        let track = |seconds: &[i64]| {
            Track::new("cpu", seconds.iter().map(|at| (at * SECOND_US, 1.0)).collect())
        };
        let covered =
            |track: &Track| figures(track, 40 * SECOND_US, 90 * SECOND_US).unwrap().covered;
        for (seconds, share) in [
            (&[25, 30, 35, 40, 45][..], 0.2),
            (&[80, 85, 90][..], 0.3),
            (&[40, 45, 50, 80, 85][..], 0.6),
            // The usual distance of values, and one that is missing.
            (&[30, 45, 60, 75, 90][..], 1.0),
            (&[42, 47, 52, 57, 67, 72, 77, 82, 87][..], 1.0),
            (&[60][..], 0.0),
        ] {
            let found = covered(&track(seconds));
            assert!((found - share).abs() < 1e-9, "{seconds:?}: {found}");
        }
        let mut periods = track(&[0, 60]);
        for (spans, share) in
            [(Spans::Forward(60 * SECOND_US), 1.0), (Spans::Forward(10 * SECOND_US), 0.2)]
        {
            periods.spans = spans;
            assert!((covered(&periods) - share).abs() < 1e-9, "{spans:?}");
        }
    }

    #[test]
    fn moments_outside_say_nothing() {
        let track = Track::new("threads", vec![(0, 1.0), (15 * SECOND_US, 3.0)]);
        assert_eq!(figures(&track, SECOND_US, 9 * SECOND_US), None);
        assert_eq!(figures(&track, 0, 16 * SECOND_US).unwrap().mean, 2.0);
    }
}
