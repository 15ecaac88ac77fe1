//! `spikeflame flame`, from arguments to the picture.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail"
)]

mod common;

use common::{command, root, stdout};

const SPIKE: &str = "spike/before-1";

fn is_well_formed(svg: &str) {
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    roxmltree::Document::parse_with_options(svg, options).unwrap();
}

#[test]
fn one_command_draws_the_picture_and_says_what_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let run = root("samples").join(SPIKE);
    let output =
        command(&["flame", &run.to_string_lossy()]).current_dir(folder.path()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    assert_eq!(said.lines().next(), Some("before-1.svg"));
    assert!(said.contains("of 47,669 ticks") && said.contains("Node 20"), "{said}");
    // Where it is, what it is of, a heading, and the five hottest.
    assert_eq!(said.lines().count(), 8, "{said}");
    assert!(said.contains("_encipher bcryptjs/dist/bcrypt.js:959"), "{said}");
    let svg = std::fs::read_to_string(folder.path().join("before-1.svg")).unwrap();
    is_well_formed(&svg);
    assert!(svg.contains("CPU flame graph of before-1/isolate-v8.log"));
    assert!(svg.len() < 1_500_000, "{} bytes", svg.len());
}

#[test]
fn pictures_can_be_turned_titled_and_sized() {
    let draw = |flags: &[&str]| {
        let svg = stdout(&[&["flame", "v8/mix-node22.log.zst", "-o", "-"], flags].concat());
        is_well_formed(&svg);
        svg
    };
    let plain = draw(&[]);
    assert!(plain.contains("var inverted = false"));
    assert!(draw(&["--inverted"]).contains("var inverted = true"));
    assert!(draw(&["--title", "a <b> & c"]).contains("a &lt;b&gt; &amp; c"));
    assert!(draw(&["--width", "800"]).contains("viewBox=\"0 0 800 "));
    assert!(draw(&["--min-width", "40"]).len() < plain.len());
    let full = draw(&["--full-paths"]);
    assert!(full.contains(" /srv/record/mix.js:154:18 (") && plain.contains(" mix.js:154 ("));
    let distinct: std::collections::HashSet<_> =
        ["kind", "tier", "package", "classic"].map(|by| draw(&["--colors", by])).into();
    assert_eq!(distinct.len(), 4);
    assert_eq!(draw(&[]), plain, "the same on every run");
}

#[test]
fn reversed_pictures_begin_with_the_callees() {
    let svg = stdout(&["flame", "v8/nested-on-node22.log.zst", "-o", "-", "--reverse"]);
    let boxes: Vec<&str> = svg.split("<title>").skip(1).collect();
    let leaf = boxes.iter().find(|title| title.starts_with("mixB")).unwrap();
    let share: f64 = leaf.split(", ").nth(1).unwrap().split('%').next().unwrap().parse().unwrap();
    assert!(share > 50.0, "{share}");
}
