//! Differential flame graphs: no cost is lost, no box is wider than its caller, and the picture is
//! mirrored when the sides are swapped.

use crate::inert;

use inert::{HOSTILE, assert_static};
use proptest::prelude::*;
use spikeflame_diff::{Comparison, GateCheck, GateResult, Options, Run, Warning, compare};
use spikeflame_profile::{CallTree, GroupBy, Selection, folded};
use spikeflame_render::{
    BoxVerdict, ComparedTree, Cost, DiffFlameOptions, DiffPalette, DiffTree, DiffWidth, Direction,
    Order, Side, diff, diff_flame,
};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;

const WIDTHS: [DiffWidth; 3] = [DiffWidth::Before, DiffWidth::After, DiffWidth::Both];

fn tree_of(text: &str) -> CallTree {
    let profile = folded::read(&mut text.as_bytes(), "test", None).unwrap();
    CallTree::build(&profile, &Selection::default())
}

fn recorded(run: &str) -> CallTree {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/spike").join(run);
    let profile = spikeflame_parse::read(&[path], &Default::default()).unwrap();
    CallTree::build(&profile, &Selection::default())
}

/// Merges by name and file, because lines move when a file is edited.
fn merge(before: &[(&CallTree, f64)], after: &[(&CallTree, f64)]) -> DiffTree {
    let keys = RefCell::new(HashMap::new());
    DiffTree::merge(before, after, |side, at, id| {
        let tree = if side == Side::Before { before[at].0 } else { after[at].0 };
        let entry = &tree.entries()[id.index()];
        let mut keys = keys.borrow_mut();
        let next = keys.len() as u32;
        *keys.entry((entry.name.clone(), entry.file.clone())).or_insert(next)
    })
}

fn all_resolved(_: Option<u32>) -> BoxVerdict {
    BoxVerdict { resolved: true, words: String::new() }
}

fn draw(tree: &DiffTree, options: &DiffFlameOptions) -> String {
    let mut svg = Vec::new();
    diff_flame(tree, options, all_resolved, &mut svg).unwrap();
    String::from_utf8(svg).unwrap()
}

fn fixed(widths: DiffWidth) -> DiffFlameOptions {
    DiffFlameOptions { widths, fixed: true, min_width: 0.0, ..DiffFlameOptions::default() }
}

/// `(x, y, width, fill, title)` of every box of a static picture.
fn boxes(svg: &str) -> Vec<(f64, f64, f64, String, String)> {
    let document = roxmltree::Document::parse(svg).unwrap();
    let groups = document.descendants();
    let groups = groups.filter(|node| node.has_tag_name("g") && node.attribute("id").is_none());
    let read = groups.map(|group| {
        let child = |name| group.children().find(|node| node.has_tag_name(name)).unwrap();
        let number = |name| child("rect").attribute(name).unwrap().parse().unwrap();
        let fill = child("rect").attribute("fill").unwrap().to_owned();
        let title = child("title").text().unwrap().to_owned();
        (number("x"), number("y"), number("width"), fill, title)
    });
    read.collect()
}

fn assert_sums_up(tree: &DiffTree) {
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.abs().max(1.0);
    for (at, node) in tree.nodes().iter().enumerate() {
        let mut sum = node.self_weight;
        for (_, child) in tree.children(at) {
            assert_eq!((child.parent, child.depth), (at, node.depth + 1));
            sum = Cost {
                before: sum.before + child.total.before,
                after: sum.after + child.total.after,
            };
        }
        assert!(close(sum.before, node.total.before) && close(sum.after, node.total.after));
        let mut keys: Vec<_> = tree.children(at).map(|(_, node)| node.entry).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), tree.children(at).count(), "a key stands once below a node");
    }
}

