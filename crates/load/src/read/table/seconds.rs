//! Turns rows into seconds: their distance, their test, and their spread over time.

use super::super::k6::{GAP_S, STALL_S};
use super::super::{ReadOptions, ledger::Ledger};
use super::totals::{self, CumulativeColumns};
use super::{
    Clock, Head, Meaning, Row, Table, background, distances, names, number, promql, shares, times,
    units, users,
};
use crate::error::{ColumnFault, Error, TestSpan};
use crate::flights::MOST_SECONDS;
use crate::series::users_not_written;
use crate::stats::median;
use crate::timeline::{Column, LatencySummary, Second, Timeline};
use crate::track::Track;
use crate::warning::Warning;
use spikeflame_wall::{SECOND_US, seconds_of};
use std::path::Path;

/// The reason why a table with several rows for one time is refused.
const SEVERAL: &str =
    "several rows for one time; expected one row a time: keep those of one series, or of the total";
/// This reason for times without seconds, which Excel leaves out.
const SEVERAL_IN_MINUTES: &str = "several rows for one time, and no time has seconds; expected one row a time: give \
    the cells of Excel the format yyyy-mm-dd hh:mm:ss, or keep the rows of one series, or of the total";
/// Smallest distance of two rows, in microseconds. Nearer rows are finer than a timeline.
const NEAREST_US: i64 = 900_000;

