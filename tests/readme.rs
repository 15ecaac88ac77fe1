//! The README's commands print what the README shows, and links between documents lead
//! somewhere.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail"
)]

mod common;

use common::root;
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::process::Command;

/// The commands of a document that are shown with their output: the command, and the output
/// up to the first line that is not indented as they are.
fn examples(document: &str) -> Vec<(String, String)> {
    let mut examples = Vec::new();
    let mut lines = document.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(command) = line.strip_prefix("    $ spikeflame ") else { continue };
        let mut output = String::new();
        while let Some(line) = lines.next_if(|line| line.starts_with("    ")) {
            output.push_str(line);
            output.push('\n');
        }
        examples.push((command.to_owned(), output));
    }
    examples
}

#[cfg(unix)]
/// The text with each run of white space as one space: documents break lines elsewhere.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(unix)]
fn has_node() -> bool {
    Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Returns the lines without the figures at their start, in place of which any text may stand.
#[cfg(unix)]
fn without_figures(text: &str) -> String {
    let is_figure = |word: &&str| word.chars().all(|c| c.is_ascii_digit() || ".,%".contains(c));
    let lines = text.lines().map(|line| {
        let rest: Vec<&str> = line.split_whitespace().skip_while(is_figure).collect();
        format!("... {}", rest.join(" "))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns the output of a command in a new folder that has only the samples in it. A program that it records
/// gets a port that was free; should another program take the port first, the next try has another.
#[cfg(unix)]
fn output_of(command: &str, records: bool) -> String {
    let mut tries = if records { 3 } else { 1 };
    loop {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(root("samples"), folder.path().join("samples")).unwrap();
        let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = free.local_addr().unwrap().port().to_string();
        drop(free);
        let output = Command::new("bash")
            .args(["-c", &format!("\"$SPIKEFLAME\" {command}")])
            .env("SPIKEFLAME", env!("CARGO_BIN_EXE_spikeflame"))
            .env("PORT", port)
            .current_dir(&folder)
            .output()
            .unwrap();
        tries -= 1;
        if output.status.success() {
            return String::from_utf8(output.stdout).unwrap();
        }
        assert!(tries > 0, "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Runs the examples in a folder with the samples; `...` stands for any text. A recording has other
/// figures each time, so its lines are compared without the figures at their start.
#[cfg(unix)]
fn hold(document: &str) -> usize {
    let text = std::fs::read_to_string(root(document)).unwrap();
    let examples = examples(&text);
    for (command, expected) in &examples {
        let records = command.starts_with("record ");
        if records && !has_node() {
            println!("SKIPPED: no node, so {document}'s record did not run");
            continue;
        }
        let expected = if records { without_figures(expected) } else { expected.clone() };
        let shown = words(&output_of(command, records));
        let mut rest = shown.as_str();
        for part in expected.split("...").map(words).filter(|part| !part.is_empty()) {
            let Some(at) = rest.find(&part) else {
                panic!("{document}: spikeflame {command}\nshows\n{part}\nbut prints\n{shown}");
            };
            rest = &rest[at + part.len()..];
        }
    }
    examples.len()
}

#[cfg(unix)]
#[test]
fn commands_print_what_the_readme_shows() {
    assert_eq!(hold("README.md"), 5);
}

/// The commands of a document's code blocks, without the comments after them.
fn commands(text: &str) -> Vec<&str> {
    let blocks = text.lines().filter_map(|line| line.strip_prefix("    "));
    let without_note = |line: &str| line.split(" #").next().unwrap_or_default().trim_end().len();
    let all = blocks.map(|line| &line[..without_note(line)]);
    all.filter(|line| !line.starts_with(' ') && !line.starts_with("--")).collect()
}

/// The translation has the commands of the README with the outputs that the README shows.
#[test]
fn the_translation_has_the_same_commands_and_outputs() {
    let [readme, korean] =
        ["README.md", "docs/ko/README.md"].map(|name| std::fs::read_to_string(root(name)).unwrap());
    assert_eq!(examples(&readme), examples(&korean));
    assert_eq!(examples(&readme).len(), 5);
    assert_eq!(commands(&readme), commands(&korean));
    assert!(commands(&readme).len() > 15);
    let lines = |text: &str| text.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(lines(&readme), lines(&korean));
}

#[cfg(unix)]
#[test]
fn commands_print_what_the_documents_show() {
    assert!(hold("docs/plateau.md") >= 1);
    assert!(hold("docs/diff.md") >= 1);
}

fn documents() -> Vec<PathBuf> {
    let folders = [".", "docs", "docs/ko", "samples", "samples/app", "samples/docker"];
    let entries = folders.iter().filter_map(|folder| std::fs::read_dir(root(folder)).ok());
    let paths = entries.flat_map(|entries| entries.flatten().map(|entry| entry.path()));
    paths.filter(|path| path.extension().is_some_and(|ending| ending == "md")).collect()
}

/// The targets of links and pictures: `](target)`.
fn targets(text: &str) -> Vec<&str> {
    let parts = text.split("](").skip(1).filter_map(|part| part.split_once(')'));
    parts.map(|(target, _)| target).collect()
}

/// The anchors of a document, as GitHub makes them of its headings.
fn anchors(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let anchor = |line: &str| {
        let heading = line.trim_start_matches('#').trim().to_lowercase();
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(anchor).collect()
}

#[test]
fn links_between_documents_lead_somewhere() {
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for path in documents() {
        let text = std::fs::read_to_string(&path).unwrap();
        for target in targets(&text).into_iter().filter(|target| !target.contains("://")) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let to = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            checked += 1;
            let has_anchor = || anchors(&to).iter().any(|known| known == anchor);
            if !to.exists() || !anchor.is_empty() && !has_anchor() {
                wrong.push(format!("{}: {target}", path.display()));
            }
        }
    }
    println!("{checked} links");
    assert!(checked > 20 && wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The error was: four cells of the table of other tools said "no" and named no source.
#[test]
fn each_no_of_the_table_of_other_tools_has_a_note() {
    let text = std::fs::read_to_string(root("docs/others.md")).unwrap();
    let (mut bare, mut checked) = (Vec::new(), 0);
    for row in text.lines().filter(|line| line.starts_with("| ")).take(18) {
        for cell in row.split('|').map(str::trim) {
            let is_no = ["no", "none"].contains(&cell.split([' ', ',', ';', ':']).next().unwrap());
            if !is_no {
                continue;
            }
            checked += 1;
            let note = cell.split('[').nth(1).and_then(|note| note.split(']').next());
            let is_there = note.is_some_and(|note| text.contains(&format!("\n{note}. ")));
            if !is_there {
                bare.push(format!("{cell} in {row}"));
            }
        }
    }
    assert!(checked > 40 && bare.is_empty(), "{checked}\n{}", bare.join("\n"));
}
