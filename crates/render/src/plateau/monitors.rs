//! Values of monitors before and within a plateau, in words and numbers.

use super::{LimitWords, words};
use crate::clean;
use crate::number::decimals;
use spikeflame_load::monitor::{Figures, Sign, TrackFigures, beside};
use spikeflame_load::{Plateau, Spans, Timeline, Track, Unit, WatchedSystem};
use spikeflame_profile::wall;
use std::io::{self, Write};

/// Share of time outside of the window from which values are marked.
const MUCH_OUTSIDE: f64 = 0.25;

/// Share of time outside of the window above which values are no sign of the limit of the test: a mean of 97 %
/// may then be one of less than 85 % within it.
const MOSTLY_OUTSIDE: f64 = 0.75;

/// Share of the window below which the part that values cover is too small to show the limit of the test.
const LEAST_COVERED: f64 = 0.5;

/// Share of the window below which the part that values cover is stated.
const MOSTLY_COVERED: f64 = 0.75;

/// Writes the tracks beside a test, and the signs of a limit in them.
pub(super) fn text(
    timeline: &Timeline,
    plateau: Option<&Plateau>,
    words: LimitWords,
    out: &mut impl Write,
) -> io::Result<()> {
    let all = beside(timeline, plateau);
    if all.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = all.iter().map(|one| clean::terminal(&name(one.track))).collect();
    let wide = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).clamp(9, 56);
    let within = if plateau.is_some() { "PLATEAU" } else { "TEST" };
    writeln!(
        out,
        "\n{:<wide$} {:>11} {within:>11} {:>11} {:>11}",
        "BESIDE", "BEFORE", "LEAST", "MOST"
    )?;
    for (one, name) in all.iter().zip(&names) {
        let unit = one.track.unit;
        let show = |figures: Option<Figures>, of: fn(&Figures) -> f64| {
            figures.map_or_else(|| "-".to_owned(), |figures| value(of(&figures), unit))
        };
        writeln!(
            out,
            "{name:<wide$} {:>11} {:>11} {:>11} {:>11}",
            show(one.before, |figures| figures.mean),
            show(one.within, |figures| figures.mean),
            show(one.within, |figures| figures.min),
            show(one.within, |figures| figures.max)
        )?;
    }
    for note in notes(&all) {
        writeln!(out, "({note}.)")?;
    }
    for sign in all.iter().filter_map(|one| sentence(one, words)) {
        writeln!(out, "{}", clean::sentence(&sign))?;
    }
    Ok(())
}

/// Limits of what the table can show.
fn notes(all: &[TrackFigures<'_>]) -> Vec<String> {
    let mut notes = Vec::new();
    let none = all.iter().filter(|one| one.within.is_none()).count();
    if none > 0 {
        notes.push(format!("{none} of {} have no value within it", all.len()));
    }
    let covered = |one: &TrackFigures<'_>| one.within.map_or(1.0, |figures| figures.covered);
    let is_moment = |one: &&TrackFigures<'_>| {
        one.within.is_some_and(|figures| figures.points == 1 && figures.covered <= 0.0)
    };
    let mut moments = all.iter().filter(is_moment);
    if let Some(one) = moments.next() {
        let more = match moments.count() {
            0 => String::new(),
            more => format!("; so have {more} more"),
        };
        let name = clean::terminal(&name(one.track));
        notes.push(format!("{name} has one value, which is that of a moment{more}"));
    }
    let partly = all.iter().filter(|one| !is_moment(one) && covered(one) < MOSTLY_COVERED);
    let least = partly.clone().min_by(|a, b| covered(a).total_cmp(&covered(b)));
    if let Some(one) = least {
        let more = match partly.count() - 1 {
            0 => String::new(),
            more => format!(", and {more} more are not there for all of it"),
        };
        notes.push(format!(
            "{}: its values within cover {} of that time{more}",
            clean::terminal(&name(one.track)),
            words::percent(covered(one))
        ));
    }
    let coarse =
        |one: &&TrackFigures<'_>| one.within.is_some_and(|figures| figures.outside > MUCH_OUTSIDE);
    if let Some(one) = all.iter().filter(coarse).max_by(|a, b| outside(a).total_cmp(&outside(b))) {
        let length = length_s(one.track);
        notes.push(format!(
            "{}: a value stands for {length:.0} s, and {} of the time of these values lies outside",
            clean::terminal(&name(one.track)),
            words::percent(outside(one))
        ));
    }
    notes
}

