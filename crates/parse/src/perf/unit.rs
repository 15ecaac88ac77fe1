//! Units of the periods of perf's events.

use super::event::without_modifiers;
use std::borrow::Cow;

/// The unit of an event's period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    /// The unit in the plural: `nanoseconds`, `cycles`, `page-faults`.
    pub(super) name: String,
    /// True when the event occurs at an even rate while code runs, so that its samples are
    /// CPU time.
    pub(super) is_time: bool,
}

impl Unit {
    /// Returns the unit of an event from perf's name of it; the unit is empty when it is
    /// not known.
    pub(super) fn from_event(event: &str) -> Self {
        let plain = plain_name(event);
        match &*plain {
            "" => Self { name: "events".to_owned(), is_time: false },
            "cpu-clock" | "task-clock" => Self { name: "nanoseconds".to_owned(), is_time: true },
            "cycles" | "cpu-cycles" | "ref-cycles" => {
                Self { name: "cycles".to_owned(), is_time: true }
            }
            name if name.ends_with('s') => Self { name: name.to_owned(), is_time: false },
            name => Self { name: format!("{name} events"), is_time: false },
        }
    }

    /// Returns [`Source::time`](spikeflame_profile::Source::time) of the event.
    pub(super) fn time(&self) -> &'static str {
        if self.is_time { "cpu" } else { "" }
    }
}

/// Returns an event's name without its modifiers and without the unit of the processor that
/// counts it: `cpu_core/cycles/P` becomes `cycles`.
fn plain_name(event: &str) -> Cow<'_, str> {
    let mut parts = event.splitn(3, '/');
    if let (Some(unit), Some(name), Some(_modifiers)) = (parts.next(), parts.next(), parts.next()) {
        return match unit {
            "cpu" | "cpu_core" | "cpu_atom" => Cow::Borrowed(name),
            unit => Cow::Owned(format!("{unit}/{name}/")),
        };
    }
    Cow::Borrowed(without_modifiers(event))
}

/// Reasons for losing samples that cannot be weighed, for both readers.
pub(super) mod reason {
    pub(crate) const NO_PERIOD: &str = "a sample without a period, where others have one";
    pub(crate) const ZERO: &str = "a sample of period 0, which stands for nothing";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_clocks_and_cycles_are_time() {
        for (event, name, is_time) in [
            ("cpu-clock:ppp", "nanoseconds", true),
            ("task-clock:u", "nanoseconds", true),
            ("cycles", "cycles", true),
            ("cpu-cycles:u", "cycles", true),
            ("cpu_core/cycles/P", "cycles", true),
            ("cpu_atom/cpu-cycles/u", "cycles", true),
            ("page-faults:u", "page-faults", false),
            ("instructions", "instructions", false),
            ("sched:sched_switch", "sched:sched_switch events", false),
            ("uncore_imc/data_reads/", "uncore_imc/data_reads/ events", false),
            ("r01c2", "r01c2 events", false),
            ("", "events", false),
        ] {
            assert_eq!(Unit::from_event(event), Unit { name: name.to_owned(), is_time }, "{event}");
        }
    }
}
