//! The comparison as text.

use super::figures::{cost, interval, percent};
use super::words::{legend, with_rows, word};
use super::{ComparisonView, PACKAGES, STEPS, scale};
use crate::clean;
use crate::number::count;
use crate::painter::Painter;
use anstyle::{AnsiColor, Style};
use spikeflame_diff::{Measure, Row, Table, Unit, Verdict};
use spikeflame_profile::GroupBy;
use std::io::{self, Write};

/// Number of rows of a summary.
const CAUSES: usize = 8;
/// Width of an interval in characters.
const WIDTH: usize = 17;

/// Writes a comparison as text for a terminal: a sentence with the result, gates and warnings,
/// tables of rows, and the steps from the cost before to the cost after. A row that another one explains has no
/// line of its own; that row names it, unless there are too many.
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn text(compared: &ComparisonView<'_>, out: &mut impl Write) -> io::Result<()> {
    head(compared, out)?;
    tables(compared, out)
}

/// Writes the lines that [`text()`] has above its tables, such as the sentence with the result and
/// the warnings. A table of the first 8 rows whose change no other row explains ([`Row::is_cause`])
/// follows, if there are any.
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn summary(compared: &ComparisonView<'_>, out: &mut impl Write) -> io::Result<()> {
    head(compared, out)?;
    let all = ComparisonView { rows: 0, ..compared.clone() };
    let mut causes = all.rows(None).0;
    causes.retain(|row| row.is_cause());
    if causes.is_empty() {
        return Ok(());
    }
    let more = causes.len().saturating_sub(CAUSES);
    causes.truncate(CAUSES);
    writeln!(out)?;
    table(compared, &causes, out)?;
    if more > 0 {
        writeln!(out, "… {} more that changed", count(more as u64))?;
    }
    legend(&compared.verdicts(&causes)).map_or(Ok(()), |legend| writeln!(out, "\n{legend}"))
}

/// Writes what stands above the tables.
fn head(compared: &ComparisonView<'_>, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", clean::sentence(&compared.sentence()))?;
    for line in compared.speed() {
        writeln!(out, "{line}")?;
    }
    writeln!(out, "{}", compared.tally())?;
    for line in compared.weak_evidence().into_iter().chain(compared.undecided()) {
        writeln!(out, "{}", clean::terminal(&line))?;
    }
    for gate in compared.gates {
        writeln!(out, "{}.", clean::sentence(&gate.to_string()))?;
    }
    for warning in &compared.comparison.warnings {
        writeln!(out, "! {}", clean::sentence(&(compared.words.warning)(warning)))?;
    }
    let beside =
        [compared.conditions(), compared.recorded_with(), compared.outside(), compared.recorder()];
    for line in beside.into_iter().flatten() {
        writeln!(out, "{}", clean::terminal(&line))?;
    }
    Ok(())
}

fn tables(compared: &ComparisonView<'_>, out: &mut impl Write) -> io::Result<()> {
    let blocks: &[Option<bool>] =
        if compared.has_blocks() { &[Some(false), Some(true)] } else { &[None] };
    let mut verdicts = Vec::new();
    for &machine in blocks {
        let (rows, more) = compared.rows(machine);
        verdicts.extend(compared.verdicts(&rows));
        writeln!(out)?;
        if let Some(machine) = machine {
            writeln!(out, "{}", compared.block(machine))?;
        }
        table(compared, &rows, out)?;
        if more > 0 {
            writeln!(out, "… {} more{}", count(more as u64), compared.words.all_rows_hint)?;
        }
    }
    if compared.group_by == GroupBy::Function {
        let packages =
            ComparisonView { group_by: GroupBy::Package, rows: PACKAGES, ..compared.clone() };
        writeln!(out, "\nBy package:")?;
        let rows = packages.rows(None).0;
        verdicts.extend(packages.verdicts(&rows));
        table(&packages, &rows, out)?;
    }
    if let Some(legend) = legend(&verdicts) {
        writeln!(out, "\n{legend}")?;
    }
    writeln!(out)?;
    waterfall(compared, out)
}

