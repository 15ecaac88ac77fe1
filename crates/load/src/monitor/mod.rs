//! Reads values that were measured during a load test, as [`Track`]s on the clock of the test: JSON
//! of CloudWatch, Performance Insights, Prometheus, Grafana and other services, records in JSON with a time,
//! and tables with a column of times, such as those of sysstat and dstat.

mod cells;
mod cloudwatch;
mod counters;
mod dstat;
mod embedded;
mod error;
mod figures;
mod first_row;
mod foreign;
#[cfg(feature = "fuzzing")]
mod fuzzing;
mod gather;
mod grafana;
mod idle;
mod insights;
mod json;
mod prometheus;
mod records;
mod rows;
mod services;
mod sign;
mod sysstat;
mod table;
mod units;

pub use error::{Error, Warning};
pub use figures::{Figures, TrackFigures, beside};
#[cfg(feature = "fuzzing")]
pub(crate) use fuzzing::fuzz;
pub use sign::Sign;

use crate::flights::SECOND_US;
use crate::time_span::TimeSpan;
use crate::timeline::Timeline;
use crate::track::Track;
use spikeflame_wall::ascii_digit;
use std::io::Read;
use std::path::Path;

/// Largest size of a file in bytes. One value a minute for a day takes some kilobytes.
const LARGEST_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Earliest wall-clock time, in seconds since 1970. Smaller times count from a test's start.
const CLOCK_S: i64 = 946_684_800;

/// The longest period of a value, in microseconds: a day.
const LONGEST_PERIOD_US: i64 = 86_400 * SECOND_US;

/// Settings for reading a monitor's file.
#[derive(Clone, Debug, Default)]
pub struct MonitorOptions {
    /// Seconds that the monitor's clock is ahead of UTC (negative when it is behind), for times
    /// without a zone; `None` takes the zone in the header of the file (typeperf writes one), or else UTC.
    pub zone_s: Option<i32>,
}

/// The measurements in a monitor's file: several quantities over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Monitor {
    /// The name of the format, such as `CloudWatch get-metric-data`.
    pub format: &'static str,
    /// The quantities that have values, one track for each. The CPU use is added where only the idle time or the
    /// parts of the use have tracks.
    pub tracks: Vec<Track>,
    /// Facts about the file that the user should know.
    pub warnings: Vec<Warning>,
    /// True when some times have no offset from UTC.
    local: bool,
    /// True when each track has one value, for a period whose length nothing tells.
    alone: bool,
}

/// Reads a monitor's file. The format is recognised from the content, for example JSON of
/// CloudWatch or Prometheus, or a table with a column of times. The input must not be compressed.
/// `path` is used for [`Track::source`] and in messages.
///
/// # Errors
///
/// Returns an [`Error`] that names the fault in the file.
///
/// # Examples
///
/// ```
/// use spikeflame_load::monitor::{MonitorOptions, read};
/// let json = r#"{"Label": "CPUUtilization", "Datapoints": [
///     {"Timestamp": "2026-11-27T10:05:00Z", "Average": 97.0, "Unit": "Percent"},
///     {"Timestamp": "2026-11-27T10:04:00Z", "Average": 23.0, "Unit": "Percent"}]}"#;
/// let monitor = read(json.as_bytes(), "rds.json".as_ref(), &MonitorOptions::default())?;
/// assert_eq!(monitor.tracks[0].points.len(), 2);
/// assert_eq!(monitor.tracks[0].points[0].1, 23.0);
/// # Ok::<(), spikeflame_load::monitor::Error>(())
/// ```
pub fn read(input: impl Read, path: &Path, options: &MonitorOptions) -> Result<Monitor, Error> {
    let mut text = Vec::new();
    (input.take(LARGEST_FILE_BYTES + 1).read_to_end(&mut text))
        .map_err(|source| Error::Io { path: path.to_owned(), source })?;
    if text.len() as u64 > LARGEST_FILE_BYTES {
        return Err(Error::TooLong { path: path.to_owned(), most: "64 MiB" });
    }
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    let plain = without_escapes(text);
    let text = plain.as_deref().unwrap_or(text);
    let stamped = records::of_stamped_lines(text).or_else(|| records::of_heroku(text));
    let stamped = stamped.or_else(|| embedded::in_lines(text));
    let text = stamped.as_deref().map_or(text, str::as_bytes);
    let ascii = in_ascii_digits(text);
    let text = ascii.as_deref().map_or(text, str::as_bytes);
    let gather = match text.trim_ascii_start().first() {
        Some(b'{' | b'[') if !is_promtool(text) => json::read(text, path, options)?,
        _ => table::read(text, path, options)?,
    };
    let format = gather.format;
    let unread = gather.unread.clone();
    let monitor = gather.finish(&path.display().to_string());
    match (monitor.tracks.is_empty(), unread) {
        (true, Some((column, cell))) => Err(Error::Damaged {
            path: path.to_owned(),
            at: format!("column `{column}`"),
            expected: format!("`{cell}` is no number with a known unit"),
        }),
        (true, None) => Err(Error::Empty { path: path.to_owned(), format }),
        (false, _) => Ok(monitor),
    }
}

