//! Tests of `spikeflame diff`, from runs to verdicts, pictures, gates and comments.

use crate::common;

use crate::diff_repeated::shared;
use common::{failure, root, run, stderr, stdout};
use serde_json::Value;

pub(crate) const BEFORE: [&str; 3] = ["--before", "spike/before-1", "spike/before-2"];

pub(crate) const AFTER: [&str; 3] = ["--after", "spike/after-1", "spike/after-2"];

pub(crate) const SWAPPED: [&str; 6] =
    ["--before", "spike/after-1", "spike/after-2", "--after", "spike/before-1", "spike/before-2"];

pub(crate) fn with<'a>(rest: &[&'a str]) -> Vec<&'a str> {
    [&["--quiet", "diff"], &BEFORE[..], &AFTER[..], rest].concat()
}

pub(crate) fn json(args: &[&str]) -> Value {
    let args = [&["--quiet", "diff", "--format", "json"], args].concat();
    serde_json::from_str(&stdout(&args)).unwrap()
}

/// The rows of a table whose label contains `what`.
pub(crate) fn rows<'a>(diff: &'a Value, table: &str, what: &str) -> Vec<&'a Value> {
    let holds = |row: &&Value| row["label"].as_str().unwrap().contains(what);
    diff[table].as_array().unwrap().iter().filter(holds).collect()
}

pub(crate) fn changed(cost: &Value) -> bool {
    cost["verdict"] == "changed"
}

/// The error was: a new function, which has no power, took the only row of `--power 0.5 -n 1`.
#[test]
fn the_table_of_power_has_the_rows_that_were_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let [before, other] = [1, 2].map(|at| {
        file(
            &format!("b{at}.folded"),
            format!("main;parse 400\nmain;write 60{at}\nmain;sort 301\n"),
        )
    });
    let [after, last] = [1, 2].map(|at| {
        let text =
            format!("main;fresh 2000\nmain;parse 410\nmain;write 61{at}\nmain;sort 30{at}\n");
        file(&format!("a{at}.folded"), text)
    });
    let sides = ["--before", &before, &other, "--after", &after, &last];
    let table = stdout(&[&["-q", "diff"], &sides[..], &["--power", "0.5", "-n", "1"]].concat());
    assert!(table.trim_end().ends_with("write"), "{table}");
}

#[test]
fn a_real_optimisation_is_found() {
    for window in ["all", "plateau"] {
        let diff = json(&[&BEFORE[..], &AFTER[..], &["--window", window]].concat());
        assert_eq!(diff["schema"], "spikeflame.diff/1");
        assert_eq!(
            (&diff["unit"], &diff["evidence"]),
            (&"cpu_ms_per_request".into(), &"strong".into())
        );
        let encipher = rows(&diff, "functions", "_encipher /srv")[0];
        assert!(changed(&encipher["self"]) && encipher["badges"][0] == "GONE", "{encipher}");
        let package = rows(&diff, "packages", "class-transformer")[0];
        assert!(changed(&package["self"]), "{window}: {package}");
        assert!(package["self"]["ratio"].as_f64().unwrap() < 0.1, "{window}: {package}");
        let new = rows(&diff, "functions", "serialiseMember")[0];
        assert_eq!(new["badges"][0], "NEW");
        let page = rows(&diff, "functions", "serialisePage")[0];
        assert_ne!(page["line_before"], page["line_after"]);
        assert!(diff["rps"]["before"].as_f64() < diff["rps"]["after"].as_f64());
        // The cost before and all changes add up to the cost after.
        let fall = &diff["waterfall"];
        let number = |value: &Value| value.as_f64().unwrap();
        let steps: f64 =
            fall["steps"].as_array().unwrap().iter().map(|step| number(&step["change"])).sum();
        let sum = number(&fall["before"]) + steps + number(&fall["other"]);
        assert!((sum - number(&fall["after"])).abs() < 1e-9);
    }
}

