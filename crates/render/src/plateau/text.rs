//! The plateau as text, with the test's timeline.

use super::{
    PlateauView, clock, is_of_machine, millis, starvation, time_of_day, totals, verdict_beside,
};
use super::{PlateauWords, monitors, rows, words};
use crate::clean;
use crate::number::{count, decimals};
use spikeflame_load::monitor::beside;
use spikeflame_load::plateau::{Basis, NoPlateauReason, Stretch};
use spikeflame_load::{Axis, LatencySummary, Plateau, Plateaus, Second, Series, Summary, Timeline};
use std::io::{self, Write};

/// Width of a timeline in characters.
const WIDTH: usize = 64;
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Writes the view for a terminal: the plateau that [`Plateaus::chosen`] returns with its figures,
/// or the reason why there is none, the timeline and the tracks of monitors. A plateau also has its likely limit.
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn text(tested: &PlateauView<'_>, out: &mut impl Write) -> io::Result<()> {
    let timeline = tested.timeline;
    match tested.plateau {
        Ok(all) => {
            writeln!(out, "{}\n", words::sentence(all.chosen(), timeline))?;
            table(all.chosen(), all.follows_another(), timeline, out)?;
            rows::limits(all, timeline, out)?;
            words::others(all, tested.words.choose, out)?;
        }
        Err(none) => {
            let of_all = timeline.whole.is_some()
                && !matches!(
                    none.why,
                    NoPlateauReason::NotCalled { .. } | NoPlateauReason::NoSuch { .. }
                );
            let of = if of_all { " in all requests of the test together" } else { "" };
            writeln!(out, "No plateau{of}: {}.\n{}", none.why, tested.words.way_out)?;
        }
    }
    columns(timeline, &tested.words, out)?;
    match timeline.setup_requests {
        0 => {}
        1 => writeln!(out, "(1 request of setup() and teardown() is not counted.)")?,
        all => {
            writeln!(out, "({} requests of setup() and teardown() are not counted.)", count(all))?
        }
    }
    writeln!(out)?;
    let found = tested.plateau.as_ref().ok().map(Plateaus::chosen);
    sparklines(timeline, found, out)?;
    monitors::text(timeline, found, tested.words.limits, out)?;
    let is_told =
        found.is_some() && tested.usage.as_ref().is_some_and(|(usage, _)| is_of_machine(usage));
    let starved = starvation(tested.starved, found, is_told);
    let Some(found) = found else {
        return if starved.is_empty() { Ok(()) } else { writeln!(out, "\n{starved}") };
    };
    if let Some(ratio) = found.little_ratio {
        let fits = match (0.9..=1.1).contains(&ratio) {
            true => "load, rate and durations agree",
            false => {
                "0.9 to 1.1 was expected. The think time is the pause for each request: a script with \
                 several requests before one pause has less than that pause. Or the clocks are wrong"
            }
        };
        writeln!(out, "\nLittle's ratio {ratio:.2}: {fits}.")?;
    } else if let Some(think) = found.implied_think_s {
        let think = decimals(think.max(0.0), 2);
        writeln!(
            out,
            "\nBy Little's law a VU pauses {think} s between requests{}.",
            tested.words.think
        )?;
    }
    let beside = beside(timeline, Some(found));
    let verdict =
        verdict_beside(tested.usage.as_ref().map(|(usage, _)| usage), &beside, tested.words.limits);
    if !verdict.is_empty() {
        writeln!(out, "\n{verdict}")?;
    }
    if let Some((usage, by)) = &tested.usage {
        let by = match tested.words.clock.as_str() {
            "" => clock(by),
            words => words.to_owned(),
        };
        if !starved.is_empty() {
            writeln!(out, "{starved}")?;
        }
        writeln!(out, "({} samples, aligned by {by}.)", count(usage.samples))?;
    }
    Ok(())
}

/// Writes how the columns of a table were understood, when the file is a table.
fn columns(timeline: &Timeline, words: &PlateauWords, out: &mut impl Write) -> io::Result<()> {
    if timeline.columns.is_empty() {
        return Ok(());
    }
    let read: Vec<String> = timeline
        .columns
        .iter()
        .map(|column| {
            let name = clean::terminal(&column.name);
            let unit = match column.unit.as_str() {
                "" => String::new(),
                unit => format!(" ({unit})"),
            };
            format!("{name} as {}{unit}", column.meaning)
        })
        .collect();
    write!(out, "(Columns: {}.", read.join("; "))?;
    if timeline.columns.iter().any(|column| column.guessed) {
        write!(out, " {}", words.guessed)?;
    }
    writeln!(out, ")")
}

