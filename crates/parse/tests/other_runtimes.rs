//! Profiles in V8's format from other runtimes, and from recorders with a full buffer.

use crate::common;

use common::root;
use spikeflame_parse::{Options, read_stream};
use spikeflame_profile::{Category, Profile, Tier, Zero, write_label};
use std::collections::BTreeSet;
use std::path::Path;

fn read(start: f64, end: f64, samples: usize, delta: u64) -> Profile {
    let list = |item: &str| vec![item; samples].join(",");
    let text = format!(
        "{{\"nodes\":[{{\"id\":1,\"callFrame\":{{\"functionName\":\"(root)\",\"url\":\"\"}},\
         \"children\":[2]}},{{\"id\":2,\"callFrame\":{{\"functionName\":\"hot\",\"scriptId\":\"7\",\
         \"url\":\"file:///srv/a.js\",\"lineNumber\":1,\"columnNumber\":2}}}}],\
         \"startTime\":{start},\"endTime\":{end},\"samples\":[{}],\"timeDeltas\":[{}]}}",
        list("2"),
        list(&delta.to_string())
    );
    read_stream(text.as_bytes(), Path::new("x.cpuprofile"), &Options::default()).unwrap()
}

#[test]
fn a_profile_whose_buffer_was_full_is_as_long_as_its_samples() {
    let cut = read(1e9, 1e9 + 828_000.0, 200, 1_000);
    assert_eq!(cut.sources[0].end_us, 200_000);
    assert!(
        cut.warnings.iter().any(|warning| warning.to_string().contains("not recorded")),
        "{cut:?}"
    );
    // The last sample of a complete profile is near its end.
    let whole = read(1e9, 1e9 + 205_000.0, 200, 1_000);
    assert_eq!(whole.sources[0].end_us, 205_000);
    assert!(whole.warnings.is_empty(), "{:?}", whole.warnings);
    // A few samples far apart do not mean that the buffer was full.
    let few = read(1e9, 1e9 + 1_500_000.0, 3, 400_000);
    assert!(few.warnings.is_empty(), "{:?}", few.warnings);
}

#[test]
fn a_start_in_this_century_is_the_wall_clock() {
    assert_eq!(
        read(1_795_779_840_085_175.5, 1_795_779_840_285_175.0, 200, 1_000).sources[0].zero,
        Zero::Wall(1_795_779_840_085_175)
    );
    assert_eq!(
        read(9.8e9, 9.8e9 + 2e5, 200, 1_000).sources[0].zero,
        Zero::Monotonic(9_800_000_000)
    );
}

fn sample(name: &str) -> Profile {
    spikeflame_parse::read(&[root(&format!("samples/json/{name}"))], &Options::default()).unwrap()
}

/// The labels of a category.
fn labels(category: Category, profile: &Profile) -> BTreeSet<String> {
    let strings = profile.frames.strings();
    let functions = profile.frames.functions().map(|(_, function)| function);
    let functions = functions.filter(|function| Category::classify(function, strings) == category);
    let mut labels = BTreeSet::new();
    for function in functions {
        let mut label = String::new();
        write_label(&mut label, strings, function, Tier::None);
        labels.insert(label);
    }
    labels
}

#[test]
fn functions_of_bun_are_not_the_applications() {
    let profile = sample("bun-1.4.5.cpuprofile.zst");
    assert!(matches!(profile.sources[0].zero, Zero::Wall(_)), "{:?}", profile.sources);
    let own = labels(Category::App, &profile);
    assert!(own.iter().all(|label| !label.contains("internal:")), "{own:?}");
    // A constructor that its class leaves out, and code of `new Function`.
    assert!(own.contains("K") && own.contains("anonymous <eval>:1:19"), "{own:?}");
    let builtins = labels(Category::Builtin, &profile);
    assert!(builtins.contains("Builtin: processTicksAndRejections"), "{builtins:?}");
    let core = labels(Category::NodeCore, &profile);
    assert!(core.iter().any(|label| label.contains("internal:fs/streams")), "{core:?}");
}

#[test]
fn functions_of_deno_are_not_the_applications() {
    let profile = sample("CPU.1795846864676.28211.cpuprofile.zst");
    let own = labels(Category::App, &profile);
    assert!(own.iter().all(|label| label.contains("/srv/app/busy.ts")), "{own:?}");
    let core = labels(Category::NodeCore, &profile);
    assert!(core.iter().any(|label| label.contains("ext:core/01_core.js")), "{core:?}");
    let native = labels(Category::Native, &profile);
    assert!(native.iter().any(|label| label.starts_with("op_")), "{native:?}");
}

/// Returns a node of a `.cpuprofile` as Bun writes it.
fn node(id: usize, parent: usize, name: &str, line: u32, column: u32) -> String {
    format!(
        "{{\"id\":{id},\"parent\":{parent},\"callFrame\":{{\"functionName\":\"{name}\",\"scriptId\":\"1\",\
         \"url\":\"file:///srv/w.js\",\"lineNumber\":{line},\"columnNumber\":{column}}}}}"
    )
}

