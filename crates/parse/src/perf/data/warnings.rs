//! Facts about a recording that the user should know, one sentence each.

use super::event::Event;
use super::follow::Follower;
use super::kernel::NoSymbols;
use super::records::Ending;
use crate::symbols::Missing;

/// The most names in a sentence.
const FEW: usize = 3;

/// A warning is printed when more than one of this many samples has an inferred name.
const WORTH_TELLING: u64 = 10;

/// The warning about recordings of `perf record --threads`.
pub(super) const SCATTERED: &str = "samples lie in further files of a folder (data.0, data.1, ...), \
                                    which are not read; record without --threads";

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

/// Returns all sentences.
pub(super) fn warnings(follower: &Follower<'_>, outcome: &Outcome<'_>) -> Vec<String> {
    let mut list = Vec::new();
    endings(outcome, &mut list);
    events(outcome, follower.weighs, &mut list);
    let lost = follower.lost();
    if lost > 0 {
        list.push(crate::perf::lost_records(lost));
    }
    if follower.crowded {
        list.push("there are too many threads to keep apart; some are taken together".to_owned());
    }
    if follower.processes.full {
        let what = "there are too many mappings to follow; some functions have no names";
        list.push(what.to_owned());
    }
    code(follower, &mut list);
    binaries(follower, &mut list);
    list.into_iter().map(|sentence| format!("{}: {sentence}", outcome.name)).collect()
}

fn endings(outcome: &Outcome<'_>, list: &mut Vec<String>) {
    let cut = match outcome.ending {
        Ending::Damaged(at) => Some(format!("no record at byte {at} of the records")),
        Ending::NotUnpacked(at) => {
            Some(format!("the packed records before byte {at} of the records are damaged"))
        }
        Ending::Cut if !outcome.unfinished => Some("the recording is cut off".to_owned()),
        Ending::Whole if outcome.cut => Some("the recording is cut off".to_owned()),
        Ending::Whole | Ending::Cut => None,
    };
    if outcome.unfinished {
        list.push(
            "perf was killed before it could finish the file; used up to where it ends".to_owned(),
        );
    }
    let missing = outcome.missing.join(", ");
    if let Some(cut) = cut {
        let rest = if missing.is_empty() { "" } else { ", and behind it are missing: " };
        list.push(format!("{cut}; used up to there{rest}{missing}"));
    } else if !missing.is_empty() {
        list.push(format!("the recording is cut off behind its records; missing are: {missing}"));
    }
    if outcome.scattered {
        list.push(SCATTERED.to_owned());
    }
}

fn events(outcome: &Outcome<'_>, weighs: bool, list: &mut Vec<String>) {
    let all = || outcome.events.iter().zip(outcome.chosen);
    let others: Vec<String> = all()
        .filter(|(event, chosen)| !**chosen && event.samples > 0)
        .map(|(event, _)| format!("{} ({} samples)", event.label(), event.samples))
        .collect();
    if !others.is_empty() {
        let read = all().find(|(_, chosen)| **chosen).map(|(event, _)| event.label());
        list.push(format!(
            "only {} is read; the recording has {} too: --sample-type NAME reads another",
            read.unwrap_or_default(),
            some(&others)
        ));
    }
    if let Some((event, _)) = all().find(|(event, chosen)| **chosen && event.keeps_pace())
        && !weighs
    {
        list.push(format!(
            "perf took about as many samples of {} in each second, however many there were, so that \
             numbers of samples do not tell how many; record with -c N to count them",
            event.label()
        ));
    }
    if all().any(|(event, chosen)| *chosen && event.leads_group()) {
        list.push(
            "the events were sampled as a group (`{a,b}:S`), and only the event that leads it is \
             read; record each of the others without `:S`"
                .to_owned(),
        );
    }
    if all().any(|(event, chosen)| *chosen && event.hides_user_stacks()) {
        list.push(
            "the stacks of user code are in a form that is not read (copies of the stack, or of \
             branches), so only their innermost frames are here; record with --call-graph fp (-g)"
                .to_owned(),
        );
    }
}

