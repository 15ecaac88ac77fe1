//! A history of builds as text, Markdown and JSON (schema `spikeflame.history/1`, `docs/json.md`).

use super::figures::{cost, percent};
use crate::clean;
use crate::names::Shortener;
use crate::number::count;
use serde::Serialize;
use spikeflame_diff::{
    ChangePoint, Course, Drift, History, HistoryPoint, HistoryRow, MixRange, Unit,
};
use std::io::{self, Write};

/// Most characters of a row's course.
const WIDTH: usize = 30;
/// Least difference of two builds, in per cent of the requests, of which failed requests are told.
const LEAST_FAILURES: f64 = 2.0;
/// Most rows of the Markdown table.
const MOST_ROWS: usize = 100;
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The costs of functions over several builds of a program ([`History`]), with settings for
/// [`text`], [`markdown`] and [`json`].
#[derive(Clone, Debug)]
pub struct HistoryView<'a> {
    /// The history to show.
    pub history: &'a History,
    /// The part of the runs that was compared: `plateau`, `whole runs`.
    pub window: String,
    /// The largest number of rows in the table of text or Markdown; 0 for all.
    pub rows: usize,
    /// True to show whole paths of files; false to shorten them. JSON has whole paths.
    pub full_paths: bool,
    /// The text printed directly after the number of rows that are left out, in text only. A program names its
    /// way to list all rows here; it may be empty.
    pub all_rows_hint: &'static str,
}

/// A row of the table, in words.
struct Line {
    first: String,
    last: String,
    change: String,
    course: String,
    q: String,
    when: String,
    name: String,
}

impl<'a> HistoryView<'a> {
    /// The result in one sentence, and how the runs were ordered.
    fn sentences(&self) -> Vec<String> {
        let History { unit, points, total, functions, untested, ordered, .. } = self.history;
        let runs: usize = points.iter().map(|point| point.runs.len()).sum();
        let what =
            unit.work().map_or("Shares of the CPU".to_owned(), |work| format!("CPU per {work}"));
        let changed = functions.iter().filter(|row| row.drift.is_changed()).count();
        let mut lines = vec![format!(
            "{what} over {} builds ({} runs, {}): {} of {} functions changed; {} have too few samples.",
            points.len(),
            runs,
            self.window,
            count(changed as u64),
            count(functions.len() as u64),
            count(*untested as u64)
        )];
        if unit.work().is_some() {
            lines.push(match total.ends() {
                Some((first, last)) => format!(
                    "All functions together: {} became {} ({}), {}.",
                    cost(first, *unit),
                    cost(last, *unit),
                    percent(last / first),
                    self.when(total)
                ),
                None => {
                    let seen = self.history.visible_rise.map_or_else(String::new, |rise| {
                        format!("; a rise of {:.0} % that lasts would have", 100.0 * (rise - 1.0))
                    });
                    format!("All functions together: no change shows{seen}.")
                }
            });
        }
        lines.extend(self.failures());
        lines.extend(self.mix());
        if !ordered {
            lines.push(
                "The runs have no clocks: they are taken in the order of their names, and each for \
                 a build."
                    .to_owned(),
            );
        }
        lines
    }

    /// States the lowest and the highest share of failed requests. Returns `None` when builds hardly differ in it,
    /// and when it is not known of each build.
    fn failures(&self) -> Option<String> {
        let points = self.history.points.iter();
        let of = |point: &'a HistoryPoint| Some((point.failed?, point.runs.first()?.as_str()));
        let mut shares: Vec<(f64, &str)> = points.map(of).collect::<Option<_>>()?;
        shares.sort_by(|one, other| one.0.total_cmp(&other.0));
        let ((least, _), (most, at)) = (shares.first()?, shares.last()?);
        let (least, most) = (100.0 * least, 100.0 * most);
        (most - least >= LEAST_FAILURES).then(|| {
            let cost = match self.history.unit {
                Unit::CpuMsPerRequest => {
                    "costs are divided by the successful requests, and contain those of the failed ones"
                }
                _ => "a failed request may cost more or less than another",
            };
            format!("! {least:.1} to {most:.1} % of the requests of a build failed, most at {at}: {cost}.")
        })
    }

    /// States the endpoint whose share of the requests differs between builds.
    fn mix(&self) -> Option<String> {
        let MixRange { endpoint, least, most, at } = self.history.mix.as_ref()?;
        let (least, most) = (100.0 * least, 100.0 * most);
        Some(format!(
            "! the builds had other requests: {endpoint} is {least:.1} to {most:.1} % of them, most at {at}: \
             costs follow that; send the same requests to each."
        ))
    }

