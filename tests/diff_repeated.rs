//! `spikeflame diff` of the same code, and its output in many processes.

use crate::common;

use crate::diff::{changed, json, rows, with};
use common::{root, stdout};
use serde_json::Value;

/// Runs of one side of the shared data.
pub(crate) fn shared(folder: &str, names: &[&str]) -> Vec<String> {
    names
        .iter()
        .map(|name| root("../shared/data").join(folder).join(name).display().to_string())
        .collect()
}

fn flagged(before: &[String], after: &[String], rest: &[&str]) -> (usize, usize) {
    let of = |runs: &[String]| runs.iter().map(String::clone).collect::<Vec<_>>();
    let mut args = vec!["--before".to_owned()];
    args.extend(of(before));
    args.push("--after".to_owned());
    args.extend(of(after));
    let args: Vec<&str> = args.iter().map(String::as_str).chain(rest.iter().copied()).collect();
    let diff = json(&args);
    let count = |cost: &str| {
        let tables = ["functions", "files", "packages", "categories"];
        let rows = tables.iter().flat_map(|table| diff[*table].as_array().unwrap());
        rows.filter(|row| changed(&row[cost])).count()
    };
    (count("self"), count("total"))
}

#[test]
fn the_same_code_has_not_changed_on_its_plateaus() {
    if !root("../shared/data/spike").exists() {
        println!("SKIPPED: no {}", root("../shared/data/spike").display());
        return;
    }
    for side in ["before", "after"] {
        let runs = shared(
            "spike",
            &[1, 2, 3].map(|n| format!("{side}-{n}")).each_ref().map(String::as_str),
        );
        for one in 0..3 {
            let rest: Vec<String> = (0..3).filter(|n| *n != one).map(|n| runs[n].clone()).collect();
            let found = flagged(&[runs[one].clone()], &rest, &["--window", "plateau"]);
            println!("{side}-{} against the other two, plateau: {found:?} flagged", one + 1);
            assert_eq!(found, (0, 0), "{side} {one}");
        }
    }
}

#[test]
fn three_runs_a_side_on_their_plateaus() {
    if !root("../shared/data/spike").exists() {
        println!("SKIPPED: no {}", root("../shared/data/spike").display());
        return;
    }
    let (before, after) = (
        shared("spike", &["before-1", "before-2", "before-3"]),
        shared("spike", &["after-1", "after-2", "after-3"]),
    );
    for (window, inlined) in
        [("all", "expand"), ("plateau", "expand"), ("all", "collapse"), ("plateau", "collapse")]
    {
        let mut args = vec!["--before"];
        args.extend(before.iter().map(String::as_str));
        args.push("--after");
        args.extend(after.iter().map(String::as_str));
        args.extend(["--window", window, "--inlined", inlined]);
        let diff = json(&args);
        let functions = diff["functions"].as_array().unwrap();
        let untouched = |row: &&Value| {
            let label = row["label"].as_str().unwrap();
            ["/moment/", "/typeorm/", "/mysql2/", "/text.js:", " deepClone", "deepClone "]
                .iter()
                .any(|part| label.contains(part))
        };
        let tested = |cost: &str| {
            let rows = functions.iter().filter(untouched).filter(|row| !row[cost]["q"].is_null());
            let (mut all, mut wrong) = (0, Vec::new());
            for row in rows {
                all += 1;
                if changed(&row[cost]) {
                    wrong.push(format!("{} {}", row["label"], row[cost]["ratio"]));
                }
            }
            (all, wrong)
        };
        let (own, total) = (tested("self"), tested("total"));
        println!(
            "{window}, {inlined}: untouched flagged: {} of {} self, {} of {} total",
            own.1.len(),
            own.0,
            total.1.len(),
            total.0
        );
        if inlined == "expand" {
            println!("{:#?}", [&own.1, &total.1]);
            for (all, wrong) in [own, total] {
                assert!(wrong.len() * 100 <= all, "{window}: {wrong:#?}");
            }
            let bcrypt = rows(&diff, "functions", "bcryptjs/dist/bcrypt.js");
            let many = bcrypt.iter().filter(|row| !row["total"]["q"].is_null());
            assert!(many.clone().count() >= 5);
            let whole = diff["total"]["before"].as_f64().unwrap();
            for row in many {
                // Functions below 0.05 % of the whole may be gone too, and do not matter.
                let large = row["total"]["before"].as_f64().unwrap() > 0.001 * whole;
                assert!(row["badges"][0] == "GONE" && (changed(&row["total"]) || !large), "{row}");
            }
        }
    }
}

/// Rows once came out in the order of a randomly seeded map.
#[test]
fn output_is_a_function_of_input() {
    let once = || stdout(&with(&["--format", "json"]));
    let first = once();
    for process in 1..4 {
        assert!(once() == first, "process {process} wrote other bytes");
    }
}

/// Folded runs are enough to find an order that depends on the process.
#[test]
fn twenty_processes_write_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let runs = [1, 2, 3, 4].map(|run| {
        let mut text = String::new();
        for at in 0..400u64 {
            let file = format!("/srv/app/node_modules/package-{}/index.js", at % 30);
            let count = 20 + (at * 7 + run * 13) % 11 + if run > 2 { at % 5 * 20 } else { 0 };
            text += &format!("main /srv/app/main.js:1:1;f{at} {file}:{at}:1 {count}\n");
        }
        let path = folder.path().join(format!("run-{run}.folded"));
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    });
    let [a, b, c, d] = &runs;
    let args = ["--quiet", "diff", "--before", a, b, "--after", c, d, "--format", "json"];
    let order = ["--order", "separated"];
    let once = || stdout(&[&args[..], &order].concat());
    let first = once();
    for process in 1..20 {
        assert!(once() == first, "process {process} wrote other bytes");
    }
}
