//! Tests of the lines that ran, for each format that contains them.

use crate::common;

use common::root;
use spikeflame_parse::{Options, read, read_stream};
use spikeflame_profile::{
    CallTree, FunctionLines, GroupBy, Hotspots, Profile, Selection, folded, function_lines,
};
use std::collections::BTreeMap;
use std::path::Path;

fn sample(name: &str, lines: bool) -> Profile {
    read(&[root(name)], &Options { lines, ..Options::default() }).unwrap()
}

fn lines(profile: &Profile, wanted: &str) -> Vec<FunctionLines> {
    function_lines(profile, &Selection::default(), &wanted.parse().unwrap())
}

/// Returns the self weight of each line, as a share of the function's self weight.
fn shares(function: &FunctionLines) -> BTreeMap<u32, f64> {
    let own = function.self_weight as f64;
    function.lines.iter().map(|line| (line.line, line.self_weight as f64 / own)).collect()
}

const LOGS: [&str; 2] =
    ["samples/lines/lines-node20.log.zst", "samples/lines/lines-node26.log.zst"];
const PROFILES: [&str; 2] =
    ["samples/lines/lines-node20.cpuprofile", "samples/lines/lines-node26.cpuprofile"];

/// `hot` has four loops in lines 8 to 19, and `inner` is one line that V8 inlines.
#[test]
fn a_tick_log_has_the_lines_of_inlined_functions_and_of_their_callers() {
    for log in LOGS {
        let profile = sample(log, true);
        let [hot, inner] = &["^hot ", "^inner "].map(|wanted| lines(&profile, wanted).remove(0));
        assert_eq!(inner.lines.iter().map(|line| line.line).collect::<Vec<_>>(), [4], "{log}");
        let of = |line: u32| hot.lines.iter().find(|it| it.line == line).copied().unwrap();
        assert!(of(8).self_weight > 0 && of(10).self_weight > of(15).self_weight, "{log}");
        assert_eq!(of(19).self_weight, 0, "{log}");
        assert!(of(19).total * 10 > inner.total * 9, "line 19 calls `inner`: {log}");
        let known: f64 =
            shares(hot).iter().filter(|(line, _)| (8..=19).contains(*line)).map(|s| s.1).sum();
        assert!(known > 0.97, "{log}: {:?}", shares(hot));
    }
}

/// The peer is V8's own count of lines, in a CPU profile of the same program.
#[test]
fn a_tick_log_and_a_cpu_profile_have_the_same_lines() {
    let [log, profile] =
        [LOGS[1], PROFILES[1]].map(|name| lines(&sample(name, true), "^hot ").remove(0));
    let (log, profile) = (shares(&log), shares(&profile));
    // The head and the body of a loop share instructions, so they are counted together.
    for group in [&[8][..], &[9, 10, 11], &[13, 14, 15], &[17, 18, 19]] {
        let sum =
            |of: &BTreeMap<u32, f64>| group.iter().filter_map(|line| of.get(line)).sum::<f64>();
        println!("lines {group:?}: {:.3} and {:.3}", sum(&log), sum(&profile));
        assert!((sum(&log) - sum(&profile)).abs() < 0.25, "{group:?}");
    }
}

/// V8 up to 13 counts the lines of inlined functions for the function around them.
#[test]
fn a_line_before_the_function_is_not_one_of_its_lines() {
    let hot = lines(&sample(PROFILES[0], true), "^hot ").remove(0);
    assert!(hot.lines.iter().all(|line| line.line == 0 || line.line >= 6), "{hot:?}");
    let unknown = hot.lines.last().unwrap();
    assert!(unknown.line == 0 && unknown.self_weight > hot.self_weight / 3, "{hot:?}");
}

#[test]
fn lines_change_no_sum() {
    let others = [
        "samples/pprof/datadog-repeated-line.pb.gz",
        "samples/perf-text/source-lines.txt.zst",
        "samples/v8/mix-node24.log.zst",
        "samples/json/mix-node22.cpuprofile.zst",
    ];
    for name in LOGS.iter().chain(&PROFILES).chain(&others) {
        let fold = |profile: &Profile, selection: &Selection| {
            let mut text = Vec::new();
            folded::write(&CallTree::build(profile, selection), &mut text).unwrap();
            String::from_utf8(text).unwrap()
        };
        let (with, without) = (sample(name, true), sample(name, false));
        let selection = Selection::default();
        assert_eq!(fold(&with, &selection), fold(&without, &selection), "{name}");
        assert!(!without.frames.has_lines(), "{name}");
        let by_line = Selection { group_by: GroupBy::Line, ..Selection::default() };
        let (tree, by_line) =
            (CallTree::build(&with, &selection), CallTree::build(&with, &by_line));
        assert_eq!(tree.total(), by_line.total(), "{name}");
        let own: u64 = Hotspots::from_tree(&by_line).rows.iter().map(|row| row.self_weight).sum();
        assert_eq!(own, tree.total(), "{name}");
        for function in lines(&with, "") {
            let sum: u64 = function.lines.iter().map(|line| line.self_weight).sum();
            assert_eq!(sum, function.self_weight, "{name}: {}", function.label);
            assert!(function.lines.iter().all(|line| line.total <= function.total), "{name}");
        }
    }
}