/// Returns the timeline of all rows, or of the test that the user chose.
pub(super) fn timeline(
    mut table: Table,
    head: Option<Head>,
    path: &Path,
    options: &ReadOptions,
    mut ledger: Ledger,
) -> Result<Timeline, Error> {
    let Some(head) = head else {
        return Err(Error::NoRequests { path: path.to_owned(), why: "the table is empty".into() });
    };
    if let Some((line, size_us)) = table.order.jump() {
        let seconds = seconds_of(size_us);
        return Err(Error::ClockJump { path: path.to_owned(), line, seconds });
    }
    table.rows.sort_by_key(|row| row.time_us);
    let clock = settle_clock(&mut table, &head, path)?;
    let since_start = totals::settle(&mut table, &head, path)?;
    let mut taken = units::settle(&mut table, &head, since_start, path)?;
    shares::settle(&mut table, &head, &mut taken, since_start.requests, options, path)?;
    let succeeded = head.meanings.contains(&Meaning::Succeeded);
    let counted = absent_failures(&mut table, since_start.errors);
    count_failed(&mut table.rows, succeeded);
    let resolution_s = settle(&mut table.rows, &mut ledger).map_err(|(line, expected)| {
        let at = format!("line {line}");
        Error::Damaged { path: path.to_owned(), at, expected: expected.into() }
    })?;
    taken.same_period(&mut table.rows, resolution_s);
    same_length(&mut table.rows, since_start, resolution_s);
    if succeeded {
        table.rows.iter_mut().for_each(|row| row.requests += row.failed);
    }
    let losses = ledger.close();
    if let (true, Some(loss)) = (table.rows.is_empty(), losses.first()) {
        return Err(Error::NoRequests {
            path: path.to_owned(),
            why: format!(
                "line {}: {}; expected rows with a time, such as 2026-11-23T01:24:47Z or 01:24:47, \
                 and a number of requests",
                loss.first_line, loss.reason
            ),
        });
    }
    let side = settle_side(&mut table, &head, (resolution_s, since_start), options);
    let row_s = if taken.is_rate { 1.0 } else { resolution_s as f64 };
    let background = background::without(&mut table.rows, row_s, resolution_s);
    let zeros = users::without(&mut table.rows);
    let stuck = users::stuck(&mut table.rows, row_s);
    let grows = since_start.requests;
    let has_clock = matches!(table.clock, Clock::Wall);
    let rows = choose(&table.rows, (resolution_s, taken.is_rate), grows, path, options);
    let rows = rows.map_err(|why| if has_clock { why } else { why.without_clock() })?;
    let mut timeline = spread(rows, resolution_s, taken.is_rate, grows, path)?;
    let used = taken.columns.iter().map(|column| column.name.as_str());
    timeline.warnings.extend(promql::lagging(used, resolution_s));
    timeline.columns = clock.into_iter().chain(side).chain(taken.columns).collect();
    timeline.warnings.extend(taken.others);
    timeline.failures_unknown = !counted;
    timeline.losses = losses;
    let start_us = timeline.start_s * SECOND_US;
    // A row may end at its time.
    let within = start_us..=start_us + timeline.seconds.len() as i64 * SECOND_US;
    for mut track in table.tracks {
        track.points.retain(|point| within.contains(&point.0));
        track.points.sort_by_key(|point| point.0);
        if !track.points.is_empty() && !times::are_times(&track) {
            timeline.tracks.push(track);
        }
    }
    let seconds = distances(rows).max().unwrap_or_default() / SECOND_US;
    let more_errors = rows.iter().any(|row| row.failed > row.requests);
    timeline.warnings.extend(table.local.then_some(Warning::LocalTimes));
    let unknown = table.dates.unknown();
    timeline.warnings.extend(unknown.map(|date| Warning::DayOrMonth { date }));
    let read_as = |cell: String| Some((number(&cell, head.mark)?.0.to_string(), cell));
    let unclear = table.unclear.and_then(read_as);
    timeline
        .warnings
        .extend(unclear.map(|(value, cell)| Warning::FractionOrThousands { cell, value }));
    match table.clock {
        Clock::Wall => {}
        Clock::SinceStart => timeline.warnings.push(Warning::NoClock),
        Clock::OfDay { .. } => timeline.warnings.push(Warning::NoDate),
    }
    timeline.warnings.extend(more_errors.then_some(Warning::MoreErrors));
    // The requests of such seconds are in the growth of a counter.
    if seconds >= STALL_S.max(2 * resolution_s) && !grows {
        timeline.warnings.push(Warning::Hole { seconds: seconds - resolution_s });
    }
    let absent = table.absent_failures;
    if absent.count > 0 {
        let (rows, first_line) = (absent.count, absent.first_line);
        timeline.warnings.push(Warning::AbsentFailures { rows, first_line });
    }
    let absent = table.absent_parts;
    if absent.count > 0 {
        let (rows, first_line) = (absent.count, absent.first_line);
        timeline.warnings.push(Warning::AbsentParts { rows, first_line });
    }
    timeline.warnings.extend(no_failures(&head, &timeline.tracks));
    let (vus, durations) = (table.damaged_vus, table.damaged_durations);
    if vus.count > 0 {
        let all = rows.iter().all(|row| row.vus.is_none());
        timeline.warnings.push(Warning::DamagedVus {
            cells: vus.count,
            first_line: vus.first_line,
            all,
        });
    }
    if background.count > 0 {
        let (rows, first_line) = (background.count, background.first_line);
        timeline.warnings.push(Warning::Background { rows, first_line });
    }
    if zeros.count > 0 {
        let all = rows.iter().all(|row| row.vus.is_none());
        let (rows, first_line) = (zeros.count, zeros.first_line);
        timeline.warnings.push(Warning::ZeroVus { rows, first_line, all });
    }
    timeline.warnings.extend(stuck);
    // The other warnings name the same rows.
    if vus.count == 0 && zeros.count == 0 {
        let absent = users_not_written(&timeline.seconds);
        let is_long = |warning: &Warning| matches!(warning, Warning::NoVusFor { seconds, .. } if *seconds as i64 > 2 * resolution_s);
        timeline.warnings.extend(absent.filter(is_long));
    }
    if durations.count > 0 {
        let (cells, first_line) = (durations.count, durations.first_line);
        timeline.warnings.push(Warning::DamagedDurations { cells, first_line });
    }
    Ok(timeline)
}

/// Returns the note about columns that may hold failed requests, in a table where none is known to.
fn no_failures(head: &Head, tracks: &[Track]) -> Option<Warning> {
    let is_greater = |track: &&Track| track.points.iter().any(|(_, value)| *value > 0.0);
    let named = tracks.iter().filter(|track| names::may_be_failures(&track.name));
    let columns: Vec<String> = named.filter(is_greater).map(|track| track.name.clone()).collect();
    let is_note = !head.meanings.iter().any(counts_failures) && !columns.is_empty();
    is_note.then_some(Warning::NoFailures { columns })
}