fn outside(one: &TrackFigures<'_>) -> f64 {
    one.within.map_or(0.0, |figures| figures.outside)
}

/// Returns a track's name, and the file that it is from.
pub(crate) fn name(track: &Track) -> String {
    let file = track.source.rsplit(['/', '\\']).next().unwrap_or_default();
    if file.is_empty() { track.name.clone() } else { format!("{} ({file})", track.name) }
}

/// Returns a value with its unit: `97.1 %`, `512 MiB`, `3.2 ms`.
fn value(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Plain => number(value),
        Unit::Percent => decimals(value, 1) + " %",
        Unit::Share => decimals(100.0 * value, 1) + " %",
        Unit::Bytes => bytes(value),
        Unit::BytesPerSecond => bytes(value) + "/s",
        Unit::Seconds => super::millis(1e3 * value),
        Unit::PerSecond => number(value) + "/s",
    }
}

/// Returns a number with as many digits as its size needs.
fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 1e15 => format!("{value:.3e}"),
        size if size >= 1e5 || value.fract() == 0.0 => format!("{value:.0}"),
        size if size >= 100.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        size if size >= 1e-4 => {
            format!("{value:.4}").trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        _ => format!("{value:.1e}"),
    }
}

/// Returns a number of bytes with its unit.
fn bytes(mut size: f64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut at = 0;
    while size.abs() >= 1024.0 && at + 1 < units.len() {
        size /= 1024.0;
        at += 1;
    }
    let unit = units.get(at).copied().unwrap_or_default();
    if at == 0 { format!("{} {unit}", decimals(size, 0)) } else { format!("{size:.1} {unit}") }
}

