//! What a comparison says: all that a view of it needs.

use crate::analysis::Totals;
use crate::causes::Explained;
use crate::dispersion::Trend;
use crate::environment::{Condition, Environment, mean};
use crate::evidence::Evidence;
use crate::exposure::Shift;
use crate::measure::{LEAST_SAMPLES, Measure, Verdict};
use crate::order::Order;
use crate::power::Plan;
use crate::session::SessionNoise;
use crate::table::Side;
use crate::unit::Unit;
use crate::warnings::Warning;
use hashbrown::HashMap;
use spikeflame_profile::{Category, GroupBy, Kind};

/// Before and after, compared.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// What costs are in.
    pub unit: Unit,
    /// How much the runs can carry.
    pub evidence: Evidence,
    /// In which order the runs were made.
    pub order: Order,
    /// The noise between sessions that was reckoned with.
    pub sessions: SessionNoise,
    /// The runs, those before first.
    pub runs: Vec<ComparedRun>,
    /// The cost of everything.
    pub totals: Totals,
    /// Whether everything shifted; `None` where that cannot be told.
    pub shift: Option<Shift>,
    /// By function.
    pub functions: Table,
    /// By source file or library.
    pub files: Table,
    /// By npm package.
    pub packages: Table,
    /// By [`Category`].
    pub categories: Table,
    /// What the reader should know, the gravest first.
    pub warnings: Vec<Warning>,
    /// By side: the row of a function's label.
    pub(crate) labels: [HashMap<String, usize>; 2],
}

/// A run, as it was used.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedRun {
    /// Its name.
    pub name: String,
    /// Its side.
    pub side: Side,
    /// Samples kept.
    pub samples: f64,
    /// Successful requests in the window.
    pub requests: Option<f64>,
    /// The sampling interval.
    pub interval_ms: Option<f64>,
    /// Length of the window.
    pub seconds: Option<f64>,
    /// What the machine gave it.
    pub environment: Environment,
    /// Milliseconds of CPU before and after the window: the start and the tail of the
    /// run, which no request pays for.
    pub around_ms: Option<(f64, f64)>,
    /// The recorder and its version, which name the engine.
    pub producer: String,
    /// How slow the machine was beside the other runs: 1 on average.
    pub factor: f64,
    /// A count of samples divided by this is a cost in the comparison's unit.
    pub exposure: f64,
}

/// The rows of one grouping.
#[derive(Clone, Debug)]
pub struct Table {
    /// What a row stands for.
    pub by: GroupBy,
    /// The rows, the largest change of self cost first.
    pub rows: Vec<Row>,
    /// How self counts spread between runs.
    pub self_trend: Trend,
    /// How total counts spread between runs.
    pub total_trend: Trend,
    pub(crate) plans: [Plan; 2],
}

/// A function or group, before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The full label: of the function as it is after, or else as it was.
    pub label: String,
    /// The name alone; empty for an anonymous function.
    pub name: String,
    /// Source file or library, as after or else as before; empty for groups.
    pub file: String,
    /// What it is made of; `None` for groups.
    pub kind: Option<Kind>,
    /// Whose code it is; `None` for groups.
    pub category: Option<Category>,
    /// Its line before, where it has one.
    pub line_before: Option<u32>,
    /// Its line after.
    pub line_after: Option<u32>,
    /// True when that it is the same function on both sides is a guess.
    pub guessed: bool,
    /// What it costs itself.
    pub self_cost: Measure,
    /// What it costs with all that it calls.
    pub total_cost: Measure,
    /// What else there is to say.
    pub badges: Vec<Badge>,
    /// True for what the machine costs: system calls, the kernel, garbage collection,
    /// compiling. Else it is what code costs.
    pub is_machine: bool,
    /// The row whose change explains that of this one, by its place in the table.
    pub explained: Option<Explained>,
}

impl Row {
    /// True when its self or total cost changed.
    pub fn is_changed(&self) -> bool {
        [&self.self_cost, &self.total_cost].iter().any(|cost| cost.verdict == Verdict::Changed)
    }

    /// True for a change that nothing else explains.
    pub fn is_cause(&self) -> bool {
        self.is_changed() && self.explained.is_none() && !self.badges.contains(&Badge::Inlined)
    }
}

/// A word beside a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Badge {
    /// No samples after.
    Gone,
    /// No samples before.
    New,
    /// Its self cost moved to or from a caller whose total stood still: the
    /// engine inlines it otherwise, nobody saved it.
    Inlined,
    /// What differs may be the start of the run, which is no request's cost.
    StartUp,
}

impl Badge {
    /// The word for it in tables and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gone => "GONE",
            Self::New => "NEW",
            Self::Inlined => "INLINED?",
            Self::StartUp => "START-UP?",
        }
    }
}

