//! Reads the log of `h2load --log-file`: a line for each answer, in the order in which they came.
//!
//! The fields of a line are the moment at which the request began (microseconds since 1970), its
//! status, and its duration in microseconds, between tabs. A request whose connection broke off has no
//! line. Tried with h2load 1.52.

use super::{ReadOptions, appended::AppendedTests, lines::Lines};
use crate::error::Error;
use crate::recorder::Recorder;
use crate::timeline::Timeline;
use crate::warning::Warning;
use std::io::Read;
use std::path::Path;

/// Microseconds since 1970 that a line may begin with: those of the years 2001 to 2099.
const TIMES_US: std::ops::Range<i64> = 978_307_200_000_000..4_102_444_800_000_000;

/// One answer; the status is `None` for a stream that failed.
struct Answer {
    began_us: i64,
    status: Option<u16>,
    took_us: u64,
}

/// Returns true for the first line of such a log.
pub(super) fn is_first(line: &[u8]) -> bool {
    answer(line).is_some()
}

fn answer(line: &[u8]) -> Option<Answer> {
    let text = std::str::from_utf8(line).ok()?.trim_end();
    let mut fields = text.split('\t');
    let began_us = fields.next()?.parse().ok().filter(|us| TIMES_US.contains(us))?;
    let status = match fields.next()? {
        "-1" => None,
        status => Some(status.parse().ok().filter(|status| (100..1_000).contains(status))?),
    };
    let took_us = fields.next()?.parse().ok()?;
    fields.next().is_none().then_some(Answer { began_us, status, took_us })
}

/// Reads a log.
///
/// # Errors
///
/// Returns an [`Error`] for a log without an answer, or with several tests of which the user chose
/// none.
pub(super) fn read(
    input: impl Read,
    path: &Path,
    options: &ReadOptions,
) -> Result<Timeline, Error> {
    let mut lines = Lines::new(input);
    let (mut recorder, mut seen) = (Recorder::default(), AppendedTests::default());
    while let Some((number, line)) = lines.next_of(path)? {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let Some(Answer { began_us, status, took_us }) = answer(line) else {
            lines.lose("a line that is no answer in h2load's log");
            continue;
        };
        recorder.at_line(number);
        let end_us = began_us.saturating_add_unsigned(took_us);
        seen.see(end_us, took_us);
        match status {
            Some(status) => recorder.request(end_us, took_us, status < 400),
            None => recorder.request_without_answer(end_us, took_us),
        }
    }
    seen.choose(&mut recorder, path, options)?;
    lines.close(|ledger| {
        let mut timeline = recorder.finish(path, "h2load's log")?;
        timeline.losses = ledger.close();
        timeline.warnings.push(Warning::H2loadLog);
        Ok(timeline)
    })
}