/// Returns true for a column that shows how many requests failed.
fn counts_failures(meaning: &Meaning) -> bool {
    matches!(
        meaning,
        Meaning::Errors
            | Meaning::ErrorShare(_)
            | Meaning::Succeeded
            | Meaning::SucceededOfAll
            | Meaning::SuccessShare(_)
    )
}

/// Distance of rows in seconds from which times without a unit are hardly seconds of a test.
const FAR_APART_S: i64 = 900;

/// Largest difference of a step between two rows from the usual one, as a share of it.
const EVEN: f64 = 0.1;

/// Converts times since the start that are milliseconds, and returns their column then. Programs write
/// `0, 1000, 2000` without a unit.
///
/// # Errors
///
/// Returns [`Error::Columns`] when such times may be seconds or milliseconds.
fn settle_clock(table: &mut Table, head: &Head, path: &Path) -> Result<Option<Column>, Error> {
    let named = head.names.iter().zip(&head.meanings);
    let mut named = named.filter(|(_, meaning)| **meaning == Meaning::Time(0.0));
    let Some((name, _)) = named.next().filter(|_| table.clock == Clock::SinceStart) else {
        return Ok(None);
    };
    let steps = || distances(&table.rows).filter(|step| *step > 0).map(seconds_of);
    let usual_s = median(steps()).unwrap_or_default();
    let step_s = usual_s as i64;
    // A monitor writes rows at even distances. Other times are moments of their own.
    let is_usual = |step: &f64| (step - usual_s).abs() <= EVEN * usual_s;
    let are_even = steps().filter(is_usual).count() * 5 >= steps().count() * 4;
    let all_are = |seconds: i64| {
        table.rows.iter().all(|row| row.time_us.rem_euclid(seconds * SECOND_US) == 0)
    };
    if step_s < FAR_APART_S || !are_even || all_are(60) && !all_are(1_000) {
        return Ok(None);
    }
    if !all_are(1_000) {
        let problem = ColumnFault::NoTimeUnit { name: name.clone(), step: step_s };
        return Err(Error::Columns { path: path.to_owned(), problem, found: head.names.clone() });
    }
    table.rows.iter_mut().for_each(|row| row.time_us /= 1_000);
    let points = table.tracks.iter_mut().flat_map(|track| &mut track.points);
    points.for_each(|point| point.0 /= 1_000);
    Ok(Some(Column {
        name: name.clone(),
        meaning: "time since the start".to_owned(),
        unit: "milliseconds, a guess".to_owned(),
        guessed: true,
    }))
}

/// Moves rows that end at their times to their beginnings, and returns the column of these times. The
/// growth of a counter lies behind its time.
fn settle_side(
    table: &mut Table,
    head: &Head,
    (resolution_s, since_start): (i64, CumulativeColumns),
    options: &ReadOptions,
) -> Option<Column> {
    let row_us = resolution_s * SECOND_US;
    let has_room = table.rows.first().is_some_and(|row| row.time_us >= row_us);
    let ends = has_room && !since_start.requests && times::end_at_times(&head.names, options);
    let mut named = head.names.iter().zip(&head.meanings);
    let (name, _) = named.find(|(_, meaning)| ends && matches!(meaning, Meaning::Time(_)))?;
    table.rows.iter_mut().for_each(|row| row.time_us -= row_us);
    let meaning = "the end of each row".to_owned();
    Some(Column { name: name.clone(), meaning, unit: String::new(), guessed: false })
}

