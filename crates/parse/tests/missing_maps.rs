//! Source maps that are missing, of another build, or without content.

use crate::source_maps::{App, MAP, RECORDING, TEXT, comment};
use spikeflame_parse::{Options, SourceMaps, read_stream};
use spikeflame_profile::warning::MapTally;
use std::fs;
use std::path::Path;

#[test]
fn what_is_missing_is_told_once_with_numbers_and_what_to_do() {
    let app = App::new(&[
        ("dist/a.js", TEXT.as_bytes()),
        ("dist/a.js.map", MAP.as_bytes()),
        ("dist/plain.js", TEXT.as_bytes()),
        ("dist/broken.js", TEXT.as_bytes()),
        ("dist/broken.js.map", b"{\"mappings\":\"AAAA\"}"),
        ("dist/inline.js", &comment("data:application/json;base64,e30")),
    ]);
    let missing = ["/opt/x/b/c.js", "/opt/x/b/d/e.js", "/opt/x/f.js"].map(|f| format!("m {f}:1:1"));
    let stack = [
        RECORDING.trim_end_matches(" 1\n"),
        "node:fs:1:1;k node:internal/x:5:6;e <eval>:1:1;n /srv/app/node_modules/p/p.js:1:1",
        "t /srv/app/src/already.ts:1:1",
        &missing.join(";"),
        "p /srv/app/dist/plain.js:1:11;b /srv/app/dist/broken.js:1:11;i /srv/app/dist/inline.js:1:11",
    ];
    let tally = app.labels(&format!("{} 1\n", stack.join(";"))).1.unwrap();
    assert_eq!((tally.resolved, tally.functions), (3, 9));
    assert_eq!(tally.missing, ["/opt/x/b/c.js", "/opt/x/b/d/e.js", "/opt/x/f.js"]);
    assert_eq!(tally.missing_in.as_deref(), Some("/opt/x"));
    assert_eq!(tally.without_map, ["/srv/app/dist/plain.js"]);
    let broken = "/srv/app/dist/broken.js.map cannot be used (bad reference to source #0): \
                  build it anew";
    assert_eq!((tally.unusable[0].as_str(), tally.unusable.len()), (broken, 2));
    let nothing = app.labels("k node:fs:1:1;main 1\n").1.unwrap();
    assert_eq!(nothing.to_string(), "source maps: no function is of a generated file");
}

#[test]
fn the_map_of_another_build_is_not_believed() {
    let text = format!("// a comment that was not there\n{TEXT}");
    let app = App::new(&[("dist/a.js", text.as_bytes()), ("dist/a.js.map", MAP.as_bytes())]);
    let (labels, tally) = app.labels(RECORDING);
    assert_eq!(labels, RECORDING.trim_end_matches(" 1\n"));
    let tally = tally.unwrap();
    assert_eq!((tally.resolved, tally.functions), (0, 3));
    assert_eq!(tally.other_build, ["/srv/app/dist/a.js"]);
}

#[test]
fn a_map_that_knows_nothing_is_told() {
    let app =
        App::new(&[("dist/a.js", TEXT.as_bytes()), ("dist/a.js.map", b"{\"mappings\":\"\"}")]);
    let told = MapTally { functions: 3, ..MapTally::default() };
    assert_eq!(app.labels(RECORDING).1, Some(told));
}

#[test]
fn only_regular_files_of_bearable_size_are_opened() {
    let app = App::new(&[("dist/a.js", TEXT.as_bytes()), ("dist/a.js.map/x", b"")]);
    assert!(app.labels(RECORDING).1.unwrap().without_map == ["/srv/app/dist/a.js"]);
    let app = App::new(&[("dist/a.js", TEXT.as_bytes())]);
    let sparse = fs::File::create(app.path().join("dist/a.js.map")).unwrap();
    sparse.set_len(1 << 30).unwrap();
    assert!(
        app.labels(RECORDING).1.unwrap().unusable[0]
            .contains("larger than the 256 MiB that are read")
    );
    let fifo = app.path().join("dist/pipe.js");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    if made.is_ok_and(|status| status.success()) {
        assert_eq!(app.labels("f /srv/app/dist/pipe.js:1:1 1").1.unwrap().missing.len(), 1);
    } else {
        println!("SKIPPED: no mkfifo here");
    }
}

/// The error was: maps in a folder beside the build were not found.
#[test]
fn a_map_that_was_moved_to_another_folder_is_found_below_the_root() {
    let beside = App::new(&[("dist/a.js", TEXT.as_bytes()), ("dist/a.js.map", MAP.as_bytes())]);
    let expected = beside.labels(RECORDING).0;
    assert_ne!(expected, RECORDING.trim_end_matches(" 1\n"));
    for url in ["a.js.map", "elsewhere.map"] {
        let text = comment(url);
        let app = App::new(&[("dist/a.js", &text), ("maps/a.js.map", MAP.as_bytes())]);
        assert_eq!(app.labels(RECORDING), (expected.clone(), None), "{url}");
    }
    // A map beside a file of its name is that file's.
    let other = ("other/a.js", TEXT.as_bytes());
    let files = [("dist/a.js", TEXT.as_bytes()), ("other/a.js.map", MAP.as_bytes()), other];
    let tally = App::new(&files).labels(RECORDING).1.unwrap();
    assert_eq!(tally.without_map, ["/srv/app/dist/a.js"]);
    let changed = format!("{MAP} ");
    let two = App::new(&[
        ("dist/a.js", TEXT.as_bytes()),
        ("maps/a.js.map", MAP.as_bytes()),
        ("old/a.js.map", changed.as_bytes()),
    ]);
    let unusable = two.labels(RECORDING).1.unwrap().unusable;
    assert!(unusable[0].contains("maps/a.js.map or ") && unusable[0].ends_with("keep one of them"));
}

/// The error was: of two folders for one prefix, one was searched.
#[test]
fn all_folders_of_a_prefix_are_searched() {
    let app = App::new(&[("build/a.js", TEXT.as_bytes()), ("m/x/a.js.map", MAP.as_bytes())]);
    let roots =
        ["build", "m/x"].map(|folder| ("/srv/app/dist".to_owned(), app.path().join(folder)));
    for roots in [roots.to_vec(), roots.iter().rev().cloned().collect()] {
        let options = Options { source_maps: Some(SourceMaps { roots }), ..Options::default() };
        let path = Path::new("app.folded");
        let profile = read_stream(RECORDING.as_bytes(), path, &options).unwrap();
        assert!(profile.warnings.is_empty(), "{:?}", profile.warnings);
    }
}
