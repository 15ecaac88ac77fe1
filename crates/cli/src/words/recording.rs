//! Converts facts about a recording to messages, with advice for the user.

use super::{content, paths, source_maps};
use spikeflame_parse::{EXPECTED, Error, LOAD, LOG, TOO_MUCH_MEMORY, ValueFault};
use spikeflame_profile::warning::{
    Fact, MissingBinary, MissingKernel, PerfFact, PprofFact, TraceFact, UnreadValues, V8Fact,
    Warning, some_of,
};

/// The advice for a binary, or its debug file, that is there and could not be opened.
const UNOPENED: &str =
    "; make it readable, or raise the limit of open files (`ulimit -n`), and read again";

/// The advice for a packed file whose content takes too much memory.
const UNPACK: &str = "; unpack the file first if it is to be trusted";

/// Returns the message for an error of reading a recording.
pub(super) fn error(error: &Error) -> String {
    if let (Error::Unrecognised { path, found }, Some(format)) = (error, error.may_be()) {
        let (path, format) = (path.display(), format.name());
        return format!("{path}: {found}; read the former with --input-format {format}");
    }
    match error {
        Error::Unrecognised { path, found }
            if [LOAD, LOG].contains(found) || error.is_unknown() =>
        {
            let what = content::name(path).unwrap_or_else(|| content::with_command(found));
            format!("{}: {what}; {EXPECTED}", path.display())
        }
        Error::Io { path, source } => {
            paths::unreadable(path, source).unwrap_or_else(|| error.to_string())
        }
        Error::NoRecording { path, .. } => match paths::runs_below(path) {
            below if below.is_empty() => format!("{error}{}", paths::readable_in(path)),
            below => format!("{}: no recording directly in this folder{below}", path.display()),
        },
        Error::NoSuchValues { fault: ValueFault::Difference(_), .. } => {
            format!("{error}; compare the two profiles with `spikeflame diff BEFORE AFTER`")
        }
        Error::NoSuchValues { path, fault, kinds } => {
            let choice = match fault {
                ValueFault::NoMeasure(_) => "--sample-type takes ",
                ValueFault::NoEvent(_) => "expected --sample-type with one of: ",
                ValueFault::OtherEvents => "--sample-type NAME reads another: ",
                _ => "--sample-type picks one of: ",
            };
            let kinds = kinds.join(", ");
            format!("{}: no samples in it; {fault}; {choice}{kinds}", path.display())
        }
        Error::NoSuchCount { path, wanted } => format!(
            "{}: no count called `{wanted}`; --sample-type takes before, after",
            path.display()
        ),
        Error::Damaged { expected, .. } if expected.starts_with(TOO_MUCH_MEMORY) => {
            error.to_string().replacen(TOO_MUCH_MEMORY, &format!("{TOO_MUCH_MEMORY}{UNPACK}"), 1)
        }
        other => other.to_string(),
    }
}

/// Returns the sentence for a fact about a recording.
pub(super) fn warning(warning: &Warning) -> String {
    let name = match warning.source.as_str() {
        "" => String::new(),
        name => format!("{name}: "),
    };
    match &warning.fact {
        Fact::RawNames => {
            format!("{name}--raw-names is for the text of perf script; names are as without it")
        }
        Fact::Perf(PerfFact::NamelessCode { pids }) => format!(
            "{name}compiled code of process {} has no names: no perf-PID.map beside the recording, \
             under --symbols DIR or, for a recording of this machine, in /tmp; record with node \
             --perf-basic-prof --interpreted-frames-native-stack",
            some_of(pids)
        ),
        Fact::SourceMaps(tally) => source_maps::sentence(tally),
        fact => format!("{warning}{}", advice(fact)),
    }
}