/// The error was: an async function was two rows, one for its beginning and one for its body.
#[test]
fn an_async_function_of_bun_is_one_function() {
    let nodes = [
        "{\"id\":1,\"callFrame\":{\"functionName\":\"(root)\",\"url\":\"\",\"lineNumber\":-1}}"
            .to_owned(),
        node(2, 1, "main", 6, 19),
        node(3, 2, "main", 6, 21),
        node(4, 1, "main", 6, 21),
        node(5, 4, "", 6, 142),
        node(6, 5, "", 6, 150),
        node(7, 6, "main", 9, 4),
        "{\"id\":8,\"parent\":7,\"callFrame\":{\"functionName\":\"/(a+)+b/gi\",\"url\":\"\",\"lineNumber\":-1}}"
            .to_owned(),
    ];
    let profile = |start: &str| {
        let text = format!(
            "{{\"nodes\":[{}],\"startTime\":{start},\"endTime\":{start},\"samples\":[2,3,4,5,6,7,8],\
             \"timeDeltas\":[0,1,1,1,1,1,1]}}",
            nodes.join(",")
        );
        let options = spikeflame_parse::Options::default();
        let profile =
            spikeflame_parse::read_stream(text.as_bytes(), "bun.cpuprofile".as_ref(), &options);
        let profile = profile.unwrap();
        (labels(Category::App, &profile), labels(Category::Builtin, &profile))
    };
    let expression: BTreeSet<String> = ["RegExp: (a+)+b".to_owned()].into();
    let places =
        ["main /srv/w.js:7:20", "<anonymous> /srv/w.js:7:143", "<anonymous> /srv/w.js:7:151"];
    let mut expected: BTreeSet<String> = places.map(str::to_owned).into();
    expected.insert("main /srv/w.js:10:5".to_owned());
    assert_eq!(profile("1795912681975379"), (expected.clone(), expression));
    // V8 makes one function of it, so that two of one name are two.
    expected.insert("main /srv/w.js:7:22".to_owned());
    assert_eq!(profile("5000"), (expected, BTreeSet::new()));
}

/// The error was: an async arrow function was two rows. Its body has no name.
#[test]
fn an_async_arrow_function_of_bun_is_one_function() {
    let nodes = [
        "{\"id\":1,\"callFrame\":{\"functionName\":\"(root)\",\"url\":\"\",\"lineNumber\":-1}}"
            .to_owned(),
        node(2, 1, "(module)", 0, 0),
        // `const named = async (x) => {`, which continues after an `await`.
        node(3, 2, "named", 1, 14),
        node(4, 3, "", 1, 27),
        node(5, 1, "", 1, 27),
        // An arrow function without a name, with its parameters in three lines.
        node(6, 2, "", 5, 14),
        node(7, 6, "", 8, 6),
        node(8, 1, "", 8, 6),
        // An arrow function that calls another one in its line, and never waits.
        node(9, 2, "plain", 11, 14),
        node(10, 9, "", 11, 24),
        // A callback that its maker and the event loop call, beside other work.
        node(11, 2, "make", 12, 14),
        node(12, 11, "", 12, 40),
        node(13, 1, "", 12, 40),
        node(14, 11, "other", 20, 1),
        // A generator, whose body is called by a builtin.
        node(15, 2, "make", 30, 10),
        node(16, 2, "gen", 31, 13),
        "{\"id\":17,\"parent\":2,\"callFrame\":{\"functionName\":\"generatorResume\",\"scriptId\":\"9\",\"url\":\"\",\"lineNumber\":0,\"columnNumber\":10}}"
            .to_owned(),
        node(18, 17, "gen", 31, 25),
    ];
    let text = format!(
        "{{\"nodes\":[{}],\"startTime\":1795912681975379,\"endTime\":1795912681975379,\
         \"samples\":[4,5,7,8,10,12,13,14,15,16,18],\"timeDeltas\":[0,1,1,1,1,1,1,1,1,1,1]}}",
        nodes.join(",")
    );
    let options = Options::default();
    let profile = read_stream(text.as_bytes(), Path::new("bun.cpuprofile"), &options).unwrap();
    let mut rows = BTreeSet::new();
    for (_, _, frame) in profile.stacks.nodes() {
        let function = profile.frames.get_function(profile.frames.get(frame).function);
        let mut label = String::new();
        write_label(&mut label, profile.frames.strings(), function, Tier::None);
        rows.insert(label);
    }
    let expected = [
        "(module) /srv/w.js:1:1",
        "named /srv/w.js:2:15",
        "<anonymous> /srv/w.js:6:15",
        "plain /srv/w.js:12:15",
        "<anonymous> /srv/w.js:12:25",
        "make /srv/w.js:13:15",
        "<anonymous> /srv/w.js:13:41",
        "other /srv/w.js:21:2",
        "make /srv/w.js:31:11",
        "gen /srv/w.js:32:14",
        "Builtin: generatorResume",
    ];
    assert_eq!(rows, expected.map(str::to_owned).into());
}

/// The error was: the local time in the name of a file, read as UTC, came before the wall-clock time in it.
#[test]
fn the_wall_clock_of_a_recording_comes_before_the_name_of_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("CPU.20261130.125008.1.0.001.cpuprofile");
    let zero = |start: &str| {
        let text = format!(
            r#"{{"nodes":[{{"id":1,"callFrame":{{"functionName":"f"}}}}],"startTime":{start},
            "endTime":{start},"samples":[1],"timeDeltas":[0]}}"#
        );
        std::fs::write(&path, text).unwrap();
        let profile =
            spikeflame_parse::read(std::slice::from_ref(&path), &Default::default()).unwrap();
        profile.sources[0].clocks().next().unwrap().zero_us
    };
    assert_eq!(zero("1796010608000000"), 1_796_010_608_000_000);
    // Node's times are those of the machine's own clock.
    assert_eq!(zero("1000"), 1_796_043_008_500_000);
}