/// Writes the totals and the thresholds of a load test without a timeline for a terminal. Totals that are not known
/// are left out.
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn summary(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "{}: {}. It has totals but no timeline, so no plateau can be found in it: record one \
         with `k6 run --out json=k6.json.gz`.\n",
        clean::terminal(&summary.source),
        summary.format
    )?;
    for (name, value) in totals(summary) {
        writeln!(out, "  {name:<18} {value:>12}")?;
    }
    for threshold in &summary.thresholds {
        let held = match (threshold.passed, threshold.unanswered) {
            (true, false) => "held",
            (true, true) => "held: no answers",
            (false, false) => "FAILED",
            (false, true) => "FAILED: no answers",
        };
        writeln!(out, "  {:<18} {held:>12}", clean::terminal(&threshold.name))?;
    }
    Ok(())
}

/// Returns true when percentiles come from rows instead of single requests.
fn of_rows(timeline: &Timeline) -> bool {
    let has =
        |told: &LatencySummary| [told.p50, told.p95, told.p99].iter().any(|ms| ms.is_finite());
    let seconds = &timeline.seconds;
    seconds.iter().any(|second| second.latency_summary.as_ref().is_some_and(has))
        && seconds.iter().all(|second| second.latencies.count() == 0)
}

fn table(
    found: &Plateau,
    is_after_another: bool,
    timeline: &Timeline,
    out: &mut impl Write,
) -> io::Result<()> {
    let head = match (timeline.has_clock(), time_of_day(timeline, 0)) {
        (true, _) => "FROM - TO (UTC)",
        (false, Some(_)) => "FROM - TO",
        (false, None) => "FROM - TO (TEST)",
    };
    let at = |second: usize| time_of_day(timeline, second).unwrap_or_else(|| format!("{second} s"));
    writeln!(
        out,
        "{:<9} {:>21} {:>9} {:>8} {:>9} {:>9} {:>9} {:>8}",
        "", head, "REQUESTS", "RPS", "P50", "P95", "P99", "ERRORS"
    )?;
    let rows = [
        ("before", found.before.as_ref()),
        ("plateau", Some(&found.within)),
        ("after", found.after.as_ref()),
    ];
    for (name, row) in rows.into_iter().filter_map(|(name, row)| Some((name, row?))) {
        let span = format!("{} - {}", at(row.window.from), at(row.window.to));
        writeln!(
            out,
            "{name:<9} {span:>21} {:>9} {:>8} {:>9} {:>9} {:>9} {:>8}",
            if row.rps.is_nan() { "-".to_owned() } else { count(row.requests.round() as u64) },
            if row.rps.is_nan() { "-".to_owned() } else { decimals(row.rps, 1) },
            millis(row.p50_ms),
            millis(row.p95_ms),
            millis(row.p99_ms),
            words::percent(row.error_rate)
        )?;
    }
    words::failures(found, out)?;
    checks(found, out)?;
    let missing = |row: &&Stretch| row.missing_s > 0 && row.rps.is_finite();
    for (name, row) in rows.iter().filter_map(|(name, row)| Some((name, row.filter(missing)?))) {
        writeln!(
            out,
            "(The file has nothing about {} of the {} s of the row `{name}`: they count with the \
             mean of the others.)",
            row.missing_s,
            row.window.seconds()
        )?;
    }
    if rows.iter().any(|(_, row)| row.is_some_and(|row| row.error_rate > 0.0)) {
        // The percentiles of a table may be of all requests.
        let percentiles = if of_rows(timeline) { " are" } else { " and percentiles are" };
        let separator = if of_rows(timeline) { " and" } else { "," };
        writeln!(out, "(REQUESTS{separator} RPS{percentiles} of the requests that succeeded.)")?;
    }
    if of_rows(timeline) {
        writeln!(
            out,
            "(P50, P95 and P99 are the median of the rows' percentiles: the file has no durations \
             of single requests.)"
        )?;
    }
    match found.before {
        Some(before) if before.requests >= 0.9 * found.within.requests => {}
        Some(_) => writeln!(
            out,
            "(The row `before` has fewer requests than the row `plateau`, so it is less certain.)"
        )?,
        None if matches!(found.basis, Basis::WholeTest(_)) => writeln!(
            out,
            "(No chosen request ended between the start of the test, or an earlier plateau, and this plateau.)"
        )?,
        None if is_after_another => {
            writeln!(out, "(An earlier plateau ends directly before this one.)")?;
        }
        None if has_requests(timeline, found.window.from) => {
            writeln!(out, "(No request succeeded before the plateau.)")?;
        }
        None => writeln!(out, "(The test begins with the plateau.)")?,
    }
    if let (Some(before), Some(after)) = (found.before, found.after) {
        late_after(before, found.within, after, out)?;
    }
    Ok(())
}

