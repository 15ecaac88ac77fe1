//! The steps of the GitHub Action, run as scripts against a `gh` that records its calls.
#![cfg(unix)]
use crate::common;

use common::root;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder with a `bin` on the path, in which `spikeflame` is the program of this build.
struct Runner {
    folder: tempfile::TempDir,
}

impl Runner {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("bin");
        fs::create_dir(&bin).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_spikeflame"), bin.join("spikeflame"))
            .unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// Puts a `gh` on the path, which appends its arguments to `calls` and prints `answer`
    /// when it is asked for comments.
    fn fake_gh(&self, answer: &str) {
        let script = "#!/bin/sh\nprintf '%s\\n' \"$*\" >>\"$CALLS\"\n\
                      case \"$*\" in *'api user'*) exit 1 ;; *paginate*) printf '%s\\n' \"$ANSWER\" ;; esac\n";
        let gh = self.path("bin/gh");
        fs::write(&gh, script).unwrap();
        fs::set_permissions(&gh, fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(self.path("answer"), answer).unwrap();
    }

    fn run(&self, script: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        let system = std::env::var("PATH").unwrap();
        let output = Command::new(root(&format!("action/{script}")))
            .args(arguments)
            .current_dir(self.folder.path())
            .env("PATH", format!("{}:{system}", self.path("bin").display()))
            .env("CALLS", self.path("calls"))
            .env("ANSWER", self.text("answer").trim())
            .env("GITHUB_REPOSITORY", "someone/shop")
            .env("GITHUB_STEP_SUMMARY", self.path("summary.md"))
            .env("GITHUB_OUTPUT", self.path("outputs"))
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        println!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        output
    }
}

fn spike(name: &str) -> String {
    root(&format!("samples/spike/{name}")).display().to_string()
}

fn is_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| file.len() > 0)
}

#[test]
fn a_comparison_leaves_the_comment_the_page_and_a_verdict() {
    let runner = Runner::new();
    let [before, after] = [spike("before-*"), spike("after-*")];
    let sides = [("BEFORE", &*before), ("AFTER", &*after), ("OUTPUT", "out")];
    let passed =
        runner.run("compare.sh", &[], &[&sides[..], &[("FAIL_ON", "total>5%\r\n")]].concat());
    assert!(passed.status.success());
    assert_eq!(runner.text("outputs"), "verdict=passed\n");
    assert!(runner.text("out/diff.md").starts_with("<!-- spikeflame:diff -->\n"));
    assert_eq!(runner.text("summary.md"), runner.text("out/diff.md"));
    for name in ["diff.json", "diff.svg", "report.html"] {
        assert!(is_file(&runner.path("out").join(name)), "{name}");
    }

    // With the sides exchanged, the fix becomes a regression.
    let sides = [("BEFORE", &*after), ("AFTER", &*before), ("OUTPUT", "other")];
    let gates =
        [("FAIL_ON", "total>500%\nregression"), ("COMMENT_KEY", "nightly"), ("WINDOW", "load")];
    let failed = runner.run("compare.sh", &[], &[&sides[..], &gates].concat());
    assert!(failed.status.success());
    // The error was: the page was of the plateaus, and the comment of the time under load.
    for folder in ["out", "other"] {
        let [comment, page] = ["diff.md", "report.html"].map(|name| {
            let text = runner.text(&format!("{folder}/{name}"));
            let from = text.find("CPU per request").unwrap();
            text[from..].split(';').next().unwrap().to_owned()
        });
        assert_eq!(comment, page, "{folder}");
    }
    assert!(runner.text("outputs").ends_with("verdict=failed\n"));
    assert!(runner.text("other/diff.md").starts_with("<!-- spikeflame:nightly -->\n"));
}