    /// The build or builds at which a cost changed.
    fn when(&self, drift: &Drift) -> String {
        let points = &self.history.points;
        match &drift.course {
            Course::NotResolved => String::new(),
            Course::Creep { .. } => format!("little by little over {} builds", points.len()),
            Course::Steps(steps) => {
                steps.iter().map(|step| self.step(step)).collect::<Vec<_>>().join(", ")
            }
        }
    }

    /// The change of a cost, and the first run of the build at which it changed.
    fn step(&self, step: &ChangePoint) -> String {
        let build = self.history.points.get(step.at);
        let name = build.and_then(|build| build.runs.first()).map_or("", String::as_str);
        format!("{} at {name}", percent(step.after / step.before))
    }

    fn changed(&self) -> (Vec<&'a HistoryRow>, usize) {
        let changed = self.history.functions.iter().filter(|row| row.drift.is_changed());
        let mut rows: Vec<&HistoryRow> = changed.collect();
        let all = rows.len();
        rows.truncate(if self.rows == 0 { all } else { self.rows });
        let more = all - rows.len();
        (rows, more)
    }

    fn line(&self, row: &HistoryRow, short: &Shortener<'_>) -> Line {
        let unit = self.history.unit;
        let (first, last) = row.drift.ends().unwrap_or_default();
        let name = match row.file.as_str() {
            "" => row.label.clone(),
            file => {
                let name = if row.name.is_empty() { "<anonymous>" } else { &row.name };
                format!("{name}  {}", short.file(file))
            }
        };
        let machine = if row.is_machine { "  (the machine's cost)" } else { "" };
        Line {
            first: cost(first, unit),
            last: cost(last, unit),
            change: percent(last / first),
            course: bars(&row.drift.costs),
            q: row.drift.q.map_or_else(
                || "-".to_owned(),
                |q| if q < 0.001 { "<0.001".to_owned() } else { format!("{q:.3}") },
            ),
            when: self.when(&row.drift),
            name: format!("{name}{machine}"),
        }
    }

    fn shortener(&self) -> Shortener<'a> {
        let files = self.history.functions.iter().map(|row| row.file.as_str());
        Shortener::new(files.filter(|file| !file.is_empty()), self.full_paths)
    }
}

/// Costs as bars from 0 to the largest. Neighbours are averaged where there are many.
fn bars(costs: &[f64]) -> String {
    let top = costs.iter().copied().fold(0.0, f64::max);
    let per_bar = costs.len().div_ceil(WIDTH).max(1);
    costs.chunks(per_bar).map(|part| bar(part, top)).collect()
}

/// Returns the bar for the mean of some costs, where `top` is the largest cost of all.
fn bar(costs: &[f64], top: f64) -> char {
    let mean = costs.iter().sum::<f64>() / costs.len().max(1) as f64;
    let level = if top > 0.0 { (mean / top * 8.0).ceil() as usize } else { 0 };
    level.checked_sub(1).and_then(|level| BARS.get(level.min(7))).copied().unwrap_or('_')
}

/// Writes the costs over several builds ([`History`]) as text for a terminal: sentences, and a table of the
/// functions that changed, in the order of the history. There is no table when no function changed.
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn text(view: &HistoryView<'_>, out: &mut impl Write) -> io::Result<()> {
    for line in view.sentences() {
        writeln!(out, "{}", clean::terminal(&line))?;
    }
    let (rows, more) = view.changed();
    if rows.is_empty() {
        return Ok(());
    }
    let short = view.shortener();
    let lines: Vec<Line> = rows.iter().map(|row| view.line(row, &short)).collect();
    let width = lines.iter().map(|line| line.course.chars().count()).max().unwrap_or(0).max(4);
    writeln!(
        out,
        "\n{:>9} {:>9} {:>9}  {:width$}  {:>7}  {:<40}  FUNCTION",
        "FIRST", "LAST", "CHANGE", "COST", "q", "WHEN"
    )?;
    for line in lines {
        let Line { first, last, change, course, q, when, name } = line;
        let text = format!(
            "{first:>9} {last:>9} {change:>9}  {course:width$}  {q:>7}  {when:<40}  {name}"
        );
        writeln!(out, "{}", clean::terminal(text.trim_end()))?;
    }
    if more > 0 {
        writeln!(out, "… {} more{}", count(more as u64), view.all_rows_hint)?;
    }
    Ok(())
}

