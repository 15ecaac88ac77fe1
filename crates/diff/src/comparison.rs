//! The result of a comparison, with all that a view of it needs.

use crate::causes::Explanation;
use crate::environment::{Condition, Environment, Setting, mean};
use crate::evidence::Evidence;
use crate::exposure::Shift;
use crate::measure::{LEAST_SAMPLES, Measure, Verdict};
use crate::order::Order;
use crate::power::Plan;
use crate::session::SessionNoise;
use crate::table::Side;
use crate::totals::Totals;
use crate::unit::Unit;
use crate::warning::Warning;
use hashbrown::HashMap;
use spikeflame_profile::{Category, GroupBy, Kind};
use std::collections::BTreeSet;

/// The result of comparing the runs before with the runs after.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The unit of all costs in this result.
    pub unit: Unit,
    /// True when no unit was given, and each run of a program without requests is taken to have done the same
    /// work, because enough functions cost about the same on both sides.
    pub equal_work: bool,
    /// True when costs are shares, and functions show two factors by which shares after must be multiplied. A
    /// row is only called changed when it changed with both. [`Totals::uncorrected`] has the shares with the
    /// factor that the other costs do not have.
    pub two_scales: bool,
    /// True when functions are too few to show the speed of the machine, and the kernel's count of CPU time
    /// shows how long each run waited for a core. In runs made in turn, a row is only called changed when it
    /// changed with this time and without it; [`Totals::uncorrected`] has the costs without it.
    pub without_waits: bool,
    /// The strength of the comparison's evidence, by the number and the order of its runs. Some
    /// warnings make it weaker ([`Evidence::Weak`]).
    pub evidence: Evidence,
    /// The order in which the runs of the two sides were made.
    pub order: Order,
    /// The noise between sessions that the tests used: [`SessionNoise::NONE`] unless the sides were
    /// recorded apart.
    pub sessions: SessionNoise,
    /// All runs: first those of the side before, then those of the side after.
    pub runs: Vec<ComparedRun>,
    /// The cost of all functions together, before and after.
    pub totals: Totals,
    /// The change that the costs of all functions have in common, as a ratio ([`Shift::ratio`]).
    /// `None` when the counts do not show it ([`Analysis::shift`](crate::Analysis::shift)).
    pub shift: Option<Shift>,
    /// One row for each function.
    pub functions: Table,
    /// One row for each source file or library, and one for each category or state of other code.
    pub files: Table,
    /// One row for each npm package, and one for each category or state of other code.
    pub packages: Table,
    /// One row for each [category](Category) of code.
    pub categories: Table,
    /// Facts that the reader should know, roughly the most serious first.
    pub warnings: Vec<Warning>,
    /// The row of each function's label, by side.
    pub(crate) labels: [HashMap<String, usize>; 2],
}

/// A run, with the numbers that the comparison used.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedRun {
    /// The run's name: its folder or file.
    pub name: String,
    /// The side that the run is on: before or after.
    pub side: Side,
    /// Number of samples in the window, without idle ones and those that the selection leaves out.
    pub samples: f64,
    /// The number of successful requests in the window; `None` when it is not known.
    pub requests: Option<f64>,
    /// The sampling interval in milliseconds; `None` when it is not known, and when the samples are no
    /// CPU time.
    pub interval_ms: Option<f64>,
    /// The length of the part of the window that was recorded, in seconds; `None` when it is not
    /// known.
    pub seconds: Option<f64>,
    /// The conditions that the machine gave the run.
    pub environment: Environment,
    /// The facts on which the run's costs depend, as far as a recorder wrote them.
    pub settings: Vec<Setting>,
    /// Milliseconds of CPU before and after the window, which are not the cost of requests. It is `None` when
    /// it is not known and when the window is the whole run. One of both is `None` when the window begins or
    /// ends with the recording, so that nothing was recorded there.
    pub around_ms: Option<[Option<f64>; 2]>,
    /// The program that wrote the run's first recording, mostly with its version: `Node 20, V8 11.3`.
    pub producer: String,
    /// The machine's time for the same work, relative to the other runs: 1.1 for a run in which
    /// everything took 10 % longer. It is 1 in all runs when the functions do not show it.
    pub factor: f64,
    /// The divisor that turns a count of samples into a cost in the comparison's unit.
    pub exposure: f64,
}

