//! Gates on a history: rises of cost that began with one of its newest builds.

use super::drift::{Course, Drift};
use super::{History, HistoryRow};
use crate::gate::{Gate, GateResult, Limit};
use crate::unit::Unit;

/// A step crosses a gate when it is at one of this many newest points.
pub(crate) const NEWEST_POINTS: usize = 3;

impl History {
    /// Checks a gate against the change points. A gate is crossed by steps at the newest three points, when the
    /// last cost is beyond the limit above the cost before the first of these steps, and by a cost that creeps up
    /// beyond the limit. Older steps do not cross it, because an older step would fail every later build.
    ///
    /// [`Gate::Regression`] is checked against the self costs of functions, without those of the machine. A share for
    /// it is a share of the mean cost of all functions together over the history. The result is [`GateResult::Unknown`] when the history cannot show it:
    /// for [`Gate::TotalOf`], because a history has self costs only, when no tested function has the name, and
    /// for milliseconds when costs are shares.
    ///
    /// ```
    /// use spikeflame_diff::{Gate, GateResult, Options, Run, RunCounts, history};
    /// use spikeflame_profile::{Selection, folded};
    ///
    /// let all = Selection::default();
    /// let build = |at: u32| {
    ///     let parse = if at < 6 { 500 } else { 900 };
    ///     let text: String = (0..20).map(|row| format!("main;f{row} {}\n", 500 + (at * row) % 11))
    ///         .chain([format!("main;parse {}\n", parse + at % 3)]).collect();
    ///     let profile = folded::read(&mut text.as_bytes(), "example", None)?;
    ///     Ok(RunCounts::count(&Run::new(&format!("build-{at}.folded"), &profile, &all)))
    /// };
    /// let builds: Result<Vec<_>, std::io::Error> = (0..8).map(build).collect();
    /// let history = history(&builds?, &Options::default())?;
    /// let GateResult::No(crossed) = history.check(&Gate::REGRESSION) else { panic!() };
    /// assert!(crossed[0].starts_with("parse:"), "{crossed:?}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check(&self, gate: &Gate) -> GateResult {
        let rows = self.functions.iter();
        match gate {
            Gate::Regression(limit) => {
                let Some(least) = limit.least(self.whole(), self.unit) else {
                    return GateResult::unknown();
                };
                let rows = rows.filter(|row| !row.is_machine);
                let rises = rows.map(|row| {
                    self.crossing(&row.label, &row.drift, |before, after| {
                        Some(after > before && after - before >= least)
                    })
                });
                self.result(rises)
            }
            Gate::Total(limit) => {
                let label = "everything together";
                self.result([self.above(label, &self.total, *limit)].into_iter())
            }
            Gate::SelfOf(name, limit) => {
                let mut named = rows.filter(|row| row.label.contains(name.as_str())).peekable();
                match named.peek() {
                    Some(_) => self.crossed(named, *limit),
                    None => GateResult::nameless(name),
                }
            }
            Gate::TotalOf(name, _) => GateResult::Unknown(format!(
                "a history has the self costs of functions, not total costs: use a gate on \
                 self:{name}"
            )),
        }
    }

    fn crossed<'h>(&self, rows: impl Iterator<Item = &'h HistoryRow>, limit: Limit) -> GateResult {
        self.result(rows.map(|row| self.above(&row.label, &row.drift, limit)))
    }

    fn result(&self, rows: impl Iterator<Item = Result<Option<String>, ()>>) -> GateResult {
        match rows.collect::<Result<Vec<_>, ()>>() {
            Err(()) => GateResult::unknown(),
            Ok(rows) => GateResult::from_crossings(rows.into_iter().flatten().collect()),
        }
    }

    /// Returns the mean cost of everything over the history.
    fn whole(&self) -> f64 {
        self.total.costs.iter().sum::<f64>() / self.total.costs.len().max(1) as f64
    }

    fn above(&self, label: &str, drift: &Drift, limit: Limit) -> Result<Option<String>, ()> {
        self.crossing(label, drift, |before, after| limit.exceeded(before, after, self.unit))
    }

    /// Returns a sentence when `exceeds` is true for the costs before and after a rise, and an error
    /// when its limit cannot be compared with costs in this unit.
    fn crossing(
        &self,
        label: &str,
        drift: &Drift,
        exceeds: impl Fn(f64, f64) -> Option<bool>,
    ) -> Result<Option<String>, ()> {
        let newest = self.points.len().saturating_sub(NEWEST_POINTS);
        let (before, after, place) = match &drift.course {
            // The limit must fit the unit also while no cost rises, and where only older steps did.
            Course::NotResolved => (1.0, 1.0, String::new()),
            Course::Creep { first, last } => (*first, *last, "little by little".to_owned()),
            Course::Steps(steps) => {
                let newest = steps.iter().find(|step| step.at >= newest);
                newest.map_or((1.0, 1.0, String::new()), |step| {
                    let point = self.points.get(step.at).and_then(|point| point.runs.first());
                    let last = steps.last().map_or(step.after, |last| last.after);
                    (step.before, last, format!("at {}", point.map_or("", String::as_str)))
                })
            }
        };
        let above = exceeds(before, after).ok_or(())?;
        let work = match self.unit {
            Unit::Share => String::new(),
            unit => format!(", {:+.3} ms a {}", after - before, unit.work().unwrap_or_default()),
        };
        let rise = if before > 0.0 {
            format!("{:+.0} %", (after / before - 1.0) * 100.0)
        } else {
            "new".to_owned()
        };
        Ok(above.then(|| format!("{label}: {rise}{work}, {place}")))
    }
}