/// No box sticks out of the one below it, in all meanings of width.
fn assert_nested(tree: &DiffTree) {
    for widths in WIDTHS {
        let options = DiffFlameOptions { direction: Direction::Icicles, ..fixed(widths) };
        let total = tree.total();
        let is_drawn = match widths {
            DiffWidth::Before => total.before > 0.0,
            DiffWidth::After => total.after > 0.0,
            DiffWidth::Both => total.before + total.after > 0.0,
        };
        if !is_drawn {
            let drawn = diff_flame(tree, &options, all_resolved, Vec::new());
            assert!(drawn.is_err(), "a picture of nothing");
            continue;
        }
        let svg = draw(tree, &options);
        assert_static(&svg);
        let boxes = boxes(&svg);
        let top = boxes.iter().map(|found| found.1).fold(f64::INFINITY, f64::min);
        for (x, y, width, _, title) in &boxes {
            if *y == top {
                assert!((width - 1180.0).abs() < 1.0, "the root spans the picture: {width}");
                continue;
            }
            let inside = |(left, above, wide, ..): &&(f64, f64, f64, String, String)| {
                *above == y - 16.0 && *left <= x + 0.02 && x + width <= left + wide + 0.52
            };
            assert!(boxes.iter().any(|found| inside(&found)), "{title} sticks out ({widths:?})");
        }
    }
}

#[test]
fn real_runs_are_merged_without_loss() {
    let runs = ["before-1", "before-2", "after-1"].map(recorded);
    let scales = [0.5 / 19_000.0, 0.5 / 21_000.0, 1.0 / 30_000.0];
    let before = [(&runs[0], scales[0]), (&runs[1], scales[1])];
    let after = [(&runs[2], scales[2])];
    let tree = merge(&before, &after);
    assert_sums_up(&tree);
    let cost = |at: usize| runs[at].total() as f64 * scales[at];
    assert!((tree.total().before - cost(0) - cost(1)).abs() < 1e-9);
    assert!((tree.total().after - cost(2)).abs() < 1e-9);

    let mirrored = merge(&after, &before);
    assert_eq!(tree.nodes().len(), mirrored.nodes().len());
    for (node, image) in tree.nodes().iter().zip(mirrored.nodes()) {
        let label = |tree: &DiffTree, node| {
            tree.entry(node).map(|entry| (entry.before.clone(), entry.after.clone()))
        };
        let swapped = label(&mirrored, image).map(|(before, after)| (after, before));
        assert_eq!(label(&tree, node), swapped);
        assert_eq!((node.total.before, node.total.after), (image.total.after, image.total.before));
    }
    // The shape stays, and boxes that grew now shrink.
    let options = DiffFlameOptions { min_width: 0.5, ..fixed(DiffWidth::Both) };
    let (picture, image) = (boxes(&draw(&tree, &options)), boxes(&draw(&mirrored, &options)));
    assert_eq!(picture.len(), image.len());
    for (one, other) in picture.iter().zip(&image) {
        assert_eq!((one.0, one.1, one.2), (other.0, other.1, other.2));
        assert_eq!(one.4.contains("; gone"), other.4.contains("; new"), "{} / {}", one.4, other.4);
    }
    let hashing = picture.iter().find(|found| found.4.starts_with("_encipher ")).unwrap();
    assert!(hashing.3.starts_with("url(#hatch-") && hashing.4.contains("; gone"), "{hashing:?}");
}

fn small() -> (CallTree, CallTree) {
    let before = "main;parse /srv/app/a.js:10:2 40\nmain;parse /srv/app/a.js:10:2;old 20\nmain;steady 30\nmain;load 10\n";
    let after = "main;parse /srv/app/a.js:14:2 10\nmain;steady 31\nmain;load 20\nmain;load;new 9\n";
    (tree_of(before), tree_of(after))
}

