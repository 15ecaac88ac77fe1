//! The output of `node --prof-process --preprocess`, compared with our own reader of the
//! log that it was made from.

use crate::json_common;

use json_common::{accounted, damaged, edits, fold, labels, parse, root, sample, times, value};
use proptest::prelude::*;
use serde_json::{Value, json};
use spikeflame_parse::{Error, Options, read};
use spikeflame_profile::{Kind, Profile, Tier, write_label};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Returns preprocessed logs with their logs: those in the repository, and of every log
/// when the Node versions of `just record` are there.
fn pairs() -> Vec<(String, Vec<u8>, PathBuf)> {
    let mut pairs = Vec::new();
    for version in [20, 22, 24] {
        let name = format!("nested-on-node{version}");
        let log = root(&format!("samples/v8/{name}.log.zst"));
        pairs.push((name.clone(), sample(&format!("{name}.preprocessed.json")), log));
    }
    let nodes =
        std::env::var_os("SPIKEFLAME_NODES").map_or_else(|| root("target/nodes"), PathBuf::from);
    let logs =
        ["samples/v8", "samples/spike/before-1", "samples/spike/after-1", "../shared/data/v8"];
    let logs: Vec<(u32, PathBuf)> = logs.iter().flat_map(|folder| logs_in(folder)).collect();
    // V8's processor takes a second or more for each log, on one core.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let made: Vec<_> = std::thread::scope(|scope| {
        let share = |core| {
            let (logs, nodes) = (logs.iter().skip(core).step_by(cores), &nodes);
            scope.spawn(move || logs.map(|log| made_by(nodes, log)).collect::<Vec<_>>())
        };
        let threads: Vec<_> = (0..cores).map(share).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    pairs.extend(made.into_iter().flatten());
    pairs
}

/// Returns a log with its preprocessed form, when the Node that wrote it is there.
fn made_by(nodes: &Path, (version, log): &(u32, PathBuf)) -> Option<(String, Vec<u8>, PathBuf)> {
    let node = nodes.join(format!("n{version}/node_modules/node/bin/node"));
    if !node.exists() {
        println!("SKIPPED: no Node {version} for {}", log.display());
        return None;
    }
    let json = preprocessed(&node, log)?;
    Some((log.file_name().unwrap().to_string_lossy().into_owned(), json, log.clone()))
}

/// Returns logs of a folder, with the version of Node that wrote them.
fn logs_in(folder: &str) -> Vec<(u32, PathBuf)> {
    // V8's processor fails on these logs, or the code of several isolates is mixed in them.
    let trips = ["edge-", "torn"];
    let Ok(entries) = std::fs::read_dir(root(folder)) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    let mut logs: Vec<(u32, PathBuf)> = paths
        .filter_map(|path| {
            let name = path.file_name()?.to_string_lossy().into_owned();
            let is_log =
                name.ends_with(".log.zst") && !trips.iter().any(|trip| name.starts_with(trip));
            let version = match name.split_once("node") {
                Some((_, rest)) => rest.get(..2)?.parse().ok()?,
                None => 20,
            };
            (is_log && [20, 22, 24].contains(&version)).then_some((version, path))
        })
        .collect();
    logs.sort();
    logs
}

fn preprocessed(node: &Path, log: &Path) -> Option<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("isolate.log");
    let mut packed = std::fs::File::open(log).unwrap();
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(&mut packed).unwrap();
    std::io::copy(&mut decoder, &mut std::fs::File::create(&plain).unwrap()).unwrap();
    let output =
        Command::new(node).args(["--prof-process", "--preprocess"]).arg(&plain).output().unwrap();
    output.status.success().then_some(output.stdout)
}

/// Returns self ticks of JavaScript functions with inlining collapsed, for ticks whose leaf
/// is their own code; by label with the tier's mark.
fn self_ticks(profile: &Profile) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    let frames = &profile.frames;
    for (sample, weight) in profile.threads.iter().flat_map(|thread| thread.samples.iter()) {
        let leaf = profile.stacks.frames(sample.stack).find(|&id| !frames.get(id).inlined);
        let is_script = |kind| matches!(kind, Kind::Js | Kind::Wasm);
        if let Some(leaf) = leaf.filter(|&leaf| is_script(frames.kind(leaf))) {
            let mut frame = frames.get(leaf);
            if frames.kind(leaf) == Kind::Wasm {
                frame.tier = Tier::None;
            }
            let mut label = String::new();
            write_label(
                &mut label,
                frames.strings(),
                frames.get_function(frame.function),
                frame.tier,
            );
            if frames.kind(leaf) == Kind::Wasm {
                label = label.replace(" (module ", " (");
            }
            *sums.entry(label).or_default() += weight;
        }
    }
    sums.remove("(jump table)");
    sums
}

