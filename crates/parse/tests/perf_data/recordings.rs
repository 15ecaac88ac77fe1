//! Real recordings compared with the text that perf made of them.

use crate::script;
use crate::{root, stacks, unpack};
use spikeflame_parse::{Options, read, read_stream};
use spikeflame_profile::{Profile, Zero};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Returns a folder with a sample's unpacked recording, and the maps and dumps beside it.
fn unpacked(name: &str, maps_packed: bool) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(root("samples/perf")).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap();
        if !file.contains(".map.") && !file.contains(".dump.") {
            continue;
        }
        if maps_packed {
            fs::copy(&path, folder.path().join(file)).unwrap();
        } else {
            fs::write(folder.path().join(file.trim_end_matches(".zst")), unpack(&path)).unwrap();
        }
    }
    let path = folder.path().join(format!("{name}.data"));
    fs::write(&path, unpack(&root(&format!("samples/perf/{name}.data.zst")))).unwrap();
    (folder, path)
}

fn text(name: &str) -> Vec<script::Sample> {
    let text = unpack(&root(&format!("samples/perf/{name}.perf-script.txt.zst")));
    script::parse(&String::from_utf8(text).unwrap())
}

fn load(path: &Path) -> Profile {
    read(&[path.to_owned()], &Options::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// The comparison of the text's frames with ours.
#[derive(Debug, Default, PartialEq, Eq)]
struct FrameComparison {
    samples: usize,
    /// Frames of JavaScript and of V8's own code.
    script: usize,
    native: usize,
    /// Native and kernel frames that have no name here.
    nameless: usize,
    /// Different names, perf's first: of scripts, and of native code (aliases of the same
    /// function, and differences of demanglers).
    other: BTreeMap<(String, String), usize>,
    aliases: BTreeMap<(String, String), usize>,
}

impl FrameComparison {
    fn others(&self) -> usize {
        self.other.values().sum()
    }
}

/// Compares thread by thread, sample by sample.
fn compare(name: &str, profile: &Profile, text: &[script::Sample]) -> FrameComparison {
    let mut compared = FrameComparison::default();
    let mut expected: BTreeMap<i32, Vec<&script::Sample>> = BTreeMap::new();
    for sample in text {
        expected.entry(sample.tid).or_default().push(sample);
    }
    let (threads, named) = (stacks(profile), script::named(profile));
    assert_eq!(threads.len(), expected.len(), "{name}");
    for (thread, samples) in &threads {
        let tid: i32 = thread.rsplit(['/', ' ']).next().unwrap().parse().unwrap();
        let expected = expected.get(&tid).unwrap_or_else(|| panic!("{name}: {thread}"));
        assert_eq!(samples.len(), expected.len(), "{name}: {thread}");
        for (ours, theirs) in samples.iter().zip(expected) {
            let theirs = script::labels(theirs, &named);
            assert_eq!(ours.len(), theirs.len(), "{name}: {ours:#?} {theirs:#?}");
            compared.samples += 1;
            for (ours, (theirs, script)) in ours.iter().zip(theirs) {
                let library = ours.contains(".so") || ours.starts_with('[') || ours == "node";
                if *ours == theirs {
                    *(if script { &mut compared.script } else { &mut compared.native }) += 1;
                } else if library && !script {
                    compared.nameless += 1;
                } else {
                    // For perf, a label within a builtin begins another function.
                    let label = theirs.starts_with("construct_stub_");
                    let native = !script && (label || !ours.contains(": "));
                    let to = if native { &mut compared.aliases } else { &mut compared.other };
                    *to.entry((theirs, ours.clone())).or_default() += 1;
                }
            }
        }
    }
    println!(
        "{name}: {} samples; frames of JavaScript and V8 {}, otherwise named {}; native {}, \
         otherwise named {}, without a name here {}",
        compared.samples,
        compared.script,
        compared.others(),
        compared.native,
        compared.aliases.values().sum::<usize>(),
        compared.nameless
    );
    if compared.nameless > 0 {
        println!(
            "SKIPPED: {} native names of {name}, the binaries are not here",
            compared.nameless
        );
    }
    for ((theirs, ours), count) in compared.other.iter().chain(&compared.aliases) {
        println!("  {count} times `{theirs}` in perf's text is `{ours}`");
    }
    compared
}

fn check(name: &str, maps_packed: bool) {
    let (_folder, path) = unpacked(name, maps_packed);
    let profile = load(&path);
    let text = text(name);
    let text: Vec<_> = text.into_iter().filter(|s| s.event.starts_with("cpu-clock")).collect();
    assert_eq!(profile.samples(), text.len() as u64);
    let compared = compare(name, &profile, &text);
    assert!(compared.script > text.len(), "{name}: {compared:?}");
    assert_eq!(compared.other, BTreeMap::new(), "{name}");
    let aliases: usize = compared.aliases.values().sum();
    assert!(aliases * 40 <= compared.native + compared.nameless, "{name}");
    let first = text.iter().map(|sample| sample.time_us).min().unwrap();
    let last = text.iter().map(|sample| sample.time_us).max().unwrap();
    let source = &profile.sources[0];
    assert!(source.timed);
    assert!(source.end_us.abs_diff(last - first) <= 1, "{} {}", source.end_us, last - first);
    assert_eq!(source.interval_us, Some(1_000_000 / 499));
    assert!(source.producer.starts_with("perf 6."), "{}", source.producer);
}

#[test]
fn a_plain_recording_agrees_with_perf_script() {
    check("plain", false);
    check("plain", true);
}

#[test]
fn a_recording_of_packed_records_and_two_processes_agrees_with_perf_script() {
    check("packed", false);
}

#[test]
fn a_recording_from_a_pipe_agrees_with_perf_script() {
    check("pipe", true);
}

#[test]
fn code_with_times_agrees_with_what_perf_injects() {
    // Only symbols distinguish copies of builtins from those in the binary.
    let text = text("jitdump");
    let mut modules = text.iter().flat_map(|sample| &sample.frames).map(|(_, module)| module);
    let node = modules.find(|module| module.ends_with("/node")).unwrap();
    if !Path::new(node).exists() {
        println!("SKIPPED: the binary of the recording is not here, {node}");
        return;
    }
    check("jitdump", false);
    check("jitdump", true);
}

#[test]
fn the_same_is_read_from_memory_and_from_packed_files() {
    for name in ["plain", "packed", "pipe", "jitdump"] {
        let (folder, path) = unpacked(name, true);
        let plain = load(&path);
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&fs::read(&path).unwrap()).unwrap();
        let gz = folder.path().join("x.data.gz");
        fs::write(&gz, encoder.finish().unwrap()).unwrap();
        assert_eq!(stacks(&load(&gz)), stacks(&plain), "{name}");
        let options = Options { symbols: vec![folder.path().to_owned()], ..Options::default() };
        let bytes = fs::read(&path).unwrap();
        let held = read_stream(bytes.as_slice(), Path::new("-"), &options).unwrap();
        assert_eq!(stacks(&held), stacks(&plain), "{name}");
        assert_eq!(held.sources[0].zero, plain.sources[0].zero);
    }
}

#[test]
fn a_real_service_agrees_with_perf_script() {
    let folder = root("../shared/data/perf/spike-before");
    if !folder.exists() {
        println!("SKIPPED: no recording at {}", folder.display());
        return;
    }
    let profile = load(&folder.join("perf.data"));
    let text = String::from_utf8(unpack(&folder.join("perf-script.txt.zst"))).unwrap();
    let text = script::parse(&text);
    assert_eq!((profile.samples(), text.len()), (4301, 4301));
    let compared = compare("spike-before", &profile, &text);
    // When several codes had one address, perf always takes the same one.
    assert!(compared.others() * 20 < compared.script, "{:?}", compared.other);
    // The calls show which name is right.
    let calls = |caller: &str, callee: &str| {
        let starts = |label: &str, name: &str| label.get(1..).is_some_and(|l| l.starts_with(name));
        let pair = |pair: &[String]| starts(&pair[0], caller) && starts(&pair[1], callee);
        let stacks = stacks(&profile).into_iter().flat_map(|(_, stacks)| stacks);
        stacks.filter(|stack| stack.windows(2).any(pair)).count()
    };
    assert!(calls("decorateBoard ", "decorateParticipation ") > 150);
    assert_eq!(calls("executeEntitiesAndRawResults ", "decorateParticipation "), 0);
    // CLOCK_MONOTONIC, and the wall-clock time of one of its moments.
    let Zero::Wall(zero) = profile.sources[0].zero else { panic!("{:?}", profile.sources[0]) };
    assert_eq!(zero / 1_000_000, 1_795_397_236);
}