#[test]
fn a_picture_is_as_it_was() {
    let (before, after) = small();
    let tree = merge(&[(&before, 0.1)], &[(&after, 0.1)]);
    let options = DiffFlameOptions {
        subtitle: "one → other".to_owned(),
        unit: "CPU-ms per request".to_owned(),
        ..fixed(DiffWidth::Both)
    };
    let main = tree.entries().iter().find(|entry| entry.name() == "main").unwrap().key;
    let verdict = |key: Option<u32>| BoxVerdict {
        resolved: key != Some(main),
        words: if key == Some(main) { "not resolved" } else { "changed, q 0.01" }.to_owned(),
    };
    let mut svg = Vec::new();
    diff_flame(&tree, &options, verdict, &mut svg).unwrap();
    let svg = String::from_utf8(svg).unwrap();
    assert_static(&svg);
    // One element a line, so that differences can be read.
    let text = svg.replace("><", ">\n<") + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/diff.svg");
    if std::env::var_os("SPIKEFLAME_BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(text == expected, "not as in tests/golden; `just bless` writes it anew:\n{text}");
}

#[test]
fn widths_and_colors_are_as_asked() {
    let (before, after) = small();
    let tree = merge(&[(&before, 1.0)], &[(&after, 1.0)]);
    let titles = |widths| boxes(&draw(&tree, &fixed(widths))).into_iter().map(|found| found.4);
    assert!(titles(DiffWidth::Before).all(|title| !title.starts_with("new ")));
    assert!(titles(DiffWidth::After).all(|title| !title.starts_with("old ")));
    let both: Vec<_> = titles(DiffWidth::Both).collect();
    assert!(both.iter().any(|title| title.starts_with("new ")));
    assert!(both.iter().any(|title| title.starts_with("old ")));
    // The function is matched although its line moved, and the tooltip contains both places.
    let parse = both.iter().find(|title| title.starts_with("parse ")).unwrap();
    assert!(parse.contains("before 60.0 → after 10.0; change -50.0, ratio 0.167"), "{parse}");
    assert!(parse.contains("; /srv/app/a.js:14:2; before /srv/app/a.js:10:2"), "{parse}");
    let classic = DiffFlameOptions { palette: DiffPalette::BlueRed, ..fixed(DiffWidth::Both) };
    assert_ne!(draw(&tree, &classic), draw(&tree, &fixed(DiffWidth::Both)));
}

#[test]
fn narrow_places_say_what_they_cost() {
    let narrow: String = (0..50).map(|at| format!("main;narrow{at};deeper 1\n")).collect();
    let before = tree_of(&format!("main;wide 100000\n{narrow}"));
    let after = tree_of("main;wide 100000\n");
    let options = DiffFlameOptions { min_width: 0.5, ..fixed(DiffWidth::Both) };
    let svg = draw(&merge(&[(&before, 1.0)], &[(&after, 1.0)]), &options);
    assert!(svg.contains("(100 calls too narrow to draw) (before 50.0 → after 0; gone)"), "{svg}");
}

#[test]
fn hostile_names_are_words() {
    let text: String = HOSTILE.iter().map(|name| format!("root;{name};leaf 5\n")).collect();
    let (before, after) = (tree_of(&text), tree_of("root 3\n"));
    let tree = merge(&[(&before, 1.0)], &[(&after, 1.0)]);
    let hostile = HOSTILE.concat();
    let options = DiffFlameOptions {
        title: hostile.clone(),
        subtitle: hostile.clone(),
        unit: hostile.clone(),
        ..fixed(DiffWidth::Both)
    };
    let verdict = |_: Option<u32>| BoxVerdict { resolved: false, words: hostile.clone() };
    let mut svg = Vec::new();
    diff_flame(&tree, &options, verdict, &mut svg).unwrap();
    assert_static(std::str::from_utf8(&svg).unwrap());
    // With search and zoom, the picture is still well-formed, and no name becomes an element.
    svg.clear();
    let options = DiffFlameOptions { fixed: false, ..options };
    diff_flame(&tree, &options, verdict, &mut svg).unwrap();
    let parsing = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let svg = std::str::from_utf8(&svg).unwrap();
    roxmltree::Document::parse_with_options(svg, parsing).unwrap();
    assert!(!svg.contains("<script>alert") && !svg.contains("<style>*"));
}

#[test]
fn scales_that_are_no_numbers_count_nothing() {
    let (before, after) = small();
    for scale in [f64::NAN, f64::INFINITY, -1.0, 0.0] {
        let tree = merge(&[(&before, scale)], &[(&after, 1.0)]);
        assert_eq!(tree.total(), Cost { before: 0.0, after: after.total() as f64 });
        draw(&tree, &fixed(DiffWidth::Both));
    }
    assert!(
        diff_flame(&merge(&[], &[]), &fixed(DiffWidth::Both), all_resolved, Vec::new()).is_err()
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn callees_are_never_wider_than_their_caller(
        before in prop::collection::vec((prop::collection::vec(0..6u8, 1..6), 1..50u64), 0..20),
        after in prop::collection::vec((prop::collection::vec(0..6u8, 1..6), 1..50u64), 1..20),
        scale in 0.001..1000.0,
    ) {
        let tree = |stacks: Vec<(Vec<u8>, u64)>| {
            let line = |(stack, weight): (Vec<u8>, u64)| {
                let labels: Vec<_> = stack.iter().map(|at| format!("f{at}")).collect();
                format!("{} {weight}\n", labels.join(";"))
            };
            tree_of(&stacks.into_iter().map(line).chain(["f0 1\n".to_owned()]).collect::<String>())
        };
        let (before, after) = (tree(before), tree(after));
        let merged = merge(&[(&before, scale)], &[(&after, 1.0)]);
        assert_sums_up(&merged);
        assert_nested(&merged);
    }
}

/// The error was: the boxes of `diff.svg` had the costs of nanoseconds where each stands for a
/// sample, so 20 s of CPU were 200,333,274,626 CPU-ms.
#[test]
fn pictures_and_tables_have_the_same_costs_whatever_a_weight_is() {
    let all = Selection::default();
    let texts =
        ["# austin: 3.6\n# mode: cpu\nmain;parse 400000\nmain;write 210000\n", "main;parse 40\n"];
    let profiles = texts.map(|text| folded::read(&mut text.as_bytes(), "made", None).unwrap());
    assert_eq!(profiles[0].sources[0].unit, "microseconds");
    let runs = profiles.each_ref().map(|profile| Run {
        interval_ms: Some(10.0),
        requests: Some(10.0),
        ..Run::new("run", profile, &all)
    });
    let trees = profiles.each_ref().map(|profile| CallTree::build(profile, &all));
    let [before, after] = runs;
    let comparison = compare(&[before], &[after], &Options::default()).unwrap();
    let compared = ComparedTree::join(&comparison, &[&trees[0]], &[&trees[1]]);
    let (drawn, table) = (compared.tree().total(), comparison.totals);
    assert!((drawn.before / table.before - 1.0).abs() < 1e-9, "{drawn:?} {table:?}");
    assert!((drawn.after / table.after - 1.0).abs() < 1e-9, "{drawn:?} {table:?}");
}

/// The comparison with all rows.
fn view<'a>(comparison: &'a Comparison, gates: &'a [GateCheck]) -> diff::ComparisonView<'a> {
    diff::ComparisonView {
        comparison,
        loads: None,
        window: "whole runs".to_owned(),
        group_by: GroupBy::Function,
        order: Order::SelfWeight,
        rows: 0,
        full_paths: false,
        gates,
        color: false,
        words: diff::DiffWords::default(),
    }
}

/// The error was: only rows were left out, so that gates and warnings full of characters that are escaped made
/// a comment longer than 60,000 characters.
#[test]
fn a_comment_fits_whatever_its_gates_and_warnings_are() {
    let all = Selection::default();
    let marks = "#".repeat(90);
    let profile = |run: u32| {
        let samples =
            |row: u32| if run < 3 || row >= 10 { 400 + row + run } else { 900 + row + run };
        let stacks = |row: u32| {
            let place = format!("/srv/node_modules/{row}{marks}/a.js:{row}:1");
            format!("main;{row}{marks} {place} {}\n", samples(row))
        };
        let text: String = (0..300).map(stacks).collect();
        folded::read(&mut text.as_bytes(), "made", None).unwrap()
    };
    let profiles: [_; 6] = std::array::from_fn(|run| profile(run as u32));
    let runs = profiles.each_ref().map(|profile| Run {
        interval_ms: Some(1.0),
        requests: Some(1e4),
        ..Run::new("run", profile, &all)
    });
    let (before, after) = runs.split_at(3);
    let mut comparison = compare(before, after, &Options::default()).unwrap();
    let name = "#".repeat(1_000);
    let warning =
        |_| Warning::RecordersDiffer { before: vec![name.clone()], after: vec![name.clone()] };
    comparison.warnings = (0..20).map(warning).collect();
    let gate = |_| GateCheck { rule: name.clone(), result: GateResult::Yes, smaller: 0 };
    let gates: Vec<GateCheck> = (0..12).map(gate).collect();
    let url = |length: usize| format!("https://{}", "x".repeat(length - 8));
    let written = |comparison: &Comparison, gates: &[GateCheck], url: String| {
        let (key, image_base_url) = ("k".repeat(70_000), Some(url));
        let options = diff::MarkdownOptions { key, image_base_url };
        let mut text = Vec::new();
        diff::markdown(&view(comparison, gates), &options, &mut text).unwrap();
        String::from_utf8(text).unwrap()
    };
    // The error was: an address or a key of any length stood in the comment.
    let text = written(&comparison, &gates, url(70_000));
    assert!(text.chars().count() <= 60_000 && !text.contains(".svg"), "{}", text.chars().count());
    let text = written(&comparison, &gates, url(diff::LONGEST_IMAGE_URL));
    assert!(text.chars().count() <= 60_000 && text.contains(".svg"), "{}", text.chars().count());
    assert!(text.contains("more gates not shown.") && text.contains("more warnings not shown."));
    let gates = &gates[..1];
    comparison.warnings.truncate(1);
    let text = written(&comparison, gates, url(20));
    assert!(!text.contains("gates not shown") && !text.contains("warnings not shown"), "{text}");
}

/// The first row of a comment had "+8e-7 ms +5.5 %" as the change of its self cost.
#[test]
fn a_tiny_part_of_the_whole_cost_is_written_as_no_change() {
    let all = Selection::default();
    let texts = ["main;parse 400000\nmain;tiny 30\n", "main;parse 90000\nmain;tiny 33\n"];
    let profiles = texts.map(|text| folded::read(&mut text.as_bytes(), "made", None).unwrap());
    let [before, after] = profiles.each_ref().map(|profile| Run {
        interval_ms: Some(1.0),
        requests: Some(1e7),
        ..Run::new("run", profile, &all)
    });
    let comparison = compare(&[before], &[after], &Options::default()).unwrap();
    let view = view(&comparison, &[]);
    let mut text = Vec::new();
    diff::text(&view, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let row = text.lines().find(|line| line.ends_with("tiny")).unwrap();
    assert!(row.contains("+0 ms") && !row.contains("+3e-7"), "{row}");
    assert!(!text.contains("0 stayed within"), "{text}");
}

/// The error was: the box of calls too deep to be drawn had the cost of the narrow ones only.
#[test]
fn a_box_of_calls_too_deep_has_their_whole_cost() {
    let caller = vec!["f"; 1_000].join(";");
    let stacks = format!("{caller};wide;x 70\n{caller};other 30\n");
    let tree = tree_of(&stacks);
    let tree = merge(&[(&tree, 1.0)], &[(&tree, 2.0)]);
    for min_width in [0.0, 500.0] {
        let svg = draw(&tree, &DiffFlameOptions { min_width, ..fixed(DiffWidth::After) });
        let titles: Vec<_> = boxes(&svg).into_iter().map(|(.., title)| title).collect();
        let deep = titles.iter().find(|title| title.contains("too deep to draw")).unwrap();
        assert!(deep.contains("before 100 → after 200"), "{deep}");
    }
}