/// The rows of a comparison for one grouping: by function, file, package or category.
#[derive(Clone, Debug)]
pub struct Table {
    /// The grouping: each row is a function, a file, a package or a category.
    pub by: GroupBy,
    /// The rows, ordered by the size of the change of their self cost, the largest first; equal ones by that
    /// of the total cost, then by label.
    pub rows: Vec<Row>,
    pub(crate) plans: [Plan; 2],
}

/// A row of a table: a function or group with its costs before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The full label of the function after the change, or before it when the function is gone. For
    /// a group, it is the name of the group.
    pub label: String,
    /// The function's name alone, empty for an anonymous function. For a group, it is the same as
    /// `label`.
    pub name: String,
    /// The source file or library after the change, or before it when the function is gone; empty for
    /// groups, and for functions without one.
    pub file: String,
    /// The kind of code; `None` for groups.
    pub kind: Option<Kind>,
    /// The owner of the code; `None` for groups.
    pub category: Option<Category>,
    /// The line, from 1, at which the function begins in the program before the change. It is
    /// `None` when it is not known, for new functions, and for groups.
    pub line_before: Option<u32>,
    /// The line, from 1, at which the function begins in the program after the change. It is `None`
    /// when it is not known, for functions that are gone, and for groups.
    pub line_after: Option<u32>,
    /// True when it is a guess that the function before and the function after are the same, for
    /// example because it was renamed, or moved to another file. False for groups.
    pub guessed: bool,
    /// The name that the function had before the change, when it was probably renamed
    /// ([`Badge::Renamed`]). It is empty for an anonymous function, and `None` for all other rows.
    pub name_before: Option<String>,
    /// The name of a caller of an anonymous function, in code of the application or of a package,
    /// by which a reader recognises the function. `None` for other rows, and without such a caller.
    pub called_by: Option<String>,
    /// The cost of the function itself, without its callees.
    pub self_cost: Measure,
    /// The cost of the function together with everything that it calls.
    pub total_cost: Measure,
    /// Marks that views show beside the row, such as `NEW`; often none.
    pub badges: Vec<Badge>,
    /// True when the cost is the machine's, such as that of the kernel, of garbage collection and
    /// of compiling. False when it is that of code. A group is the machine's when more than half of
    /// its self cost is.
    pub is_machine: bool,
    /// The row of the same table whose change explains this row's change; `None` when no other row does.
    pub explained: Option<Explanation>,
}

impl Row {
    /// Returns true when the verdict on the self cost or on the total cost is
    /// [`Verdict::Changed`](crate::Verdict::Changed).
    pub fn is_changed(&self) -> bool {
        [&self.self_cost, &self.total_cost].iter().any(|cost| cost.verdict == Verdict::Changed)
    }

    /// Returns true when the row changed ([`Row::is_changed`]), no other row explains the change,
    /// and it has no [`Badge::Inlined`], with which its cost may only be counted for another
    /// function than before.
    pub fn is_cause(&self) -> bool {
        self.is_changed() && self.explained.is_none() && !self.badges.contains(&Badge::Inlined)
    }
}

/// A mark beside a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Badge {
    /// The row has no samples in the runs after the change, neither its own nor those of its
    /// callees.
    Gone,
    /// The row has no samples in the runs before the change, neither its own nor those of its
    /// callees.
    New,
    /// Self cost moved between a function and a caller whose total cost is not called changed: the
    /// engine may inline the function differently, or its code was moved. Rows with
    /// [`Doubt::Inlined`](crate::Doubt::Inlined) have it too.
    Inlined,
    /// A cost of the row has [`Doubt::StartUp`](crate::Doubt::StartUp): it may arise once a run or by time,
    /// or grow in the course of a run, and not be that of each request.
    StartUp,
    /// The total cost of the row has [`Doubt::Moved`](crate::Doubt::Moved): the function is new or gone,
    /// but the functions that it calls changed by less than half of its cost, so that mostly their callers
    /// changed. A file or package with the mark changed mostly by functions that are in another one on the
    /// other side.
    Moved,
    /// The function probably has another name on each side. The functions of the two names are at the same
    /// place or in code that changed. They share callers and callees as far as these are known, and cost
    /// about the same.
    Renamed,
}

impl Badge {
    /// Returns the word for the mark in tables and JSON: `GONE`, `NEW`, `INLINED?`, `START-UP?`,
    /// `MOVED` or `RENAMED?`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gone => "GONE",
            Self::New => "NEW",
            Self::Inlined => "INLINED?",
            Self::StartUp => "START-UP?",
            Self::Moved => "MOVED",
            Self::Renamed => "RENAMED?",
        }
    }
}

