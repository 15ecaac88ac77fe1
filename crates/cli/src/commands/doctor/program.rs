//! The program and the load test in the command that `doctor` proposes for a new recording.

use crate::output::quoted;
use spikeflame_run::Facts;
use std::fs;
use std::path::{Path, PathBuf};

/// The mark that the recorder writes in place of a secret.
const SECRET: &str = "***";
/// Files that often are the beginning of a program, in the order in which they are looked for.
const MAIN_FILES: [&str; 6] =
    ["dist/main.js", "dist/index.js", "server.js", "main.js", "index.js", "app.js"];
/// Scripts of a package that start it, the best one first.
const SCRIPTS: [&str; 2] = ["start:prod", "start"];
/// Words in a script that starts a program which is not the built one, or which starts again by itself.
const WATCHERS: [&str; 5] = ["nest start", "--watch", "nodemon", "ts-node-dev", "next dev"];

/// The folder in which the program is started.
pub(super) struct Place {
    path: PathBuf,
    /// True for the working directory.
    is_here: bool,
}

impl Place {
    /// Returns the folder that was asked about when it holds a package, and otherwise the working directory.
    pub(super) fn of(asked: &Path) -> Self {
        let here = std::env::current_dir().and_then(|here| here.canonicalize()).ok();
        let is_here = here.is_some() && here == asked.canonicalize().ok();
        match asked.join("package.json").is_file() && !is_here {
            true => Self { path: asked.to_owned(), is_here: false },
            false => Self { path: PathBuf::from("."), is_here: true },
        }
    }

    /// Returns a path for a new run, seen from this folder.
    pub(super) fn new_run(&self) -> String {
        let new = |number: &u32| !self.path.join(format!("runs/before-{number}")).exists();
        format!("runs/before-{}", (1..).find(new).unwrap_or(1))
    }

    /// Returns the command line that records a run of the program of `facts`, or else of the one here.
    pub(super) fn line(&self, folder: &str, load: &str, facts: Option<&Facts>) -> String {
        let program = program(facts, &self.path);
        let enter = match self.is_here {
            true => String::new(),
            false => format!("cd {} && ", quoted(&self.path)),
        };
        // `record` and its load commands need a system of the kind of Unix.
        match cfg!(unix) {
            true => format!("{enter}spikeflame record -o {folder} --load {load} -- {program}"),
            false => format!("{enter}{}", program.replacen("node ", "node --prof ", 1)),
        }
    }
}

/// Returns the load command of the run, quoted for a shell, or else one of k6.
pub(super) fn load(facts: Option<&Facts>) -> String {
    let load = facts.and_then(|facts| facts.load_command.as_deref());
    let load = load.filter(|load| !load.is_empty() && !load.contains(SECRET));
    let load = load.unwrap_or("k6 run --out json=$RUN/k6.json.gz spike.js");
    format!("'{}'", load.replace('\'', r"'\''"))
}

/// Returns the program to record, as a part of a command line: that of the run, or else the one that the
/// package in `folder` names, or else a file in it that may be the program.
pub(super) fn program(facts: Option<&Facts>, folder: &Path) -> String {
    let command = facts.map(|facts| facts.command.as_slice()).unwrap_or_default();
    if !command.is_empty() && !command.iter().any(|word| word.contains(SECRET)) {
        let words: Vec<String> = command.iter().map(|word| quoted(Path::new(word))).collect();
        return words.join(" ");
    }
    let main = MAIN_FILES.iter().find(|file| folder.join(file).is_file());
    of_package(folder).unwrap_or_else(|| format!("node {}", main.unwrap_or(&"main.js")))
}

/// Returns the command that starts the package in a folder. Returns `None` without a package, and for one
/// that does not name its program.
fn of_package(folder: &Path) -> Option<String> {
    let text = fs::read(folder.join("package.json")).ok()?;
    let package: serde_json::Value = serde_json::from_slice(&text).ok()?;
    let is_start = |name: &&&str| {
        let script = package.get("scripts").and_then(|scripts| scripts.get(**name)?.as_str());
        script.is_some_and(|script| !WATCHERS.iter().any(|word| script.contains(word)))
    };
    if let Some(name) = SCRIPTS.iter().find(is_start) {
        return Some(format!("{} run {name}", manager(folder)));
    }
    let main = Path::new(package.get("main")?.as_str()?);
    folder.join(main).is_file().then(|| format!("node {}", quoted(main)))
}

/// Returns the package manager whose lock file lies in the folder.
fn manager(folder: &Path) -> &'static str {
    let has = |name: &str| folder.join(name).is_file();
    match () {
        () if has("pnpm-lock.yaml") => "pnpm",
        () if has("yarn.lock") => "yarn",
        () => "npm",
    }
}
