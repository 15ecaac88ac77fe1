//! Conditions that fail a build. They fail only on certain changes.

use crate::causes::Relation;
use crate::comparison::{Badge, Comparison, Row};
use crate::measure::{Doubt, Measure, Verdict};
use crate::unit::Unit;
use crate::warning::Warning;
use spikeflame_profile::{GroupBy, Kind, package_of};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

/// A limit for the rise of costs that a comparison must not cross. [`History::check`](crate::History::check)
/// states what it means for a history.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Gate {
    /// No row's self or total cost may rise by this limit or more. Only a rise that is certain
    /// ([`Verdict::Changed`]) crosses the gate. A share is a share of the cost of all functions
    /// together before the change, so that the gate does not depend on how small a function was.
    /// These rows do not cross it: rows of the machine ([`Row::is_machine`]), rows with
    /// [`Badge::Inlined`](crate::Badge::Inlined), functions of Node when its version changed, new functions
    /// that were split off others, and builtins of a caller that costs less in all. Only the self cost of a builtin
    /// counts.
    Regression(Limit),
    /// The cost of all functions together may rise by at most this limit; a share is one of this cost before.
    /// In a comparison, only a rise that is certain crosses the gate: the 95 % interval of the ratio is above 1.
    Total(Limit),
    /// The self cost of each row whose label contains this text may rise by at most this limit; a share is
    /// one of the row's own cost before. A larger rise crosses the gate only when it is certain
    /// ([`Verdict::Changed`]), and when the row has no [`Badge::Inlined`](crate::Badge::Inlined).
    SelfOf(String, Limit),
    /// The total cost of each row whose label contains this text may rise by at most this limit, as
    /// for [`Gate::SelfOf`].
    TotalOf(String, Limit),
}

/// The least share of a new function's cost that left other functions when these were split; the inverse of the most.
const MOVED: f64 = 0.8;

/// The smallest rise of one function that crosses [`Gate::REGRESSION`], as a share of the cost of
/// everything before. A fix changes what V8 compiles and inlines in other functions by some
/// thousandths of the whole; nobody looks for one per cent of a request.
const LEAST_REGRESSION: f64 = 0.01;

/// A rise of a cost. [`Gate::Regression`] is crossed by this rise or a larger one, the other gates
/// only by a larger one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// A rise by this share of a cost before the change: 0.05 is 5 %. Each [`Gate`] states the cost
    /// that is meant.
    Share(f64),
    /// A rise by this many milliseconds of CPU for each request, second or run, as in the unit of
    /// the costs. It cannot be checked where costs are shares.
    Millis(f64),
}

/// The error for a text that is not a [`Gate`]. A gate is `regression`, or one of `regression`, `total`,
/// `self:NAME` and `total:NAME` with a limit in `%` or `ms`, such as `total>5%` and `self:NAME>2ms`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected regression, regression>0.5%, total>5%, self:NAME>2ms or total:NAME>10%")]
pub struct NoGate;

impl FromStr for Gate {
    type Err = NoGate;

    fn from_str(text: &str) -> Result<Self, NoGate> {
        if text == "regression" {
            return Ok(Self::REGRESSION);
        }
        let (what, limit) = text.rsplit_once('>').ok_or(NoGate)?;
        let (what, limit) = (what.trim(), limit.trim());
        let number = |text: &str| {
            text.trim().parse().ok().filter(|n: &f64| n.is_finite() && *n >= 0.0).ok_or(NoGate)
        };
        let limit = match (limit.strip_suffix('%'), limit.strip_suffix("ms")) {
            (Some(percent), _) => Limit::Share(number(percent)? / 100.0),
            (_, Some(millis)) => Limit::Millis(number(millis)?),
            _ => return Err(NoGate),
        };
        match what.split_once(':') {
            None if what == "regression" => Ok(Self::Regression(limit)),
            None if what == "total" => Ok(Self::Total(limit)),
            Some(("self", name)) if !name.is_empty() => Ok(Self::SelfOf(name.to_owned(), limit)),
            Some(("total", name)) if !name.is_empty() => Ok(Self::TotalOf(name.to_owned(), limit)),
            _ => Err(NoGate),
        }
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Regression(limit) => write!(f, "regression>{limit}"),
            Self::Total(limit) => write!(f, "total>{limit}"),
            Self::SelfOf(name, limit) => write!(f, "self:{name}>{limit}"),
            Self::TotalOf(name, limit) => write!(f, "total:{name}>{limit}"),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Share(share) => write!(f, "{} %", (share * 1e6).round() / 1e4),
            Self::Millis(millis) => write!(f, "{millis} ms"),
        }
    }
}