#[test]
fn swapped_it_is_the_mirror_image() {
    let one = json(&[&BEFORE[..], &AFTER[..]].concat());
    let other = json(&SWAPPED);
    mirrors(&one, &other);
    assert_eq!(rows(&other, "functions", "_encipher /srv")[0]["badges"][0], "NEW");
    if !root("../shared/data/spike").exists() {
        println!("SKIPPED: no {}", root("../shared/data/spike").display());
        return;
    }
    let of = |side: &str| [1, 2, 3].map(|n| shared("spike", &[&format!("{side}-{n}")]).remove(0));
    let (before, after) = (of("before"), of("after"));
    let compare = |one: &[String; 3], other: &[String; 3]| {
        let [a, b, c] = one.each_ref().map(String::as_str);
        let [x, y, z] = other.each_ref().map(String::as_str);
        json(&["--before", a, b, c, "--after", x, y, z])
    };
    mirrors(&compare(&before, &after), &compare(&after, &before));
}

fn mirrors(one: &Value, other: &Value) {
    let costs = |diff: &Value, sign: f64| -> Vec<(String, f64, Value)> {
        let rows = diff["functions"].as_array().unwrap().iter();
        let of = |row: &Value| {
            let change = row["self"]["change"].as_f64().unwrap() * sign;
            (row["name"].to_string(), (change * 1e6).round(), row["self"]["verdict"].clone())
        };
        let mut costs: Vec<_> = rows.map(of).collect();
        costs.sort_by(|a, b| (&a.0, a.1).partial_cmp(&(&b.0, b.1)).unwrap());
        costs
    };
    assert_eq!(costs(one, 1.0), costs(other, -1.0));
}

#[test]
fn the_text_says_it_in_a_sentence_a_table_and_a_waterfall() {
    let text = stdout(&with(&["-n", "12"]));
    let mut lines = text.lines();
    assert!(lines.next().unwrap().starts_with("CPU per request fell from "), "{text}");
    for part in [
        "requests a second became",
        "CHANGED GONE",
        "By package:",
        "others\n",
        "after\n",
        // The words of the verdicts stand in one line, and only those that occur.
        "\nCHANGED: by more than chance (q at most 0.05) and by 10 % or more; ",
        "GONE: no samples after",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let power = stdout(&with(&["--power", "0.8", "-n", "3"]));
    assert!(
        power.contains("a change of −20.0 % takes") && power.contains("RUNS A SIDE"),
        "{power}"
    );
    // Roots have no samples of their own on either side, so they are not new.
    let roots = stdout(&with(&["--format", "markdown", "--sort", "total", "-n", "30"]));
    let zero = "+0\u{a0}ms<br>";
    assert!(
        roots.contains(&format!("{zero}-")) && !roots.contains(&format!("{zero}new")),
        "{roots}"
    );
    let shares = stdout(&[
        "--quiet",
        "diff",
        "--before",
        "spike/before-1/isolate-v8.log.zst",
        "--after",
        "spike/after-1/isolate-v8.log.zst",
    ]);
    assert!(shares.contains("Costs are shares") && shares.contains("! PROVISIONAL"), "{shares}");
    let told = json(&[
        "--before",
        "spike/before-1/isolate-v8.log.zst",
        "--after",
        "spike/after-1/isolate-v8.log.zst",
        "--load-before",
        "load/k6.json.gz",
        "--load-after",
        "spike/after-1/k6.csv.gz",
    ]);
    assert_eq!(told["requests"]["before"], 3536.0);
}

#[test]
fn everything_goes_into_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("diff");
    let args = with(&["--static", "--window", "plateau", "-o", path.to_str().unwrap()]);
    assert!(stdout(&args).contains("the plateau of each"));
    let read = |name: &str| std::fs::read_to_string(path.join(name)).unwrap();
    assert!(read("diff.txt").contains("By package:"));
    assert!(read("diff.md").starts_with("<!-- spikeflame:diff -->\n"));
    assert!(serde_json::from_str::<Value>(&read("diff.json")).is_ok());
    for name in ["diff.svg", "before.svg", "after.svg"] {
        let svg = read(name);
        let document = roxmltree::Document::parse(&svg).unwrap();
        for node in document.descendants().filter(roxmltree::Node::is_element) {
            assert!(!matches!(node.tag_name().name(), "script" | "style" | "foreignObject"));
            for attribute in node.attributes() {
                let (name, value) = (attribute.name(), attribute.value());
                assert!(!name.starts_with("on") && name != "style", "{name}");
                let reference = matches!(name, "href" | "src") || value.contains("url(");
                assert!(!reference || value.starts_with("url(#") || value.starts_with('#'));
            }
        }
    }
    assert!(read("diff.svg").contains("_encipher"));
}