/// Returns true for names that V8's processor splits wrongly, as in `recordings.rs`.
fn is_garbled_by_v8(label: &str) -> bool {
    let name = label.trim_start_matches(['~', '^', '+', '*']);
    label.contains([',', '\n', '\r', '\\', '\t', '\0', '\u{fffd}'])
        || name.starts_with("<anonymous> leading")
        || name.starts_with(' ')
        || name.contains("vm named")
        || name == "two"
}

/// The JSON and its log have the same ticks at the same times in the same states, and every
/// JavaScript function has the same self ticks.
///
/// Exceptions: functions whose names V8's processor cannot read, a few of `mix`.
/// WebAssembly is compared without its tiers and with its functions numbered where the
/// log contains their modules, because the JSON has neither; and without its jump table,
/// which V8 does not log and our reader infers.
#[test]
fn self_ticks_equal_those_of_the_log() {
    let (mut compared, mut total) = (0, 0);
    for (name, json, log) in pairs() {
        let ours = read(&[log], &Options::default()).unwrap();
        let theirs = parse(&json).unwrap_or_else(|error| panic!("{name}: {error}"));
        let moments = |profile: &Profile| -> Vec<(u64, u8)> {
            let mut all: Vec<_> =
                profile.threads[0].samples.iter().map(|(s, _)| (s.time_us, s.state.0)).collect();
            all.sort_unstable();
            all
        };
        assert_eq!(moments(&theirs), moments(&ours), "{name}");
        let (ours_self, theirs_self) = (self_ticks(&ours), self_ticks(&theirs));
        let all = ours_self.keys().chain(theirs_self.keys()).collect::<BTreeSet<_>>();
        let (garbled, read): (Vec<_>, Vec<_>) = all.into_iter().partition(|l| is_garbled_by_v8(l));
        for &label in &read {
            assert_eq!(theirs_self.get(label), ours_self.get(label), "{name}: {label}");
        }
        let (functions, ticks) = (read.len(), theirs.total());
        println!("{name}: {ticks} ticks, {functions} functions; {} garbled", garbled.len());
        total += functions;
        compared += 1;
    }
    println!("compared {compared} logs, {total} functions");
    assert!(compared >= 3 && total >= 15);
}

/// When all addresses are in code, the whole tree is equal to the log's, including
/// inlining.
#[test]
fn inlined_functions_are_those_of_the_log() {
    for version in [20, 22, 24] {
        let name = format!("nested-on-node{version}");
        let json = parse(&sample(&format!("{name}.preprocessed.json"))).unwrap();
        let log =
            read(&[root(&format!("samples/v8/{name}.log.zst"))], &Options::default()).unwrap();
        let inlined = |profile: &Profile| -> BTreeMap<String, u64> {
            let text = fold(profile);
            let lines = text
                .lines()
                .filter(|line| line.contains("_[i]"))
                .map(|line| line.rsplit_once(' ').unwrap());
            lines.map(|(stack, count)| (stack.to_owned(), count.parse().unwrap())).collect()
        };
        let (json, log) = (inlined(&json), inlined(&log));
        let sum = |stacks: &BTreeMap<String, u64>| stacks.values().sum::<u64>();
        println!("{name}: {} and {} ticks in stacks with inlined functions", sum(&json), sum(&log));
        for (stack, count) in json.iter().filter(|(_, count)| **count > 50) {
            assert_eq!(log.get(stack), Some(count), "{name}: {stack}");
        }
        assert!(sum(&json) > 1000 && sum(&json).abs_diff(sum(&log)) * 100 < sum(&log));
    }
}

/// Returns a small part of a real file: some of the code, and ticks in it.
fn small() -> Value {
    let mut raw = value(&sample("nested-on-node22.preprocessed.json"));
    let code = raw["code"].as_array().unwrap();
    let ticks: Vec<Value> =
        raw["ticks"].as_array().unwrap().iter().skip(400).take(30).cloned().collect();
    let mut used: BTreeMap<i64, usize> = BTreeMap::new();
    let mut kept = Vec::new();
    let mut renumber = |number: i64| -> i64 {
        if number < 0 {
            return number;
        }
        let at = *used.entry(number).or_insert_with(|| {
            let mut entry = code[number as usize].clone();
            entry.as_object_mut().unwrap().remove("source");
            entry.as_object_mut().unwrap().remove("func");
            kept.push(entry);
            kept.len() - 1
        });
        at as i64
    };
    let ticks: Vec<Value> = ticks
        .into_iter()
        .map(|mut tick| {
            for pair in tick["s"].as_array_mut().unwrap().chunks_mut(2) {
                pair[0] = json!(renumber(pair[0].as_i64().unwrap()));
            }
            tick
        })
        .collect();
    (raw["code"], raw["ticks"], raw["functions"]) = (json!(kept), json!(ticks), json!([]));
    raw
}