/// Returns the sign that most likely is the limit of a test, in words; `None` without a sign in values of
/// mostly its time.
/// A resource that is used up comes before one that others wait for, because the wait may be its
/// consequence.
pub(super) fn limit(all: &[TrackFigures<'_>], words: LimitWords) -> Option<String> {
    // Values that mostly stand for another time, or for a small part of this one, do not show its limit.
    let covered = |one: &TrackFigures<'_>| one.within.map_or(0.0, |figures| figures.covered);
    let of_this_time =
        all.iter().filter(|one| outside(one) <= MOSTLY_OUTSIDE && covered(one) >= LEAST_COVERED);
    let ranked = of_this_time.filter_map(|one| Some((rank(Sign::find(one)?)?, one)));
    let first = ranked.min_by_key(|(rank, _)| *rank)?.1;
    sentence(first, words)
}

/// Returns the rank of a sign as the limit of a test, the likeliest first. Returns `None` for signs
/// that any load shows: caches grow, and so does a binary log.
fn rank(sign: Sign) -> Option<u8> {
    Some(match sign {
        Sign::CpuUsedUp { .. } | Sign::Throttled { .. } => 0,
        Sign::NoDiskCredits | Sign::NoCpuCredits { held_at: Some(_) } => 1,
        Sign::DiskQueues { .. } | Sign::DiskSlower { .. } => 2,
        Sign::RowsLocked => 3,
        Sign::StandsStill { .. } | Sign::AllUsed { .. } => 4,
        Sign::PoolWaits | Sign::NoneFree { .. } => 5,
        Sign::MoreRunning { .. } => 6,
        Sign::LoopLate { .. } | Sign::LoopBusy { .. } | Sign::OneCoreUsed { .. } => 7,
        // A machine in unlimited mode begins without credits.
        Sign::NoCpuCredits { held_at: None } => 8,
        _ => return None,
    })
}

/// Returns one sentence about the limit that a track shows ([`Sign::find`]): the name of the track
/// with its file, the meaning of its values, and for the CPU of a database
/// [`LimitWords::statements`]. The text is not cleaned for an output. Returns `None` when the track
/// shows no limit.
pub fn sentence(beside: &TrackFigures<'_>, words: LimitWords) -> Option<String> {
    let track = beside.track;
    let sign = Sign::find(beside)?;
    let of = match track.watched {
        WatchedSystem::Database => "the database",
        WatchedSystem::Container => "the container",
        WatchedSystem::Unknown => "what it watches",
    };
    let bytes = |size: f64| value(size, Unit::Bytes);
    let text = match sign {
        Sign::CpuUsedUp { percent } => match track.watched {
            WatchedSystem::Database => {
                format!("the CPU of the database is used up ({percent:.0} %){}", words.statements)
            }
            _ if !is_of_all_cores(&track.name) => format!(
                "the CPU of {of} is used up ({percent:.0} %), if 100 % are all cores that it may use"
            ),
            _ => format!("the CPU of {of} is used up ({percent:.0} %)"),
        },
        Sign::OneCoreUsed { percent } => format!(
            "about one core is used ({percent:.0} %, where 100 % is one core), as much as the JavaScript of one \
             Node process can use; the file does not have the number of cores"
        ),
        Sign::NoDiskCredits => {
            "fewer than 5 % of the burst credits of the disk are left: without any, \
             it has only its baseline"
                .to_owned()
        }
        Sign::NoCpuCredits { held_at } => {
            let other = beside.cpu_track.filter(|cpu| cpu.source != track.source);
            let file = other.map(|cpu| format!(" ({})", name(cpu))).unwrap_or_default();
            let held =
                held_at.map(|percent| format!(", and its CPU was busy {percent:.0} %{file}"));
            format!(
                "the CPU credits of {of} are used up{}: unless it runs in unlimited mode, it has only \
                 its baseline",
                held.unwrap_or_default()
            )
        }
        Sign::MemoryFull { percent } => {
            format!("the memory of {of} is nearly full ({percent:.0} %)")
        }
        Sign::MemoryShrinks { before, least } => {
            let show = |size: f64| value(size, track.unit);
            format!("the free memory of {of} shrinks from {} to {}", show(before), show(least))
        }
        Sign::StandsStill { at } => format!(
            "it stands still at {at:.0} while the load is at its limit, as the sum of the pools' sizes \
             or max_connections does"
        ),
        Sign::MoreRunning { before, within } => format!(
            "{within:.0} statements run at a time where {} ran before: they wait for the \
             database's CPU, its disk or each other's locks",
            decimals(before, 1)
        ),
        Sign::PoolWaits => "callers wait for a connection of the pool: it is too small, or \
             connections are held too long"
            .to_owned(),
        Sign::DiskQueues { depth } => {
            format!("{depth:.1} requests wait for the disk on average, more than before")
        }
        Sign::DiskSlower { times } => format!("the disk takes {times:.1} times as long as before"),
        Sign::BinaryLogGrows { bytes: by } => {
            format!("the binary log grew by {}: every write goes to the disk twice", bytes(by))
        }
        Sign::RowsLocked => "transactions wait for rows that others hold".to_owned(),
        Sign::AllUsed { allowed } => {
            format!("all {allowed:.0} connections that the file states as allowed are in use")
        }
        Sign::NoneFree { before } => {
            format!("no connection of the pool is free, where {} were before", decimals(before, 0))
        }
        Sign::Throttled { percent } => {
            format!("the limit of its CPU stops the container in {percent:.0} % of its periods")
        }
        Sign::LoopBusy { percent } => format!(
            "the event loop is busy for {percent:.0} % of the time, and one thread of JavaScript can do no more"
        ),
        Sign::LoopLate { seconds } => {
            format!("the event loop is late by {}", super::millis(1e3 * seconds))
        }
        _ => return None,
    };
    Some(format!("{}: {text}{}.", name(track), of_longer_time(beside)))
}

/// Returns the words for values that stand for more time than the window, such as means of five minutes beside a
/// plateau of one: they may have been smaller or larger within it. Returns an empty text for all others.
fn of_longer_time(beside: &TrackFigures<'_>) -> String {
    if outside(beside) <= MUCH_OUTSIDE {
        return String::new();
    }
    let (length, share) = (length_s(beside.track), words::percent(outside(beside)));
    format!("; each value stands for {length:.0} s, and {share} of that time lies outside")
}

/// Returns the seconds that each value of a track stands for.
fn length_s(track: &Track) -> f64 {
    match track.spans {
        Spans::Forward(us) | Spans::Backward(us) => wall::seconds_of(us),
        Spans::Moment => 0.0,
    }
}

/// Returns true for a name under which monitors write the use of all cores together: `CPUUtilization`, and the
/// `CPU` of sysstat. A program's own `cpu` may be per cent of one core.
fn is_of_all_cores(name: &str) -> bool {
    let all = ["CPU {", "CPU ("];
    name.to_lowercase().contains("util")
        || name.contains(".norm.")
        || name.contains("(_Total)")
        || all.iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error was: a mean of five minutes was the CPU within a test of 40 s, and its likely limit.
    #[test]
    fn a_mean_of_a_longer_time_is_no_limit_of_this_one() {
        let limit_of = |from_s: i64, length_s: i64| {
            let mut cpu = Track::new("CPUUtilization", vec![(from_s * 1_000_000, 97.0)]);
            (cpu.spans, cpu.unit) = (Spans::Forward(length_s * 1_000_000), Unit::Percent);
            let seconds = vec![Default::default(); 40];
            let timeline = Timeline {
                start_s: 2_000,
                seconds,
                resolution_s: 1,
                tracks: vec![cpu],
                ..Timeline::default()
            };
            let all = beside(&timeline, None);
            let words = LimitWords::default();
            (limit(&all, words).is_some(), all.first().and_then(|one| sentence(one, words)))
        };
        let (is_limit, sign) = limit_of(1_760, 300);
        let sign = sign.unwrap_or_default();
        assert!(
            !is_limit
                && sign.ends_with(
                    "; each value stands for 300 s, and 86.7 % of that time lies outside."
                ),
            "{sign}"
        );
        let (is_limit, sign) = limit_of(2_000, 60);
        let sign = sign.unwrap_or_default();
        assert!(is_limit && sign.contains("stands for 60 s, and 33.3 %"), "{sign}");
        let (is_limit, sign) = limit_of(2_000, 40);
        assert!(is_limit && !sign.unwrap_or_default().contains("stands for"));
    }

    /// The error was: 10 and 40 microseconds were both `0.0 ms`, and 0.04 % was `0.0 %`.
    #[test]
    fn no_value_is_shown_as_0() {
        let microseconds = [10e-6, 40e-6, 2.5e-6, 50e-9, 0.0, 0.0032, 99.96e-6, 1e-3];
        assert_eq!(
            microseconds.map(|seconds| value(seconds, Unit::Seconds)),
            ["10 µs", "40 µs", "2.5 µs", "50 ns", "0.0 ms", "3.2 ms", "0.1 ms", "1.0 ms"]
        );
        let percent = [0.04, 0.0003, 1e-9, 0.0, 0.05, -0.04];
        assert_eq!(
            percent.map(|value_| value(value_, Unit::Percent)),
            ["0.04 %", "0.0003 %", "1e-9 %", "0.0 %", "0.1 %", "-0.04 %"]
        );
        assert_eq!(value(0.0004, Unit::Share), "0.04 %");
        assert_eq!(
            [0.3, 0.0, 600.4].map(|size| value(size, Unit::Bytes)),
            ["0.3 B", "0 B", "600 B"]
        );
    }
}