#[test]
fn odd_input_is_told() {
    let warnings = |args: &[&str]| json(args)["warnings"].to_string();
    let twice = ["diff", "--before", "spike/before-1", "--after", "spike/before-1"];
    assert!(failure(&twice).contains("same recording"), "{}", failure(&twice));
    let other = warnings(&["--before", "spike/before-1", "--after", "v8/nested-on-node24.log.zst"]);
    assert!(
        other.contains("different programs") && other.contains("different versions"),
        "{other}"
    );
    assert!(failure(&["diff", "--before", "spike/before-1"]).contains("--after"));
    let load = ["--load-before", "load/k6.json.gz", "spike/after-1/k6.csv.gz"];
    let args = ["diff", "--before", "spike/before-1", "--after", "spike/after-1"];
    assert!(failure(&[&args[..], &load].concat()).contains("2 files for 1 runs"));
    let load = ["--load-after", "spike/before-1/k6.csv.gz"];
    assert!(failure(&[&["--quiet"], &args[..], &load].concat()).contains("not of one run"));
    let none = failure(&["diff", "--before", "spike/nothing-*", "--after", "spike/after-1"]);
    assert!(none.contains("no file or folder matches this pattern"), "{none}");
    let folded = root("tests/golden/wasm.folded").display().to_string();
    let untimed = ["--quiet", "diff", "--before", &folded, "--after", &folded, "--from", "1s"];
    assert!(failure(&untimed).contains("has none"));
    let plateau =
        ["--quiet", "diff", "--before", &folded, "--after", &folded, "--window", "plateau"];
    assert!(failure(&plateau).contains("needs the load test"));
}

#[test]
fn patterns_name_runs_and_baselines_tell_noise() {
    let diff = json(&["--before", "spike/before-*", "--after", "spike/after-?"]);
    assert_eq!(diff["runs"]["before"].as_array().unwrap().len(), 2);
    let one = ["--before", "spike/before-1", "--after", "spike/after-1"];
    let assumed = json(&one);
    assert_eq!(assumed["evidence"], "provisional");
    let folder = tempfile::tempdir().unwrap();
    for (at, run) in ["before-1", "before-2"].iter().enumerate() {
        let log = root("samples/spike").join(run).join("isolate-v8.log.zst");
        std::fs::copy(log, folder.path().join(format!("{at}.log.zst"))).unwrap();
    }
    let measured = json(&[&one[..], &["--baseline", folder.path().to_str().unwrap()]].concat());
    let width = |diff: &Value| {
        let ci = &rows(diff, "functions", "_encipher /srv")[0]["self"]["change_ci"];
        ci[1].as_f64().unwrap() - ci[0].as_f64().unwrap()
    };
    assert_ne!(width(&assumed), width(&measured));
}

