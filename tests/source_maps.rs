//! Tests of `--source-maps` and `--source-root`, from arguments to every view.

use crate::common;

use common::{failure, run, stderr, stdout};

const TSC: &str = "maps/dist-node22.log.zst";
const ESBUILD: &str = "maps/esbuild-node22.folded.zst";
const ROOT: [&str; 2] = ["--source-root", "/srv/maps=maps"];

fn with<'a>(args: &[&'a str]) -> Vec<&'a str> {
    [args, &ROOT].concat()
}

#[test]
fn every_view_shows_lines_of_the_sources() {
    let top = stdout(&with(&["top", TSC, "-n", "0"]));
    for label in
        ["#weigh  boards.service.ts:50", "mixWords  hash.ts:7", "serveRequests  main.ts:16"]
    {
        assert!(top.contains(label), "{label}: {top}");
    }
    let fold = stdout(&with(&["fold", TSC]));
    assert!(fold.contains(";rankBoards /srv/maps/src/boards.service.ts:58:13;"));
    let flame = stdout(&with(&["flame", TSC, "-o", "-"]));
    assert!(flame.contains("get heaviest") && flame.contains("boards.service.ts:42"));
    let files = stdout(&with(&["top", TSC, "--group-by", "file", "--full-paths"]));
    assert!(files.contains("/srv/maps/src/hash.ts"), "{files}");
    let focus = stdout(&with(&["fold", TSC, "--focus", r"hash\.ts"]));
    assert!(focus.lines().count() > 5 && focus.lines().all(|line| line.contains("/src/hash.ts:")));
}

#[test]
fn a_minified_bundle_shows_the_names_of_its_sources() {
    let plain = stdout(&["fold", ESBUILD]);
    let mapped = stdout(&with(&["fold", ESBUILD]));
    assert!(plain.contains(";h /srv/maps/esbuild/main.js:1:220 "));
    assert!(mapped.contains(";mixWords /srv/maps/src/hash.ts:7:25 "));
    assert!(!mapped.contains("h /srv/maps/esbuild"));
    let sum = |folded: &str| -> u64 {
        folded.lines().map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap()).sum()
    };
    assert_eq!(sum(&plain), sum(&mapped));
}

#[test]
fn files_that_are_not_here_are_told_with_the_flag_to_give() {
    let output = run(&["fold", TSC, "--source-maps"]);
    assert!(output.status.success());
    let told = stderr(&output);
    assert!(told.contains("warning: source maps: 0 of "), "{told}");
    assert!(told.contains("and 2 more: give --source-root /srv/maps/dist=DIR"), "{told}");
    assert_eq!(told.matches("source maps:").count(), 1, "{told}");
    let quiet = run(&with(&["fold", TSC]));
    assert_eq!(stderr(&quiet), "");
    assert!(failure(&["fold", TSC, "--source-root", "dist"]).contains("PREFIX=DIR"));
}

/// The advice was in `top` without a test, and `errors` had neither the advice nor the option.
#[test]
fn places_of_compiled_code_come_with_the_option_that_shows_the_sources() {
    const ADVICE: &str = "--source-maps shows those of its sources";
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name).to_string_lossy().into_owned()
    };
    let code = write("main.js", "\nfunction find() { throw new Error('none'); }\n");
    let folded = write("run.folded", &format!("(root);find {code}:2:14 7\n"));
    let line = "2026-11-30T12:00:00.000Z Error: order 1 is missing";
    let log = write("app.log", &format!("{line}\n    at find ({code}:2:25)\n"));
    let shown = || [stdout(&["top", &folded]), stdout(&["errors", &log])];
    for text in shown() {
        assert!(text.contains("main.js:2") && !text.contains(ADVICE), "{text}");
    }
    // The second line of the file comes from line 5 of its source.
    let map = r#"{"version":3,"sources":["src/main.ts"],"names":[],"mappings":";AAIA,wBAAA"}"#;
    write("main.js.map", map);
    for text in shown() {
        assert!(text.contains("main.js:2") && text.contains(ADVICE), "{text}");
    }
    let mapped = ["top", "errors"]
        .map(|name| [name, if name == "top" { &folded } else { &log }, "--source-maps"])
        .map(|args| stdout(&args));
    for text in mapped {
        assert!(text.contains("main.ts:5") && !text.contains(ADVICE), "{text}");
    }
    // The error was: the errors of a report had the places of compiled code.
    let page = folder.path().join("page.html").to_string_lossy().into_owned();
    let inputs = folder.path().to_string_lossy().into_owned();
    stdout(&["report", &inputs, "--source-maps", "-o", &page]);
    let text = std::fs::read_to_string(page).unwrap();
    assert!(text.contains("\"thrown\":\"find ") && text.contains("main.ts:5"), "no place");
    assert!(!text.contains("main.js:2"), "a place of compiled code");
}
