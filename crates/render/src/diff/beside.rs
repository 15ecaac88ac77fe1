//! Context for the verdict: the machine's state on each side, and the cost outside the window.

use super::ComparisonView;
use super::figures::{cost, percent};
use crate::number::count;
use spikeflame_diff::{Condition, Side, Unit, Warning};

/// Smallest correction of the change of all costs that gets a line of its own, as a ratio. Without the
/// line, a reader who divides CPU time by requests finds another change and not the reason.
const LEAST_CORRECTION: f64 = 1.03;

/// Smallest ratio of the sums of shares of both sides that gets a line of its own.
const OTHER_SUM: f64 = 1.05;

impl ComparisonView<'_> {
    /// Describes the machine's state on each side in one line. Returns `None` when no recording
    /// holds it.
    pub(super) fn conditions(&self) -> Option<String> {
        let parts: Vec<String> = Condition::ALL
            .iter()
            .filter_map(|&condition| {
                let of = |side| self.comparison.environment(side, condition);
                let (before, after) = (of(Side::Before)?, of(Side::After)?);
                let all = before.max(after);
                // Without lost samples and failed requests, these conditions get no line.
                let is_loss = matches!(condition, Condition::Lost | Condition::Failed);
                (!is_loss || all > 0.0005)
                    .then(|| written(condition, before, after, self.counts_waits()))
            })
            .collect();
        (!parts.is_empty()).then(|| format!("Conditions, before and after: {}.", parts.join("; ")))
    }

    /// Returns true when the share of a core of a run also counts time in which its thread waited for a core.
    pub(crate) fn counts_waits(&self) -> bool {
        self.comparison.runs.iter().any(|run| run.environment.counts_waits)
    }

    /// States that the runs are taken to have done the same work. Returns `None` when they are not, and
    /// when the user stated it.
    pub(super) fn equal_work(&self) -> Option<String> {
        self.comparison.equal_work.then(|| {
            "The requests of no run are known. Each run is taken to have done the same work, because enough \
             functions cost about the same in the runs before and after."
                .to_owned()
        })
    }

    /// States that costs are corrected for the speed of the machine, and the change without this; for
    /// shares without equal work, the factor that keeps the shares of most functions equal. Returns `None` when the
    /// correction is small.
    pub(super) fn correction(&self) -> Option<String> {
        let shifted = self.comparison.shift.is_some_and(|shift| shift.significant);
        if shifted {
            return None;
        }
        if self.comparison.unit == Unit::Share && !self.comparison.equal_work {
            let factor = self.comparison.totals.ratio;
            if self.comparison.two_scales {
                let (before, after) = self.comparison.totals.uncorrected;
                return Some(format!(
                    "Functions do not agree on how shares after compare with shares before: for some of \
                     them they are multiplied by {factor:.2}, as here, and for others by {:.2}. A \
                     function is only CHANGED when it changed with both.",
                    after / before
                ));
            }
            return (factor.max(1.0 / factor) >= OTHER_SUM && factor.is_finite()).then(|| {
                format!(
                    "Shares after are multiplied by {factor:.2}, so that most functions keep the share \
                     that they had before: all of them together are {:.0} % after.",
                    100.0 * factor
                )
            });
        }
        let totals = &self.comparison.totals;
        let (before, after) = totals.uncorrected;
        let ratio = after / before;
        let moved = (ratio / totals.ratio).max(totals.ratio / ratio);
        (moved >= LEAST_CORRECTION && moved.is_finite()).then(|| {
            let unit = self.comparison.unit;
            if self.comparison.without_waits {
                return self.without_waits((before, after));
            }
            let in_verdicts = match self.comparison.sessions.is_none() {
                true => {
                    " Intervals contain both, and a function is only CHANGED when it changed with the \
                     correction and without it."
                }
                false => "",
            };
            let is_mix = |warning: &Warning| matches!(warning, Warning::MixDiffers { .. });
            let of = match self.comparison.warnings.iter().any(is_mix) {
                true => "by what most functions show, which may be the other requests",
                false => "for the speed of the machine, as most functions show it",
            };
            format!(
                "Costs are corrected {of}. Without this, {} became {} ({}).{in_verdicts}",
                cost(before, unit),
                cost(after, unit),
                percent(ratio)
            )
        })
    }

    /// States the costs without waiting for a core, before and after.
    fn without_waits(&self, (before, after): (f64, f64)) -> String {
        let unit = self.comparison.unit;
        let in_verdicts = match self.comparison.sessions.is_none() {
            true => {
                " Intervals contain both, and a function is only CHANGED when it changed with waiting and \
                 without it."
            }
            false => "",
        };
        format!(
            "Without waiting for a core, as the kernel counted it, {} became {} ({}).{in_verdicts}",
            cost(before, unit),
            cost(after, unit),
            percent(after / before)
        )
    }

    /// Describes the versions and machines of both sides in one line. Returns `None` when no recorder
    /// wrote them.
    pub(super) fn recorded_with(&self) -> Option<String> {
        let names = self.comparison.setting_names();
        let parts: Vec<String> = names.iter().map(|name| self.setting(name)).collect();
        (!parts.is_empty()).then(|| format!("Recorded with: {}.", parts.join("; ")))
    }

    /// Describes the value of a setting: `node v24.4.0`, or both values where the sides differ.
    fn setting(&self, name: &'static str) -> String {
        let [before, after] = Side::ALL.map(|side| self.comparison.setting(side, name));
        if before == after {
            return format!("{name} {}", joined(&before));
        }
        format!("{name} {} before, {} after", joined(&before), joined(&after))
    }

    /// Returns the mean cost of a side's runs outside of the window, in seconds of CPU: before it (0) or after
    /// it (1). Returns `None` when that of a run is not known.
    fn cost_outside(&self, side: Side, part: usize) -> Option<f64> {
        let own = self.comparison.runs.iter().filter(|run| run.side == side);
        let costs = own.map(|run| *run.around_ms?.get(part)?);
        let costs: Vec<f64> = costs.collect::<Option<_>>()?;
        (!costs.is_empty()).then(|| costs.iter().sum::<f64>() / costs.len() as f64 / 1e3)
    }

    /// Describes the cost of a run before the window (0) or after it (1).
    fn part_outside(&self, part: usize) -> String {
        let name = if part == 0 { "start" } else { "end" };
        let cost = |side| self.cost_outside(side, part);
        if let Some((before, after)) = cost(Side::Before).zip(cost(Side::After)) {
            let unit = if part == 0 { " of CPU" } else { "" };
            return format!("the {name} cost {before:.2} s{unit} before and {after:.2} s after");
        }
        let runs = &self.comparison.runs;
        let within = runs.iter().filter(|run| {
            run.around_ms.is_some_and(|around| around.get(part).copied().flatten().is_none())
        });
        format!(
            "{} of {} recordings {name} where the window {name}s, so the cost of their {name} is not known",
            within.count(),
            runs.len()
        )
    }

    /// Describes the cost of a run before and after the window, in one line. Returns `None` when the window
    /// of a run is all of it, and when costs are not known.
    pub(super) fn outside(&self) -> Option<String> {
        let runs = &self.comparison.runs;
        let is_known = !runs.is_empty() && runs.iter().all(|run| run.around_ms.is_some());
        is_known.then(|| {
            let [start, end] = [0, 1].map(|part| self.part_outside(part));
            format!("Outside the window, per run: {start}; {end}.")
        })
    }

    /// Returns the cost of the module that the recorder loads into the program, in one line. Returns
    /// `None` when no sample is of it.
    pub(super) fn recorder(&self) -> Option<String> {
        let rows = self.table().rows.iter().filter(|row| self.is_of_recorder(row));
        let (mut before, mut after, mut hidden) = (0.0, 0.0, 0);
        for row in rows {
            before += row.self_cost.before;
            after += row.self_cost.after;
            hidden += u64::from(self.is_hidden(row));
        }
        let unit = self.comparison.unit;
        (before + after > 0.0).then(|| {
            format!(
                "The recorder's own module cost {} before and {} after, which is part of the \
                 machine's cost; {} of its functions did not change and are not listed.",
                cost(before, unit),
                cost(after, unit),
                count(hidden)
            )
        })
    }
}

fn joined(values: &[&str]) -> String {
    if values.is_empty() { "not known".to_owned() } else { values.join(" and ") }
}

/// Returns a condition in words. `counts_waits` is true when the share of a core also counts waiting for it.
fn written(condition: Condition, before: f64, after: f64, counts_waits: bool) -> String {
    match condition {
        Condition::Cores if counts_waits => {
            format!("ran {before:.2} and {after:.2} of the time, waiting for a core included")
        }
        Condition::Cores => format!("{before:.2} and {after:.2} of a core"),
        Condition::OtherThreads => {
            format!("other threads {before:.2} and {after:.2} of a core")
        }
        Condition::LoopUtilisation => {
            format!("event loop busy {:.0} % and {:.0} %", 100.0 * before, 100.0 * after)
        }
        _ => {
            let name = condition.name();
            format!("{name} {:.1} % and {:.1} %", 100.0 * before, 100.0 * after)
        }
    }
}