impl Limit {
    /// Returns the limit as a cost, when a share is one of `whole`; `None` for milliseconds when
    /// the unit is a share.
    pub(crate) fn least(self, whole: f64, unit: Unit) -> Option<f64> {
        match self {
            Self::Share(share) => Some(share * whole),
            Self::Millis(_) if unit == Unit::Share => None,
            Self::Millis(millis) => Some(millis),
        }
    }

    /// Returns whether the rise is above the limit; `None` for milliseconds when the unit
    /// is a share.
    pub(crate) fn exceeded(self, before: f64, after: f64, unit: Unit) -> Option<bool> {
        match self {
            Self::Share(share) => Some(after > before * (1.0 + share)),
            Self::Millis(_) if unit == Unit::Share => None,
            Self::Millis(millis) => Some(after - before > millis),
        }
    }

    /// Returns whether the rise is above the limit with the correction for the speed of the machine
    /// and without it, for the costs of both before and after. The correction alone crosses no gate.
    fn exceeded_by_both(self, costs: [(f64, f64); 2], unit: Unit) -> Option<bool> {
        let [with, without] = costs.map(|(before, after)| self.exceeded(before, after, unit));
        Some(with? && without?)
    }
}

/// The result of checking a comparison or a history against a [`Gate`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GateResult {
    /// The gate holds, because no cost that can cross it is certain to have risen beyond the limit.
    Yes,
    /// The gate is crossed. The value has one sentence for each crossing, and at least one.
    No(Vec<String>),
    /// The runs do not show whether the gate holds, for example because no row has the name of the
    /// gate. The value is the reason.
    Unknown(String),
}

/// A gate and its result, for the reader of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateCheck {
    /// The gate in words: `total>5 %`. For [`Gate::Regression`], the cost that a share stands for
    /// may follow: `regression>1 % (0.018 ms a request)`.
    pub rule: String,
    /// Whether the gate holds.
    pub result: GateResult,
    /// The number of changes whose cost rose with certainty, but by less than the limit of
    /// [`Gate::Regression`]; 0 for other gates. A row and the rows that it explains are one change.
    pub smaller: usize,
}

impl fmt::Display for GateCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gate {} ", self.rule)?;
        match &self.result {
            GateResult::Yes => f.write_str("holds")?,
            GateResult::No(by) => write!(f, "is crossed by {}", by.join("; "))?,
            GateResult::Unknown(why) => write!(f, "cannot be checked: {why}")?,
        }
        match self.smaller {
            0 => Ok(()),
            1 => f.write_str("; 1 change rose by less"),
            smaller => write!(f, "; {smaller} changes rose by less"),
        }
    }
}

impl Gate {
    /// The gate `regression`: no function's cost may rise by 1 % or more of the cost of everything
    /// before.
    pub const REGRESSION: Self = Self::Regression(Limit::Share(LEAST_REGRESSION));

    /// Checks the gate like [`Gate::check`], and returns the result with the gate in words. For
    /// [`Gate::Regression`], it also counts the rises that are certain, but smaller than the limit
    /// ([`GateCheck::smaller`]).
    pub fn review(&self, comparison: &Comparison, by: GroupBy) -> GateCheck {
        let (mut rule, mut smaller) = (self.to_string(), 0);
        if let Self::Regression(limit) = self
            && let Some(least) = limit.least(comparison.totals.before, comparison.unit)
        {
            if let (Some(work), Limit::Share(_)) = (comparison.unit.work(), limit) {
                rule += &format!(" ({least:.3} ms a {work})");
            }
            let all = rises(comparison, by, 0.0).len();
            smaller = all - rises(comparison, by, least).len();
        }
        GateCheck { rule, result: self.check(comparison, by), smaller }
    }

