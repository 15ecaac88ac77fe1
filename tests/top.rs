//! Tests of `spikeflame top`, from arguments to tables.

use crate::common;

use common::{command, failure, golden, run, stderr, stdout};
use serde_json::Value;
use std::io::Read;

const SPIKE: &str = "spike/before-1";

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&stdout(&[&["top", "--format", "json"], args].concat())).unwrap()
}

fn rows(value: &Value) -> Vec<&Value> {
    value["functions"].as_array().unwrap().iter().collect()
}

#[test]
fn tables_are_as_blessed() {
    // The libraries of this log exist nowhere, so names are the same on every machine.
    let log = "v8/nested-on-node24.log.zst";
    let window = ["--focus", "nested.js", "-n", "8"];
    let table = |format: &str| stdout(&[&["top", log, "--format", format], &window[..]].concat());
    golden("top.txt", &table("text"));
    golden("top.md", &table("markdown"));
    golden("top.json", &table("json"));
}

#[test]
fn json_has_its_schema_and_adds_up() {
    let top = json(&[SPIKE]);
    assert_eq!(top["schema"], "spikeflame.top/1");
    let number = |key: &str| top[key].as_u64().unwrap();
    assert_eq!(number("samples") + number("left_out"), number("read"));
    let own: u64 = rows(&top).iter().map(|row| row["self"].as_u64().unwrap()).sum();
    assert_eq!(own, number("samples"));
    let share: f64 = rows(&top).iter().map(|row| row["self_share"].as_f64().unwrap()).sum();
    assert!((share - 1.0).abs() < 1e-9);
    let row = rows(&top).into_iter().find(|row| row["name"] == "_encipher").unwrap();
    assert_eq!(row["line"], 959);
    assert_eq!(row["kind"], "js");
    assert_eq!(row["category"], "dependency");
    assert!(row["file"].as_str().unwrap().ends_with("bcryptjs/dist/bcrypt.js"));
    let tiers: u64 = row["tiers"].as_object().unwrap().values().map(|v| v.as_u64().unwrap()).sum();
    assert_eq!(tiers, row["self"].as_u64().unwrap());
}