fn table<'a>(
    compared: &ComparisonView<'a>,
    rows: &[&'a Row],
    out: &mut impl Write,
) -> io::Result<()> {
    let painter = Painter { color: compared.color };
    let unit = compared.comparison.unit;
    let head = format!(
        "{:>9} {:>9} {:>19}  {:WIDTH$}  {:>19} {:>7}  {:<22} {}",
        "BEFORE",
        "AFTER",
        "CHANGE OF SELF",
        "95 % INTERVAL",
        "CHANGE OF TOTAL",
        "q",
        "VERDICT",
        compared.one_row().to_uppercase()
    );
    writeln!(out, "{}", painter.paint(Style::new().bold(), head.trim_end()))?;
    let scale = scale(rows.iter().map(|row| compared.cost(row)));
    let short = compared.shortener();
    for row in rows {
        let shown = compared.cost(row);
        let (name, place) = compared.names(row, &short);
        let line = format!(
            "{:>9} {:>9} {:>10} {:>8}  {}  {:>10} {:>8} {:>7}  {:<22} {}",
            cost(shown.before, unit),
            cost(shown.after, unit),
            compared.change(row.self_cost.change),
            compared.ratio(&row.self_cost),
            interval(shown, scale, WIDTH),
            compared.change(row.total_cost.change),
            compared.ratio(&row.total_cost),
            shown.q.map_or_else(|| "-".to_owned(), probability),
            word(row, shown),
            clean::terminal(format!("{name}  {place}").trim_end())
        );
        writeln!(out, "{}", painter.paint(style(shown), &line))?;
        if let Some(line) = compared.explained_line(row, &short) {
            writeln!(out, "{:>108}  {}", "", clean::terminal(&line))?;
        }
    }
    Ok(())
}

fn style(cost: &Measure) -> Style {
    let color = |color: AnsiColor| Style::new().fg_color(Some(anstyle::Color::Ansi(color)));
    match cost.verdict {
        Verdict::Changed if cost.change > 0.0 => color(AnsiColor::Red),
        Verdict::Changed => color(AnsiColor::Green),
        Verdict::Same => Style::new(),
        _ => Style::new().dimmed(),
    }
}

fn probability(q: f64) -> String {
    if q < 0.001 { "<0.001".to_owned() } else { format!("{q:.3}") }
}

fn waterfall(compared: &ComparisonView<'_>, out: &mut impl Write) -> io::Result<()> {
    let (table, unit) = (compared.table(), compared.comparison.unit);
    let fall = table.waterfall(STEPS);
    let short = compared.shortener();
    let of = if unit == Unit::Share { " (shares of the CPU before)" } else { "" };
    writeln!(out, "{:>10}  before{of}", cost(fall.before, unit))?;
    for step in &fall.steps {
        let Some(row) = table.rows.get(step.row) else { continue };
        let (name, place) = compared.names(row, &short);
        let name = clean::terminal(format!("{name}  {place}").trim_end());
        writeln!(out, "{:>10}  {name}{}", compared.change(step.change), with_rows(step))?;
    }
    writeln!(out, "{:>10}  {} others", compared.change(fall.other), count(fall.other_rows as u64))?;
    writeln!(out, "{:>10}  after{of}", cost(fall.after, unit))
}

/// Writes a table of the rows of the view's `group_by`. A row has the fall and the rise of self cost that
/// four of five comparisons with the given runs would find. It also has the number of runs on each side, with
/// the given ones, that would find a change to `ratio` (cost after divided by cost before). The most
/// expensive rows come first, at most the `rows` of the view. Rows with too
/// few samples, or with none on a side, are left out.
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn power(compared: &ComparisonView<'_>, ratio: f64, out: &mut impl Write) -> io::Result<()> {
    let table: &Table = compared.table();
    let short = compared.shortener();
    writeln!(
        out,
        "What these runs could have shown, four times of five; and how many runs a side a change \
         of {} takes:\n",
        percent(ratio)
    )?;
    let what = compared.one_row().to_uppercase();
    writeln!(out, "{:>9} {:>9} {:>9} {:>11}  {what}", "COST", "FALL", "RISE", "RUNS A SIDE")?;
    let mut rows: Vec<_> = table.rows.iter().zip(table.power(ratio)).collect();
    let size = |row: &Row| row.self_cost.before.max(row.self_cost.after);
    rows.sort_by(|a, b| size(b.0).total_cmp(&size(a.0)));
    let limit = if compared.rows == 0 { rows.len() } else { compared.rows };
    let (mut many, mut never) = (false, false);
    let rows = rows.into_iter().filter_map(|(row, [own, _])| Some((row, own?)));
    for (row, power) in rows.take(limit) {
        let (name, place) = compared.names(row, &short);
        let runs = match power.runs_a_side {
            Some(runs) => runs.to_string(),
            None if power.hidden_by_sessions => {
                never = true;
                "never".to_owned()
            }
            None => {
                many = true;
                "over 99".to_owned()
            }
        };
        writeln!(
            out,
            "{:>9} {:>9} {:>9} {runs:>11}  {}",
            cost(size(row), compared.comparison.unit),
            percent(power.fall),
            percent(power.rise),
            clean::terminal(format!("{name}  {place}").trim_end())
        )?;
    }
    if many {
        writeln!(
            out,
            "\nover 99: the function has too few samples, or costs another amount in each run. A longer \
             load helps as more runs do; RISE and FALL show the changes that are found now, and files \
             or packages need fewer runs than functions."
        )?;
    }
    if never {
        writeln!(
            out,
            "\nnever: the sides were recorded apart, and the difference between two sessions hides it. \
             Record in turn (A B A B)."
        )?;
    }
    Ok(())
}
