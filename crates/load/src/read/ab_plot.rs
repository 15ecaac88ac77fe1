//! Reads the table of `ab -g`: a row for each request that was answered, the fastest first.
//!
//! `seconds` is the whole second in which a request began, `ttime` its duration in milliseconds. The
//! table has no statuses, and a connection that broke off is not in it. Tried with ab 2.3.

use super::lines::Lines;
use crate::error::Error;
use crate::flights::MOST_SECONDS;
use crate::recorder::Recorder;
use crate::timeline::Timeline;
use crate::warning::Warning;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// The fractional part of the golden ratio, in microseconds. Its multiples spread evenly over a
/// second.
const SPREAD_US: u64 = 618_034;

/// Microseconds in a second, for times that are never negative.
const SECOND_US: u64 = spikeflame_wall::SECOND_US.unsigned_abs();

/// Returns true for the header of the table.
pub(super) fn is_header(line: &[u8]) -> bool {
    line.starts_with(b"starttime\tseconds\tctime")
}

/// Reads a table.
///
/// # Errors
///
/// Returns an [`Error`] for a table without a request.
pub(super) fn read(input: impl Read, path: &Path) -> Result<Timeline, Error> {
    let mut lines = Lines::new(input);
    let mut recorder = Recorder::default();
    let mut begun = BTreeMap::<i64, u64>::new();
    let mut header = true;
    while let Some((number, line)) = lines.next_of(path)? {
        if line.trim_ascii().is_empty() || std::mem::take(&mut header) {
            continue;
        }
        let text = String::from_utf8_lossy(line);
        let mut fields = text.trim_end().split('\t').skip(1);
        let second = fields.next().and_then(|field| field.parse::<i64>().ok());
        let took_ms = fields.nth(2).and_then(|field| field.parse::<u64>().ok());
        let second = second.filter(|second| (946_684_800..4_102_444_800).contains(second));
        let (Some(second), Some(took_ms), Some(_)) = (second, took_ms, fields.next()) else {
            lines.lose("a row without a time or a duration");
            continue;
        };
        if begun.len() >= MOST_SECONDS {
            return Err(Error::TooLong { path: path.to_owned(), most: MOST_SECONDS });
        }
        // Only the second is known, so the requests of a second are spread over it.
        let count = begun.entry(second).or_default();
        *count += 1;
        let within_us = count.wrapping_mul(SPREAD_US) % SECOND_US;
        let took_us = took_ms.saturating_mul(1_000);
        let start_us = (second * crate::flights::SECOND_US).saturating_add_unsigned(within_us);
        recorder.at_line(number);
        recorder.request(start_us.saturating_add_unsigned(took_us), took_us, true);
    }
    lines.close(|ledger| {
        let mut timeline = recorder.finish(path, "ab's table")?;
        timeline.losses = ledger.close();
        timeline.failures_unknown = true;
        timeline.coarsen();
        timeline.warnings.push(Warning::AbPlot);
        Ok(timeline)
    })
}
