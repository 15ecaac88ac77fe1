//! The vectors of docs/selection.md: a small profile, a selection, and the rows that every
//! implementation of the rule must give.
//!
//! `SPIKEFLAME_BLESS=1` writes the expected rows again.

use regex::Regex;
use serde_json::{Value, json};
use spikeflame_profile::{
    CallTree, Frame, Function, GroupBy, Hotspots, Idle, Inlining, Kind, Profile, Sample, Samples,
    Selection, StackId, Thread, Tier, Tiers, VmState, folded,
};
use std::path::PathBuf;

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/selection.json")
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

fn profile(vector: &Value) -> Profile {
    let mut profile = Profile::default();
    let mut frames = Vec::new();
    for frame in vector["frames"].as_array().unwrap() {
        let text = |key: &str| frame[key].as_str().unwrap();
        let mut intern = |key: &str| profile.frames.intern(text(key));
        let (name, file, module) = (intern("name"), intern("file"), intern("module"));
        let (line, column) = (number(&frame["line"]) as u32, number(&frame["column"]) as u32);
        let kind = Kind::from_word(text("kind")).unwrap();
        let function = Function { name, file, line, column, kind, module };
        let function = profile.frames.function(function);
        let mark = text("tier").chars().next();
        let tier = mark.map_or(Tier::None, |mark| Tier::from_mark(mark).unwrap());
        let inlined = frame["inlined"].as_bool().unwrap();
        frames.push(profile.frames.frame(Frame { function, tier, inlined }));
    }
    let mut stacks = vec![StackId::ROOT];
    for stack in vector["stacks"].as_array().unwrap() {
        let (parent, frame) = (number(&stack[0]) as usize, number(&stack[1]) as usize);
        stacks.push(profile.stacks.child(stacks[parent], frames[frame]));
    }
    for thread in vector["threads"].as_array().unwrap() {
        let mut samples = Samples::default();
        for sample in thread["samples"].as_array().unwrap() {
            let stack = stacks[number(&sample[1]) as usize];
            let sample_at = Sample { time_us: number(&sample[0]), stack, state: VmState::UNKNOWN };
            samples.push_weighted(sample_at, number(&sample[2]));
        }
        let name = thread["name"].as_str().unwrap().to_owned();
        profile.threads.push(Thread { name, samples, source: 0 });
    }
    profile
}

fn selection(vector: &Value) -> Selection {
    let regex = |key: &str| vector[key].as_str().map(|text| Regex::new(text).unwrap());
    Selection {
        from_us: vector["from_us"].as_u64(),
        to_us: vector["to_us"].as_u64(),
        thread: regex("thread"),
        focus: regex("focus"),
        ignore: regex("ignore"),
        hide: regex("hide"),
        group_by: match vector["group_by"].as_str().unwrap() {
            "function" => GroupBy::Function,
            "file" => GroupBy::File,
            "package" => GroupBy::Package,
            "category" => GroupBy::Category,
            other => panic!("{other}"),
        },
        tiers: if vector["tiers"] == "split" { Tiers::Split } else { Tiers::Merge },
        inlined: if vector["inlined"] == "collapse" {
            Inlining::Collapse
        } else {
            Inlining::Expand
        },
        idle: if vector["idle"] == "keep" { Idle::Keep } else { Idle::Drop },
        annotate: vector["annotate"].as_bool().unwrap(),
    }
}

/// Returns the rows of a tree in the form of the vectors.
fn result(tree: &CallTree) -> Value {
    let rows = Hotspots::from_tree(tree).rows.into_iter().map(|row| {
        let entry = tree.entry(Some(row.entry)).unwrap();
        json!({
            "label": entry.label,
            "kind": entry.kind.word(),
            "category": entry.category.word(),
            "self": row.self_weight,
            "total": row.total,
            "self_tiers": entry.self_tiers,
            "total_tiers": entry.total_tiers,
        })
    });
    let mut text = Vec::new();
    folded::write(tree, &mut text).unwrap();
    let out = tree.left_out();
    json!({
        "kept": tree.total(),
        "left_out": {
            "other_threads": out.other_threads,
            "outside_window": out.outside_window,
            "idle": out.idle,
            "unfocused": out.unfocused,
            "ignored": out.ignored,
        },
        "rows": rows.collect::<Vec<Value>>(),
        "folded": String::from_utf8(text).unwrap().lines().collect::<Vec<_>>(),
    })
}

/// Returns the vectors as JSON, with a line for each case.
fn in_lines(vectors: &Value) -> String {
    let cases: Vec<String> =
        vectors["cases"].as_array().unwrap().iter().map(Value::to_string).collect();
    format!(
        "{{\"schema\": {},\n\"profiles\": {},\n\"cases\": [\n{}\n]}}\n",
        vectors["schema"],
        vectors["profiles"],
        cases.join(",\n")
    )
}

#[test]
fn the_golden_vectors_of_the_selection_hold() {
    let mut vectors: Value =
        serde_json::from_str(&std::fs::read_to_string(file()).unwrap()).unwrap();
    let profiles = vectors["profiles"].clone();
    let bless = std::env::var_os("SPIKEFLAME_BLESS").is_some();
    for case in vectors["cases"].as_array_mut().unwrap() {
        let profile = profile(&profiles[case["profile"].as_str().unwrap()]);
        let selection = selection(&case["selection"]);
        let tree = CallTree::build(&profile, &selection);
        let found = result(&tree);
        let name = case["name"].as_str().unwrap().to_owned();
        // The kept and the left out samples are all samples.
        assert_eq!(tree.total() + tree.left_out().total(), profile.total(), "{name}");
        if bless {
            case["expected"] = found;
            continue;
        }
        assert_eq!(found, case["expected"], "{name}");
        // A selected profile has the same rows as the selection of the whole.
        let (part, out) = profile.select(&selection);
        let again = Selection { annotate: selection.annotate, ..Selection::default() };
        let keep = Selection { idle: Idle::Keep, tiers: selection.tiers, ..again };
        assert_eq!((part.total(), out.total()), (tree.total(), tree.left_out().total()), "{name}");
        assert_eq!(CallTree::build(&part, &keep).total(), tree.total(), "{name}");
    }
    if bless {
        std::fs::write(file(), in_lines(&vectors)).unwrap();
    }
}
