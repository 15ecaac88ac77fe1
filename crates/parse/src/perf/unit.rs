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

/// The event of `perf record --off-cpu`.
const OFF_CPU: &str = "offcpu-time";

impl Unit {
    /// Returns the unit of an event from perf's name of it; the unit is empty when it is
    /// not known.
    pub(super) fn from_event(event: &str) -> Self {
        let plain = plain_name(event);
        match &*plain {
            "" => Self { name: "events".to_owned(), is_time: false },
            "cpu-clock" | "task-clock" => Self { name: "nanoseconds".to_owned(), is_time: true },
            // The time that a thread waited (`perf record --off-cpu`).
            OFF_CPU => Self { name: "nanoseconds".to_owned(), is_time: false },
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

/// Returns an event's name without its modifiers and settings, and without the unit of the processor that
/// counts it: `cpu_core/cycles/P` becomes `cycles`, and so does `cycles/period=1000/u`.
pub(super) fn plain_name(event: &str) -> Cow<'_, str> {
    let mut parts = event.splitn(3, '/');
    if let (Some(unit), Some(name), Some(_modifiers)) = (parts.next(), parts.next(), parts.next()) {
        return match unit {
            _ if unit == "cpu" || is_core(unit) => Cow::Borrowed(without_settings(name)),
            _ if name.is_empty() || name.split(',').all(is_setting) => Cow::Borrowed(unit),
            _ => Cow::Owned(format!("{unit}/{name}/")),
        };
    }
    Cow::Borrowed(without_modifiers(event))
}

/// Removes the settings after an event: `cycles,period=1000` becomes `cycles`.
fn without_settings(terms: &str) -> &str {
    match terms.split_once(',') {
        Some((event, rest)) if !event.contains('=') && rest.split(',').all(is_setting) => event,
        _ => terms,
    }
}

/// Returns true for a term that changes how perf samples an event, but not what the event counts.
fn is_setting(term: &str) -> bool {
    const SETTINGS: [&str; 16] = [
        "period",
        "freq",
        "time",
        "call-graph",
        "stack-size",
        "max-stack",
        "inherit",
        "no-inherit",
        "overwrite",
        "no-overwrite",
        "percore",
        "branch_type",
        "max-events",
        "nr",
        "aux-output",
        "aux-sample-size",
    ];
    SETTINGS.contains(&term.split('=').next().unwrap_or_default())
}

/// Returns true for perf's name of one kind of cores, of which a machine can have several: Intel's
/// large and small ones, and those of ARM (`armv8_pmuv3_0`, `armv8_cortex_a53`).
fn is_core(unit: &str) -> bool {
    matches!(unit, "cpu_core" | "cpu_atom") || unit.starts_with("armv")
}

/// Returns true when two events count the same, maybe on different kinds of cores
/// (`cpu_core/cycles/`, `cpu_atom/cycles/`).
pub(super) fn are_twins(ours: &str, theirs: &str) -> bool {
    let ends = [ours, theirs].map(|name| {
        let core = name.split_once('/').filter(|(unit, _)| is_core(unit));
        core.map(|(_, event)| event)
    });
    ours == theirs || matches!(ends, [Some(ours), Some(theirs)] if ours == theirs)
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
            // The error was: cycles of ARM's cores were events without a meaning.
            ("armv8_pmuv3_0/cycles/", "cycles", true),
            ("armv8_cortex_a53/cycles/P", "cycles", true),
            // The error was: settings of perf made a clock an event without a meaning.
            ("cpu-clock/max-stack=16/", "nanoseconds", true),
            ("cycles/period=100000,call-graph=fp/u", "cycles", true),
            ("cpu/cycles,freq=99/", "cycles", true),
            ("page-faults/period=1/", "page-faults", false),
            ("cpu/event=0x3c,umask=0x0/", "event=0x3c,umask=0x0 events", false),
            // The error was: nanoseconds were counted as events.
            ("offcpu-time", "nanoseconds", false),
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