    /// Checks the gate against the rows of a comparison, grouped by `by`. [`Gate::Total`] is
    /// checked against the cost of all functions together ([`Comparison::totals`]), whatever `by`
    /// is.
    ///
    /// Only rises that are certain cross a gate, and only when they are beyond the limit also without the correction
    /// for the speed of the machine. A row and the rows that it explains
    /// ([`Row::explained`]) cross [`Gate::Regression`] once.
    ///
    /// The result is [`GateResult::Unknown`] when the gate cannot be checked: for example when the sides were
    /// recorded in different ways, or when no row has the gate's name, which may be misspelt. A gate that
    /// would be crossed is unknown, too, when the sides have another mix of requests.
    ///
    /// ```
    /// use spikeflame_diff::{Gate, Limit};
    ///
    /// assert_eq!("total>5%".parse(), Ok(Gate::Total(Limit::Share(0.05))));
    /// assert_eq!("regression".parse(), Ok(Gate::Regression(Limit::Share(0.01))));
    /// assert!("slower".parse::<Gate>().is_err());
    /// ```
    pub fn check(&self, comparison: &Comparison, by: GroupBy) -> GateResult {
        if let Some(warning) = comparison.warnings.iter().find(|warning| warning.forbids_gates()) {
            return GateResult::Unknown(warning.to_string());
        }
        let mix = |warning: &&Warning| matches!(warning, Warning::MixDiffers { .. });
        match (self.checked(comparison, by), comparison.warnings.iter().find(mix)) {
            // Costs follow the requests, so the rise may be theirs.
            (GateResult::No(_), Some(warning)) => GateResult::Unknown(warning.to_string()),
            (result, _) => result,
        }
    }

    fn checked(&self, comparison: &Comparison, by: GroupBy) -> GateResult {
        let unit = comparison.unit;
        match self {
            Self::Regression(limit) => match limit.least(comparison.totals.before, unit) {
                None => GateResult::unknown(),
                Some(_) if has_other_names(comparison, by, "") => other_names(comparison),
                Some(least) => {
                    let rises = rises(comparison, by, least).into_iter();
                    let crossed = rises.map(|(row, cost)| sentence(row, cost, comparison, by));
                    GateResult::from_crossings(crossed.collect())
                }
            },
            Self::Total(limit) => {
                let totals = &comparison.totals;
                let costs = [(totals.before, totals.after), totals.uncorrected];
                // The interval is above 1, and the rise is above the limit.
                match limit.exceeded_by_both(costs, unit) {
                    None => GateResult::unknown(),
                    Some(true) if totals.ci.0 > 1.0 => GateResult::No(vec![format!(
                        "everything together: {} more than before",
                        percent(totals.ratio)
                    )]),
                    Some(_) => GateResult::Yes,
                }
            }
            Self::SelfOf(name, limit) => {
                check_rows(comparison, by, name, *limit, |row| &row.self_cost)
            }
            Self::TotalOf(name, limit) => {
                check_rows(comparison, by, name, *limit, |row| &row.total_cost)
            }
        }
    }
}

