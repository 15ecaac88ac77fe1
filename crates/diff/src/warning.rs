//! Facts that a reader of a comparison should know before trusting it, and their sentences.

use crate::environment::Condition;
use crate::table::Side;
use crate::unit::Unit;
use std::fmt;

/// A fact about a comparison that its reader should know. Its `Display` writes it as a sentence.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Warning {
    /// One side was recorded apart from the other, on one machine.
    Separated {
        /// The noise between sessions that was used for code, as a coefficient of variation.
        noise: f64,
    },
    /// The sides were recorded on different machines, and are compared like two sessions.
    OtherMachine {
        /// The noise between sessions that was used for code, as a coefficient of variation.
        noise: f64,
    },
    /// The machine gave the two sides different conditions: the means of a condition differ.
    EnvironmentsDiffer {
        /// The condition that differs.
        condition: Condition,
        /// The mean of the runs before: a share from 0 to 1, or a number of cores.
        before: f64,
        /// The mean of the runs after, in the same unit.
        after: f64,
    },
    /// A fact that a recorder wrote about every run, such as its version of Node, differs between
    /// the sides.
    SettingsDiffer {
        /// The name of the fact that differs.
        name: &'static str,
        /// The values of the runs before.
        before: Vec<String>,
        /// The values of the runs after.
        after: Vec<String>,
    },
    /// Costs may move between a function and its caller by chance, because at least one recording does
    /// not show which functions were inlined.
    HidesInlining,
    /// The sides have few functions in common.
    DifferentPrograms {
        /// The share of a side's samples, from 0 to 1, in functions that the other side has too: that
        /// of the side where it is smaller.
        shared: f64,
    },
    /// Hardly any function of some files or packages has the same name on both sides, as when one
    /// build is minified. Their functions are not called changed.
    OtherNames {
        /// The files and packages.
        places: Vec<String>,
        /// The number of their functions with a name and 5 samples or more, before and after.
        functions: [usize; 2],
        /// The number of names that are on both sides.
        in_common: usize,
    },
    /// Most functions of some files or packages have names of one to three letters on both sides,
    /// as a minifier gives, and their places differ. Another build gives a name to another function,
    /// so such functions are not called changed.
    GeneratedNames {
        /// The files and packages.
        places: Vec<String>,
        /// The number of their functions with a name and 5 samples or more, before and after.
        functions: [usize; 2],
    },
    /// Functions of several files have one name, and are in one file on the other side, as in a
    /// bundle. Such functions are not called changed.
    SharedNames {
        /// The names.
        names: Vec<String>,
    },
    /// One side or both have only one run.
    FewRuns {
        /// The number of runs before.
        before: usize,
        /// The number of runs after.
        after: usize,
    },
    /// The recordings do not count CPU time.
    NoCpuTime {
        /// The quantity that the recordings count, such as `bytes` and `samples of page-faults`.
        counts: String,
    },
    /// Costs are shares, because the requests of these runs are not known.
    NoRequests {
        /// The names of the runs.
        runs: Vec<String>,
    },
    /// Costs are shares, because the sampling interval of these runs is not known.
    NoInterval {
        /// The names of the runs.
        runs: Vec<String>,
        /// True when V8's CPU profiler recorded one of these runs. Such a recording shows its
        /// interval, unless the recorded thread waited for a core most of the time.
        waited: bool,
    },
    /// The sampling interval that the user gave is not used for these runs, and differs from
    /// theirs. Their weights are times, which show the CPU themselves.
    IntervalNotUsed {
        /// The names of the runs.
        runs: Vec<String>,
    },
    /// Runs were sampled at different intervals.
    IntervalsDiffer {
        /// The shortest interval, in milliseconds.
        shortest: f64,
        /// The longest interval, in milliseconds.
        longest: f64,
    },
    /// A run has few samples.
    FewSamples {
        /// The name of the run.
        run: String,
        /// The number of its samples.
        samples: f64,
    },
    /// A run has far fewer samples or requests than the other runs of its side.
    EndedEarly {
        /// The name of the run.
        run: String,
        /// The side of the run.
        side: Side,
        /// The number of its samples.
        samples: f64,
        /// The median number of samples of the other runs of its side.
        usual_samples: f64,
        /// The number of requests of the run, and the median of the other runs of its side; `None`
        /// when one of them is not known.
        requests: Option<(f64, f64)>,
    },
    /// The recordings were made by different programs or versions.
    ProducersDiffer {
        /// The recorder of the first run.
        before: String,
        /// The recorder of the first run, on either side, whose recorder differs from it.
        after: String,
    },
    /// The sides ran different versions of Node, as the places of its own functions show.
    NodeDiffers {
        /// The number of functions of Node itself that are at other lines.
        moved: usize,
        /// The number of functions of Node itself, by their names, that have one line on each side.
        shared: usize,
    },
    /// At least one run has no clock that can be used, so it is not known whether the runs were
    /// made in turn.
    OrderUnknown,
    /// The user gave the order "in turn", but the sides were recorded apart.
    NotInTurn {
        /// True when the machines of the sides differ, and false when the clocks of the runs show
        /// one side after the other.
        other_machine: bool,
    },
    /// The busiest thread got another share of a core on one side while it had work, although the
    /// runs were made in turn.
    Waited {
        /// The mean share of a core that the thread got before while its event loop was busy.
        before: f64,
        /// The share of a core that it got after.
        after: f64,
        /// The noise between sessions that was used for code, as a coefficient of variation; `None` when
        /// the user gave the order.
        noise: Option<f64>,
    },
    /// Ticks show clearly more CPU than the kernel counted, so that costs contain time in which the
    /// busiest threads waited for a core.
    TicksExceedCpu {
        /// The mean shares of a core by ticks, before and after.
        ticks: [f64; 2],
        /// The mean shares of a core that the kernel counted, before and after.
        cpu: [f64; 2],
    },
    /// One side was recorded in another way than the other. Recorders count different samples, so
    /// rows are not called changed.
    RecordersDiffer {
        /// The recorders of the runs before.
        before: Vec<String>,
        /// The recorders of the runs after.
        after: Vec<String>,
    },
    /// The sides served different loads: requests a second and CPU a second differ much.
    LoadsDiffer {
        /// Requests before, divided by the length of the windows in seconds. A window may be longer than the
        /// load test, so this is not the rate of the test.
        before: f64,
        /// Requests after, divided in the same way.
        after: f64,
    },
    /// Calls whose work is done in libuv's thread pool are new on a side, or cost much more there.
    /// Without samples of all threads, the costs do not contain that work.
    ThreadPool {
        /// The names of at most three of these calls, the largest change of cost first.
        calls: Vec<String>,
        /// The side on which they are made.
        to: Side,
        /// The CPU of the other threads before and after, in `unit`, or in cores for shares;
        /// `None` when it is not known for a run.
        others: Option<[f64; 2]>,
        /// The unit of costs.
        unit: Unit,
        /// True when the recordings have the samples of all threads, so that costs contain the
        /// work of the pool.
        counted: bool,
    },
    /// Costs are per run, but the runs served different numbers of requests.
    WorkDiffers {
        /// The fewest requests of a run.
        fewest: f64,
        /// The most requests of a run.
        most: f64,
    },
    /// Windows have different lengths.
    WindowsDiffer {
        /// The shortest window, in seconds.
        shortest: f64,
        /// The longest window, in seconds.
        longest: f64,
    },
}