/// Counts the rows with requests whose cell of failed ones has no value. Sets the failed requests
/// of rows without a number to 0. Rows before the first value are not counted: a monitor has no
/// series of errors before the first one. Rows after a last value of 0 are not counted either: the
/// series of a healthy test just ends. Returns false for a table without any number of failed
/// requests.
fn absent_failures(table: &mut Table, filled: bool) -> bool {
    let mut counted = false;
    let is_known = |row: &&Row| !row.failed.is_nan() || row.share.is_some();
    let last = table.rows.iter().rfind(is_known);
    let ends_at_zero = last.is_some_and(|row| row.failed <= 0.0 || row.share == Some(0.0));
    let end_us = last.filter(|_| ends_at_zero).map_or(i64::MAX, |row| row.time_us);
    for row in &mut table.rows {
        let is_absent = row.failed.is_nan() && row.share.is_none();
        counted |= !is_absent;
        if is_absent && counted && row.time_us <= end_us && row.requests > 0.0 && !filled {
            table.absent_failures.add(row.line);
        }
        if row.failed.is_nan() {
            row.failed = 0.0;
        }
    }
    counted
}

/// Converts failed requests to the length in which the requests of their row ended, where only one of
/// both columns is a counter.
fn same_length(rows: &mut [Row], since_start: CumulativeColumns, resolution_s: i64) {
    for row in rows.iter_mut().filter(|row| row.share.is_none()) {
        let Some(growth_s) = row.growth_s else { continue };
        let factor = growth_s.max(1) as f64 / resolution_s.max(1) as f64;
        match (since_start.requests, since_start.errors) {
            (true, false) => row.failed *= factor,
            (false, true) => row.failed /= factor,
            _ => {}
        }
    }
}

/// Computes failed requests from their share of all. With `succeeded`, the requests of a row are those that succeeded.
fn count_failed(rows: &mut [Row], succeeded: bool) {
    for row in rows {
        if let Some(share) = row.share {
            let share = share.min(1.0);
            // Where all requests failed, none succeeded, and their number is not known.
            let of_all = if succeeded { share / (1.0 - share).max(1e-9) } else { share };
            row.failed = row.requests * of_all;
        }
    }
}

/// Returns the number of seconds that a row stands for, and leaves one row for each time. Returns
/// the line and the fault when that is not possible.
fn settle(rows: &mut Vec<Row>, ledger: &mut Ledger) -> Result<i64, (u64, &'static str)> {
    let Some((first_us, line)) = rows.first().map(|row| (row.time_us, row.line)) else {
        return Ok(1);
    };
    let mut apart: Vec<i64> = distances(rows).collect();
    apart.sort_unstable();
    let usual_us = apart.get(apart.len() / 2).copied().unwrap_or(SECOND_US);
    // Days since 1900, of the years from 1982 to 2119.
    if (1..NEAREST_US).contains(&usual_us) && (30_000..80_000).contains(&(first_us / SECOND_US)) {
        return Err((
            line,
            "its times look like a spreadsheet's numbers for dates (days since 1900); show the \
                           column as date and time, and export the table again",
        ));
    }
    if (1..NEAREST_US).contains(&usual_us) {
        return Err((line, "rows are less than a second apart; make them a row a second"));
    }
    // Rows a second apart may lie a little earlier or later: count seconds from the first row.
    for row in rows.iter_mut() {
        let seconds = (row.time_us - first_us + SECOND_US / 2) / SECOND_US;
        row.time_us = first_us + seconds * SECOND_US;
    }
    let all = rows.len();
    rows.dedup_by(|later, kept| {
        let same = later.time_us == kept.time_us;
        if same {
            ledger.lose("a second row for the same time", later.line, 1);
        }
        same
    });
    if (all - rows.len()) * 20 > all {
        let in_minutes = rows.iter().all(|row| row.time_us % (60 * SECOND_US) == 0);
        return Err((line, if in_minutes { SEVERAL_IN_MINUTES } else { SEVERAL }));
    }
    Ok(((usual_us + SECOND_US / 2) / SECOND_US).clamp(1, 86_400))
}

