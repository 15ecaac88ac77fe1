//! Tests of `--source-maps` and `--source-root`, from arguments to every view.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail"
)]

mod common;

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