/// The error was: a pattern `calm-*` for the folders of runs also matched the logs of the application
/// beside them, and these counted as runs.
#[test]
fn logs_beside_the_folders_of_runs_are_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let log = "2026-11-29T10:00:00.000Z ERROR payment failed\nError: no card\n    at pay (/srv/app/pay.js:3:9)\n";
    for (from, to) in [("before-1", "calm-1"), ("before-2", "calm-2"), ("after-1", "next-1")] {
        let run = folder.path().join(to);
        std::fs::create_dir(&run).unwrap();
        for file in ["isolate-v8.log.zst", "k6.csv.gz"] {
            std::fs::copy(root("samples/spike").join(from).join(file), run.join(file)).unwrap();
        }
        std::fs::write(folder.path().join(format!("{to}.log")), log).unwrap();
    }
    std::fs::write(folder.path().join("calm-2.out.txt"), "the shop is open\n").unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (calm, next) = (path("calm-*"), path("next-*"));
    let pattern = ["diff", "--before", &calm, "--after", &next, "--format", "json"];
    let [one, two, log, after] = ["calm-1", "calm-2", "calm-1.log", "next-1"].map(path);
    // A shell expands the pattern itself.
    let named = ["diff", "--before", &one, &log, &two, "--after", &after, "--format", "json"];
    for (args, passed) in [(&pattern[..], 4), (&named, 1)] {
        let output = run(args);
        assert!(output.status.success(), "{}", stderr(&output));
        let diff: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(diff["runs"]["before"].as_array().unwrap().len(), 2);
        assert_eq!(diff["runs"]["after"].as_array().unwrap().len(), 1);
        let text = stderr(&output);
        let are = if passed == 1 { "is no recording" } else { "and 1 more are no recordings" };
        assert_eq!(text.matches("not read as runs").count(), 1, "{text}");
        assert!(text.contains(are), "{text}");
    }
}

/// The errors in logs of applications were compared as shares of the CPU.
#[test]
fn logs_of_applications_are_not_compared() {
    let logs = |pattern: &str| root("samples/errors").join(pattern).display().to_string();
    let (before, after) = (logs("nest-*.log"), logs("winston*.log"));
    let recording = root("samples/json/mix-node22.cpuprofile.zst").display().to_string();
    for (before, after) in [(&before, &after), (&recording, &after), (&after, &recording)] {
        let text = failure(&["diff", "--before", before, "--after", after]);
        assert!(text.contains("no recording of CPU time"), "{text}");
        assert!(text.contains("spikeflame errors LOG"), "{text}");
    }
    // A log among the builds of a history, or among the runs of a baseline, is none of them.
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(root("samples/errors/pino.log"), folder.path().join("deploy.log")).unwrap();
    let history = folder.path().display().to_string();
    let text = failure(&["diff", "--against-history", &history]);
    assert!(text.contains("and these are 0"), "{text}");
}

/// "No run has a load test", beside the totals that wrk had printed into the folder of each run.
#[test]
fn totals_of_a_load_test_are_found_in_the_folder_of_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let [before, after] = ["before-1", "after-1"].map(|name| {
        let run = folder.path().join(name);
        std::fs::create_dir(&run).unwrap();
        let log = root("samples/spike").join(name).join("isolate-v8.log.zst");
        std::fs::copy(log, run.join("isolate-v8.log.zst")).unwrap();
        std::fs::copy(root("samples/load/wrk.txt"), run.join("wrk.txt")).unwrap();
        run.display().to_string()
    });
    let diff = json(&["--before", &before, "--after", &after]);
    assert_eq!(
        (&diff["unit"], diff["requests"]["before"].as_f64()),
        (&"cpu_ms_per_request".into(), Some(3_093.0))
    );
    let page = folder.path().join("page.md").display().to_string();
    stdout(&["report", &after, "--before", &before, "-o", &page]);
    let text = std::fs::read_to_string(page).unwrap();
    assert!(text.contains("**CPU per request"), "{text}");
}

