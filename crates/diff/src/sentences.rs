//! The sentences of warnings about a comparison.

use crate::environment::Condition;
use crate::warning::Warning;
use std::fmt;

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
                "functions in {} have names of one to three letters, as a minifier gives, and their places do \
                 not show which is which ({before} before and {after} after): another build gives such a name \
                 to another function, and none of these is called changed; compare files or packages",
                names(places, "more files or packages")
            ),
            Self::SharedNames { names: shared } => write!(
                f,
                "functions of several files are called {}, and are in one file on the other side, as in a \
                 bundle: nothing shows which is which, and none of these is called changed; compare packages",
                names(shared, "more names")
            ),
            Self::Regrouped { places } => write!(
                f,
                "functions of {} are in another file or package on the other side, as in a bundle: these \
                 files and packages are not called changed; compare functions",
                names(places, "more files and packages")
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
                "these recordings count {counts}, and no CPU time: each cost of CPU here is {counts}"
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
            Self::RunUnlike { run, side, cost, usual, work } => write!(
                f,
                "{run} is unlike the other runs {}: {} ms of CPU per {work}, and {} ms in the others; changes are \
                 harder to see with it; leave it out, or record it again",
                side.word(),
                digits(*cost),
                digits(*usual)
            ),
            Self::ProducersDiffer { before, after } => write!(
                f,
                "the recordings come from different versions, `{before}` and `{after}`: what \
                 changed may be the engine"
            ),
            Self::NodeDiffers { moved, shared } => write!(
                f,
                "the sides ran different versions of Node: of {shared} functions of Node, {moved} \
                 are not at the same lines on both sides; what changed may be the engine"
            ),
            Self::OrderUnknown => f.write_str(
                "WEAK: the times of these runs are not known, so they are taken to be made in \
                 turn (A B A B): when one side was recorded after the other, machine and change \
                 cannot be told apart",
            ),
            Self::AtOneTime { runs: [one, other], others } => {
                write!(f, "{one} and {other} ran at the same time, as their clocks show")?;
                match others {
                    0 => {}
                    1 => f.write_str(", and so did 1 other pair of runs")?,
                    others => write!(f, ", and so did {others} other pairs of runs")?,
                }
                f.write_str(
                    ": on one machine they take CPU from each other, and are not independent; record one \
                     run after the other",
                )
            }
            Self::Swapped => f.write_str(
                "the runs after were all recorded earlier than the runs before, as their clocks show: if \
                 the sides are swapped, each rise here is a fall",
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
            Self::Starved { before, after } => write!(
                f,
                "the machine was the limit, or calls block: while its event loop was busy, the busiest \
                 thread ran {before:.2} of the time before and {after:.2} after; record with a whole core for \
                 the program"
            ),
            Self::TicksExceedCpu { ticks: [before, after], cpu } => write!(
                f,
                "the machine was busy: the samples show {before:.2} of a core before and {after:.2} after, \
                 and the kernel counted {:.2} and {:.2}; costs come from samples, so they include waiting \
                 for a core",
                cpu[0], cpu[1]
            ),
            Self::FailuresDiffer { before, after, attempt_ms } => {
                let [before, after] = [before, after].map(|share| 100.0 * share);
                write!(f, "{before:.1} % of the requests failed before and {after:.1} % after")?;
                match attempt_ms {
                    Some([before, after]) => write!(
                        f,
                        ": costs are divided by the successful requests, and contain those of the failed ones; \
                         divided by all requests, they are {before:.3} ms before and {after:.3} ms after"
                    ),
                    None => f.write_str(": a failed request may cost more or less than another"),
                }?;
                f.write_str("; code that only failed requests run differs with them")
            }
            Self::MixDiffers { of_window, endpoint, before, after } => write!(
                f,
                "the sides had other requests: {endpoint} is {:.1} % of the requests {}before and {:.1} % after; \
                 costs follow that; send the same requests to both",
                100.0 * before,
                if *of_window { "" } else { "of the whole test " },
                100.0 * after
            ),
            Self::PartOfRequests { before, after } => write!(
                f,
                "costs are the CPU of all requests, divided by the number of the chosen ones, which are {:.1} % of \
                 all before and {:.1} % after",
                100.0 * before,
                100.0 * after
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

/// Returns a number of milliseconds with three digits.
fn digits(ms: f64) -> String {
    let decimals = [1.0, 10.0, 100.0].iter().filter(|least| ms < **least).count();
    format!("{ms:.decimals$}")
}