/// Returns the text with the keys in V8's order.
fn text(raw: &Value) -> String {
    format!(
        "{{\"code\":{},\"functions\":{},\"ticks\":{},\"scripts\":[]}}",
        raw["code"], raw["functions"], raw["ticks"]
    )
}

/// Returns the folded stack of one tick in this code.
fn one(code: &str, tick: &str) -> String {
    let text = format!("{{\"code\":[{code}],\"functions\":[],\"ticks\":[{tick}]}}");
    fold(&parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}")))
}

#[test]
fn code_and_states_are_as_those_of_a_log() {
    let code = "{\"name\":\"/usr/bin/node\",\"type\":\"SHARED_LIB\"},\
        {\"name\":\"f /a.js:1:1\",\"type\":\"JS\",\"kind\":\"Opt\",\"func\":0,\"tm\":1,\"source\":{\"script\":1,\"start\":0,\"end\":9,\"positions\":\"C0O1C16O2I0C32O3\",\"inlined\":\"F0O5\",\"fns\":[1]}},\
        {\"name\":\"g file:///b%20.mjs:2:3\",\"type\":\"JS\",\"kind\":\"Unopt\",\"func\":1,\"tm\":1},\
        {\"name\":\"ArrayMap\",\"type\":\"CODE\",\"kind\":\"Builtin\",\"timestamp\":1},\
        {\"name\":\"LdaZero\",\"type\":\"CODE\",\"kind\":\"BytecodeHandler\"},\
        {\"name\":\"\\\\d\",\"type\":\"CODE\",\"kind\":\"RegExp\"},\
        {\"name\":\"wasm-function[3]\",\"type\":\"CODE\",\"kind\":\"JS\"},\
        {\"name\":\"node::Buffer::New(v8::Isolate*) [clone .cold]\",\"type\":\"CPP\"},\
        {\"name\":\"epoll_pwait@@GLIBC_2.6\",\"type\":\"CPP\"},\
        {\"name\":\" :1:1\",\"type\":\"JS\",\"kind\":\"Sparkplug\",\"func\":2}";
    let tick = |vm: u8, s: &str| one(code, &format!("{{\"tm\":5,\"vm\":{vm},\"s\":[{s}]}}"));
    let f = "*f /a.js:1:1_[j]";
    assert_eq!(tick(0, "1,0"), format!("{f} 1\n"));
    assert_eq!(tick(0, "1,16"), format!("{f};*g /b .mjs:2:3_[i] 1\n"));
    // A return address of 32 is after a call at 16 to 31.
    assert_eq!(tick(0, "3,8,1,32"), format!("{f};*g /b .mjs:2:3_[i];Builtin: ArrayMap 1\n"));
    assert_eq!(tick(0, "4,8,2,5"), "~g /b .mjs:2:3 1\n");
    assert_eq!(tick(0, "5,8,1,5"), format!("{f};RegExp: \\d 1\n"));
    assert_eq!(tick(0, "6,8,9,5"), "^<anonymous> <eval>:1:1_[j];wasm-function[3] 1\n");
    assert_eq!(tick(5, "7,8,1,5"), format!("{f};node::Buffer::New 1\n"));
    assert_eq!(tick(5, "0,8,1,5,0,9,0,10"), format!("node;{f};node 1\n"));
    assert_eq!(tick(1, "0,8,1,5"), format!("{f};(garbage collector) 1\n"));
    assert_eq!(tick(3, "-1,8"), "(compiler) 1\n");
    assert_eq!(tick(8, "8,8,1,5"), format!("{f};(idle) 1\n"));
    assert_eq!(tick(8, "7,8,1,5"), format!("{f};node::Buffer::New 1\n"));
    assert_eq!(tick(5, "-1,140582734747849,-1,7,1,5"), format!("{f};(unresolved) 1\n"));
    assert_eq!(tick(5, "-1,18446744071562067968"), "(unresolved) 1\n");
    assert_eq!(tick(5, "-1,0"), "(program) 1\n");
    assert_eq!(tick(77, "99,0"), "(unresolved) 1\n");
}