/// The folder of a runner whose `spikeflame` only records its arguments, a line for each.
fn with_fake_program() -> Runner {
    let runner = Runner::new();
    let program = runner.path("bin/spikeflame");
    fs::remove_file(&program).unwrap();
    fs::write(&program, "#!/bin/sh\nprintf '%s\\n' \"$@\" >>\"$CALLS\"\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    runner
}

#[test]
fn the_action_records_both_sides_or_takes_given_runs() {
    let record = [
        ("PROGRAM", "node dist/main.js"),
        ("LOAD", "k6 run --out json=$RUN/k6.json.gz spike.js"),
        ("BUILD", "npm ci && npm run build"),
        ("BASE", "0123abc"),
        ("FOLDER", "spikeflame-runs"),
        ("RUNS", "2"),
    ];
    let runner = with_fake_program();
    let output = runner.run("record.sh", &[], &record);
    assert!(output.status.success(), "{output:?}");
    let expected = "ab\n--a\ngit:0123abc\n--b\ngit:HEAD\n--runs\n2\n--output\nspikeflame-runs\n\
                    --build\nnpm ci && npm run build\n--load\nk6 run --out json=$RUN/k6.json.gz \
                    spike.js\n--\nnode\ndist/main.js\n";
    assert_eq!(runner.text("calls"), expected);
    let outputs = "before=spikeflame-runs/a-*\nafter=spikeflame-runs/b-*\n";
    assert_eq!(runner.text("outputs"), outputs);

    // The program itself takes these arguments: what is missing here is the commit.
    let runner = Runner::new();
    let output = runner.run("record.sh", &[], &record);
    let why = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && why.contains("git:0123abc"), "{why}");

    let given = [("BEFORE", "runs/before-*"), ("AFTER", "runs/after-*")];
    let runner = with_fake_program();
    assert!(runner.run("record.sh", &[], &given).status.success());
    assert_eq!(runner.text("outputs"), "before=runs/before-*\nafter=runs/after-*\n");
    assert_eq!(runner.text("calls"), "");

    let output = runner.run("record.sh", &[], &given[..1]);
    assert!(!output.status.success());
}

#[test]
fn runs_that_cannot_be_compared_make_a_comment_that_gives_the_reason() {
    let runner = Runner::new();
    let after = spike("after-1");
    let sides = [("BEFORE", "missing-*"), ("AFTER", &*after), ("OUTPUT", "out")];
    assert!(runner.run("compare.sh", &[], &sides).status.success());
    assert_eq!(runner.text("outputs"), "verdict=error\n");
    let comment = runner.text("out/diff.md");
    assert!(comment.starts_with("<!-- spikeflame:diff -->\n") && comment.contains("missing-*"));
}

#[test]
fn the_comment_is_written_once_and_then_updated() {
    let runner = Runner::new();
    fs::write(runner.path("diff.md"), "<!-- spikeflame:diff -->\n\nNothing changed.\n").unwrap();

    runner.fake_gh("");
    assert!(runner.run("comment.sh", &["diff.md", "42"], &[]).status.success());
    let first = runner.text("calls");
    assert!(first.contains("--method POST repos/someone/shop/issues/42/comments"), "{first}");
    assert!(first.contains("body=@diff.md"), "{first}");

    runner.fake_gh("1001\n1002");
    assert!(runner.run("comment.sh", &["diff.md", "42"], &[]).status.success());
    let second = runner.text("calls").replace(&first, "");
    assert!(second.contains("--method PATCH repos/someone/shop/issues/comments/1001"), "{second}");
    assert!(!second.contains("POST"), "{second}");
}

#[test]
fn nothing_but_a_comment_of_ours_is_sent() {
    let runner = Runner::new();
    runner.fake_gh("");
    fs::write(runner.path("diff.md"), "Hello\n").unwrap();
    assert!(!runner.run("comment.sh", &["diff.md", "42"], &[]).status.success());
    fs::write(runner.path("diff.md"), "<!-- spikeflame:diff -->\n").unwrap();
    assert!(!runner.run("comment.sh", &["diff.md", "42/../7"], &[]).status.success());
    assert_eq!(runner.text("calls"), "");
}