/// A page, a script, or a folder of outputs beside the builds of a history made the command fail.
#[test]
fn files_that_are_no_runs_are_passed_over_in_a_history() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for build in 0..6 {
        let rows = (0..20).map(|row| format!("main;f{row} {}\n", 500 + (build * row) % 11));
        std::fs::create_dir(path(&format!("v1.{build}"))).unwrap();
        std::fs::write(path(&format!("v1.{build}/cpu.folded")), rows.collect::<String>()).unwrap();
    }
    std::fs::create_dir(path("scripts")).unwrap();
    for file in ["report.html", "spike.js", "scripts/build.sh"] {
        std::fs::write(path(file), "<!doctype html>\n<p>no recording</p>\n").unwrap();
    }
    let output = run(&["diff", "--against-history", &folder.path().display().to_string()]);
    let (text, told) = (String::from_utf8_lossy(&output.stdout).into_owned(), stderr(&output));
    assert!(output.status.success() && text.contains("over 6 builds"), "{text}{told}");
    assert_eq!(told.matches("passed over").count(), 1, "{told}");
    for name in ["report.html", "scripts", "spike.js"] {
        assert!(told.contains(name), "{told}");
    }
}

/// Rows were CHANGED without a warning when `--order in-turn` was given for sides that were recorded
/// apart.
#[test]
fn an_order_that_the_clocks_contradict_has_a_warning() {
    let apart = ["--before", "spike/before-1", "spike/after-1", "--after", "spike/before-2"];
    let warned = |args: &[&str]| {
        let diff = json(args);
        let warnings = diff["warnings"].to_string();
        (warnings.contains("leave --order in-turn out"), diff["evidence"] == "weak")
    };
    let forced = [&apart[..], &["spike/after-2", "--order", "in-turn"]].concat();
    assert_eq!(warned(&forced), (true, true));
    let by_clocks = [&apart[..], &["spike/after-2"]].concat();
    assert_eq!(warned(&by_clocks), (false, true));
    let in_turn = [&BEFORE[..], &AFTER[..], &["--order", "in-turn"]].concat();
    assert_eq!(warned(&in_turn), (false, false));
}

#[test]
fn a_history_shows_the_build_of_a_change_and_a_creep() {
    let folder = tempfile::tempdir().unwrap();
    for build in 1..=12_u32 {
        // `wrap` costs twice as much from build 8 on, and `copy` 8 % more with each build.
        let wrap = if build >= 8 { 800 } else { 400 };
        let copy = (300.0 * 1.08_f64.powi(build as i32)) as u32;
        let mut text = format!("main;wrap {}\nmain;copy {copy}\n", wrap + build % 3);
        for other in 0..20 {
            text += &format!("main;other{other} {}\n", 1_000 + (other * 7 + build * 13) % 11);
        }
        std::fs::write(folder.path().join(format!("build-{build}.folded")), text).unwrap();
    }
    std::fs::write(folder.path().join("README.md"), "What these are.").unwrap();
    let folder = folder.path().to_str().unwrap();
    let text = stdout(&["diff", "--against-history", folder]);
    assert!(
        text.contains("over 12 builds") && text.contains("2 of 22 functions changed"),
        "{text}"
    );
    let line = |name: &str| text.lines().find(|line| line.ends_with(name)).unwrap().to_owned();
    assert!(line("wrap").contains("build-8.folded"), "{text}");
    assert!(line("copy").contains("little by little over 12 builds"), "{text}");
    let found = stdout(&["diff", "--against-history", folder, "--format", "json"]);
    let found: Value = serde_json::from_str(&found).unwrap();
    assert_eq!(found["schema"], "spikeflame.history/1");
    let row = |label: &str| rows(&found, "functions", label)[0].clone();
    assert_eq!(
        (&row("wrap")["course"], &row("wrap")["changes"][0]["point"]),
        (&"steps".into(), &7.into())
    );
    assert_eq!(row("copy")["course"], "creep");
    assert_eq!(row("other3")["course"], "not_resolved");
    let comment = stdout(&["diff", "--against-history", folder, "--format", "markdown"]);
    assert!(comment.contains("| wrap |") && comment.contains("| copy |"), "{comment}");
    let gate = |gate: &str| {
        let output = run(&["--quiet", "diff", "--against-history", folder, "--fail-on", gate]);
        (output.status.code(), stderr(&output))
    };
    // `wrap` rose five builds ago, and fails no build now; `copy` still creeps.
    let (code, crossed) = gate("regression");
    assert_eq!(code, Some(1), "{crossed}");
    assert!(crossed.contains("copy: +") && crossed.contains("little by little"), "{crossed}");
    assert!(!crossed.contains("wrap"), "{crossed}");
    let refused = [("self:copy>2ms", "no milliseconds"), ("total:copy>2%", "gate on self:copy")];
    for (rule, why) in refused {
        let (code, error) = gate(rule);
        assert!(code == Some(2) && error.contains(why), "{error}");
    }
    assert_eq!(gate("self:wrap>5%").0, Some(0));
    let last = format!("{folder}/build-12.folded");
    let text = stdout(&["diff", "--against-history", folder, "--after", &last]);
    assert!(text.contains("over 12 builds"), "{text}");
    let few = tempfile::tempdir().unwrap();
    for build in 1..=2 {
        let text = format!("main;wrap 40{build}\n");
        std::fs::write(few.path().join(format!("{build}.folded")), text).unwrap();
    }
    let few = failure(&["diff", "--against-history", few.path().to_str().unwrap()]);
    assert!(few.contains("at least 5 runs, and these are 2"), "{few}");
}

