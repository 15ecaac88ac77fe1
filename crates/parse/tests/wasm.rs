//! Functions of WebAssembly that have one name, and are of several modules.

use crate::common;
use crate::pprof_builder;

use common::root;
use pprof_builder::Builder;
use spikeflame_parse::{Options, read, read_stream};
use spikeflame_profile::{CallTree, Profile, Selection};
use std::fs;
use std::path::Path;

const ONE: &str = "wasm://wasm/ff3400ca";
const OTHER: &str = "wasm://wasm/math-1000369a";

/// Returns the labels of WebAssembly functions, sorted.
fn functions(profile: &Profile) -> Vec<String> {
    let tree = CallTree::build(profile, &Selection::default());
    let labels = tree.entries().iter().map(|entry| entry.label.clone());
    let mut labels: Vec<String> = labels.filter(|label| label.starts_with("wasm-")).collect();
    labels.sort();
    labels
}

fn of_text(text: &[u8], name: &str) -> Vec<String> {
    functions(&read_stream(text, Path::new(name), &Options::default()).unwrap())
}

fn both() -> Vec<String> {
    [ONE, OTHER].map(|url| format!("wasm-function[0] ({url})")).to_vec()
}

/// The error was: functions of two modules were one row.
#[test]
fn the_url_of_the_module_distinguishes_functions_in_every_format() {
    let speedscope = |urls: [&str; 2]| {
        let [one, other] = urls;
        format!(
            r#"{{"$schema":"https://www.speedscope.app/file-format-schema.json","shared":{{"frames":[{{"name":"wasm-function[0]","file":"{one}"}},{{"name":"wasm-function[0]","file":"{other}"}}]}},"profiles":[{{"type":"sampled","name":"x","unit":"none","startValue":0,"endValue":3,"samples":[[0],[1]],"weights":[1,2]}}]}}"#
        )
    };
    assert_eq!(of_text(speedscope([ONE, OTHER]).as_bytes(), "x.json"), both());
    assert_eq!(of_text(speedscope([ONE, ONE]).as_bytes(), "x.json"), ["wasm-function[0]"]);

    let mut pprof = Builder::new(&[("samples", "count")]);
    pprof.function(1, "wasm-function[0]", ONE, 0).function(2, "wasm-function[0]", OTHER, 0);
    let bytes = pprof.sample(&[1], &[3]).sample(&[2], &[4]).build();
    assert_eq!(of_text(&bytes, "x.pb"), both());

    let firefox = format!(
        r#"{{"meta":{{"version":27,"preprocessedProfileVersion":47,"interval":1,"startTime":0,"categories":[]}},"libs":[],"threads":[{{"name":"x","pid":1,"tid":1,"samples":{{"length":2,"stack":[0,1],"time":[0,1],"weight":null}},"stackTable":{{"length":2,"frame":[0,1],"prefix":[null,null],"category":[0,0]}},"frameTable":{{"length":2,"func":[0,1],"address":[-1,-1],"category":[0,0],"line":[null,null]}},"funcTable":{{"length":2,"name":[0,0],"isJS":[true,true],"resource":[-1,-1],"fileName":[1,2],"lineNumber":[null,null],"columnNumber":[null,null]}},"resourceTable":{{"length":0,"lib":[],"name":[],"type":[]}},"stringArray":["wasm-function[0]","{ONE}","{OTHER}"]}}]}}"#
    );
    assert_eq!(of_text(firefox.as_bytes(), "x.json"), both());

    let real = read(&[root("samples/json/two-wasm-modules.cpuprofile.zst")], &Options::default());
    assert_eq!(functions(&real.unwrap()).len(), 2);
}

/// The error was: each of two profiles had one module, and its functions had no module.
#[test]
fn modules_of_several_recordings_are_distinguished() {
    let folder = tempfile::tempdir().unwrap();
    let profile = |url: &str| {
        let root = r#"{"id":1,"callFrame":{"functionName":"(root)"},"children":[2]}"#;
        let function = format!(
            r#"{{"id":2,"callFrame":{{"functionName":"wasm-function[0]","url":"{url}"}}}}"#
        );
        format!(
            r#"{{"nodes":[{root},{function}],"startTime":0,"endTime":9,"samples":[2,2],"timeDeltas":[1,{}]}}"#,
            url.len()
        )
    };
    let paths = [ONE, OTHER].map(|url| {
        let path = folder.path().join(format!("{}.cpuprofile", url.len()));
        fs::write(&path, profile(url)).unwrap();
        path
    });
    for inputs in [&paths[..], &[folder.path().to_owned()]] {
        assert_eq!(functions(&read(inputs, &Options::default()).unwrap()), both());
    }
    assert_eq!(functions(&read(&paths[..1], &Options::default()).unwrap()), ["wasm-function[0]"]);
}