/// The change from the cost before to the cost after, divided into steps. `before`, the changes of
/// all steps, and `other` add up to `after`.
#[derive(Clone, Debug, PartialEq)]
pub struct Waterfall {
    /// Sum of the self costs of all rows before, in the comparison's unit.
    pub before: f64,
    /// The largest steps, by the size of their change, the largest first. Steps with a change of 0
    /// are left out.
    pub steps: Vec<Step>,
    /// Number of rows that are in no step.
    pub other_rows: usize,
    /// Sum of the changes in self cost of the rows that are in no step, in the comparison's unit.
    pub other: f64,
    /// Sum of the self costs of all rows after, in the comparison's unit.
    pub after: f64,
}

/// One step of a [`Waterfall`]: the change of one row, with the rows that it explains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Index in [`Table::rows`] of the row.
    pub row: usize,
    /// Self cost after minus self cost before, summed over the row and the rows that it explains. It is 0 for
    /// a row that another row explains.
    pub change: f64,
    /// Number of rows that are summed in `change`: this row and those that it explains. It is 0 for
    /// a row that another row explains.
    pub rows: usize,
}

/// The changes of one cost that a comparison is large enough to find, which means: in four of five
/// comparisons. All ratios are cost after divided by cost before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Power {
    /// The ratio of the smallest fall that four of five comparisons would find, with as many runs
    /// as this comparison has.
    pub fall: f64,
    /// The ratio of the smallest rise that four of five comparisons would find, with as many runs as this
    /// comparison has. It has no upper limit, and may be infinite.
    pub rise: f64,
    /// The smallest number of runs on each side with which four of five comparisons would find a
    /// change to the `ratio` that [`Table::power`] got; `None` when 99 are too few.
    pub runs_a_side: Option<u32>,
    /// True when the two sides were recorded in different sessions, and the noise between them
    /// ([`SessionNoise`]) hides a change to this `ratio` with any number of runs. `runs_a_side` is
    /// then `None`.
    pub hidden_by_sessions: bool,
}

impl Comparison {
    /// Returns the function's row for a label of one side's call trees
    /// ([`Entry::label`](spikeflame_profile::Entry::label), tiers merged). Returns `None` when no
    /// row has this label on this side.
    pub fn row_of(&self, side: Side, label: &str) -> Option<&Row> {
        self.functions.rows.get(self.place_of(side, label)?)
    }

    /// Returns the index, in the rows of `functions`, of the function with this label in one side's
    /// call trees. Returns `None` when no row has this label on this side.
    pub fn place_of(&self, side: Side, label: &str) -> Option<usize> {
        let [before, after] = &self.labels;
        let labels = if side == Side::Before { before } else { after };
        labels.get(label).copied()
    }

    /// Returns the labels of one side's functions that differ from the label of their row, each with
    /// its row's label, in the order of rows: functions that moved, or were renamed.
    #[expect(clippy::disallowed_methods, reason = "the labels are sorted")]
    pub fn other_labels(&self, side: Side) -> Vec<(&str, &str)> {
        let [before, after] = &self.labels;
        let labels = if side == Side::Before { before } else { after };
        let mut moved: Vec<(usize, &str)> = labels
            .iter()
            .filter(|(label, place)| {
                self.functions.rows.get(**place).is_some_and(|row| row.label != **label)
            })
            .map(|(label, place)| (*place, label.as_str()))
            .collect();
        moved.sort_unstable();
        let row =
            |(place, label): (usize, _)| Some((label, &*self.functions.rows.get(place)?.label));
        moved.into_iter().filter_map(row).collect()
    }

    /// Returns the table of a grouping. For [`GroupBy::Line`] it is the table of functions.
    pub fn table(&self, by: GroupBy) -> &Table {
        match by {
            // Lines are not compared: they move when the file changes.
            GroupBy::Function | GroupBy::Line => &self.functions,
            GroupBy::File => &self.files,
            GroupBy::Package => &self.packages,
            GroupBy::Category => &self.categories,
        }
    }

    /// Returns the mean of a condition over the runs of a side; `None` when a run of the side lacks
    /// it.
    pub fn environment(&self, side: Side, condition: Condition) -> Option<f64> {
        let of_side = self.runs.iter().filter(|run| run.side == side);
        mean(of_side.map(|run| &run.environment), condition)
    }

