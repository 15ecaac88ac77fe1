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

/// The text with each run of white space as one space: documents break lines elsewhere.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Runs the examples; `...` stands for any text.
fn hold(document: &str) -> usize {
    let text = std::fs::read_to_string(root(document)).unwrap();
    let examples = examples(&text);
    for (command, expected) in &examples {
        let line = format!("\"$SPIKEFLAME\" {command}");
        let output = Command::new("bash")
            .args(["-c", &line])
            .env("SPIKEFLAME", env!("CARGO_BIN_EXE_spikeflame"))
            .current_dir(root("."))
            .output()
            .unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        let shown = words(&String::from_utf8(output.stdout).unwrap());
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
    assert!(hold("README.md") >= 3);
    if root("docs/ko/README.md").exists() {
        assert!(hold("docs/ko/README.md") >= 3);
    }
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
