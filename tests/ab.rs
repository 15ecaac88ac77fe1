//! `spikeflame ab` with real programs. Without `node` or `git` the tests print SKIPPED.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

use std::process::Command;

use crate::record::{has, root, spikeflame, text};

/// The commands of samples/app/README.md, with shorter runs.
#[test]
fn the_planted_function_comes_out_first_and_changed() {
    if !has("node") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let compared = |name: &str, seconds: &str| {
        let runs = folder.path().join(name);
        let output = spikeflame(
            &root(),
            &[
                "ab",
                "-o",
                &runs.display().to_string(),
                "--a",
                "samples/app/before",
                "--b",
                "samples/app/after",
                "--load",
                // The recorder notes the port on which the program listens.
                &format!(
                    "PORT=$(cat $RUN/.spikeflame/listening-*) \
                     node samples/app/load.js $RUN/load.csv {seconds}"
                ),
                "--",
                "node",
                "server.js",
            ],
        );
        // On a very slow machine, a load of 2 s may send no request.
        if !output.status.success() {
            return (false, String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let shown = text(&output);
        assert!(runs.join("report.html").metadata().unwrap().len() > 50_000);
        let json = std::fs::read(runs.join("diff/diff.json")).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        // On a busy machine the garbage collector can come before the application.
        let functions = json["functions"].as_array().unwrap();
        let first = functions.iter().find(|one| one["machine"] == false).unwrap().clone();
        let top = spikeflame(&root(), &["top", &runs.join("a-1").display().to_string(), "-n", "5"]);
        // The error was: 75 rows on the terminal. The file has them.
        let rows = std::fs::read_to_string(runs.join("diff/diff.txt")).unwrap().lines().count();
        let is_short = shown.lines().count() < 45 && rows > 45;
        // The error was: the line compared another window than `ab` did.
        let is_plateau = shown.contains("the plateau of each.");
        assert_eq!(shown.contains("/b-*' --window plateau\n"), is_plateau, "{shown}");
        let is_named = shown.contains("findProduct") && text(&top).contains("findProduct");
        let is_found = first["name"] == "findProduct" && first["self"]["verdict"] == "changed";
        (is_short && is_named && is_found, format!("{shown}{first}"))
    };
    // On a very slow machine, the short runs have too few ticks for a verdict.
    let (is_found, shown) = compared("ab", "2");
    let (is_found, shown) = if is_found { (true, shown) } else { compared("long", "20") };
    assert!(is_found, "{shown}");
}

#[test]
fn sides_of_git_leave_the_repository_as_it_was() {
    if !has("node") || !has("git") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let repository = folder.path().join("shop");
    let service = repository.join("service");
    std::fs::create_dir_all(&service).unwrap();
    let git = |arguments: &[&str]| {
        let user = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
        let mut git = Command::new("git");
        text(&git.args(user).args(arguments).current_dir(&repository).output().unwrap())
    };
    let program = |name: &str| {
        let text = format!(
            "function {name}() {{ let x = 0; for (let i = 0; i < 1e8; i++) x += i % 7; return x; }}
             console.log('{name}', {name}(), __filename);"
        );
        std::fs::write(service.join("main.js"), text).unwrap();
    };
    git(&["init", "-q"]);
    program("first");
    git(&["add", "."]);
    git(&["commit", "-qm", "first"]);
    git(&["tag", "one"]);
    program("second");
    git(&["commit", "-qam", "second"]);
    let before = (git(&["rev-parse", "HEAD"]), git(&["worktree", "list"]));
    let run = |b: &str, output: &str| {
        let words = ["ab", "--a", "git:one", "--b", b, "--runs", "1", "-o", output, "--"];
        // From a folder within the repository: the program runs in the same one.
        spikeflame(&service, &[&words[..], &["node", "main.js"]].concat())
    };
    let shown = text(&run("git:HEAD", "../../ab"));
    // Each function ran for few ticks, so that a row of its own is not sure.
    assert!(shown.contains("wrote diff.txt"), "{shown}");
    let log = |name: &str| {
        let path = folder.path().join("ab").join(name).join("app.log");
        std::fs::read_to_string(path).unwrap().trim().to_owned()
    };
    let (a, b) = (log("a-1"), log("b-1"));
    assert!(a.contains("first") && b.contains("second"), "{a} {b}");
    assert_eq!(a.split(' ').next_back(), b.split(' ').next_back());
    assert!(a.ends_with(".ab/app/service/main.js"), "{a}");
    assert_eq!((git(&["rev-parse", "HEAD"]), git(&["worktree", "list"])), before);
    assert_eq!(git(&["status", "--porcelain"]), "");
    // The error was: outside of a repository, the message was git's alone.
    let words = ["ab", "--a", "git:one", "--b", "git:HEAD", "-o", "out", "--", "node", "main.js"];
    let outside = spikeflame(folder.path(), &words);
    let message = String::from_utf8_lossy(&outside.stderr).into_owned();
    assert!(message.contains("or name two folders: --a ../before --b ../after"), "{message}");
    // The error was: a branch without `git:` was no such file or directory.
    let message = String::from_utf8_lossy(&run("HEAD", "../../none").stderr).into_owned();
    assert!(message.contains("has git: before its name (git:HEAD)"), "{message}");
    // A name that git does not know is refused.
    let refused = run("git:no-such-branch", "../../other");
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && message.contains("git:no-such-branch"), "{message}");
}

/// The error was: `ab` wrote the program's output to a file only, so that a missing build was not seen.
#[test]
fn a_side_without_its_build_shows_the_output_and_names_the_option() {
    if !has("node") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("side")).unwrap();
    std::fs::write(folder.path().join("side/main.js"), "throw new Error('no database')").unwrap();
    let run = |output: &str, script: &str| {
        let words = ["ab", "--a", "side", "--b", "side", "-o", output, "--load", "true", "--"];
        let output = spikeflame(folder.path(), &[&words[..], &["node", script]].concat());
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let told = run("one", "dist/main.js");
    assert!(told.contains("program: Error: Cannot find module"), "{told}");
    assert!(told.contains("--build 'npm ci"), "{told}");
    let told = run("two", "main.js");
    assert!(told.contains("program: Error: no database") && !told.contains("--build"), "{told}");
}

/// The errors were: `ab` had neither source maps nor gates, and the page warned of a log without stacks.
#[test]
fn a_comparison_shows_the_sources_of_each_side_and_holds_gates() {
    if !has("node") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // The function is in line 10 before, and in line 15 after.
    for (side, times, line) in [("before", "2e7", "AASA"), ("after", "10e7", "AAcA")] {
        let side = folder.path().join(side);
        std::fs::create_dir(&side).unwrap();
        let program = format!(
            "function spin() {{ let x = 0; for (let i = 0; i < {times}; i++) x += i % 7; return x; }} \
             console.log(spin());\n//# sourceMappingURL=main.js.map\n"
        );
        let map = format!(
            "{{\"version\":3,\"sources\":[\"main.ts\"],\"names\":[],\"mappings\":\"{line}\"}}"
        );
        std::fs::write(side.join("main.js"), program).unwrap();
        std::fs::write(side.join("main.js.map"), map).unwrap();
    }
    let run = |gate: &str| {
        let words = ["ab", "--a", "before", "--b", "after", "--runs", "2", "-o", "out"];
        let more = ["--source-maps", "--fail-on", gate, "--", "node", "main.js"];
        spikeflame(folder.path(), &[&words[..], &more].concat())
    };
    let held = run("total>9000%");
    let (shown, warned) = (text(&held), String::from_utf8_lossy(&held.stderr).into_owned());
    assert!(shown.contains("b-*' --source-maps\n") && !warned.contains("source maps"), "{warned}");
    let rows = std::fs::read_to_string(folder.path().join("out/diff/diff.txt")).unwrap();
    assert!(rows.contains("main.ts:15") && !rows.contains("main.js"), "{rows}");
    std::fs::remove_file(folder.path().join("out/report.html")).unwrap();
    // Stacks with known costs take the place of the ticks, so that no speed of a machine decides
    // whether the gate is crossed. The runs are there already, and are read again.
    for (number, (name, spin)) in
        [("a-1", 100), ("a-2", 103), ("b-1", 500), ("b-2", 503)].into_iter().enumerate()
    {
        let run = folder.path().join("out").join(name);
        for file in std::fs::read_dir(&run).unwrap().map(|file| file.unwrap().path()) {
            if file.extension().is_some_and(|end| end == "log") {
                std::fs::remove_file(file).unwrap();
            }
        }
        let rest: String = (1..10)
            .map(|at| format!("main a.js:1;f{at} a.js:{at} {}\n", 990 + number * at))
            .collect();
        let stacks = format!("{rest}main a.js:1;spin a.js:20 {spin}\n");
        std::fs::write(run.join("stacks.folded"), stacks).unwrap();
    }
    assert_eq!(run("total>1%").status.code(), Some(1));
    assert!(folder.path().join("out/report.html").exists());
}
