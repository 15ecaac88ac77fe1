//! The limits of a plateau in a table with rows of many seconds.

use spikeflame_load::plateau::Window;
use spikeflame_load::{LatencySummary, Plateau, Plateaus, Second, Timeline};
use std::io::{self, Write};

/// Rows that are longer than this, in seconds, do not show where a plateau begins and ends.
const LONG_ROW_S: u32 = 3;
/// Fewest rows of a table that show the level of a plateau: the first and the last one are at the limit in a part of
/// their time.
const ROWS_OF_LEVEL: usize = 4;
/// Share of the level, and of the durations of a plateau, from which other rows look like it.
const ALIKE: f64 = 0.95;
/// Most stretches of such rows that are listed.
const LISTED: usize = 3;

/// Writes the limits of a plateau of long rows.
pub(super) fn limits(all: &Plateaus, timeline: &Timeline, out: &mut impl Write) -> io::Result<()> {
    let row_s = timeline.resolution_s;
    if row_s <= LONG_ROW_S {
        return Ok(());
    }
    let found = all.chosen();
    writeln!(
        out,
        "(A row of the file is {row_s} s long: the start and the end of the plateau are known to about a row, and \
         pauses of up to {:.0} s within it may not show{}.)",
        1.5 * f64::from(row_s),
        few_rows(found, row_s as usize)
    )?;
    let alike = alike(all, timeline);
    if alike.is_empty() {
        return Ok(());
    }
    let times = alike.iter().take(LISTED).map(|part| format!("{} s to {} s", part.from, part.to));
    let times: Vec<String> = times.collect();
    let more = match alike.len().saturating_sub(LISTED) {
        0 => String::new(),
        more => format!(", and in {more} more stretches"),
    };
    writeln!(
        out,
        "(Rows from {}{more} had about as many answers, as late: they may be at the same limit, but are too few or \
         their load is not known well enough.)",
        times.join(", ")
    )
}

/// Returns the words for the numbers of a plateau of a few rows.
fn few_rows(found: &Plateau, row_s: usize) -> &'static str {
    match found.window.seconds() < ROWS_OF_LEVEL * row_s {
        true => {
            "; its numbers are those of a few rows, of which some were at the limit for a part of their time"
        }
        false => "",
    }
}

/// Returns the rows outside of all plateaus with about as many answers as the chosen one, as late.
fn alike(all: &Plateaus, timeline: &Timeline) -> Vec<Window> {
    let within = all.chosen().within;
    let row_s = timeline.resolution_s as usize;
    let is_alike = |second: &Second| {
        let late = second.latency_summary.and_then(|told| {
            let LatencySummary { p50, p95, mean, .. } = told;
            let pairs = [(p95, within.p95_ms), (mean, within.mean_ms), (p50, within.p50_ms)];
            pairs.into_iter().find(|(ms, of)| ms.is_finite() && of.is_finite())
        });
        second.ok >= ALIKE * within.rps && late.is_some_and(|(ms, of)| ms >= ALIKE * of)
    };
    let is_outside = |at: usize| {
        !all.all
            .iter()
            .map(|known| known.window)
            .any(|known| known.from < at + row_s && at < known.to)
    };
    let mut parts: Vec<Window> = Vec::new();
    for (at, second) in timeline.seconds.iter().enumerate().step_by(row_s) {
        if !is_alike(second) || !is_outside(at) {
            continue;
        }
        match parts.last_mut().filter(|part| part.to == at) {
            Some(part) => part.to = at + row_s,
            None => parts.push(Window { from: at, to: at + row_s }),
        }
    }
    parts
}