/// Returns the rows of the only test, or of the one that the user chose. With `grows`, requests are
/// the growth of a counter up to the next row. With `rate`, they are requests a second.
fn choose<'r>(
    rows: &'r [Row],
    (resolution_s, rate): (i64, bool),
    grows: bool,
    path: &Path,
    options: &ReadOptions,
) -> Result<&'r [Row], Error> {
    let gap_us = GAP_S.max(3 * resolution_s) * SECOND_US;
    let mut tests: Vec<&[Row]> = rows.chunk_by(|a, b| b.time_us - a.time_us < gap_us).collect();
    for test in &mut tests {
        // The growth after the last row of a test is that of the pause, too.
        let is_pause =
            |row: &Row| row.growth_s.is_some_and(|seconds| seconds * SECOND_US >= gap_us);
        match test.split_last() {
            Some((last, others)) if grows && is_pause(last) => *test = others,
            _ => {}
        }
    }
    tests.retain(|test| !test.is_empty());
    let wanted = match (options.test, tests.as_slice()) {
        (_, []) => return Ok(&[]),
        (None, [_]) => Some(0),
        (test, _) => test.and_then(|number| number.checked_sub(1)),
    };
    wanted.and_then(|at| tests.get(at).copied()).ok_or_else(|| Error::SeveralTests {
        path: path.to_owned(),
        tests: tests.iter().filter_map(|rows| span(rows, resolution_s, rate)).collect(),
    })
}

/// Returns the start, the length and the requests of a test; `None` without a row.
fn span(rows: &[Row], resolution_s: i64, rate: bool) -> Option<TestSpan> {
    let (first, last) = (rows.first()?.time_us, rows.last()?.time_us);
    // A row ends where the next one begins, as in the timeline.
    let lengths_s = distances(rows).map(|us| (us / SECOND_US).min(resolution_s));
    let lengths_s = lengths_s.chain([resolution_s]).map(|s| if rate { s as f64 } else { 1.0 });
    let requests = rows.iter().zip(lengths_s).map(|(row, length)| row.requests * length);
    Some(TestSpan {
        start_s: first / SECOND_US,
        has_clock: true,
        length_s: (last - first) as u64 / SECOND_US.unsigned_abs() + resolution_s as u64,
        requests: requests.sum::<f64>() as u64,
    })
}

/// Spreads each row evenly over its seconds: `resolution_s` seconds, or, with `grows`, those up to the
/// next row.
fn spread(
    rows: &[Row],
    resolution_s: i64,
    rate: bool,
    grows: bool,
    path: &Path,
) -> Result<Timeline, Error> {
    let second_of = |row: &Row| row.time_us.div_euclid(SECOND_US);
    let none = || Error::NoRequests {
        path: path.to_owned(),
        why: "expected rows with a time and a number of requests above 0".into(),
    };
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Err(none()) };
    let start_s = second_of(first);
    let length_s = |row: &Row| row.growth_s.filter(|_| grows).unwrap_or(resolution_s);
    let count = second_of(last).saturating_add(length_s(last)) - start_s;
    if count > MOST_SECONDS as i64 {
        return Err(Error::TooLong { path: path.to_owned(), most: MOST_SECONDS });
    }
    let absent = Second { missing: true, ..Second::default() };
    let mut seconds = vec![absent; count as usize];
    for (at, row) in rows.iter().enumerate() {
        let from = second_of(row) - start_s;
        let next = rows.get(at + 1).map_or(count, |next| second_of(next) - start_s);
        let to = if grows { next } else { next.min(from + resolution_s) };
        let per_second = if rate { 1.0 } else { (to - from).max(1) as f64 };
        let seconds = seconds.get_mut(from as usize..to as usize).unwrap_or_default();
        for (at, second) in seconds.iter_mut().enumerate() {
            second.missing = false;
            second.ok = (row.requests - row.failed).max(0.0) / per_second;
            second.failed = row.failed / per_second;
            second.started = second.requests();
            second.vus = row.vus;
            let [p50, p95, p99, mean] = row.told;
            let is_told =
                at < resolution_s as usize && row.told.iter().any(|value| !value.is_nan());
            second.latency_summary = is_told.then_some(LatencySummary { p50, p95, p99, mean });
        }
    }
    if !seconds.iter().any(|second| second.requests() > 0.0) {
        return Err(none());
    }
    let mut timeline = Timeline {
        source: path.display().to_string(),
        format: "CSV",
        start_s,
        seconds,
        resolution_s: resolution_s as u32,
        ..Timeline::default()
    };
    timeline.coarsen();
    Ok(timeline)
}