fn code(follower: &Follower<'_>, list: &mut Vec<String>) {
    let jit = &follower.jit;
    for (file, pids) in jit.strays() {
        let pids: Vec<String> = pids.iter().map(i32::to_string).collect();
        list.push(format!(
            "{} is taken for process {}, which has no perf map of its own and whose code lies where \
             this one has some (in a container it has another number)",
            file.display(),
            some(&pids)
        ));
    }
    list.extend(jit.damage());
    list.extend(follower.recorder.nameless_interpreted().map(crate::perf::nameless_interpreted));
    if !jit.missing_dumps.is_empty() {
        let (are, them) = match jit.missing_dumps.len() {
            1 => ("is", "it"),
            _ => ("are", "them"),
        };
        let instead = if jit.has_maps() { ", so perf maps give the names" } else { "" };
        list.push(format!(
            "{} {are} not here{instead}; put {them} beside the recording, or give --symbols DIR",
            some(&jit.missing_dumps)
        ));
    }
    if jit.timeless_dumps {
        list.push(
            "the times of the jitdump are of another clock, so code may carry the name of what \
             lay there later; record with -k CLOCK_MONOTONIC"
                .to_owned(),
        );
    }
    let (inferred, samples) = (follower.inferred, follower.samples);
    if inferred > samples / WORTH_TELLING {
        list.push(format!(
            "in {inferred} of {samples} samples code is named that took the place of other code; \
             which one it was a perf map lets only infer: record with node --perf-prof and perf \
             record -k CLOCK_MONOTONIC to know",
        ));
    }
    let mut nameless: Vec<i32> =
        follower.nameless.iter().copied().filter(|&pid| !jit.knows(&[pid])).collect();
    nameless.sort_unstable();
    let nameless: Vec<String> = nameless.iter().map(i32::to_string).collect();
    if !nameless.is_empty() && jit.missing_dumps.is_empty() {
        list.push(format!(
            "compiled code of process {} has no names: no perf-PID.map beside the recording, under \
             --symbols DIR or, for a recording of this machine, in /tmp; record with node \
             --perf-basic-prof --interpreted-frames-native-stack",
            some(&nameless)
        ));
    }
}

fn binaries(follower: &Follower<'_>, list: &mut Vec<String>) {
    for (missing, what) in [
        (Missing::File, "not here"),
        (Missing::OtherBuild, "another build than ran"),
        (Missing::Unreadable, "no object file"),
    ] {
        let paths: Vec<String> = follower
            .images
            .nameless()
            .filter(|(path, reason)| *reason == missing && path.starts_with('/'))
            .map(|(path, _)| path.to_owned())
            .collect();
        if !paths.is_empty() {
            list.push(format!(
                "{}: {what}, so the functions have no names; give --symbols DIR",
                some(&paths)
            ));
        }
    }
    match follower.kernel.why_nameless() {
        None => {}
        Some(NoSymbols::Elsewhere) => list.push(
            "the kernel's functions have no names, its kallsyms is not here; give --symbols DIR \
             with a copy (sudo cat /proc/kallsyms, before the next boot)"
                .to_owned(),
        ),
        Some(NoSymbols::Unknown) => list.push(
            "the kernel's functions have no names, the recording does not tell which kernel it \
             was; give --symbols DIR with a copy of its kallsyms (sudo cat /proc/kallsyms)"
                .to_owned(),
        ),
        Some(NoSymbols::Hidden) => list.push(
            "the kernel's functions have no names, kallsyms hides its addresses from other users \
             than root; give --symbols DIR with a copy (sudo cat /proc/kallsyms)"
                .to_owned(),
        ),
    }
}

/// Returns the first few names, and the number of further ones.
fn some(names: &[String]) -> String {
    let shown = names.iter().take(FEW).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(FEW) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