    /// Returns the values that a [`Setting`] has in the runs of a side, each once, sorted. The result is
    /// empty when one or more runs of the side lack the setting.
    pub fn setting(&self, side: Side, name: &str) -> Vec<&str> {
        let own = self.runs.iter().filter(|run| run.side == side);
        let values: Option<BTreeSet<&str>> = own
            .map(|run| {
                let setting = run.settings.iter().find(|setting| setting.name == name)?;
                Some(setting.value.as_str())
            })
            .collect();
        values.unwrap_or_default().into_iter().collect()
    }

    /// Returns the names of all settings that at least one run has, each once, in the order of
    /// their first occurrence.
    pub fn setting_names(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        for setting in self.runs.iter().flat_map(|run| &run.settings) {
            if !names.contains(&setting.name) {
                names.push(setting.name);
            }
        }
        names
    }

    /// Returns the number of runs on a side.
    pub fn runs_of(&self, side: Side) -> usize {
        self.runs.iter().filter(|run| run.side == side).count()
    }
}

impl Table {
    /// Returns one step for each row, in the order of the rows. A step sums the changes of the self
    /// costs of its row and of the rows that name it in [`Row::explained`], in the comparison's unit, and
    /// counts these rows. The step of a row that another row explains is 0, so that nothing counts twice.
    pub fn steps(&self) -> Vec<Step> {
        let none = |row| Step { row, change: 0.0, rows: 0 };
        let mut steps: Vec<Step> = (0..self.rows.len()).map(none).collect();
        for (at, row) in self.rows.iter().enumerate() {
            let head = row.explained.map_or(at, |explained| explained.by);
            if let Some(step) = steps.get_mut(head) {
                step.change += row.self_cost.change;
                step.rows += 1;
            }
        }
        steps
    }

    /// Divides the change in the cost of everything, which is the sum of all self costs, into the
    /// `top` largest steps and the rest. A step contains the changes of the rows that its row
    /// explains.
    pub fn waterfall(&self, top: usize) -> Waterfall {
        let sum = |of: fn(&Measure) -> f64| self.rows.iter().map(|row| of(&row.self_cost)).sum();
        let mut steps: Vec<Step> =
            self.steps().into_iter().filter(|step| step.change != 0.0).collect();
        steps.sort_by(|a, b| b.change.abs().total_cmp(&a.change.abs()).then(a.row.cmp(&b.row)));
        steps.truncate(top);
        let (before, after): (f64, f64) = (sum(|cost| cost.before), sum(|cost| cost.after));
        let shown: f64 = steps.iter().map(|step| step.change).sum();
        let other_rows = self.rows.len() - steps.iter().map(|step| step.rows).sum::<usize>();
        Waterfall { before, other: after - before - shown, steps, other_rows, after }
    }

    /// Returns two sums of self costs, before and after, in the comparison's unit, over the rows
    /// whose [`Row::is_machine`] equals `machine`.
    pub fn part(&self, machine: bool) -> (f64, f64) {
        let of_kind = self.rows.iter().filter(|row| row.is_machine == machine);
        of_kind.fold((0.0, 0.0), |sum, row| {
            (sum.0 + row.self_cost.before, sum.1 + row.self_cost.after)
        })
    }

    /// Returns one pair for each row, in the order of the rows: the power for its self cost and for
    /// its total cost. `ratio` is the change that [`Power::runs_a_side`] is for: the cost after
    /// divided by the cost before, such as 0.9. The power is `None` for a cost with fewer than 20
    /// samples on both sides together, or with none on a side.
    pub fn power(&self, ratio: f64) -> impl Iterator<Item = [Option<Power>; 2]> + '_ {
        let [self_plan, total_plan] = self.plans;
        self.rows.iter().map(move |row| {
            [(self_plan, &row.self_cost), (total_plan, &row.total_cost)].map(|(plan, measure)| {
                let (before, after) = (measure.samples_before, measure.samples_after);
                let enough = before + after >= LEAST_SAMPLES && before.min(after) > 0.0;
                let rise = plan.smallest_ratio(measure);
                enough.then(|| Power {
                    fall: 1.0 / rise,
                    rise,
                    runs_a_side: plan.runs_to_find(measure, ratio),
                    hidden_by_sessions: plan.hidden_by_sessions(measure, ratio),
                })
            })
        })
    }
}