/// The error was: an interceptor that was removed was told as fifty causes, one for each function
/// that called it or that it called.
#[test]
fn callers_that_only_pass_a_change_on_are_no_causes() {
    let sides = ["--before", "spike/before-*", "--after", "spike/after-*", "--window", "plateau"];
    let compared = json(&sides);
    let rows = compared["functions"].as_array().unwrap();
    let is_changed =
        |row: &Value| [&row["self"], &row["total"]].iter().any(|m| m["verdict"] == "changed");
    let changed = rows.iter().filter(|row| is_changed(row)).count();
    let causes: Vec<&str> = rows
        .iter()
        .filter(|row| is_changed(row) && row["explained_by"].is_null())
        .map(|row| row["name"].as_str().unwrap())
        .collect();
    assert!(changed > 100 && causes.len() <= 12, "{changed}: {causes:?}");
    // `_encipher` of bcryptjs is reached through one function of the application only, `transform`
    // through several.
    assert!(causes.contains(&"hashPassword") && causes.contains(&"transform"), "{causes:?}");
    assert_eq!(compared["causes"], causes.len());
}

/// The error was: the fixed function was one of "9 more" below "`Builtin: ArraySort`", and the
/// waterfall had other numbers than the table.
#[test]
fn a_change_in_a_builtin_has_the_name_of_the_own_function_that_calls_it() {
    let folder = tempfile::tempdir().unwrap();
    let top = "main /srv/app/server.js:1:1;next /srv/app/node_modules/router/index.js:9:1";
    let own = format!("{top};products /srv/app/products.js:5:1");
    let run = |name: &str, sort: u32, n: u32| {
        let mut text = format!("{own} {}\n{own};Builtin: ArraySort {}\n", 40 + n, sort + n);
        text += &format!("{own};Builtin: StringCompare {}\n", sort / 4 + n);
        for other in 0..20 {
            let row = format!("{top};other{other} /srv/app/other.js:{other}1:1");
            text += &format!("{row} {}\n{row};Builtin: LoadIC {}\n", 900 + other + n, 50 + n);
        }
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let files = ["a1", "a2", "a3"].map(|name| run(name, 9000, name.len() as u32));
    let files = [files[0].clone(), run("a2", 9100, 3), run("a3", 9050, 5)];
    let fixed = [run("b1", 60, 1), run("b2", 66, 4), run("b3", 58, 2)];
    let args = |rest: &[&'static str]| -> Vec<String> {
        let sides = [&["--before".to_owned()][..], &files, &["--after".to_owned()], &fixed];
        let flags = ["--quiet", "diff", "--per", "run", "--interval", "1ms", "--order", "in-turn"];
        let rest = rest.iter().map(|flag| (*flag).to_owned());
        flags.iter().map(|flag| (*flag).to_owned()).chain(sides.concat()).chain(rest).collect()
    };
    let text = |rest: &[&'static str]| {
        let args = args(rest);
        stdout(&args.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let diff: Value = serde_json::from_str(&text(&["--format", "json"])).unwrap();
    let products = rows(&diff, "functions", "products")[0];
    assert!(changed(&products["total"]) && products["explained_by"].is_null(), "{products}");
    for builtin in ["ArraySort", "StringCompare"] {
        let row = rows(&diff, "functions", builtin)[0];
        assert_eq!(row["explained_by"], products["label"], "{row}");
        assert_eq!(row["explained"], "with");
    }
    assert_eq!(diff["waterfall"]["steps"][0]["label"], products["label"]);
    assert_eq!(diff["waterfall"]["steps"][0]["change"], products["together"]);
    for table in [text(&[]), text(&["--format", "markdown"])] {
        let through = table.lines().find(|line| line.contains("through Builtin: ArraySort"));
        let together = through.unwrap().rsplit("together ").next().unwrap();
        let together = together.split([' ', '|']).take(2).collect::<Vec<_>>().join(" ");
        let step = table.lines().find(|line| line.contains("rows that it explains")).unwrap();
        assert!(step.contains(together.trim()) && step.contains("products"), "{together}: {step}");
    }
}

/// The error was: a reader had to scroll through hundreds of rows to the end of a comment.
#[test]
fn the_first_screen_of_a_comment_is_short() {
    let comment = stdout(&with(&["--format", "markdown", "--window", "plateau"]));
    let (first, rest) = comment.split_once("<details>").unwrap();
    assert!(first.lines().count() <= 36 && first.chars().count() < 5_000, "{first}");
    assert!(first.contains("hashPassword") && first.contains("functions changed"), "{first}");
    for part in [
        "What code costs",
        "What native code and the machine cost (libraries",
        "By package",
        "How the runs were",
    ] {
        assert!(rest.contains(part) && !first.contains(part), "{part}");
    }
    assert_eq!(comment.matches("<details>").count(), comment.matches("</details>").count());
}

/// A folder called `diff.md` was made.
#[test]
fn the_folder_of_outputs_is_not_named_like_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("diff.md");
    let message = failure(&[
        "diff",
        "--before",
        "spike/before-1",
        "--after",
        "spike/after-1",
        "-o",
        path.to_str().unwrap(),
    ]);
    assert!(message.contains("--format markdown > FILE"), "{message}");
    assert!(!path.exists());
}

/// The error was: functions of the module that the recorder loads stood among those of the program.
#[test]
fn the_recorders_module_is_no_code_of_the_program() {
    let folder = tempfile::tempdir().unwrap();
    for (name, own) in [("before", 20), ("after", 22)] {
        let row = "/srv/runs/a/.spikeflame/preload.cjs:90:23";
        let text = format!("main /srv/app.js:1:1 4000\nmain /srv/app.js:1:1;row {row} {own}\n");
        std::fs::write(folder.path().join(name).with_extension("folded"), text).unwrap();
    }
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (before, after) = (path("before.folded"), path("after.folded"));
    let words = ["--quiet", "diff", "--before", &before, "--after", &after];
    let text = stdout(&words);
    let (table, _) = text.split_once("By package").unwrap();
    assert!(!table.contains("preload.cjs") && table.contains("main  app.js"), "{text}");
    let line =
        "module cost 0.498 % before and 0.547 % after, which is part of the machine's cost; 1 of";
    assert!(table.contains(line), "{text}");
    let json = stdout(&[&words[..], &["--format", "json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let rows = json["functions"].as_array().unwrap();
    let row = rows.iter().find(|row| row["name"] == "row").unwrap();
    assert_eq!(row["machine"], true, "{row}");
}