/// Returns the row with the largest rise of each cause, and the cost that rose, where the rise is
/// certain and at least `least`. The largest rise is first.
fn rises(comparison: &Comparison, by: GroupBy, least: f64) -> Vec<(&Row, &Measure)> {
    let rows = &comparison.table(by).rows;
    let mut largest: BTreeMap<usize, (bool, &Row, &Measure)> = BTreeMap::new();
    // In another version, other functions of Node have the names, and call each other.
    let other_node = comparison.warnings.iter().any(Warning::is_of_node);
    let is_code = |row: &Row| !(row.is_machine || other_node && is_of_node(row));
    for (at, row) in rows.iter().enumerate().filter(|(_, row)| counts(row) && is_code(row)) {
        let worse = |cost: &&Measure| {
            let rises = |before: f64, after: f64| after > before && after - before >= least;
            cost.verdict == Verdict::Changed && cost.both(rises)
        };
        let head = row.explained.map_or(at, |explained| explained.by);
        if rows.get(head).is_some_and(|head| is_paid(row, head)) {
            continue;
        }
        let costs: [fn(&Row) -> &Measure; 2] = [|row| &row.self_cost, |row| &row.total_cost];
        // The total of a builtin is mostly that of the functions that it calls back.
        let costs = costs.into_iter().take(if is_builtin(row) { 1 } else { 2 });
        let costs = costs.filter(|of| !is_split_off(row, comparison, least, *of));
        for cost in costs.map(|of| of(row)).filter(worse) {
            let of = (at == head, row, cost);
            let known = largest.entry(head).or_insert(of);
            // The cause itself names the change, when it rose enough.
            if (known.0, known.2.change) < (of.0, cost.change) {
                *known = of;
            }
        }
    }
    let mut rises: Vec<_> = largest.into_values().map(|(_, row, cost)| (row, cost)).collect();
    rises.sort_by(|(_, one), (_, other)| other.change.total_cmp(&one.change));
    rises
}

/// Returns true for a new function whose cost left another one of its package, or outside of packages, or all of
/// those that cost less: a part of them became this function. Their files together cost no more than before.
fn is_split_off(
    row: &Row,
    comparison: &Comparison,
    least: f64,
    cost: impl Fn(&Row) -> &Measure,
) -> bool {
    let package = package_of(&row.file);
    let may_give = |of: &&Row| {
        cost(of).verdict == Verdict::Changed
            && cost(of).change < 0.0
            && of.kind == row.kind
            && package_of(&of.file) == package
    };
    let gave = |givers: &[&Row]| {
        let given: f64 = givers.iter().map(|of| cost(of).change).sum();
        let part = -given / cost(row).change;
        let files: BTreeSet<&str> = givers.iter().chain([&row]).map(|of| &*of.file).collect();
        let of_files = comparison.files.rows.iter().filter(|of| files.contains(&*of.label));
        let rise: f64 = of_files.map(|of| of.self_cost.change).sum();
        (MOVED..=1.0 / MOVED).contains(&part) && rise < least
    };
    let givers: Vec<&Row> = comparison.functions.rows.iter().filter(may_give).collect();
    row.badges.contains(&Badge::New)
        && (gave(&givers) || givers.iter().any(|of| gave(std::slice::from_ref(of))))
}

/// Returns true for a builtin whose rise is part of the cost of the function that explains it, when this
/// cost fell.
fn is_paid(row: &Row, head: &Row) -> bool {
    let is_below = row.explained.is_some_and(|explained| explained.relation == Relation::Caller);
    is_builtin(row) && is_below && head.total_cost.change < 0.0
}

fn is_builtin(row: &Row) -> bool {
    matches!(row.kind, Some(Kind::Builtin | Kind::BytecodeHandler))
}

/// Returns false for a row whose cost the engine may have moved.
fn counts(row: &Row) -> bool {
    !row.badges.contains(&Badge::Inlined)
}

/// Returns true for a function or file of Node itself.
fn is_of_node(row: &Row) -> bool {
    [&row.file, &row.label].into_iter().any(|name| name.starts_with("node:"))
}

/// Returns true when a row whose label contains `name` was not called changed, because nothing shows which
/// function is which.
fn has_other_names(comparison: &Comparison, by: GroupBy, name: &str) -> bool {
    let rows = comparison.table(by).rows.iter().filter(|row| row.label.contains(name));
    let mut costs = rows.flat_map(|row| [&row.self_cost, &row.total_cost]);
    costs.any(|cost| cost.doubt == Some(Doubt::OtherNames))
}

/// Makes the result for rows whose functions are not known on the other side.
fn other_names(comparison: &Comparison) -> GateResult {
    let mut warnings = comparison.warnings.iter();
    let warning = warnings.find(|of| of.is_of_names());
    GateResult::Unknown(warning.map(Warning::to_string).unwrap_or_default())
}