#[test]
fn pprof_by_line_and_source_lines_of_perf_are_lines() {
    let pprof = sample("samples/pprof/datadog-repeated-line.pb.gz", true);
    assert!(pprof.frames.has_lines());
    let starts = sample("samples/pprof/datadog-repeated.pb.gz", true);
    assert!(!starts.frames.has_lines(), "its lines are those of definitions");
    let perf = sample("samples/perf-text/source-lines.txt.zst", true);
    let work = lines(&perf, "^work").remove(0);
    assert_eq!(work.file, "inline.c");
    assert!(work.lines.iter().all(|line| line.line > 0), "{work:?}");
    let by_line = Selection { group_by: GroupBy::Line, ..Selection::default() };
    let tree = CallTree::build(&perf, &by_line);
    assert!(tree.entry_of("work inline.c:1:0").is_some());
}

/// A recording may contain any numbers.
#[test]
fn odd_lines_of_a_profile_lose_no_sample() {
    let ticks = [
        r#"[{"line":3,"ticks":1},{"line":-1,"ticks":9},{"line":1e99,"ticks":1e99}]"#,
        r#"[{"line":0,"ticks":4}]"#,
        r#"[{"line":null,"ticks":null},{}]"#,
        "[]",
        "null",
        r#""x""#,
    ];
    for ticks in ticks {
        let text = format!(
            "{{\"nodes\":[{{\"id\":1,\"callFrame\":{{\"functionName\":\"hot\",\"scriptId\":\"7\",\
             \"url\":\"file:///srv/a.js\",\"lineNumber\":1,\"columnNumber\":2}},\
             \"positionTicks\":{ticks}}}],\"startTime\":0,\"endTime\":4000,\
             \"samples\":[1,1,1,1],\"timeDeltas\":[1000,1000,1000,1000]}}"
        );
        let options = Options { lines: true, ..Options::default() };
        match read_stream(text.as_bytes(), Path::new("x.cpuprofile"), &options) {
            Ok(profile) => assert_eq!(profile.total(), 4, "{ticks}"),
            Err(error) => assert!(ticks.contains('x'), "{ticks}: {error}"),
        }
    }
}

