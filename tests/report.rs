//! Tests of `spikeflame report` that need no browser. tests/web opens its pages.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may fail"
)]

use crate::common;

use common::{failure, root, run, stderr};
use std::fs;
use std::path::Path;

/// Writes a report of the samples into a scratch folder.
fn report(args: &[&str], name: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let path = path.to_str().unwrap();
    let output = run(&[&["report", "-q", "-o", path], args].concat());
    assert!(output.status.success(), "{args:?}: {}", stderr(&output));
    fs::read_to_string(path).unwrap()
}

/// The text between two marks.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let start = text.find(from).unwrap() + from.len();
    let end = text[start..].find(to).unwrap() + start;
    &text[start..end]
}

/// The error was: of `--before runs/before-*` without quotes, all runs but the first were runs after the change.
#[test]
fn runs_that_a_shell_put_after_before_are_refused() {
    let [a, b] = ["spike/before-1", "spike/before-2"];
    let wrong = failure(&["report", "spike/after-1", "--before", a, b, "-o", "-"]);
    assert!(
        wrong.contains("before-2: after the value of --before")
            && wrong.contains("'runs/before-*'"),
        "{wrong}"
    );
}

#[test]
fn a_page_of_a_spike_holds_its_answer_and_its_data() {
    let page = report(&["spike/before-1"], "page.html");
    assert!(page.len() < 1_500_000, "{} bytes", page.len());
    for part in ["knee seen", "hashPassword", "mysql2", "CPU-bound"] {
        assert!(page.contains(part), "{part}");
    }
    let head = between(&page, "id=\"head\">", "</script>");
    let head: serde_json::Value = serde_json::from_str(head).unwrap();
    assert_eq!(head["schema"], "spikeflame.report/2");
    let run = &head["runs"][0];
    let windows: Vec<_> =
        run["windows"].as_array().unwrap().iter().map(|w| w["id"].as_str().unwrap()).collect();
    assert_eq!(windows, ["load", "before", "plateau"]);
    assert_eq!(run["opens"], 2);
    assert_eq!(run["lengths"]["threads"][0]["samples"], 47_669);
}

/// Writes a run folder with the spike and an application's log, and returns it.
fn run_with_log(folder: &Path) -> String {
    for file in ["isolate-v8.log.zst", "k6.csv.gz"] {
        fs::copy(root(&format!("samples/spike/before-1/{file}")), folder.join(file)).unwrap();
    }
    // The load test begins at 1:24:47 (UTC); its plateau lasts from its 11th second to the 72nd.
    let error = |time: &str, name: &str| {
        format!(
            "{{\"level\":50,\"time\":\"2026-11-23T01:{time}Z\",\"msg\":\"{name}\",\"err\":{{\"type\":\"Error\",\
             \"message\":\"{name}\",\"stack\":\"Error: {name}\\n    at list (/srv/app/dist/list.js:3:5)\"}}}}\n"
        )
    };
    let early = error("24:50.040", "Queue limit reached.");
    let log = early
        + &error("25:10.250", "Queue limit reached.").repeat(3)
        + &error("25:20.000", "no such table");
    fs::write(folder.join("app.log"), log).unwrap();
    folder.to_str().unwrap().to_owned()
}

#[test]
fn the_errors_of_the_log_stand_in_the_page_of_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let run = run_with_log(folder.path());
    let page = report(&[&run], "page.html");
    let head: serde_json::Value =
        serde_json::from_str(between(&page, "id=\"head\">", "</script>")).unwrap();
    let logged = head["runs"][0]["logged"].as_array().unwrap();
    assert_eq!(logged.len(), 2);
    assert_eq!(logged[0]["name"], "Error: Queue limit reached.");
    assert_eq!(logged[0]["counts"], serde_json::json!([1, 3]));
    assert!(logged[0]["thrown"].as_str().unwrap().contains("list.js:3"), "{}", logged[0]);
    assert!(logged[0]["means"].as_str().unwrap().contains("pool"), "{}", logged[0]);
    // The recording's zero lies before the test's first second, which is that of 1:24:47.
    let start_us = head["runs"][0]["load"]["start_us"].as_i64().unwrap();
    let tenth = (start_us + 3_040_000).div_euclid(100_000);
    assert_eq!(
        logged[0]["tenths"],
        serde_json::json!([tenth, (start_us + 23_250_000).div_euclid(100_000)])
    );

    // The text is of the plateau, and leaves the early one out.
    let text = report(&[&run], "report.md");
    assert!(text.contains("in the window: 4\n\n- 3 times Error: Queue limit reached."), "{text}");
    // Without a log there is nothing to show.
    assert!(report(&["spike/before-1"], "page.html").contains("\"logged\":null"));
}