/// Writes a history as Markdown for a pull request: sentences, and a table of the functions that
/// changed, in the order of the history. The table has at most 100 rows, also when
/// [`HistoryView::rows`] is more or 0, and is left out when no function changed.
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn markdown(view: &HistoryView<'_>, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "### CPU profile, history\n")?;
    for line in view.sentences() {
        writeln!(out, "{}\n", clean::markdown(&line))?;
    }
    let (rows, more) = view.changed();
    if rows.is_empty() {
        return Ok(());
    }
    let short = view.shortener();
    writeln!(out, "| first | last | change | cost | q | when | function |")?;
    writeln!(out, "|--:|--:|--:|---|--:|---|---|")?;
    for row in rows.iter().take(MOST_ROWS) {
        let line = view.line(row, &short);
        let [when, name] = [&line.when, &line.name].map(|text| clean::markdown(text));
        let Line { first, last, change, course, q, .. } = line;
        writeln!(out, "| {first} | {last} | {change} | {course} | {q} | {when} | {name} |")?;
    }
    let more = more + rows.len().saturating_sub(MOST_ROWS);
    if more > 0 {
        writeln!(out, "\n{} more not shown.", count(more as u64))?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    unit: &'static str,
    window: &'a str,
    ordered: bool,
    points: Vec<Point<'a>>,
    mix: Option<Mix<'a>>,
    untested: usize,
    total: HistoryRowJson<'a>,
    functions: Vec<HistoryRowJson<'a>>,
}

/// The endpoint whose share of the requests differs most between builds.
#[derive(Serialize)]
struct Mix<'a> {
    endpoint: &'a str,
    least: f64,
    most: f64,
    at: &'a str,
}

#[derive(Serialize)]
struct Point<'a> {
    runs: &'a [String],
    began_us: Option<i64>,
    failed: Option<f64>,
}

#[derive(Serialize)]
struct HistoryRowJson<'a> {
    label: &'a str,
    name: &'a str,
    file: &'a str,
    machine: bool,
    course: &'static str,
    first: Option<f64>,
    last: Option<f64>,
    changes: Vec<Change>,
    p: Option<f64>,
    q: Option<f64>,
    costs: &'a [f64],
}

#[derive(Serialize)]
struct Change {
    point: usize,
    before: f64,
    after: f64,
}

impl Change {
    fn new(step: &ChangePoint) -> Self {
        Self { point: step.at, before: step.before, after: step.after }
    }
}

impl<'a> HistoryRowJson<'a> {
    fn of_row(row: &'a HistoryRow) -> Self {
        Self {
            label: &row.label,
            name: &row.name,
            file: &row.file,
            machine: row.is_machine,
            ..Self::from_drift(&row.drift)
        }
    }

    fn from_drift(drift: &'a Drift) -> Self {
        let (course, steps) = match &drift.course {
            Course::NotResolved => ("not_resolved", &[][..]),
            Course::Steps(steps) => ("steps", steps.as_slice()),
            Course::Creep { .. } => ("creep", &[][..]),
        };
        Self {
            label: "",
            name: "",
            file: "",
            machine: false,
            course,
            first: drift.ends().map(|(first, _)| first),
            last: drift.ends().map(|(_, last)| last),
            changes: steps.iter().map(Change::new).collect(),
            p: drift.p,
            q: drift.q,
            costs: &drift.costs,
        }
    }
}

/// Writes a history as JSON of schema `spikeflame.history/1`, with all functions that were tested,
/// changed or not.
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn json(view: &HistoryView<'_>, out: &mut impl Write) -> io::Result<()> {
    let history = view.history;
    let document = Document {
        schema: "spikeflame.history/1",
        unit: history.unit.word(),
        window: &view.window,
        ordered: history.ordered,
        points: (history.points.iter())
            .map(|point| Point {
                runs: &point.runs,
                began_us: point.began_us,
                failed: point.failed,
            })
            .collect(),
        mix: history.mix.as_ref().map(|of| Mix {
            endpoint: &of.endpoint,
            least: of.least,
            most: of.most,
            at: &of.at,
        }),
        untested: history.untested,
        total: HistoryRowJson { label: "all", ..HistoryRowJson::from_drift(&history.total) },
        functions: history.functions.iter().map(HistoryRowJson::of_row).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}