/// Returns true when requests ended before a second of the test.
fn has_requests(timeline: &Timeline, until: usize) -> bool {
    let before = timeline.seconds.get(..until).unwrap_or_default();
    before.iter().any(|second| second.requests() > 0.0)
}

/// Writes the shares of k6's checks that failed before and in a plateau, when one did. The requests of failed checks
/// may have succeeded.
fn checks(found: &Plateau, out: &mut impl Write) -> io::Result<()> {
    let within = found.within.checks;
    let before = found.before.map(|before| before.checks).unwrap_or_default();
    if within.failed + before.failed == 0 {
        return Ok(());
    }
    writeln!(
        out,
        "checks that failed: {} before, {} within",
        words::percent(before.failed_share()),
        words::percent(within.failed_share())
    )
}

/// Smallest ratio of the rates of the rows `after` and `plateau` that no chance explains.
const FASTER: f64 = 1.2;
/// Smallest ratio of the p95 of the rows `after` and `before` that is printed.
const LATER: f64 = 2.0;

/// Prints a note when more requests a second than in the plateau succeeded after it, and late as well. Rows of several
/// seconds may be too few for a second plateau.
fn late_after(
    before: Stretch,
    within: Stretch,
    after: Stretch,
    out: &mut impl Write,
) -> io::Result<()> {
    let ratio = after.p95_ms / before.p95_ms;
    if after.rps > FASTER * within.rps && ratio >= LATER && ratio.is_finite() {
        writeln!(
            out,
            "(The row `after` has more requests a second than the row `plateau`, and its p95 is {} times that \
             of the row `before`: answers were late there too.)",
            decimals(ratio, 1)
        )?;
    }
    Ok(())
}

fn sparklines(
    timeline: &Timeline,
    found: Option<&Plateau>,
    out: &mut impl Write,
) -> io::Result<()> {
    let axis = found.map(|found| found.axis);
    let Some(series) = Series::from_timeline(timeline, axis) else { return Ok(()) };
    let width = WIDTH.min(series.load.len());
    let load = match series.axis {
        Axis::Vus => "VUs",
        Axis::Rate => "wanted/s",
        Axis::InFlight => "in flight",
    };
    let percent: Vec<f64> = series.error_rate.iter().map(|rate| 100.0 * rate).collect();
    let whole = |top| decimals(top, 0);
    let asked = asked(timeline, &series);
    let rows = [
        (load, asked.as_ref().unwrap_or(&series.load), whole as fn(f64) -> String),
        ("goodput/s", &series.goodput, whole),
        ("p95", &series.p95, millis),
        ("errors", &percent, |top| decimals(top, 1) + " %"),
    ];
    for (name, values, top) in rows {
        // Requests in flight are computed from durations, and are 0 where none is known.
        let is_unknown = series.axis == Axis::InFlight && name == load;
        if values.iter().all(|value| value.is_nan() || is_unknown && *value == 0.0) {
            continue;
        }
        let highest = greatest(values.iter().copied());
        let bars: String = (0..width).map(|at| bar(part(values, at, width), highest)).collect();
        // The bars are smoothed; the number is that of the highest second.
        let measured = timeline.seconds.iter().filter_map(|second| measured(second, name));
        let own =
            asked.as_ref().filter(|_| name == load).map(|asked| greatest(asked.iter().copied()));
        let measured = own.or(Some(greatest(measured))).filter(|value| *value > 0.0);
        writeln!(out, "{name:<9} {bars} {}", top(measured.unwrap_or(highest)))?;
    }
    if let Some(found) = found {
        let place = |second: usize| {
            let at = second.saturating_sub(series.first).min(series.load.len() - 1);
            at * width / series.load.len()
        };
        let (from, to) = (place(found.window.from), place(found.window.to.saturating_sub(1)));
        let inner = to.saturating_sub(from + 1);
        let line = match inner {
            9.. => format!("├{:─^inner$}┤", " plateau "),
            _ => format!("├{}┤", "─".repeat(inner)),
        };
        writeln!(out, "{:<9} {}{line}", "", " ".repeat(from))?;
    }
    Ok(())
}