impl Warning {
    /// Returns true when the sides may have run under different conditions although no side is known
    /// to have been recorded apart from the other, or when a run is no run like the others.
    pub(crate) const fn weakens(&self) -> bool {
        matches!(
            self,
            Self::EnvironmentsDiffer { .. }
                | Self::Waited { .. }
                | Self::OrderUnknown
                | Self::NotInTurn { .. }
                | Self::EndedEarly { .. }
        )
    }

    /// Returns true when it names functions of which nothing shows which is which.
    pub(crate) const fn is_of_names(&self) -> bool {
        matches!(
            self,
            Self::OtherNames { .. } | Self::GeneratedNames { .. } | Self::SharedNames { .. }
        )
    }

    /// Returns true when the sides cannot be compared well enough for a gate.
    pub(crate) const fn forbids_gates(&self) -> bool {
        matches!(self, Self::RecordersDiffer { .. })
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Separated { noise } => write!(
                f,
                "WEAK: recorded one side after the other, so machine and change cannot be told \
                 apart: sessions are taken to differ by {:.0} % in what code costs, and more in \
                 system calls and garbage collection; record in turn (A B A B)",
                noise * 100.0
            ),
            Self::OtherMachine { noise } => write!(
                f,
                "WEAK: the sides were recorded on different machines, so machine and change cannot \
                 be told apart: machines are taken to differ by {:.0} % in what a function costs, \
                 and more in system calls and garbage collection; record both sides on one \
                 machine, in turn (A B A B)",
                noise * 100.0
            ),
            Self::EnvironmentsDiffer { condition, before, after } => {
                let (name, [before, after]) = (condition.name(), [*before, *after]);
                let [before, after] = [before, after].map(|value| match condition {
                    Condition::Cores | Condition::OtherThreads => format!("{value:.2}"),
                    _ => format!("{:.1} %", 100.0 * value),
                });
                write!(
                    f,
                    "the sides did not run alike: {name} was {before} before and {after} after; \
                     costs depend on it"
                )
            }
            Self::SettingsDiffer { name, before, after } => write!(
                f,
                "the sides were not recorded alike ({name}: {} before, {} after): costs depend on it",
                before.join(" and "),
                after.join(" and ")
            ),
            Self::HidesInlining => f.write_str(
                "in these recordings, the samples of inlined functions count for their callers, \
                 and V8 inlines differently from run to run: costs move between functions by \
                 chance; compare files or packages, between which they do not move",
            ),
            Self::DifferentPrograms { shared } => write!(
                f,
                "only {:.0} % of the samples are in functions that both sides have: these look \
                 like different programs",
                shared * 100.0
            ),
            Self::OtherNames { places, functions: [before, after], in_common } => write!(
                f,
                "the names of functions in {} are not the same on both sides ({in_common} in common, of \
                 {before} functions before and {after} after), as when one build is minified: nothing \
                 shows which of the others are the same, and none of these is called changed; compare \
                 files or packages",
                names(places, "more files or packages")
            ),
            Self::GeneratedNames { places, functions: [before, after] } => write!(
                f,
                "most functions in {} have names of one to three letters ({before} functions before and \
                 {after} after), as a minifier gives, and are at other places on each side: another build \
                 gives such a name to another function, and none of these is called changed; compare files \
                 or packages",
                names(places, "more files or packages")
            ),
            Self::SharedNames { names: shared } => write!(
                f,
                "functions of several files are called {}, and are in one file on the other side, as in a \
                 bundle: nothing shows which is which, and none of these is called changed; compare packages",
                names(shared, "more names")
            ),
            Self::FewRuns { before: 1, after: 1 } => write!(
                f,
                "PROVISIONAL: with one run a side, noise between runs is assumed, not measured; \
                 make three runs a side in turn (A B A B), without the first to warm up"
            ),
            Self::FewRuns { before, after } => write!(
                f,
                "WEAK: {before} against {after} runs measure noise on one side only; make three \
                 runs a side in turn (A B A B), without the first to warm up"
            ),
            Self::NoCpuTime { counts } => write!(
                f,
                "these recordings count {counts}, and no CPU time: each share of the CPU below is \
                 a share of the {counts}"
            ),
            Self::NoRequests { runs } => write!(
                f,
                "costs are shares of CPU, because the requests of {} are not known: a change of \
                 the whole program does not show; give the load timelines, or compare per run \
                 where each run does the same work",
                list(runs)
            ),
            Self::NoInterval { runs, waited } => {
                let runs = list(runs);
                write!(
                    f,
                    "costs are shares of CPU, because the sampling interval of {runs} is not known"
                )?;
                let why = ": most samples came late, as on a machine without an idle core";
                f.write_str(if *waited { why } else { "" })
            }
            Self::IntervalNotUsed { runs } => write!(
                f,
                "the sampling interval that was given is not used for {}: a recording with times \
                 shows its CPU time by itself",
                list(runs)
            ),
            Self::IntervalsDiffer { shortest, longest } => write!(
                f,
                "runs were sampled every {shortest} to {longest} ms: costs take that into \
                 account, but sampling itself slows a program down, and a busy machine delays it; use \
                 one interval, and leave cores idle"
            ),
            Self::FewSamples { run, samples } => write!(
                f,
                "{run}: only {samples:.0} samples; it shows no more than the largest functions"
            ),
            Self::EndedEarly { run, side, samples, usual_samples, requests } => {
                write!(f, "WEAK: {run} probably ended early or crashed: it has ")?;
                write!(f, "{samples:.0} samples")?;
                if let Some((own, _)) = requests {
                    write!(f, " and {own:.0} requests")?;
                }
                write!(f, ", and a run {} usually has {usual_samples:.0}", side.word())?;
                if let Some((_, usual)) = requests {
                    write!(f, " and {usual:.0}")?;
                }
                f.write_str("; leave it out, or record it again")
            }
            Self::ProducersDiffer { before, after } => write!(
                f,
                "the recordings come from different versions, `{before}` and `{after}`: what \
                 changed may be the engine"
            ),
            Self::NodeDiffers { moved, shared } => write!(
                f,
                "the sides ran different versions of Node: of the {shared} functions of Node that \
                 both sides have, {moved} are at other lines; what changed may be the engine"
            ),
            Self::OrderUnknown => f.write_str(
                "WEAK: the times of these runs are not known, so they are taken to be made in \
                 turn (A B A B): when one side was recorded after the other, machine and change \
                 cannot be told apart",
            ),
            Self::NotInTurn { other_machine } => write!(
                f,
                "WEAK: the runs are compared as if they were made in turn, but {}: what changed may \
                 be the machine",
                if *other_machine {
                    "the sides were recorded on different machines"
                } else {
                    "their clocks show that one side was recorded after the other"
                }
            ),
            Self::Waited { before, after, noise } => {
                write!(
                    f,
                    "WEAK: while its event loop was busy, the busiest thread ran {before:.2} of \
                     the time before and {after:.2} after: the machine was busy for one side, or its calls \
                     block"
                )?;
                match noise {
                    Some(noise) => write!(
                        f,
                        ", so the sides are compared like two sessions, which are taken to differ \
                         by {:.0} % in what code costs, and more in system calls and garbage \
                         collection",
                        noise * 100.0
                    ),
                    None => f.write_str("; costs depend on it"),
                }
            }
            Self::TicksExceedCpu { ticks: [before, after], cpu } => write!(
                f,
                "the machine was busy: the samples show {before:.2} of a core before and {after:.2} after, \
                 and the kernel counted {:.2} and {:.2}; costs come from samples, so they include waiting \
                 for a core",
                cpu[0], cpu[1]
            ),
            Self::RecordersDiffer { before, after } => write!(
                f,
                "WEAK: the sides were recorded in different ways, with {} before and {} after, \
                 which count different samples: no row is called changed; record both sides in \
                 one way",
                before.join(" and "),
                after.join(" and ")
            ),
            Self::LoadsDiffer { before, after } => write!(
                f,
                "the load is not comparable: {before:.1} requests in each recorded second before, \
                 {after:.1} after; the cost of a request depends on the load"
            ),
            Self::ThreadPool { calls, to, others, unit, counted } => {
                let named: Vec<String> = calls.iter().map(|call| format!("`{call}`")).collect();
                write!(
                    f,
                    "moved to the thread pool? {} cost{} more on the side {}: libuv's pool does \
                     the work of such calls, and the costs here {}",
                    named.join(" and "),
                    if calls.len() == 1 { "s" } else { "" },
                    to.word(),
                    if *counted {
                        "contain it, because these recordings have the samples of all threads"
                    } else {
                        "are those of the main thread"
                    },
                )?;
                match (others, unit.work()) {
                    (None, _) => Ok(()),
                    (Some([before, after]), Some(work)) => write!(
                        f,
                        "; other threads used {before:.2} ms a {work} before and {after:.2} ms after"
                    ),
                    (Some([before, after]), None) => {
                        write!(
                            f,
                            "; other threads used {before:.2} cores before and {after:.2} after"
                        )
                    }
                }
            }
            Self::WorkDiffers { fewest, most } => write!(
                f,
                "the runs did not do the same work: they served {fewest:.0} to {most:.0} requests, \
                 and costs per run depend on that; compare per request"
            ),
            Self::WindowsDiffer { shortest, longest } => write!(
                f,
                "windows last from {shortest:.1} to {longest:.1} s: a longer one has more of the \
                 start or the end of a run"
            ),
        }
    }
}

fn list(runs: &[String]) -> String {
    names(runs, "more runs")
}

/// Returns all names when there are at most three, and otherwise the first and the number of the others.
fn names(names: &[String], more: &str) -> String {
    match names {
        [first, _, _, _, ..] => format!("{first} and {} {more}", names.len() - 1),
        names => names.join(", "),
    }
}