/// Returns a text without the sequences that move the cursor of a terminal and clear lines, which `docker stats` also
/// writes to files; `None` when it has none of them.
fn without_escapes(text: &[u8]) -> Option<Vec<u8>> {
    const ESCAPE: u8 = 0x1b;
    memchr::memchr(ESCAPE, text)?;
    let mut plain = Vec::with_capacity(text.len());
    let mut parts = text.split(|&byte| byte == ESCAPE);
    plain.extend(parts.next()?);
    for part in parts {
        // The last byte of a sequence is a letter.
        let end = part.iter().position(u8::is_ascii_alphabetic).map_or(part.len(), |at| at + 1);
        let length = if part.starts_with(b"[") { end } else { 0 };
        plain.extend(part.get(length..).unwrap_or_default());
    }
    Some(plain)
}

/// Returns a text with ASCII digits and marks in place of those of other scripts, such as Arabic ones; `None` when
/// it has none of them.
fn in_ascii_digits(text: &[u8]) -> Option<String> {
    let is_other = |byte: &u8| matches!(byte, 0xd9 | 0xdb | 0xe0 | 0xe1 | 0xef);
    let text =
        std::str::from_utf8(text).ok().filter(|text| text.bytes().any(|byte| is_other(&byte)))?;
    text.contains(|char| ascii_digit(char).is_some()).then(|| {
        let ascii = |char| match char {
            '\u{66b}' => '.',
            '\u{66a}' => '%',
            char => ascii_digit(char).unwrap_or(char),
        };
        // The mark between thousands.
        text.chars().filter(|char| *char != '\u{66c}').map(ascii).collect()
    })
}

/// Returns true for the text of `promtool query range`, whose series begin like JSON.
fn is_promtool(text: &[u8]) -> bool {
    let line = text.trim_ascii_start().split(|&byte| byte == b'\n').next().unwrap_or_default();
    line.trim_ascii_end().ends_with(b"} =>")
}

impl Monitor {
    /// Returns the tracks, reduced to the points whose values apply to a part of the time of `test`, or that lie
    /// at most one step of the track (at least a second) before or after it. Tracks without such a point are
    /// left out.
    /// `path` is used in messages.
    ///
    /// # Errors
    ///
    /// Returns an [`Error`] when no point is left, when the monitor's values are of another time,
    /// and when the times of `test` are not those of a clock.
    pub fn within(mut self, test: &Timeline, path: &Path) -> Result<Vec<Track>, Error> {
        if test.start_s < CLOCK_S {
            return Err(Error::NoClock { path: path.to_owned() });
        }
        let from_us = test.start_s.saturating_mul(SECOND_US);
        let to_us = from_us + test.seconds.len() as i64 * SECOND_US;
        let measured = self.measured();
        let meets = |shift_us: i64| {
            measured.from_us - shift_us < to_us && measured.to_us - shift_us > from_us
        };
        let may_meet = measured.from_us < to_us && measured.to_us + LONGEST_PERIOD_US > from_us;
        if self.alone && !meets(0) && may_meet {
            let test = TimeSpan { from_us, to_us };
            return Err(Error::Alone { path: path.to_owned(), at_us: measured.to_us, test });
        }
        if !meets(0) {
            // Zones are whole quarters of an hour, from -12:00 to +14:00.
            let mut zones = (-48..=56).map(|quarters: i32| quarters * 900);
            let zone_s = zones.find(|zone| meets(i64::from(*zone) * SECOND_US));
            return Err(Error::Apart {
                path: path.to_owned(),
                measured,
                test: TimeSpan { from_us, to_us },
                zone_s: zone_s.filter(|_| self.local),
            });
        }
        for track in &mut self.tracks {
            let step = track.step_us().max(SECOND_US);
            let mut points = std::mem::take(&mut track.points);
            points.retain(|point| {
                let (begins_us, ends_us) = track.stands_for(point);
                begins_us < to_us + step && ends_us >= from_us - step
            });
            track.points = points;
        }
        self.tracks.retain(|track| !track.points.is_empty());
        if self.tracks.is_empty() {
            let test = TimeSpan { from_us, to_us };
            return Err(Error::Gap { path: path.to_owned(), test });
        }
        Ok(self.tracks)
    }

    /// Returns the first and the last moment to which a value applies.
    fn measured(&self) -> TimeSpan {
        let points = |track: &Track| {
            let (first, last) = (track.points.first()?, track.points.last()?);
            Some(track.stands_for(first).0..track.stands_for(last).1)
        };
        let ranges: Vec<_> = self.tracks.iter().filter_map(points).collect();
        TimeSpan {
            from_us: ranges.iter().map(|range| range.start).min().unwrap_or(0),
            to_us: ranges.iter().map(|range| range.end).max().unwrap_or(0),
        }
    }
}