/// Chunks of a profile have an array with the line of each sample, beside the nodes.
#[test]
fn a_trace_has_the_line_of_each_sample() {
    let node = |id: u32, name: &str, parent: &str, line: i32| {
        format!(
            r#"{{"id":{id}{parent},"callFrame":{{"functionName":"{name}","scriptId":1,"url":"file:///a.js","lineNumber":{line},"columnNumber":1}}}}"#
        )
    };
    let nodes = [
        node(1, "(root)", "", -1),
        node(2, "main", r#","parent":1"#, 4),
        node(3, "work", r#","parent":2"#, 19),
    ];
    let chunk = |samples: &str, lines: &str, nodes: &str| {
        format!(
            r#"{{"ph":"P","name":"ProfileChunk","pid":1,"tid":2,"id":"0x1","ts":1,"args":{{"data":{{"cpuProfile":{{"nodes":[{nodes}],"samples":{samples}}},"timeDeltas":[5,5,5,5]{lines}}}}}}}"#
        )
    };
    // The second chunk has no array, because no line of it is known. Line 3 is before `work`.
    let text = [
        chunk("[3,3,2,3]", r#","lines":[22,23,7,3]"#, &nodes.join(",")),
        chunk("[3,3,2,3]", "", ""),
        chunk("[3,3,2,1]", r#","lines":[22,0,7,9]"#, ""),
    ];
    let text = format!("[{}]", text.join(","));
    let options = Options { lines: true, ..Options::default() };
    let profile = read_stream(text.as_bytes(), Path::new("x.json"), &options).unwrap();
    assert_eq!(profile.samples(), 12);
    let of = |wanted: &str| -> BTreeMap<u32, u64> {
        let function = lines(&profile, wanted).remove(0);
        function.lines.iter().map(|line| (line.line, line.self_weight)).collect()
    };
    assert_eq!(of("^work "), BTreeMap::from([(0, 5), (22, 2), (23, 1)]));
    assert_eq!(of("^main ")[&7], 2);
    let without = read_stream(text.as_bytes(), Path::new("x.json"), &Options::default()).unwrap();
    assert!(!without.frames.has_lines());
    let real = sample("samples/json/chromium.json.zst", true);
    assert_eq!(real.total(), sample("samples/json/chromium.json.zst", false).total());
    assert!(real.frames.has_lines());
}

/// Returns a profile in which `hot` of each file begins in line 11, and has samples in the lines 12
/// and 14 as the recording has them. `other` is the script of a further frame.
fn profile_of(files: &[&str], other: &str) -> Profile {
    let node = |id: usize, url: &str, name: &str, ticks: &str| {
        format!(
            "{{\"id\":{id},\"callFrame\":{{\"functionName\":\"{name}\",\"url\":\"{url}\",\"scriptId\":\"5\",\
             \"lineNumber\":10,\"columnNumber\":20}},\"hitCount\":3,\"parent\":1,\"positionTicks\":[{ticks}]}}"
        )
    };
    let ticks = "{\"line\":12,\"ticks\":2},{\"line\":14,\"ticks\":1}";
    let mut nodes = vec![
        "{\"id\":1,\"callFrame\":{\"functionName\":\"(root)\",\"url\":\"\",\"lineNumber\":-1}}"
            .to_owned(),
        node(2, other, "load", ""),
    ];
    let hot = (3..).zip(files).map(|(id, file)| node(id, file, "hot", ticks));
    nodes.extend(hot);
    let samples: Vec<String> =
        (3..).take(files.len()).map(|id| format!("{id},{id},{id}")).collect();
    let text = format!("{{\"nodes\":[{}],\"samples\":[{}]}}", nodes.join(","), samples.join(","));
    let options = Options { lines: true, ..Options::default() };
    read_stream(text.as_bytes(), Path::new("x.cpuprofile"), &options).unwrap()
}

/// The error was: `top --lines` showed lines of the JavaScript that Deno makes as lines of the
/// TypeScript file, without a word.
#[test]
fn deno_has_no_lines_of_typescript() {
    let [script, typed] = ["file:///srv/a.js", "https://example.org/b.tsx"];
    let profile = profile_of(&[script, typed], "ext:core/01_core.js");
    let [of_script, of_typed] = &["a.js", "b.tsx"].map(|file| lines(&profile, file).remove(0));
    assert_eq!(of_script.lines.iter().map(|line| line.line).collect::<Vec<_>>(), [12, 14]);
    assert_eq!(of_typed.lines.iter().map(|line| line.line).collect::<Vec<_>>(), [0]);
    assert_eq!((of_script.self_weight, of_typed.self_weight), (3, 3));
    let [told] = &profile.warnings[..] else { panic!("{:?}", profile.warnings) };
    assert!(
        told.to_string().contains("ran in 1 function of https://example.org/b.tsx are left out")
    );
    // Node removes types without moving lines, and JavaScript is not compiled.
    assert_eq!(profile_of(&[typed], "node:fs").warnings, []);
    assert_eq!(profile_of(&[script], "ext:core/01_core.js").warnings, []);
    assert!(profile_of(&[typed], "node:fs").frames.has_lines());
}

#[test]
fn a_file_that_a_runner_compiled_has_no_lines() {
    let file = "file:///srv/app/a.ts";
    let runner = |package: &str| {
        let profile = profile_of(&[file], &format!("file:///srv/app/node_modules/{package}/x.js"));
        let warnings: Vec<String> = profile.warnings.iter().map(ToString::to_string).collect();
        (profile.frames.has_lines(), warnings.join("\n"))
    };
    for package in ["ts-node", "@swc-node/register", "esbuild-register", "tsx/dist"] {
        let (has_lines, told) = runner(package);
        assert!(
            !has_lines && told.contains("compiled the program while it ran"),
            "{package}: {told}"
        );
    }
    // These two keep the lines.
    for package in ["sucrase", "jiti", "typescript"] {
        assert_eq!(runner(package), (true, String::new()), "{package}");
    }
}

/// The error was: lines of functions that V8 had inlined, in files that are longer, were lines of this file.
#[test]
fn lines_beyond_the_end_of_a_file_are_not_known() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("one.js");
    std::fs::write(&file, "exports.slow = () => performance.now();\n").unwrap();
    let url = format!("file://{}", file.display());
    let tick = |line, ticks| serde_json::json!({"line": line, "ticks": ticks});
    let profile = serde_json::json!({
        "nodes": [
            {"id": 1, "hitCount": 0, "children": [2], "callFrame":
                {"functionName": "(root)", "scriptId": "0", "url": "", "lineNumber": -1, "columnNumber": -1}},
            {"id": 2, "hitCount": 3, "positionTicks": [tick(1, 1), tick(139, 2)], "callFrame":
                {"functionName": "slow", "scriptId": "1", "url": url, "lineNumber": 0, "columnNumber": 15}},
        ],
        "startTime": 0, "endTime": 4000, "samples": [2, 2, 2], "timeDeltas": [1000, 1000, 1000],
    });
    let recording = folder.path().join("one.cpuprofile");
    std::fs::write(&recording, profile.to_string()).unwrap();
    let profile = read(&[recording], &Options { lines: true, ..Options::default() }).unwrap();
    let slow = lines(&profile, "^slow ").remove(0);
    let weights: Vec<_> = slow.lines.iter().map(|line| (line.line, line.self_weight)).collect();
    assert_eq!(weights, [(1, 1), (0, 2)]);
}
