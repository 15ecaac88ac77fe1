//! Facts about a recording that the user should know.

use super::event::Event;
use super::follow::Follower;
use super::records::Ending;
use spikeflame_profile::warning::{CutRecording, Fact, MissingBinary, PerfFact, Warning};

/// A warning is printed when more than one of this many samples has an inferred name.
const WORTH_TELLING: u64 = 10;

const NS_OF_SECOND: u64 = 1_000_000_000;

/// The result of reading a recording.
pub(super) struct Outcome<'a> {
    /// The recording's name.
    pub(super) name: &'a str,
    pub(super) ending: Ending,
    /// True when perf did not write the length of the recording.
    pub(super) unfinished: bool,
    /// True when the file is shorter than its header states.
    pub(super) cut: bool,
    /// Names of features that should follow the records and are not in the file.
    pub(super) missing: &'a [&'static str],
    /// True when samples are in further files.
    pub(super) scattered: bool,
    pub(super) events: &'a [Event],
    pub(super) chosen: &'a [bool],
}

/// Returns all warnings.
pub(super) fn warnings(follower: &Follower<'_>, outcome: &Outcome<'_>) -> Vec<Warning> {
    let mut list = Vec::new();
    endings(outcome, &mut list);
    events(outcome, follower.weighs, &mut list);
    let lost = follower.lost();
    list.extend((lost > 0).then_some(PerfFact::LostRecords(lost)));
    let late = follower.late;
    list.extend((late > 0).then_some(PerfFact::LateRecords(late)));
    list.extend(follower.lone_gap().map(|ns| PerfFact::LoneGap { seconds: ns / NS_OF_SECOND }));
    match follower.odd_periods() {
        Some(samples) => list.push(PerfFact::OddPeriods { samples }),
        None => list.extend(follower.dominant().map(|percent| PerfFact::HeavySample { percent })),
    }
    list.extend(follower.crowded.then_some(PerfFact::ManyThreads));
    list.extend(follower.processes.full.then_some(PerfFact::ManyMappings));
    code(follower, &mut list);
    binaries(follower, &mut list);
    list.into_iter().map(|fact| Warning::new(outcome.name, Fact::Perf(fact))).collect()
}

fn endings(outcome: &Outcome<'_>, list: &mut Vec<PerfFact>) {
    let cut = match outcome.ending {
        Ending::Damaged(at) => Some(CutRecording::NoRecord(at)),
        Ending::NotUnpacked(at) => Some(CutRecording::Packed(at)),
        Ending::Cut if !outcome.unfinished => Some(CutRecording::End),
        Ending::Whole if outcome.cut => Some(CutRecording::End),
        Ending::Whole | Ending::Cut => None,
    };
    list.extend(outcome.unfinished.then_some(PerfFact::Unfinished));
    let missing = outcome.missing.to_vec();
    if let Some(at) = cut {
        list.push(PerfFact::Cut { at, missing });
    } else if !missing.is_empty() {
        list.push(PerfFact::MissingSections { missing });
    }
    list.extend(outcome.scattered.then_some(PerfFact::Scattered));
}

fn events(outcome: &Outcome<'_>, weighs: bool, list: &mut Vec<PerfFact>) {
    let all = || outcome.events.iter().zip(outcome.chosen);
    let others: Vec<(String, u64)> = all()
        .filter(|(event, chosen)| !**chosen && event.samples > 0)
        .map(|(event, _)| (event.label(), event.samples))
        .collect();
    if !others.is_empty() {
        let read = all().find(|(_, chosen)| **chosen).map(|(event, _)| event.label());
        list.push(PerfFact::FurtherEvents { read: read.unwrap_or_default(), others });
    }
    if let Some((event, _)) = all().find(|(event, chosen)| **chosen && event.keeps_pace())
        && !weighs
    {
        list.push(PerfFact::SteadyPace { event: event.label() });
    }
    let any = |test: fn(&Event) -> bool| all().any(|(event, chosen)| *chosen && test(event));
    list.extend(any(Event::hides_user_stacks).then_some(PerfFact::UserStacks));
}

fn code(follower: &Follower<'_>, list: &mut Vec<PerfFact>) {
    let jit = &follower.jit;
    list.extend(
        jit.strays()
            .map(|(file, pids)| PerfFact::StrayMap { map: file.to_owned(), pids: pids.to_owned() }),
    );
    list.extend(jit.damage());
    list.extend(follower.recorder.nameless_interpreted());
    list.extend(follower.recorder.wasm.several_modules(&follower.recorder.frames));
    if !jit.missing_dumps.is_empty() {
        let (dumps, has_maps) = (jit.missing_dumps.clone(), jit.has_maps());
        list.push(PerfFact::MissingDumps { dumps, has_maps });
    }
    list.extend(jit.timeless_dumps.then_some(PerfFact::DumpClock));
    let (inferred, samples) = (follower.inferred, follower.samples);
    if inferred > samples / WORTH_TELLING {
        list.push(PerfFact::InferredNames { inferred, samples });
    }
    let mut pids: Vec<i32> =
        follower.nameless.iter().copied().filter(|&pid| !jit.knows(&[pid])).collect();
    pids.sort_unstable();
    if !pids.is_empty() && jit.missing_dumps.is_empty() {
        list.push(PerfFact::NamelessCode { pids });
    }
}

fn binaries(follower: &Follower<'_>, list: &mut Vec<PerfFact>) {
    use MissingBinary::{File, OtherBuild, Unopened, Unreadable};
    for why in [File, Unopened, OtherBuild, Unreadable] {
        let paths: Vec<String> = follower
            .images
            .nameless()
            .filter(|(path, reason)| *reason == why && path.starts_with('/'))
            .map(|(path, _)| path.to_owned())
            .collect();
        if !paths.is_empty() {
            list.push(PerfFact::NamelessBinaries { paths, why });
        }
    }
    list.extend(follower.kernel.why_nameless().map(PerfFact::NamelessKernel));
}