/// Returns the requests wanted in each second of a series, where the input has the start of each: the series averages
/// them over nine seconds, which hides a short ramp. Returns `None` for another load.
fn asked(timeline: &Timeline, series: &Series) -> Option<Vec<f64>> {
    let inner = timeline.seconds.get(series.first..series.first + series.load.len())?;
    let is_known = !timeline.coarse && inner.iter().all(|second| second.in_flight.is_some());
    let all = || inner.iter().map(|second| second.started + second.dropped).collect();
    (series.axis == Axis::Rate && is_known).then(all)
}

/// Returns the value of a row of the timeline in one second. Returns `None` when the second does not show it,
/// and for a load that is computed from several seconds.
fn measured(second: &Second, row: &str) -> Option<f64> {
    match row {
        _ if second.missing => None,
        "VUs" => second.vus,
        "in flight" => second.in_flight,
        "goodput/s" => Some(second.ok),
        "p95" => {
            let given = || second.latency_summary.map(|given| given.p95);
            second.latencies.quantile_ms(0.95).or_else(given)
        }
        "errors" => Some(100.0 * second.failed / second.requests()),
        _ => None,
    }
}

/// Returns the greatest of the values that are known; 0 without one.
fn greatest(values: impl Iterator<Item = f64>) -> f64 {
    values.filter(|value| value.is_finite()).fold(0.0, f64::max)
}

/// Returns the mean of the values for one of `width` characters.
fn part(values: &[f64], at: usize, width: usize) -> f64 {
    let (from, to) = (at * values.len() / width, (at + 1) * values.len() / width);
    let part = values.get(from..to.max(from + 1)).unwrap_or_default();
    let (sum, count) =
        part.iter().filter(|v| v.is_finite()).fold((0.0, 0.0), |(sum, n), v| (sum + v, n + 1.0));
    sum / count
}

fn bar(value: f64, highest: f64) -> char {
    if !value.is_finite() || highest <= 0.0 {
        return ' ';
    }
    let level = (value / highest * 7.0).round() as usize;
    BARS.get(level.min(7)).copied().unwrap_or(' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeflame_load::{Load, ReadOptions, plateau, read};

    /// The error was: late answers in the row `after` had no note, where a second instance had raised the limit and
    /// its rows were too few for a plateau.
    #[test]
    fn late_answers_after_a_plateau_have_a_note() {
        let rows = [
            (50, 25, 20, 3),
            (125, 28, 20, 8),
            (201, 43, 25, 13),
            (250, 96, 61, 18),
            (251, 209, 155, 23),
            (252, 298, 250, 28),
            (250, 409, 353, 33),
            (248, 506, 453, 38),
            (250, 583, 549, 43),
            (249, 726, 650, 48),
            (254, 782, 729, 53),
            (253, 884, 834, 58),
            (742, 397, 134, 60),
            (741, 122, 106, 60),
            (740, 119, 105, 60),
            (742, 116, 105, 60),
            (741, 119, 105, 60),
            (739, 115, 105, 60),
            (744, 113, 104, 60),
            (741, 117, 105, 60),
            (734, 123, 108, 60),
            (737, 119, 108, 60),
            (742, 118, 104, 60),
            (742, 120, 104, 60),
        ];
        let row = |(at, (requests, p95, mean, vus)): (usize, (u32, u32, u32, u32))| {
            format!(
                "2026-11-27T11:{:02}:{:02}Z,{requests},{p95},{mean},{vus},0\n",
                at / 12,
                at % 12 * 5
            )
        };
        let rows: String = rows.into_iter().enumerate().map(row).collect();
        let csv = format!("time,requests,p95_ms,mean_ms,vus,errors\n{rows}");
        let load = read(csv.as_bytes(), "a.csv".as_ref(), &ReadOptions::default()).unwrap();
        let Load::Timeline(timeline) = load else { panic!("a table has a timeline") };
        let found = plateau::find(&timeline, &plateau::Options::default()).unwrap();
        let mut out = Vec::new();
        table(found.chosen(), false, &timeline, &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(out.contains("answers were late there too"), "{out}");
    }
}