/// Returns the advice that follows the sentence of a fact; empty without one.
fn advice(fact: &Fact) -> String {
    match fact {
        Fact::Damage { what, .. } if what == TOO_MUCH_MEMORY => UNPACK.to_owned(),
        Fact::CopiesInFolder { .. } => "; name a file itself to read it".to_owned(),
        Fact::TwoProfilers(_) => {
            "; record with one of the two, or name one of the files alone to read it".to_owned()
        }
        Fact::NamedCopies { .. } => "; name it alone to read it".to_owned(),
        Fact::Twin { .. } => {
            ": if both are one recording, name only one, or everything counts twice".to_owned()
        }
        Fact::OneThread { .. } => {
            ": if both are of one thread, name only one, or its time counts twice".to_owned()
        }
        Fact::Waits { calls, .. } => {
            format!("; --ignore '{}' leaves such samples out", calls.join("|"))
        }
        Fact::CutStacks { by_perf: true, frames, .. } if *frames != 127 => {
            "; perf keeps longer ones with a larger --max-stack (perf script), max-stack (an event) or \
             kernel.perf_event_max_stack, and never with --call-graph lbr"
                .to_owned()
        }
        Fact::CutStacks { by_perf: true, .. } => {
            "; `sysctl kernel.perf_event_max_stack=1023` before \
                                                  recording keeps longer stacks"
                .to_owned()
        }
        Fact::Intervals { .. } => {
            "; look at each alone, or add them by time with `spikeflame merge`".to_owned()
        }
        Fact::FurtherNames { .. } => {
            "; values in messages make so many names: cut the log to the time of interest, or leave \
             out the lines of such messages (`grep -v`)"
                .to_owned()
        }
        Fact::NoZone => "; --log-zone +09:00 states another one".to_owned(),
        Fact::NoHalves => {
            "; select no window by these times; a logger that writes ISO 8601 has the right ones (in \
             Node, `toLocaleString('es-AR')` writes such times: `LC_ALL=C` changes that of NestJS)"
                .to_owned()
        }
        Fact::ShortYears => "; let the logger write ISO 8601".to_owned(),
        Fact::SeveralScripts { .. } => {
            "; `//# sourceURL=NAME` in their texts gives each a name in a .cpuprofile".to_owned()
        }
        Fact::TwoCounts { read } => {
            format!(", --sample-type {} reads the other", read.other().name())
        }
        Fact::LeftOut(UnreadValues::Profiles { kinds, .. }) => {
            format!("; --sample-type takes {}", kinds.join(", "))
        }
        Fact::LeftOut(UnreadValues::Maps { .. }) => {
            "; --sample-type NAME reads another".to_owned()
        }
        Fact::NamelessCode { .. } => "; open it in profiler.firefox.com (`samply load FILE`), \
                                      which looks them up, and save it there"
            .to_owned(),
        Fact::Trace(TraceFact::Twice { .. }) => "; --thread picks one".to_owned(),
        Fact::Compiled(_) => "; a log of `node --prof` contains the source map, and its lines are \
                              those of the source"
            .to_owned(),
        Fact::Pprof(PprofFact::GuessedLines { by_line, .. }) => {
            let other = if *by_line { "starts" } else { "ran" };
            format!("; --pprof-lines {other} reads them so")
        }
        Fact::Pprof(PprofFact::MissingSamples { .. }) => {
            "; record with a longer interval, or on a machine with a core to spare".to_owned()
        }
        Fact::V8(fact) => v8(fact),
        Fact::Perf(fact) => perf(fact),
        _ => String::new(),
    }
}

fn v8(fact: &V8Fact) -> String {
    match fact {
        V8Fact::SeveralIsolates => "; record without that flag".to_owned(),
        V8Fact::NoBeginning => "; give the whole file".to_owned(),
        V8Fact::LostTicks { .. } => "; record on a machine with a core to spare".to_owned(),
        V8Fact::SparseTicks { .. } | V8Fact::MissingTicks { .. } => {
            "; record on a machine with a core to spare, or with a longer --interval-us".to_owned()
        }
        V8Fact::FewTicks { due: None, .. } => {
            ": run longer, and without --cpu-prof, which stops the ticks".to_owned()
        }
        V8Fact::LoadedLater { pid, other_maps, .. } => {
            let pid = pid.as_deref().unwrap_or("PID");
            let other = match other_maps {
                true => "; the copy of /proc/PID/maps beside it is of another process",
                false => "",
            };
            format!(
                "; copy /proc/{pid}/maps beside the log while the program runs, or start it with \
                 LD_PRELOAD=ADDON.node, which some addons refuse (`did not self-register`){other}"
            )
        }
        V8Fact::UncertainCallers { .. } => {
            "; record with --no-turbo-inlining to see which function it is".to_owned()
        }
        V8Fact::NamelessLibrary { why: MissingBinary::Unopened, .. } => UNOPENED.to_owned(),
        V8Fact::NamelessLibrary { .. } => "; give --symbols DIR for its names".to_owned(),
        _ => String::new(),
    }
}

