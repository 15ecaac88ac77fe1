//! Comparison of runs before and after a change: a sentence, a table and a waterfall, as text,
//! Markdown and JSON.

mod beside;
mod causes;
mod figures;
pub mod history;
mod json;
mod markdown;
mod text;
mod undecided;
mod words;

use crate::names::{Shortener, called_by};
use crate::number::count;
use figures::{cost, percent};
use spikeflame_diff::{
    Comparison, Evidence, GateCheck, Measure, Relation, Row, Side, Step, Table, Unit, Verdict,
    Warning,
};
use spikeflame_profile::{GroupBy, is_of_recorder};
use words::word;

pub(crate) use causes::Cause;
pub use json::json;
pub(crate) use markdown::brief;
pub use markdown::{LONGEST_IMAGE_URL, LONGEST_KEY, MarkdownOptions, markdown};
pub use text::{power, summary, text};

/// A comparison, with settings for [`text()`], [`markdown()`] and [`json()`].
#[derive(Clone, Debug)]
pub struct ComparisonView<'a> {
    /// The comparison to show.
    pub comparison: &'a Comparison,
    /// Means of the load tests before and after; `None` unless every run has a load test with these values.
    pub loads: Option<[LoadLevel; 2]>,
    /// The part of the runs that was compared: `plateau`, `whole runs`.
    pub window: String,
    /// The thing that a row stands for: a function, a file, a package or a category.
    pub group_by: GroupBy,
    /// The cost that each row shows: self or total. Rows are ordered by the change of this cost,
    /// the largest rise or fall first; with self, the changes of the rows that a row explains count
    /// with it. With self, a row of which only the total cost changed shows its total cost.
    pub order: crate::Order,
    /// The largest number of rows in each block of the table; 0 for all. When there are more rows,
    /// those whose change no other row explains ([`Row::is_cause`]) are kept first. JSON has all rows.
    pub rows: usize,
    /// True to show whole paths of files; false to shorten them. JSON has whole paths.
    pub full_paths: bool,
    /// The gates that were checked, with their results.
    pub gates: &'a [GateCheck],
    /// True to write colours for a terminal; formats other than text have no colours.
    pub color: bool,
    /// Texts that only the program can give, because they name its flags.
    pub words: DiffWords,
}

/// Words of the program that shows a comparison. The default names no flags.
#[derive(Clone, Copy, Debug)]
pub struct DiffWords {
    /// The way to show all rows, printed directly after the number of those left out; not in a pull request's comment.
    pub all_rows_hint: &'static str,
    /// The text printed at the end of the sentence with the number of rows of which the runs do not show
    /// whether they changed, before its full stop. It names the way to learn how many runs would show it.
    pub more_power: &'static str,
    /// Returns the sentence for a warning.
    pub warning: fn(&Warning) -> String,
}

impl Default for DiffWords {
    fn default() -> Self {
        Self { all_rows_hint: "", more_power: "", warning: Warning::to_string }
    }
}

/// Values that a load test reached, or the load tests of one side as means over its runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LoadLevel {
    /// Number of successful requests a second, or of all where the load test does not count failed ones.
    pub rps: f64,
    /// 95th percentile of the durations of successful requests, in milliseconds, or of all requests
    /// for a load test with totals only.
    pub p95_ms: f64,
}

/// Number of rows in the table of packages.
const PACKAGES: usize = 8;
/// Number of steps in a waterfall.
const STEPS: usize = 8;

impl<'a> ComparisonView<'a> {
    /// A view of whole runs by function, without the words of a program.
    #[cfg(test)]
    fn plain(comparison: &'a Comparison) -> Self {
        Self {
            comparison,
            loads: None,
            window: "whole runs".to_owned(),
            group_by: GroupBy::Function,
            order: crate::Order::SelfWeight,
            rows: 0,
            full_paths: false,
            gates: &[],
            color: false,
            words: DiffWords::default(),
        }
    }

