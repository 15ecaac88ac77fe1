//! Gates and comments of `spikeflame diff`.

use crate::common;

use crate::diff::{AFTER, BEFORE, SWAPPED, json, with};
use common::{failure, run, stderr, stdout};
use std::path::Path;

#[test]
fn gates_are_crossed_by_what_is_sure_only() {
    let gate = |args: &[&str]| {
        let output = run(&[&["--quiet", "diff"], args].concat());
        (output.status.code().unwrap(), stderr(&output))
    };
    // Slower code crosses every gate.
    for (rule, why) in [
        ("regression", "hashPassword"),
        ("total>5%", "everything together"),
        ("self:_encipher>1ms", "_encipher"),
        ("total:bcrypt>10%", "bcrypt"),
    ] {
        let (code, error) = gate(&[&SWAPPED[..], &["--fail-on", rule]].concat());
        assert!(code == 1 && error.contains(why), "{rule}: {code} {error}");
    }
    // Faster code, and the same code twice, cross no gate. The error was: the fix failed the build by
    // ten functions that rose by 0.2 % of a request at most.
    for window in ["load", "plateau"] {
        let rules = ["--window", window, "--fail-on", "total>0%", "--fail-on", "regression"];
        assert_eq!(gate(&[&BEFORE[..], &AFTER[..], &rules].concat()), (0, String::new()));
        let (code, error) =
            gate(&[&BEFORE[..], &AFTER[..], &rules[..2], &["--fail-on", "regression>0%"]].concat());
        assert!(code == 1 && error.contains("serialiseParticipation"), "{error}");
    }
    let same = ["--before", "spike/before-1", "--after", "spike/before-2"];
    let rules = ["--fail-on", "regression", "--fail-on", "self:write>0.01ms"];
    assert_eq!(gate(&[&same[..], &rules].concat()), (0, String::new()));
    let (code, error) = gate(&[&same[..], &["--fail-on", "total>5"]].concat());
    assert!(code == 2 && error.contains("total>5%"), "{error}");
}

/// The error was: a build failed because `__lll_lock_wake` cost more in another hour.
#[test]
fn rows_of_the_machine_do_not_fail_a_build() {
    for sides in [[&BEFORE[..], &AFTER[..]].concat(), SWAPPED.to_vec()] {
        let diff = json(&sides);
        let rows = diff["functions"].as_array().unwrap();
        let machine: Vec<&str> = rows
            .iter()
            .filter(|row| row["machine"] == true)
            .map(|row| row["label"].as_str().unwrap())
            .collect();
        assert!(machine.contains(&"write"), "{machine:?}");
        let output =
            run(&[&["--quiet", "diff"], &sides[..], &["--fail-on", "regression"]].concat());
        let error = stderr(&output);
        let crossed = error.split("; ").map(|part| part.rsplit(" more: ").next().unwrap());
        for row in crossed.filter_map(|part| part.trim_start_matches("error: ").split_once(": ")) {
            assert!(!machine.contains(&row.0), "{row:?}");
        }
    }
}

/// Folded stacks with names that try to break out of a table.
fn hostile(folder: &Path, name: &str, scale: u64) -> String {
    let mut text = String::new();
    for at in 0..3000 {
        let odd = "|`@octocat #1 <script>alert(1)</script> [x](javascript:y) \u{202e}".repeat(3);
        text += &format!("main;{odd}{at} {}\n", 100 + at % 7 * scale);
    }
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

/// The error was: at the 900 pixels of a comment every number took two lines, and intervals broke.
#[test]
fn a_table_of_a_comment_has_no_long_word_and_no_broken_number() {
    let text = stdout(&with(&["--format", "markdown"]));
    let rows: Vec<_> = text.lines().filter(|line| line.starts_with("| ")).collect();
    let of_changes = rows.iter().filter(|row| row.matches('|').count() == 7);
    for row in of_changes.clone().filter(|row| row.contains('●')) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        for number in [cells[3], cells[4], cells[5]] {
            assert!(!number.contains(' '), "{number}: {row}");
        }
        // A phone shows only the first columns.
        assert!(cells[1].starts_with("<b>") && cells[1].contains("</b>"), "{row}");
        let words = cells[1].split([' ']).flat_map(|word| word.split("<br>"));
        for word in words.flat_map(|word| word.split("<wbr>")) {
            assert!(word.chars().count() <= 60, "{word}: {row}");
        }
    }
    assert!(of_changes.count() > 20, "{text}");
}

#[test]
fn comments_fit_and_cannot_be_broken_out_of() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (hostile(folder.path(), "a", 1), hostile(folder.path(), "b", 50));
    let args = ["--quiet", "diff", "--before", &one, "--after", &other, "--format", "markdown"];
    let url = ["--image-base-url", "https://example.org/run/1/", "--comment-key", "a-->b"];
    let text = stdout(&[&args[..], &["--rows", "0"], &url].concat());
    assert!(text.chars().count() <= 60_000, "{}", text.chars().count());
    assert!(text.starts_with("<!-- spikeflame:a--b -->\n"), "{text:.60}");
    assert!(
        text.contains("(https://example.org/run/1/diff.svg)") && text.contains("more not shown")
    );
    for (at, line) in text.lines().enumerate().filter(|(_, line)| line.contains("octocat")) {
        // A row with six cells has seven bars, and a step with two cells has three.
        assert!([7, 3].contains(&line.replace("\\|", "").matches('|').count()), "{at}: {line}");
        assert!(!line.contains("<script") && !line.contains("@octocat"), "{at}: {line}");
        assert!(!line.contains('\u{202e}'), "{at}: {line}");
    }
    let wrong = [&args[..], &["--image-base-url", "https://x/) ![y](z"]].concat();
    assert!(failure(&wrong).contains("expected an address"));
    let long = ["--image-base-url", &format!("https://{}", "x".repeat(1_000))];
    assert!(failure(&[&args[..], &long].concat()).contains("has 1008 characters"));
    let long = ["--comment-key", &"x".repeat(101)];
    assert!(failure(&[&args[..], &long].concat()).contains("has 101 characters"));
}

/// A summary's requests a second were those of all requests, beside the successful ones of a timeline.
#[test]
fn failed_requests_of_a_summary_are_not_in_the_rate() {
    let args = [
        "--before",
        "spike/before-1/isolate-v8.log.zst",
        "--after",
        "spike/after-1/isolate-v8.log.zst",
    ];
    let loads =
        ["--load-before", "load/locust-totals.csv", "--load-after", "spike/after-1/k6.csv.gz"];
    let told = json(&[&args[..], &loads].concat());
    // 129 of 1,296 requests failed, and the file has 129.27 requests a second.
    let rps = told["rps"]["before"].as_f64().unwrap();
    assert!((rps - 116.40).abs() < 0.01, "{rps}");
}