fn check_rows(
    comparison: &Comparison,
    by: GroupBy,
    name: &str,
    limit: Limit,
    cost: fn(&Row) -> &Measure,
) -> GateResult {
    let mut crossed = Vec::new();
    let rows = || comparison.table(by).rows.iter().filter(|row| row.label.contains(name));
    if rows().next().is_none() {
        return GateResult::nameless(name);
    }
    if has_other_names(comparison, by, name) {
        return other_names(comparison);
    }
    for row in rows().filter(|row| counts(row)) {
        let cost = cost(row);
        let costs = [(cost.before, cost.after), cost.uncorrected];
        match limit.exceeded_by_both(costs, comparison.unit) {
            None => return GateResult::unknown(),
            Some(true) if cost.verdict == Verdict::Changed => {
                crossed.push(sentence(row, cost, comparison, by));
            }
            Some(_) => {}
        }
    }
    GateResult::from_crossings(crossed)
}

impl GateResult {
    pub(crate) fn from_crossings(crossed: Vec<String>) -> Self {
        if crossed.is_empty() { Self::Yes } else { Self::No(crossed) }
    }

    /// Makes the result for a limit in milliseconds, where costs are shares.
    pub(crate) fn unknown() -> Self {
        Self::Unknown(
            "these costs are shares, and have no milliseconds: give the requests of every run, or \
             compare per run"
                .to_owned(),
        )
    }

    /// Makes the result for a gate on a name that no row has. Such a gate does not hold: otherwise
    /// a typing error, or the new name of a function, would switch the gate off in silence.
    pub(crate) fn nameless(name: &str) -> Self {
        Self::Unknown(format!(
            "no row has a name or place that contains {name}: correct it, or leave out this gate \
             when the code is gone or has no samples"
        ))
    }
}

fn percent(ratio: f64) -> String {
    format!("{:.1} %", (ratio - 1.0) * 100.0)
}

/// Returns the rise of a row in words. A row that another one explains is not in the table, so the
/// explaining row is named too.
fn sentence(row: &Row, cost: &Measure, comparison: &Comparison, by: GroupBy) -> String {
    let label = &row.label;
    let rows = &comparison.table(by).rows;
    let cause = row.explained.and_then(|explained| rows.get(explained.by));
    let cause = cause.map(|cause| format!(", explained by {}", cause.label)).unwrap_or_default();
    let change = match comparison.unit {
        Unit::Share => format!("{:+.2} % of the CPU", cost.change * 100.0),
        unit => format!("{:+.3} ms a {}", cost.change, unit.work().unwrap_or_default()),
    };
    match cost.ratio {
        // Per cent of a cost that was nearly nothing cannot be read.
        Some(ratio) if ratio >= 10.0 => format!("{label}: {change} ({ratio:.0} times){cause}"),
        Some(ratio) => format!("{label}: {change} ({:+.0} %){cause}", (ratio - 1.0) * 100.0),
        None => format!("{label}: {change} (new){cause}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_are_read() {
        let read = |text: &str| text.parse::<Gate>();
        assert_eq!(read("regression"), Ok(Gate::REGRESSION));
        assert_eq!(read("regression>0.2ms"), Ok(Gate::Regression(Limit::Millis(0.2))));
        assert_eq!(read("total>5%"), Ok(Gate::Total(Limit::Share(0.05))));
        assert_eq!(read("self:parse>2ms"), Ok(Gate::SelfOf("parse".into(), Limit::Millis(2.0))));
        let odd = Gate::TotalOf("a>b:c".into(), Limit::Share(0.1));
        assert_eq!(read("total:a>b:c > 10 %"), Ok(odd));
        for wrong in [
            "",
            "total",
            "total>5",
            "self>5%",
            "self:>1ms",
            "total>-1%",
            "total>nan%",
            "regression>",
            "regression>1",
        ] {
            assert_eq!(read(wrong), Err(NoGate), "{wrong}");
        }
    }
}