    fn table(&self) -> &'a Table {
        self.comparison.table(self.group_by)
    }

    /// Returns the cost by which rows are measured: self or total. For a row of which only the total
    /// changed, it is the total.
    fn cost(&self, row: &'a Row) -> &'a Measure {
        let of = |cost: &Measure| cost.verdict == Verdict::Changed;
        match self.order {
            crate::Order::SelfWeight if of(&row.total_cost) && !of(&row.self_cost) => {
                &row.total_cost
            }
            crate::Order::SelfWeight => &row.self_cost,
            crate::Order::Total => &row.total_cost,
        }
    }

    /// Returns true when code and machine form two blocks of the table.
    fn has_blocks(&self) -> bool {
        let is_shown = |row: &Row| row.is_machine && !self.is_hidden(row);
        self.group_by == GroupBy::Function && self.table().rows.iter().any(is_shown)
    }

    /// Returns the rows to show, in order, and the number of rows that are not shown. Rows that
    /// another row explains are left out, and so are functions of the recorder that did not change:
    /// [`Self::recorder`] states their cost. `machine` takes only rows of the machine, or only rows of code.
    /// Causes have a place before rows that only differ more.
    fn rows(&self, machine: Option<bool>) -> (Vec<&'a Row>, usize) {
        let rows = self.table().rows.iter().zip(self.table().steps());
        let rows = rows.filter(|(row, _)| row.explained.is_none() && !self.is_hidden(row));
        let mut rows: Vec<(&Row, Step)> = rows
            .filter(|(row, _)| machine.is_none_or(|machine| machine == row.is_machine))
            .collect();
        let by_size = |(a, of_a): &(&Row, Step), (b, of_b): &(&Row, Step)| {
            self.size(b, *of_b).total_cmp(&self.size(a, *of_a))
        };
        rows.sort_by(by_size);
        let all = rows.len();
        if self.rows > 0 {
            rows.sort_by_key(|(row, _)| !row.is_cause());
            rows.truncate(self.rows);
            rows.sort_by(by_size);
        }
        (rows.iter().map(|(row, _)| *row).collect(), all - rows.len())
    }

    /// Returns true for a function of the module that the recorder loads into the program.
    fn is_of_recorder(&self, row: &Row) -> bool {
        self.group_by == GroupBy::Function && is_of_recorder(&row.file)
    }

    /// Returns true for a function of that module that is not listed, because it did not change.
    fn is_hidden(&self, row: &Row) -> bool {
        let mut costs = [&row.self_cost, &row.total_cost].into_iter();
        self.is_of_recorder(row) && costs.all(|cost| cost.verdict != Verdict::Changed)
    }

    /// Returns the size of a row's change, by which the table is ordered. When only the total of a row
    /// changed, its callees may have too few samples to have changed by themselves.
    fn size(&self, row: &Row, step: Step) -> f64 {
        let total = row.total_cost.change.abs();
        match self.order {
            crate::Order::Total => total,
            crate::Order::SelfWeight
                if row.is_changed() && row.self_cost.verdict != Verdict::Changed =>
            {
                step.change.abs().max(total)
            }
            crate::Order::SelfWeight => step.change.abs(),
        }
    }

    /// Returns the rows that a row explains, the largest change first.
    fn explained(&self, row: &Row) -> Vec<&'a Row> {
        let rows = &self.table().rows;
        let by = |other: &&Row| {
            let by = other.explained.and_then(|explained| rows.get(explained.by));
            by.is_some_and(|by| std::ptr::eq(by, row))
        };
        let mut explained: Vec<&Row> = rows.iter().filter(by).collect();
        let size = |row: &&Row| row.total_cost.change.abs();
        explained.sort_by(|a, b| size(b).total_cmp(&size(a)));
        explained
    }

    /// Returns the parts of [`explained_parts`](Self::explained_parts) as one line.
    fn explained_line(&self, row: &Row, short: &Shortener<'_>) -> Option<String> {
        let (names, together) = self.explained_parts(row, short)?;
        Some(format!("{names}; {together}"))
    }

    /// Returns the names of the callees through which a row changed and of the rows that it explains, and
    /// then the sum of the changes of self costs, which is the step of the waterfall.
    fn explained_parts(&self, row: &Row, short: &Shortener<'_>) -> Option<(String, String)> {
        // A line of a terminal has room for about six names.
        const THROUGH: usize = 2;
        const NAMED: usize = 4;
        let (mut through, mut explained): (Vec<&'a Row>, Vec<&'a Row>) =
            self.explained(row).into_iter().partition(|other| {
                let is_callee = other.explained.is_some_and(|of| of.relation == Relation::Caller);
                let is_same = other.self_cost.change * row.total_cost.change > 0.0;
                is_callee && is_same && other.self_cost.verdict == Verdict::Changed
            });
        if through.is_empty() && explained.is_empty() {
            return None;
        }
        let change_of = |row: &Row| row.self_cost.change;
        let together = change_of(row)
            + through.iter().chain(&explained).map(|row| change_of(row)).sum::<f64>();
        through.sort_by(|a, b| change_of(b).abs().total_cmp(&change_of(a).abs()));
        explained.extend(through.split_off(through.len().min(THROUGH)));
        let name = |row: &&'a Row| self.brief_name(row, short);
        let names = |rows: &[&'a Row]| rows.iter().map(name).collect::<Vec<_>>().join(", ");
        let mut parts = Vec::new();
        if !through.is_empty() {
            parts.push(format!("through {}", names(&through)));
        }
        match explained.split_at_checked(NAMED) {
            None if explained.is_empty() => {}
            None | Some((_, [])) => parts.push(format!("explains {}", names(&explained))),
            Some((named, more)) => {
                parts.push(format!("explains {}, and {} more", names(named), more.len()));
            }
        }
        Some((parts.join("; "), format!("together {}", self.change(together))))
    }

    /// Returns the name of a row, and its place only where it has no name.
    fn brief_name(&self, row: &'a Row, short: &Shortener<'_>) -> String {
        let (name, place) = self.name_and_place(row, short);
        match row.name.is_empty() {
            true => format!("{name} {place}").trim_end().to_owned(),
            false => name,
        }
    }

    /// Returns a change of a cost with its sign. A change that is a tiny part of the whole cost is 0.
    fn change(&self, value: f64) -> String {
        let shown = if self.is_seen(value) { value } else { 0.0 };
        figures::change(shown, self.comparison.unit)
    }

    /// Returns the ratio of a cost as a change in per cent; `-` for a tiny part of the whole cost.
    fn ratio(&self, cost: &Measure) -> String {
        if self.is_seen(cost.before.max(cost.after)) {
            figures::ratio(cost)
        } else {
            "-".to_owned()
        }
    }

    /// Returns true for a value that is not a tiny part of the whole cost.
    fn is_seen(&self, value: f64) -> bool {
        /// Smaller parts of the whole cost have more digits than a reader can use, and are noise.
        const LEAST_PART: f64 = 1e-4;
        let totals = &self.comparison.totals;
        value.abs() >= LEAST_PART * totals.before.max(totals.after)
    }

    /// Returns the cost of code, or of the machine, in one line.
    fn block(&self, machine: bool) -> String {
        let (before, after) = self.table().part(machine);
        let unit = self.comparison.unit;
        let what = match machine {
            false => "What code costs",
            true => {
                "What native code and the machine cost (libraries, V8's own code, system calls, \
                 kernel, garbage collection, compiling)"
            }
        };
        let of = match unit {
            Unit::Share => ", as shares of the CPU before",
            _ => "",
        };
        format!(
            "{what}{of}: {} became {} ({}).",
            cost(before, unit),
            cost(after, unit),
            self.change(after - before)
        )
    }

    fn shortener(&self) -> Shortener<'a> {
        let rows = self.comparison.functions.rows.iter();
        let files = rows.filter(|row| row.category == Some(spikeflame_profile::Category::App));
        Shortener::new(files.map(|row| row.file.as_str()), self.full_paths)
    }

    /// Returns the name and place of a row. The caller of a function without a name follows its place.
    fn names(&self, row: &'a Row, short: &Shortener<'_>) -> (String, String) {
        let (name, place) = self.name_and_place(row, short);
        match &row.called_by {
            Some(caller) if !place.is_empty() => (name, called_by(&place, caller)),
            _ => (name, place),
        }
    }

    /// Returns the name and place of a row. The place is that after the change, or else that before it.
    fn name_and_place(&self, row: &'a Row, short: &Shortener<'_>) -> (String, String) {
        if row.file.is_empty() || row.kind != Some(spikeflame_profile::Kind::Js) {
            return (row.label.clone(), String::new());
        }
        let shown = |name: &'a str| if name.is_empty() { "<anonymous>" } else { name };
        let name = match &row.name_before {
            Some(before) => format!("{}, was {}", shown(&row.name), shown(before)),
            None => shown(&row.name).to_owned(),
        };
        let line = row.line_after.or(row.line_before);
        let place = match line {
            Some(line) => format!("{}:{line}", short.file(&row.file)),
            None => short.file(&row.file).to_owned(),
        };
        (name, place)
    }

    /// Returns the result in one sentence.
    pub(crate) fn sentence(&self) -> String {
        let comparison = self.comparison;
        let totals = &comparison.totals;
        let mut text = match comparison.unit.work() {
            Some(work) => {
                let went = match totals.ratio {
                    _ if (totals.ci.0..=totals.ci.1).contains(&1.0) => "went",
                    ratio if ratio < 1.0 => "fell",
                    _ => "rose",
                };
                format!(
                    "CPU per {work} {went} from {} to {} ({}, 95 % interval {} to {})",
                    cost(totals.before, comparison.unit),
                    cost(totals.after, comparison.unit),
                    percent(totals.ratio),
                    percent(totals.ci.0),
                    percent(totals.ci.1)
                )
            }
            None if comparison.equal_work => {
                let ratio = percent(totals.ratio);
                format!("Costs are shares of the CPU before; all of it together changed by {ratio}")
            }
            None => {
                "Costs are shares of the CPU before, so a change of the whole program does not show"
                    .to_owned()
            }
        };
        if let Some([before, after]) = &self.loads {
            text += &format!(
                "; {:.1} requests a second became {:.1}, p95 {} became {}",
                before.rps,
                after.rps,
                crate::plateau::millis(before.p95_ms),
                crate::plateau::millis(after.p95_ms)
            );
        }
        let runs = |side| comparison.runs_of(side);
        text + &format!(
            ". {} against {} runs, {}.",
            runs(Side::Before),
            runs(Side::After),
            self.window
        )
    }

    /// Returns the word for the thing that a row stands for.
    fn one_row(&self) -> &'static str {
        match self.group_by {
            GroupBy::Function => "function",
            GroupBy::Line => "line",
            GroupBy::File => "file",
            GroupBy::Package => "package",
            GroupBy::Category => "category",
        }
    }

    /// Returns the number of changes and of rows, in words.
    fn tally(&self) -> String {
        let rows = &self.table().rows;
        let number = |of: fn(&Row) -> bool| rows.iter().filter(|row| of(row)).count() as u64;
        let (causes, changed) = (number(Row::is_cause), number(Row::is_changed));
        let is_same = |row: &Row| !row.is_changed() && row.self_cost.verdict == Verdict::Same;
        let same = number(is_same);
        let what = match self.group_by {
            GroupBy::Function => "functions",
            GroupBy::Line => "lines",
            GroupBy::File => "files",
            GroupBy::Package => "packages",
            GroupBy::Category => "categories",
        };
        let open = rows.len() as u64 - changed - same;
        let causes = match causes {
            _ if causes == changed => String::new(),
            1 => ", from 1 cause".to_owned(),
            causes => format!(", from {} causes", count(causes)),
        };
        let same = match same {
            0 => String::new(),
            same => format!("; {} stayed within 10 %", count(same)),
        };
        let apart = match self.comparison.sessions.is_none() {
            true => "",
            false => "; no number of runs removes the difference between two sessions",
        };
        let open = match open {
            0 => String::new(),
            open => format!(
                " For the other {}, these runs do not show whether they changed{}{apart}.",
                count(open),
                self.words.more_power
            ),
        };
        format!(
            "{} of {} {what} changed{causes}{same}.{open}",
            count(changed),
            count(rows.len() as u64)
        )
    }

    /// Returns the sentences below the first one that the numbers cannot be read without: the number
    /// of changes, the change of the whole program, and the correction of costs.
    pub(crate) fn sentences(&self) -> Vec<String> {
        std::iter::once(self.tally()).chain(self.speed()).collect()
    }

    /// Returns the evidence with the first warning as a clause: "strong, but the machine was busy", "weak: the
    /// sides were recorded on different machines". Strong evidence of no change is "no change beyond chance".
    pub(crate) fn evidence(&self) -> String {
        let comparison = self.comparison;
        let (low, high) = comparison.totals.ci;
        let of_all = comparison.unit.work().is_some() && !(low..=high).contains(&1.0);
        let shows_change = of_all || self.table().rows.iter().any(Row::is_changed);
        let is_strong = comparison.evidence == Evidence::Strong;
        let word = match is_strong && !shows_change {
            true => "no change beyond chance",
            false => comparison.evidence.word(),
        };
        let Some(warning) = comparison.warnings.first().map(self.words.warning) else {
            return word.to_owned();
        };
        // A warning may begin with the evidence, in capitals; the other clauses say why.
        let (warning, is_reason) = match warning.split_once(": ") {
            Some((first, why)) if first.eq_ignore_ascii_case(word) => (why, true),
            _ => (&*warning, false),
        };
        // The numbers of a warning follow its first clause.
        let end = [": ", "; "].iter().filter_map(|mark| warning.find(mark)).min();
        let clause = end.and_then(|end| warning.get(..end)).unwrap_or(warning);
        let but = if is_strong && shows_change { "but" } else { "and" };
        let clause = clause.trim_end_matches('.');
        if is_reason { format!("{word}: {clause}") } else { format!("{word}, {but} {clause}") }
    }

    /// Returns the evidence for a line of its own, when it is not strong and no warning begins with it.
    pub(crate) fn weak_evidence(&self) -> Option<String> {
        let comparison = self.comparison;
        let word = comparison.evidence.word();
        let begins = |warning| {
            let text = (self.words.warning)(warning);
            text.split_once(": ").is_some_and(|(first, _)| first.eq_ignore_ascii_case(word))
        };
        let is_told = || comparison.warnings.iter().any(begins);
        let is_strong = comparison.evidence == Evidence::Strong;
        (!is_strong && !is_told()).then(|| format!("Evidence: {}.", self.evidence()))
    }

    /// Returns the sentences on the speed of the machine, without which the costs cannot be read.
    fn speed(&self) -> impl Iterator<Item = String> {
        [self.equal_work(), self.shift(), self.correction()].into_iter().flatten()
    }

    /// Describes the change of the whole program, when it is significant.
    fn shift(&self) -> Option<String> {
        let shift = self.comparison.shift.filter(|shift| shift.significant)?;
        Some(format!(
            "The whole program shifted by {} (95 % interval {} to {}): a slower or faster machine, \
             other work, or something that all code pays. Costs include it.",
            percent(shift.ratio),
            percent(shift.ci.0),
            percent(shift.ci.1)
        ))
    }

    /// Returns the words of the verdicts of rows.
    fn verdicts(&self, rows: &[&'a Row]) -> Vec<String> {
        rows.iter().map(|row| word(row, self.cost(row))).collect()
    }
}

/// Returns the largest end of an interval among the costs of some rows. It is the scale of their bars.
fn scale<'m>(costs: impl Iterator<Item = &'m Measure>) -> f64 {
    let (mut widest, mut change) = (0.0, 0.0);
    for cost in costs {
        let ends = [cost.change_ci.0.abs(), cost.change_ci.1.abs(), cost.change.abs()];
        widest = ends.into_iter().filter(|end| end.is_finite()).fold(widest, f64::max);
        change = f64::max(change, cost.change.abs());
    }
    // One row with a very wide interval must not flatten the others.
    f64::min(widest, 1.5 * change)
}