/// From the cost before to the cost after, adding up exactly.
#[derive(Clone, Debug, PartialEq)]
pub struct Waterfall {
    /// The cost of everything before.
    pub before: f64,
    /// The largest changes.
    pub steps: Vec<Step>,
    /// How many other rows there are.
    pub other_rows: usize,
    /// The changes of the other rows together.
    pub other: f64,
    /// The cost of everything after.
    pub after: f64,
}

/// A step of a waterfall.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Place in [`Table::rows`].
    pub row: usize,
    /// Change of the self cost of the row and of those that it explains.
    pub change: f64,
    /// How many rows these are.
    pub rows: usize,
}

/// What the runs given could have told of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Power {
    /// The largest ratio below 1 that would be found four times of five.
    pub fall: f64,
    /// The smallest ratio above 1 that would be found four times of five.
    pub rise: f64,
    /// Runs a side that would find the ratio asked for four times of five;
    /// `None` above 99.
    pub runs_a_side: Option<u32>,
}

impl Comparison {
    /// The function row that a label of one side's call trees
    /// ([`Entry::label`](spikeflame_profile::Entry::label), tiers merged)
    /// belongs to.
    pub fn row_of(&self, side: Side, label: &str) -> Option<&Row> {
        self.functions.rows.get(self.place_of(side, label)?)
    }

    /// The place of that row.
    pub fn place_of(&self, side: Side, label: &str) -> Option<usize> {
        let [before, after] = &self.labels;
        let labels = if side == Side::Before { before } else { after };
        labels.get(label).copied()
    }

    /// The rows of one grouping.
    pub fn table(&self, by: GroupBy) -> &Table {
        match by {
            GroupBy::Function => &self.functions,
            GroupBy::File => &self.files,
            GroupBy::Package => &self.packages,
            GroupBy::Category => &self.categories,
        }
    }

    /// A condition of a side: the mean of its runs.
    pub fn environment(&self, side: Side, condition: Condition) -> Option<f64> {
        let own = self.runs.iter().filter(|run| run.side == side);
        mean(own.map(|run| &run.environment), condition)
    }

    /// How many runs a side has.
    pub fn runs_of(&self, side: Side) -> usize {
        self.runs.iter().filter(|run| run.side == side).count()
    }
}

impl Table {
    /// The way from before to after in at most `top` steps and the rest. The change of a
    /// cause has in it those of the rows that it explains.
    pub fn waterfall(&self, top: usize) -> Waterfall {
        let sum = |of: fn(&Measure) -> f64| self.rows.iter().map(|row| of(&row.self_cost)).sum();
        let mut changes = vec![(0.0, 0usize); self.rows.len()];
        for (at, row) in self.rows.iter().enumerate() {
            let head = row.explained.map_or(at, |explained| explained.by);
            if let Some((change, rows)) = changes.get_mut(head) {
                *change += row.self_cost.change;
                *rows += 1;
            }
        }
        let mut steps: Vec<Step> = changes
            .into_iter()
            .enumerate()
            .map(|(row, (change, rows))| Step { row, change, rows })
            .filter(|step| step.change != 0.0)
            .collect();
        steps.sort_by(|a, b| b.change.abs().total_cmp(&a.change.abs()).then(a.row.cmp(&b.row)));
        steps.truncate(top);
        let (before, after): (f64, f64) = (sum(|cost| cost.before), sum(|cost| cost.after));
        let shown: f64 = steps.iter().map(|step| step.change).sum();
        let other_rows = self.rows.len() - steps.iter().map(|step| step.rows).sum::<usize>();
        Waterfall { before, other: after - before - shown, steps, other_rows, after }
    }

    /// What code costs, or else what the machine costs: before and after.
    pub fn part(&self, machine: bool) -> (f64, f64) {
        let own = self.rows.iter().filter(|row| row.is_machine == machine);
        own.fold((0.0, 0.0), |sum, row| (sum.0 + row.self_cost.before, sum.1 + row.self_cost.after))
    }

    /// What the runs given could have told of each row's self and total cost,
    /// and how many runs a side a change to `ratio` needs; `None` for rows with
    /// too few samples.
    pub fn power(&self, ratio: f64) -> impl Iterator<Item = [Option<Power>; 2]> + '_ {
        let [own, total] = self.plans;
        self.rows.iter().map(move |row| {
            [(own, &row.self_cost), (total, &row.total_cost)].map(|(plan, measure)| {
                let samples = measure.samples_before + measure.samples_after;
                let rise = plan.smallest_ratio(measure);
                (samples >= LEAST_SAMPLES).then(|| Power {
                    fall: 1.0 / rise,
                    rise,
                    runs_a_side: plan.runs_to_find(measure, ratio),
                })
            })
        })
    }
}