#[test]
fn groups_add_up_to_the_same() {
    let samples = json(&[SPIKE])["samples"].as_u64().unwrap();
    for group in ["function", "file", "package", "category"] {
        let top = json(&[SPIKE, "--group-by", group]);
        let own: u64 = rows(&top).iter().map(|row| row["self"].as_u64().unwrap()).sum();
        assert_eq!(own, samples, "{group}");
    }
    let packages = json(&[SPIKE, "--group-by", "package"]);
    let has = |name: &str| rows(&packages).iter().any(|row| row["name"] == name);
    assert!(has("typeorm") && has("@nestjs/core") && has("(app)"));
    let categories = json(&[SPIKE, "--group-by", "category"]);
    let names: Vec<_> = rows(&categories).iter().map(|r| r["name"].as_str().unwrap()).collect();
    for name in ["app", "dependency", "node core", "native", "builtin", "gc", "compiler"] {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
}

#[test]
fn rows_are_ordered_by_what_was_asked() {
    for (sort, key) in [("self", "self"), ("total", "total")] {
        let top = json(&[SPIKE, "--sort", sort]);
        let values: Vec<_> = rows(&top).iter().map(|row| row[key].as_u64().unwrap()).collect();
        assert!(values.windows(2).all(|pair| pair[0] >= pair[1]), "{sort}");
    }
    assert_eq!(rows(&json(&[SPIKE, "-n", "3"])).len(), 3);
}

#[test]
fn text_says_where_and_how_much() {
    let text = stdout(&["top", SPIKE, "-n", "0", "--focus", "bcryptjs|boards"]);
    let line = text.lines().find(|line| line.contains("_encipher")).unwrap();
    assert!(line.contains("bcryptjs/dist/bcrypt.js:959") && line.contains("*100"), "{line}");
    assert!(text.contains("  boards/boards.service.js:"), "not from the root: {text}");
    let full = stdout(&["top", SPIKE, "-n", "0", "--full-paths"]);
    assert!(full.contains("/srv/meals/back/app/node_modules/bcryptjs/dist/bcrypt.js:959:23"));
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn columns_hold_bytes_and_nanoseconds() {
    let table = stdout(&["top", "json/py-spy.speedscope.json.zst", "--group-by", "category"]);
    assert_eq!(json(&["json/py-spy.speedscope.json.zst"])["unit"], "nanoseconds");
    let end = |line: &str, word: &str| line.find(word).map(|at| at + word.len());
    let lines: Vec<&str> = table.lines().collect();
    let head = lines.iter().position(|line| line.contains("SELF")).unwrap();
    let own = end(lines[head], "SELF").unwrap();
    for row in lines.iter().skip(head + 1).take(2) {
        // The error was: `1,234,567,000` in place of `1.23 s`.
        let time: Vec<&str> = row.split_whitespace().take(2).collect();
        assert!(matches!(time[1], "s" | "ms") && time[0].len() <= 4, "{table}");
        assert_eq!(end(row, &time.join(" ")), Some(own), "{table}");
    }
}

#[test]
fn links_of_a_terminal_name_files_that_exist_and_can_be_switched_off() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().canonicalize().unwrap().join("app\u{1b}.js");
    let made = std::fs::write(&source, "").is_ok();
    let log = folder.path().join("run.folded");
    let shown = source.display();
    std::fs::write(&log, format!("work {shown}:7:3 5\ngone /no/such/file.js:1:1 4\n")).unwrap();
    let top = |variables: &[(&str, &str)]| {
        let mut command = command(&["top", log.to_str().unwrap()]);
        command.env_remove("TERM_PROGRAM").envs(variables.iter().copied());
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    assert!(!top(&[]).contains('\u{1b}'), "no terminal, no links");
    let linked = top(&[("FORCE_HYPERLINK", "1"), ("NO_COLOR", "")]);
    if made && cfg!(unix) {
        assert_eq!(linked.matches("\u{1b}]8;;file:///").count(), 1, "{linked:?}");
        assert!(linked.contains("app%1B.js\u{1b}\\"), "{linked:?}");
        let editor = top(&[("FORCE_HYPERLINK", "1"), ("NO_COLOR", ""), ("TERM_PROGRAM", "vscode")]);
        assert!(editor.contains("vscode://file/") && editor.contains(":7:3\u{1b}\\"), "{editor:?}");
    }
    assert!(!top(&[("FORCE_HYPERLINK", "1"), ("NO_COLOR", "1")]).contains('\u{1b}'));
    assert!(!top(&[("FORCE_HYPERLINK", "0")]).contains('\u{1b}'));
}

const LINES: &str = "lines/lines-node26.log.zst";

#[test]
fn lines_of_a_function_are_shown_with_their_source() {
    let found = json(&[LINES, "--lines", "^(hot|inner) "]);
    assert_eq!(found["schema"], "spikeflame.lines/1");
    for function in rows(&found) {
        let lines = function["lines"].as_array().unwrap();
        let own: u64 = lines.iter().map(|line| line["self"].as_u64().unwrap()).sum();
        assert_eq!(own, function["self"].as_u64().unwrap());
        assert_eq!(function["file"], "/srv/record/lines.cjs");
    }
    // The log holds the text that ran.
    let table = stdout(&["top", LINES, "--lines", "^hot "]);
    assert!(table.contains("LINE") && table.contains("sum += (i * 31) % 7;"), "{table}");
    let table = stdout(&["top", PROFILE, "--lines", "^hot "]);
    assert!(table.contains("LINE") && !table.contains("sum +="), "no file, no source: {table}");
    // The source is shown where the file is at hand.
    let folder = std::env::temp_dir().join(format!("spikeflame-lines-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let script = folder.join("lines.cjs");
    std::fs::copy(common::root("tests/record/programs/lines.cjs"), &script).unwrap();
    let text = std::fs::read_to_string(common::root("samples").join(PROFILE)).unwrap();
    let text = text.replace("/srv/record/lines.cjs", &script.to_string_lossy());
    let here = folder.join("here.cpuprofile");
    std::fs::write(&here, text).unwrap();
    let table = stdout(&["top", &here.to_string_lossy(), "--lines", "^hot "]);
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(table.contains("sum += (i * 31) % 7;"), "{table}");
    let markdown = stdout(&["top", LINES, "--lines", "^hot ", "--format", "markdown"]);
    assert!(markdown.contains("| line | self |"), "{markdown}");
}

const PROFILE: &str = "lines/lines-node26.cpuprofile";

/// The error was: after a fix, the lines of the fixed file were shown beside the samples of the old one.
#[test]
fn the_lines_that_ran_are_shown_although_the_file_has_changed() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("fixed.js");
    std::fs::write(&script, "// fixed\n\n\nfunction other() {}\n").unwrap();
    let path = script.to_string_lossy();
    let source = "function hot() {\\n  let sum = 0;\\n  for (;;) {\\n    sum += work(1\\x2C 2);\\n  }\\n}\\n";
    let log = format!(
        "v8-version,11,3,244,8,0\n\
         script-source,7,file://{path},{source}\n\
         code-creation,JS,10,1000,0x1000,256,hot file://{path}:1:13,0x99,*\n\
         code-source-info,0x1000,7,0,90,C0O5C16O60,,\n\
         tick,0x1020,2000,0,0x0,0\ntick,0x1020,3000,0,0x0,0\n"
    );
    let file = folder.path().join("isolate-v8.log");
    std::fs::write(&file, log).unwrap();
    let output = run(&["top", &file.to_string_lossy(), "--lines", "^hot "]);
    let (table, said) = (String::from_utf8_lossy(&output.stdout), stderr(&output));
    assert!(table.contains("sum += work(1, 2);") && !table.contains("other()"), "{table}");
    assert!(said.contains("has changed since it ran"), "{said}");
}

/// The error was: under a runner that compiles while the program runs, the table was "not known" without a reason.
#[test]
fn lines_that_are_not_known_have_a_reason() {
    let output = run(&["top", "maps/tsx-node24.log.zst", "--lines", "\\.ts:"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("not known"));
    let text = stderr(&output);
    assert!(text.contains("no lines that ran: ") && text.contains("`node main.ts`"), "{text}");
    assert!(!stderr(&run(&["top", LINES, "--lines", "^hot "])).contains("not known"));
}

#[test]
fn lines_are_refused_where_they_would_be_others() {
    let maps = failure(&["top", LINES, "--lines", "hot", "--source-maps"]);
    assert!(maps.contains("leave out --source-maps"), "{maps}");
    let diff = failure(&["diff", "--before", LINES, "--after", LINES, "--group-by", "line"]);
    assert!(diff.contains("top --lines"), "{diff}");
    let none = failure(&["top", LINES, "--lines", "no such function"]);
    assert!(none.contains("matches no function"), "{none}");
    let by_window = stderr(&run(&["top", PROFILE, "--lines", "^hot ", "--from", "100ms"]));
    assert!(by_window.contains("have no times"), "{by_window}");
    let without = stderr(&run(&["top", "v8/mix-node24.log.zst", "--group-by", "line"]));
    assert!(without.contains("no lines that ran"), "{without}");
    let known = run(&["top", LINES, "--group-by", "line"]);
    assert!(known.stderr.is_empty(), "{}", stderr(&known));
}

/// The error was: the first line of a log was lost, and with it the version of Node.
#[test]
fn a_byte_order_mark_is_no_part_of_a_log() {
    let mut log = Vec::new();
    let path = common::root("samples/v8/mix-node24.log.zst");
    let mut packed = spikeflame_parse::open(&path, &spikeflame_parse::Progress::default()).unwrap();
    let plain = common::run(&["top", "v8/mix-node24.log.zst", "--format", "json"]);
    packed.read_to_end(&mut log).unwrap();
    log.splice(0..0, *b"\xef\xbb\xbf");
    let marked = common::run_with(&["top", "-", "--format", "json"], &log);
    assert_eq!(common::stderr(&marked), common::stderr(&plain));
    let read = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
    let (marked, plain) = (read(&marked.stdout), read(&plain.stdout));
    assert_eq!(marked["producer"], plain["producer"]);
    assert_eq!(marked["samples"], plain["samples"]);
}

/// The error was: the message for a list that may be folded stacks did not say how to go on.
#[test]
fn a_list_that_may_be_folded_stacks_can_be_read_as_that() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.txt");
    std::fs::write(&list, "alpha 10\nbeta 5\n").unwrap();
    let list = list.to_str().unwrap();
    let why = failure(&["top", list]);
    assert!(why.contains("read the former with --input-format folded"), "{why}");
    assert!(stdout(&["top", list, "--input-format", "folded"]).contains("alpha"));
}

/// The errors were: `--hide node_modules` removed the list of own code, and Markdown had none.
#[test]
fn own_code_is_listed_without_hidden_packages_and_in_markdown() {
    let title = "hottest of your own code";
    let window = ["top", SPIKE, "--window", "plateau", "-n", "3"];
    let hidden = stdout(&[&window[..], &["--hide", "node_modules"]].concat());
    let (_, list) = hidden.split_once(title).unwrap();
    assert!(list.contains("hashPassword") && !list.contains("bcryptjs"), "{list}");
    let markdown = stdout(&[&window[..], &["--format", "markdown"]].concat());
    let (_, list) = markdown.split_once(title).unwrap();
    assert!(list.contains("- hashPassword members/members.service.js:67 14.5 %"), "{list}");
    assert!(list.contains("  - in next bcryptjs/dist/bcrypt.js:1210"), "{list}");
    assert!(
        markdown.contains(
            "the main thread ran or waited for a core in at least 70 % of the time by its samples"
        ),
        "{markdown}"
    );
}

/// The error was: no word about upper and lower case beside an empty result.
/// The error was: a window in which the program waited was said to be outside the recording.
#[test]
fn a_window_without_a_sample_names_the_samples_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("x.cpuprofile");
    let text = r#"{"nodes":[{"id":1,"callFrame":{"functionName":"f","url":"/a.js","lineNumber":0,"columnNumber":0}}],
        "startTime":0,"endTime":3001000,"samples":[1,1],"timeDeltas":[1000000,2000000]}"#;
    std::fs::write(&log, text).unwrap();
    let told = failure(&["top", log.to_str().unwrap(), "--from", "1.5s", "--to", "2s"]);
    assert!(
        told.contains("before the window is at 1.0 s, and the first one after it at 3.0 s"),
        "{told}"
    );
}

#[test]
fn an_empty_selection_says_what_differs() {
    let why = failure(&["top", SPIKE, "--focus", "HASHPASSWORD"]);
    assert!(why.contains("`hashPassword` differs only in that: (?i)"), "{why}");
    assert!(!failure(&["top", SPIKE, "--focus", "nowhere"]).contains("(?i)"));
}
