//! Context for the verdict: the machine's state on each side, and the cost outside the window.

use super::ComparisonView;
use spikeflame_diff::{Condition, Side};

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
                // Without lost samples, this condition gets no line.
                (condition != Condition::Lost || all > 0.0005)
                    .then(|| written(condition, before, after))
            })
            .collect();
        (!parts.is_empty()).then(|| format!("Conditions, before and after: {}.", parts.join("; ")))
    }

    /// Describes the versions and machines of both sides in one line. Returns `None` when no recorder
    /// wrote them.
    pub(super) fn recorded_with(&self) -> Option<String> {
        let part = |&name: &&'static str| {
            let of = |side| self.comparison.setting(side, name);
            let (before, after) = (of(Side::Before), of(Side::After));
            let words = |values: &[&str]| match values {
                [] => "not known".to_owned(),
                values => values.join(" and "),
            };
            if before == after {
                return format!("{name} {}", words(&before));
            }
            format!("{name} {} before, {} after", words(&before), words(&after))
        };
        let parts: Vec<String> = self.comparison.setting_names().iter().map(part).collect();
        (!parts.is_empty()).then(|| format!("Recorded with: {}.", parts.join("; ")))
    }

    /// Describes the cost of a run before and after the window, in one line.
    pub(super) fn outside(&self) -> Option<String> {
        let of = |side| {
            let own = self.comparison.runs.iter().filter(|run| run.side == side);
            let around: Option<Vec<(f64, f64)>> = own.map(|run| run.around_ms).collect();
            let around = around.filter(|around| !around.is_empty())?;
            let mean = |of: fn(&(f64, f64)) -> f64| {
                around.iter().map(of).sum::<f64>() / around.len() as f64 / 1e3
            };
            Some((mean(|around| around.0), mean(|around| around.1)))
        };
        let (before, after) = (of(Side::Before)?, of(Side::After)?);
        Some(format!(
            "Outside the window, per run: the start cost {:.2} s of CPU before and {:.2} s after; the \
             end cost {:.2} s before and {:.2} s after.",
            before.0, after.0, before.1, after.1
        ))
    }
}

fn written(condition: Condition, before: f64, after: f64) -> String {
    match condition {
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