#[test]
fn a_page_runs_nothing_but_its_own_script() {
    let page = report(&["spike/before-1"], "page.html");
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
    assert!(policy.starts_with("default-src &#39;none&#39;; script-src &#39;sha256-"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    let markup = page.split("<style>").next().unwrap();
    assert!(!markup.contains("http:") && !markup.contains("https:"));
    for inline in [" onclick=", " onload=", " onerror=", " style=", "javascript:"] {
        let body = between(&page, "<body>", "<script>");
        assert!(!body.contains(inline), "{inline}");
    }
}

#[test]
fn a_name_cannot_end_the_script_that_holds_it() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("hostile.folded");
    let name = "</script><img src=x onerror=alert(1)>";
    fs::write(&input, format!("{name} /srv/app/<b>.js:1:2;{name} 7\n")).unwrap();
    let page = report(&[input.to_str().unwrap()], "page.html");
    assert!(!page.contains("<img") && !page.contains("<b>"), "markup from a name");
}

#[test]
fn the_answers_as_text_fit_into_8_kb() {
    for input in
        ["spike/before-1", "v8/mix-node22.log.zst", "errors/pool.log", "pprof/google.pb.gz"]
    {
        let text = report(&[input], "report.md");
        assert!(text.len() <= 8 * 1024, "{input}: {} bytes", text.len());
        assert!(text.contains("## Hottest functions"), "{input}: {text}");
    }
    let text = report(&["spike/before-1"], "report.md");
    for part in ["**Plateau (knee seen):** Throughput stops growing", "CPU-bound", "hashPassword"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn every_sample_fits_into_8_kb_of_text_with_its_table() {
    let mut inputs: Vec<_> = ["spike", "v8", "json", "perf", "pprof", "errors", "maps"]
        .iter()
        .flat_map(|folder| fs::read_dir(root("samples").join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect();
    inputs.sort();
    let written = std::thread::scope(|scope| {
        let parts = inputs.chunks(inputs.len().div_ceil(4));
        let threads: Vec<_> = parts.map(|part| scope.spawn(|| texts_of(part))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>()
    });
    assert!(written > 40, "{written}");
}

/// Writes the text of each input, and returns the number of those that are recordings.
fn texts_of(inputs: &[std::path::PathBuf]) -> usize {
    let mut written = 0;
    for input in inputs {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.md");
        let output = run(&["report", "-q", input.to_str().unwrap(), "-o", path.to_str().unwrap()]);
        // Some samples are no recording: binaries, maps, what other programs print.
        let Ok(text) = fs::read_to_string(&path) else {
            assert_eq!(output.status.code(), Some(2), "{input:?}");
            continue;
        };
        assert!(text.len() <= 8 * 1024, "{input:?}: {} bytes", text.len());
        assert!(text.contains("## Hottest functions"), "{input:?}: {text}");
        written += 1;
    }
    written
}

#[test]
fn long_and_hostile_names_leave_room_for_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("hostile.folded");
    let name = |at: usize| format!("<!--{}-->", "[x](y)*_`|@#<&>日".repeat(400 + at));
    let lines = (0..40).map(|at| {
        format!(
            "{} /srv/{}.js:1:1;{} /srv/node_modules/{}/i.js:2:3 {}\n",
            name(at),
            name(at),
            name(at),
            name(at),
            at + 5
        )
    });
    fs::write(&input, lines.collect::<String>()).unwrap();
    let text = report(&[input.to_str().unwrap(), "--title", &name(0)], "report.md");
    assert!(text.len() <= 8 * 1024, "{} bytes", text.len());
    for part in ["## Your own code", "## Dependencies", "## Hottest functions"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("<!--") && !text.contains("[x](y"), "{text}");
}

#[test]
fn pages_of_odd_recordings_stay_small() {
    let folder = tempfile::tempdir().unwrap();
    let page = |name: &str, text: &str| {
        let input = folder.path().join(name);
        fs::write(&input, text).unwrap();
        report(&[input.to_str().unwrap()], "page.html").len()
    };
    let one = page("one.folded", "main;work 1\n");
    let long = "x".repeat(1 << 20);
    let wide: String = (0..20).map(|at| format!("{long}{at};{at}{long} {}\n", at + 1)).collect();
    let names = page("names.folded", &wide);
    assert!(names < one + 150_000, "40 names of 1 MB: {names} bytes, an empty page {one}");
}

#[test]
fn a_crossed_gate_stands_on_the_page_and_fails() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    let sides = [
        "spike/before-1",
        "spike/before-2",
        "--before",
        "spike/after-1",
        "--before",
        "spike/after-2",
    ];
    let gates = ["--fail-on", "total>5%", "--fail-on", "self:_encipher>100ms"];
    let output =
        run(&[&["report", "-q", "-o", page.to_str().unwrap()], &sides[..], &gates].concat());
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let page = fs::read_to_string(page).unwrap();
    let head: serde_json::Value =
        serde_json::from_str(between(&page, "id=\"head\">", "</script>")).unwrap();
    assert_eq!(head["gates"][0]["gate"], "total>5 %");
    assert_eq!(head["gates"][0]["crossings"].as_array().unwrap().len(), 1);
    assert_eq!(head["gates"][1]["crossings"].as_array().unwrap().len(), 0);
    assert_eq!(head["gates"][1]["gate"], "self:_encipher>100 ms");
    // The name may be a typing error, so the gate does not hold in silence.
    let typo = [&["report", "-q"], &sides[..], &["--fail-on", "self:no_such_function>1ms"]];
    assert!(failure(&typo.concat()).contains("no row has a name or place that contains"));
    assert!(failure(&["report", "spike/before-1", "--fail-on", "regression"]).contains("--before"));
}

#[test]
fn two_sides_make_a_comparison() {
    let args = [
        "spike/after-1",
        "spike/after-2",
        "--before",
        "spike/before-1",
        "--before",
        "spike/before-2",
    ];
    let page = report(&args, "page.html");
    let head: serde_json::Value =
        serde_json::from_str(between(&page, "id=\"head\">", "</script>")).unwrap();
    let sides: Vec<_> =
        head["runs"].as_array().unwrap().iter().map(|r| r["side"].as_str().unwrap()).collect();
    assert_eq!(sides, ["after", "after", "before", "before"]);
    // The error was: the first screen named no function that changed.
    let card = between(&page, "<h2>Before and after</h2>", "</article>");
    assert!(card.contains("<li>hashPassword <span class=\"place\">"), "{card}");
    let rows = head["comparison"]["functions"].as_array().unwrap();
    assert!(rows.iter().any(|row| row["name"] == "_encipher"), "{rows:?}");
    assert!(page.len() < 2_500_000, "{} bytes", page.len());
    let text = report(&args, "report.md");
    assert!(text.len() <= 8 * 1024 && text.contains("## Before and after"), "{text}");
    // The comparison is a table, and no console text. The rest is of one run, and names it.
    assert!(!text.contains("```") && !text.contains("page"), "{text}");
    for part in [
        "| function | before → after | self |",
        "| <b>hashPassword</b><br>members/<wbr>members.service.js:36",
        "CHANGED: by more than chance",
        "The parts below are of after-1 alone.",
        "of the load test, 10.5 s to 71.5 s of the recording)",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(head["compared_window"], "plateau");
    assert_eq!(head["runs"][2]["command"], "spikeflame top spike/before-1");
}

#[test]
fn output_is_a_function_of_input() {
    assert_eq!(report(&["spike/before-1"], "a.html"), report(&["spike/before-1"], "a.html"));
}

#[test]
fn a_report_is_a_page_or_text() {
    assert!(failure(&["report", "spike/before-1", "-o", "x.pdf"]).contains(".html or .md"));
    assert!(failure(&["report", "spike/before-1", "-o", "-", "--open"]).contains("--open"));
    let missing = failure(&["report", "v8/mix-node22.log.zst", "--window", "plateau"]);
    assert!(missing.contains("--load"), "{missing}");
}

#[test]
fn the_committed_script_is_the_one_the_policy_names() {
    let assets = root("crates/render/src/report/assets");
    let policy = fs::read_to_string(assets.join("policy.txt")).unwrap();
    assert_eq!(policy.matches("'sha256-").count(), 2, "{policy}");
    assert!(Path::new(&assets.join("page.js")).exists());
}

/// The error was: a load test of another day beside a recording was left out of the page without a
/// word on the terminal.
#[test]
fn a_load_test_of_another_run_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    fs::create_dir(&run).unwrap();
    let log = common::root("samples/spike/before-1/isolate-v8.log.zst");
    fs::copy(log, run.join("isolate-v8.log.zst")).unwrap();
    let mut rows = String::from("metric_name,timestamp,metric_value,check,error,error_code\n");
    for second in 0..40 {
        let at = 1_600_000_000 + second;
        for _ in 0..20 {
            rows += &format!("http_reqs,{at},1,,,\nhttp_req_duration,{at},12,,,\n");
        }
    }
    fs::write(run.join("k6.csv"), rows).unwrap();
    let page = folder.path().join("page.html");
    let output = common::run(&["report", run.to_str().unwrap(), "-o", page.to_str().unwrap()]);
    assert!(output.status.success());
    assert!(common::stderr(&output).contains("they are not of one run"), "{output:?}");
}

/// The errors were: text and page had other ends of the time under load, and a window that goes on
/// after the recording was shown as it was typed, from `0 µs` on.
#[test]
fn a_window_ends_with_the_recording() {
    let head_line = |window: &str| {
        let output = run(&["top", "spike/after-2", "--window", window]);
        (String::from_utf8_lossy(&output.stdout).into_owned(), stderr(&output))
    };
    // The load test goes on for 120 ms after the recording.
    let text = report(&["spike/after-2", "--window", "load"], "load.md");
    let ends = "0 s to 70.9 s of the load test, 1.2 s to 72.1 s of the recording";
    assert!(text.contains(ends), "{text}");
    let (top, _) = head_line("load");
    for part in ["under load, 0 s to 70.9 s of the load test", "1.2 s to 72.1 s of the recording"] {
        assert!(top.contains(part), "{part}: {top}");
    }
    let text = report(&["spike/after-2", "--window", "0s..200s"], "long.md");
    assert!(text.contains(ends) && text.contains("which ends at 70.9 s"), "{text}");
    let cut = "the window goes on after the recording, which ends at 70.9 s of the load test";
    assert!(head_line("0s..200s").1.contains(cut), "{}", head_line("0s..200s").1);
    assert!(!head_line("0s..60s").1.contains("goes on"), "{}", head_line("0s..60s").1);
}

/// The errors were: stacks of names alone had no code of your own, as if that were known, and a
/// comparison without a figure spoke of its figures.
#[test]
fn a_page_claims_nothing_that_its_recordings_lack() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str| {
        let path = folder.path().join(name);
        fs::write(&path, "main;work 30\nmain 7\n").unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (one, two) = (write("one.folded"), write("two.folded"));
    let page = report(&[&one, "--before", &two], "page.html");
    for part in ["known which functions are your own", "known which functions are of npm packages"]
    {
        assert!(page.contains(part), "{part}");
    }
    let answer = between(&page, "class=\"answer\"", "</section>");
    assert!(answer.contains("The comparison is of all 2 runs"), "{answer}");
    assert!(!answer.contains("figures are"), "{answer}");
}