fn perf(fact: &PerfFact) -> String {
    let text = match fact {
        PerfFact::OtherEvents { .. } => "; --sample-type NAME reads those",
        PerfFact::FurtherEvents { .. } => ": --sample-type NAME reads another",
        PerfFact::LostRecords(_) => "; record with -m 8M, or a lower -F",
        PerfFact::OddPeriods { .. } | PerfFact::HeavySample { .. } => {
            "; --count samples counts each sample as 1"
        }
        PerfFact::Differences => "; without this option, `perf script` writes times of one clock",
        PerfFact::TimesGoBack { .. } => "; split the text, and name the parts one by one",
        PerfFact::LateRecords(_) => {
            "; shares of the whole recording are right, its times may not be"
        }
        PerfFact::LoneGap { .. } => "; --window leaves the lone samples out",
        PerfFact::NamelessInterpreted { .. } => {
            "; record with node --interpreted-frames-native-stack beside --perf-basic-prof or \
             --perf-prof"
        }
        PerfFact::NoNames => "; `perf script -F comm,tid,time,event,period,ip,sym,dso` writes them",
        PerfFact::SeveralModules { .. } => {
            "; `node --prof` and `node --cpu-prof` record the module"
        }
        PerfFact::Scattered => "; record without --threads",
        PerfFact::SteadyPace { .. } => "; record with -c N to count them",
        PerfFact::UserStacks => "; record with --call-graph fp (-g)",
        PerfFact::MissingDumps { dumps, .. } if dumps.len() == 1 => {
            "; put it beside the recording, or give --symbols DIR"
        }
        PerfFact::MissingDumps { .. } => "; put them beside the recording, or give --symbols DIR",
        PerfFact::DumpClock => "; record with -k CLOCK_MONOTONIC",
        PerfFact::InferredNames { .. } => {
            "; to be certain, record with node --perf-prof and perf record -k CLOCK_MONOTONIC"
        }
        PerfFact::NamelessBinaries { why: MissingBinary::Unopened, .. } => UNOPENED,
        PerfFact::NamelessBinaries { .. } => "; give --symbols DIR",
        PerfFact::NamelessKernel(MissingKernel::NoUsableList) => {
            "; give --symbols DIR with a copy (sudo cat /proc/kallsyms, before the next boot)"
        }
        PerfFact::NamelessKernel(MissingKernel::Unknown) => {
            "; give --symbols DIR with a copy of its kallsyms (sudo cat /proc/kallsyms)"
        }
        PerfFact::NamelessKernel(MissingKernel::Hidden) => {
            "; give --symbols DIR with a copy (sudo cat /proc/kallsyms)"
        }
        _ => "",
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeflame_profile::warning::Column;

    #[test]
    fn a_fact_is_followed_by_the_flag_or_command_that_helps() {
        let missing = |dumps: &[&str]| PerfFact::MissingDumps {
            dumps: dumps.iter().map(|dump| (*dump).to_owned()).collect(),
            has_maps: false,
        };
        let library = V8Fact::NamelessLibrary {
            path: "/srv/lib.so".to_owned(),
            why: MissingBinary::OtherBuild,
        };
        let later =
            V8Fact::LoadedLater { ticks: 1, all: 2, pid: Some("47".to_owned()), other_maps: true };
        let kinds = vec!["bytes".to_owned(), "time".to_owned()];
        let profiles = UnreadValues::Profiles { profiles: 2, read: "bytes".to_owned(), kinds };
        let facts: [(Fact, &str); 12] = [
            (
                Fact::RawNames,
                "x: --raw-names is for the text of perf script; names are as without it",
            ),
            (Fact::NoZone, "are taken as UTC; --log-zone +09:00 states another one"),
            (
                Fact::Damage { at: "line 1".to_owned(), what: TOO_MUCH_MEMORY.to_owned() },
                "read up to there; unpack the file first if it is to be trusted",
            ),
            (
                Fact::TwoCounts { read: Column::After },
                "x: each line has two counts; the second (after) is read, --sample-type before reads \
                 the other",
            ),
            (profiles.into(), "and are left out; --sample-type takes bytes, time"),
            (
                library.into(),
                "another build than the one that ran; give --symbols DIR for its names",
            ),
            (later.into(), "is of another process"),
            (
                missing(&["a"]).into(),
                "x: a is not here; put it beside the recording, or give --symbols DIR",
            ),
            (
                missing(&["a", "b"]).into(),
                "x: a, b are not here; put them beside the recording, or give --symbols DIR",
            ),
            (PerfFact::LostRecords(2).into(), "full; record with -m 8M, or a lower -F"),
            (PerfFact::Scattered.into(), "which are not read; record without --threads"),
            (
                PerfFact::NamelessCode { pids: vec![7] }.into(),
                "record with node --perf-basic-prof --interpreted-frames-native-stack",
            ),
        ];
        for (fact, end) in facts {
            let text = warning(&Warning::new("x", fact));
            assert!(text.ends_with(end), "{text}");
        }
    }
}
