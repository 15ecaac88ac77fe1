//! Functions of several scripts that `eval`, `new Function` or `vm` made: they are one row when name and
//! place are the same, and a warning states it when the row has much.

use serde_json::{Value, json};
use spikeflame_parse::{Options, read_stream};
use spikeflame_profile::warning::Fact;
use spikeflame_profile::{CallTree, Profile, Selection, folded};
use std::path::Path;

fn read(text: &str, name: &str) -> Profile {
    let options = Options { threads: 1, ..Options::default() };
    let profile = read_stream(text.as_bytes(), Path::new(name), &options).unwrap();
    assert!(profile.losses.is_empty(), "{:?}", profile.losses);
    profile
}

fn fold(profile: &Profile) -> String {
    let mut text = Vec::new();
    folded::write(&CallTree::build(profile, &Selection::default()), &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

/// Rows with their numbers of scripts, samples of further scripts, and all samples.
type Told = (Vec<(String, u64)>, u64, u64);

/// Returns the rows and the samples of the fact, when there is one.
fn told(profile: &Profile) -> Option<Told> {
    profile.warnings.iter().find_map(|warning| match &warning.fact {
        Fact::SeveralScripts { rows, samples, all } => Some((rows.clone(), *samples, *all)),
        _ => None,
    })
}

/// Returns a `.cpuprofile` with a function `work` for each entry: the number of its script, its URL, and
/// its number of samples.
fn cpuprofile(scripts: &[(u32, &str, usize)]) -> Profile {
    let function = |id: usize, script: u32, url: &str| -> Value {
        json!({
            "id": id,
            "callFrame": {
                "functionName": "work", "scriptId": script.to_string(), "url": url,
                "lineNumber": 2, "columnNumber": 20
            },
            "hitCount": 0
        })
    };
    let mut nodes = vec![json!({
        "id": 1,
        "callFrame": {
            "functionName": "(root)", "scriptId": "0", "url": "", "lineNumber": -1, "columnNumber": -1
        },
        "children": (2..scripts.len() + 2).collect::<Vec<_>>()
    })];
    let numbered = scripts.iter().enumerate();
    nodes.extend(numbered.map(|(at, (script, url, _))| function(at + 2, *script, url)));
    let numbered = scripts.iter().enumerate();
    let samples: Vec<usize> =
        numbered.flat_map(|(at, (.., count))| std::iter::repeat_n(at + 2, *count)).collect();
    let deltas = vec![1000; samples.len()];
    let file = json!({
        "nodes": nodes, "startTime": 1000, "endTime": 1000 + 1000 * samples.len(),
        "samples": samples, "timeDeltas": deltas
    });
    read(&file.to_string(), "x.cpuprofile")
}

#[test]
fn scripts_of_eval_in_one_row_of_a_cpuprofile_are_told() {
    let profile = cpuprofile(&[(83, "", 60), (84, "", 30), (90, "", 10)]);
    assert_eq!(fold(&profile), "work <eval>:3:21 100\n");
    assert_eq!(told(&profile), Some((vec![("work <eval>:3:21".to_owned(), 3)], 40, 100)));
    let vm = "evalmachine.<anonymous>";
    let profile = cpuprofile(&[(83, vm, 60), (84, vm, 40), (85, "", 20)]);
    assert_eq!(told(&profile), Some((vec![(format!("work {vm}:3:21"), 2)], 40, 120)));
}

#[test]
fn one_script_and_scripts_of_a_file_are_not_told() {
    for scripts in [
        // A script that runs alone, a second one with too little, and a module that is loaded twice.
        &[(83, "", 60), (83, "", 40)][..],
        &[(83, "", 400), (84, "", 1)],
        &[(83, "file:///a.js", 60), (84, "file:///a.js", 40)],
        &[(83, "", 60), (84, "named.js", 40)],
    ] {
        assert_eq!(told(&cpuprofile(scripts)), None, "{scripts:?}");
    }
}

/// Returns a log of two functions `work`, which V8 says are of the scripts `one` and `other`, with a
/// function inlined into the second.
fn log(one: u32, other: u32) -> Profile {
    let mut log = "v8-version,11,3,244,8,-node.38,0\nprofiler,begin,1000\n\
         code-creation,JS,10,1,0x1000,256,f /a.js:1:1,0x9000,~\n\
         code-source-info,0x1000,70,0,9,C0O1,,\n"
        .to_owned();
    log += &format!(
        "code-creation,JS,10,2,0x2000,256,work :3:21,0x9100,~\n\
         code-source-info,0x2000,{one},45,179,C0O60,,\n\
         code-creation,JS,10,3,0x3000,256,work :3:21,0x9200,~\n\
         code-source-info,0x3000,{other},45,179,C0O60,,\n\
         code-creation,JS,10,4,0x4000,256,g /a.js:2:1,0x9300,*\n\
         code-source-info,0x4000,70,0,9,C0O1I0,F0O5,S0x9200\n"
    );
    for at in 0..60u64 {
        let pc = [0x2010, 0x3010, 0x4010][at as usize % 3];
        log += &format!("tick,{pc:#x},{},0,0x0,0,0x1010\n", 1000 * (at + 1));
    }
    read(&format!("{log}profiler,end\n"), "x.log")
}

#[test]
fn scripts_of_eval_in_one_row_of_a_tick_log_are_told() {
    let profile = log(83, 84);
    // The inlined `work` is of the second script.
    assert_eq!(told(&profile), Some((vec![("work <eval>:3:21".to_owned(), 2)], 20, 60)));
    let folded = fold(&profile);
    assert!(folded.contains("f /a.js:1:1;work <eval>:3:21 40\n"), "{folded}");
    assert!(folded.contains("g /a.js:2:1;work <eval>:3:21"), "{folded}");
    // One text that was compiled again has one script.
    assert_eq!(told(&log(83, 83)), None);
}

/// The error was: a function of a package that webpack evaluates was the application's, in `<eval>`, although the
/// text names its file.
#[test]
fn a_text_that_names_its_file_is_in_this_file() {
    let text = "{\\nfunction inner() {}\\n//# sourceURL=webpack-internal:///./node_modules/dep/i.js\\n\\n}";
    for url in ["<unknown>", ""] {
        let log = format!(
            "v8-version,12,4,254,21,-node.57,0\nprofiler,begin,1000\n\
             code-creation,JS,9,5,0x1000,64,inner :2:15,0x9000,~\n\
             code-source-info,0x1000,80,23,30,C0O23,,\nscript-source,80,{url},{text}\n\
             tick,0x1010,1000,0,0x0,0\nprofiler,end\n"
        );
        let folded = fold(&read(&log, "x.log"));
        assert_eq!(folded, "inner webpack-internal:///./node_modules/dep/i.js:2:15 1\n", "{url}");
    }
}