#[test]
fn odd_ticks_and_code_do_no_harm() {
    let code = "{\"name\":null,\"type\":\"JS\",\"kind\":\"Opt\",\"func\":4294967295,\"source\":{\"positions\":\"CxOI\",\"inlined\":\"F9O5I7\",\"fns\":[null,77]}},{\"name\":\"x\"}";
    let text = format!(
        "{{\"code\":[{code}],\"ticks\":[{{\"tm\":1,\"vm\":0,\"s\":[]}},{{\"tm\":-1,\"vm\":0,\"s\":[0]}},{{\"tm\":1e300,\"vm\":255,\"s\":[0,-9223372036854775808,1]}}]}}"
    );
    let profile = parse(text.as_bytes()).unwrap();
    assert_eq!((profile.total(), profile.unreadable()), (1, 2));
    let error = parse(b"{\"ticks\":[{\"tm\":1,\"vm\":0,\"s\":[0,1]}],\"code\":[{\"name\":\"x\",\"type\":\"JS\"}]}").unwrap_err().to_string();
    assert!(
        error.contains("expected `code` before `ticks`") && error.contains("line 1 column"),
        "{error}"
    );
    let error = parse(b"{\"code\":[{\"name\":\"x\",\"type\":\"JS\"}],\"ticks\":[]}")
        .unwrap_err()
        .to_string();
    assert!(error.contains("no ticks"), "{error}");
}

#[test]
fn what_unpacks_to_more_than_fits_is_damage() {
    let numbers = "0,".repeat(5_000_000);
    let code = "{\"name\":\"x\",\"type\":\"JS\"}";
    let tick = format!("{{\"tm\":1,\"vm\":0,\"s\":[{numbers}0]}}");
    let source = format!("{{\"name\":\"x\",\"type\":\"JS\",\"source\":{{\"fns\":[{numbers}0]}}}}");
    let code_alone = format!("{{\"code\":[{source}]}}");
    for text in [format!("{{\"code\":[{code}],\"ticks\":[{tick}]}}"), code_alone] {
        let error = parse(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("an array of more than 4,194,304 elements"), "{error}");
    }
}

#[test]
fn the_thread_and_the_length_are_told() {
    let profile = parse(&sample("nested-on-node22.preprocessed.json")).unwrap();
    assert_eq!(profile.threads[0].name, "test");
    let source = &profile.sources[0];
    assert!(source.timed && source.unit == "ticks" && source.producer.contains("--preprocess"));
    assert_eq!(source.end_us, *times(&profile).last().unwrap());
    assert!(
        labels(&profile, Kind::Js).contains("mixB /srv/record/nested.js:15:14"),
        "{:?}",
        labels(&profile, Kind::Js)
    );
}

#[test]
fn a_file_cut_at_any_byte_is_used_up_to_the_cut() {
    let text = text(&small());
    println!("{} bytes", text.len());
    for cut in 0..text.len() {
        let whole =
            text[..cut].split("\"ticks\":").nth(1).map_or(0, |ticks| ticks.matches('}').count());
        match parse(&text.as_bytes()[..cut]) {
            Ok(profile) => {
                assert_eq!(accounted(&profile), whole as u64, "cut at {cut}");
                assert_eq!(profile.warnings.len(), 1);
            }
            Err(Error::Damaged { at, .. }) => {
                assert!(whole == 0 && at.starts_with("line 1 column"), "cut at {cut}: {at}")
            }
            Err(Error::Unrecognised { .. }) => assert!(cut < 100, "cut at {cut}"),
            Err(error) => panic!("cut at {cut}: {error}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn damage_is_survived(edits in edits()) {
        let bytes = damaged(text(&small()).into_bytes(), &edits);
        if let Ok(profile) = parse(&bytes) {
            prop_assert!(profile.total() > 0);
            if let Ok(raw) = serde_json::from_slice::<Value>(&bytes) {
                let ticks = raw["ticks"].as_array().map_or(0, Vec::len);
                prop_assert!(!profile.warnings.is_empty() || accounted(&profile) == ticks as u64);
            }
        }
    }
}

/// The error was: V8 writes `null` for numbers of a damaged line, at which the reading ended.
#[test]
fn a_number_may_be_null() {
    let code = "{\"name\":\"f /a.js:1:1\",\"type\":\"JS\",\"kind\":\"Opt\"}";
    for tick in [
        "{\"tm\":null,\"vm\":0,\"s\":[0,1]}",
        "{\"tm\":5,\"vm\":null,\"s\":[0,1]}",
        "{\"tm\":null,\"vm\":null,\"s\":[0,null]}",
    ] {
        assert_eq!(one(code, tick), "*f /a.js:1:1_[j] 1\n", "{tick}");
    }
}
