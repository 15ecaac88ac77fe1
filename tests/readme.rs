//! The README's commands print what the README shows, and links between documents lead
//! somewhere.
use crate::common;

use common::root;
use std::collections::{BTreeMap, BTreeSet};
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

/// Returns true when this machine has the binaries with which the samples were recorded, and the debug
/// symbols of its C library. Elsewhere native functions have other names, and the figures differ a little.
#[cfg(unix)]
fn has_binaries() -> bool {
    let stacks = output_of("fold samples/spike/before-1", false);
    ["v8::internal::", ";_int_malloc"].iter().all(|name| stacks.contains(name))
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
    let has_binaries = has_binaries();
    for (command, expected) in &examples {
        let records = command.starts_with("record ");
        if records && !has_node() {
            println!("SKIPPED: no node, so {document}'s record did not run");
            continue;
        }
        if !records && !has_binaries {
            println!(
                "SKIPPED: no binaries of the samples, so {document}'s `{command}` did not run"
            );
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

/// Each page that is translated, and its translation.
const TRANSLATED: [[&str; 2]; 2] =
    [["README.md", "docs/ko/README.md"], ["docs/commands.md", "docs/ko/commands.md"]];

fn both(names: [&str; 2]) -> [String; 2] {
    names.map(|name| std::fs::read_to_string(root(name)).unwrap())
}

/// A translation has the commands of its page with the outputs that the page shows.
#[test]
fn the_translation_has_the_same_commands_and_outputs() {
    let lines = |text: &str| text.lines().filter(|line| line.starts_with("| `")).count();
    for names in TRANSLATED {
        let [english, korean] = both(names);
        assert_eq!(examples(&english), examples(&korean));
        assert_eq!(commands(&english), commands(&korean));
        assert_eq!(lines(&english), lines(&korean), "{names:?}");
    }
    let [[readme, _], [page, _]] = TRANSLATED.map(both);
    assert_eq!(examples(&readme).len(), 5);
    assert!(commands(&readme).len() > 15 && lines(&page) > 20);
}

/// Returns the numbers in the prose of a document: blocks of code and the addresses of links are
/// left out. Separators of thousands stay in a number.
fn numbers(text: &str) -> BTreeSet<String> {
    let mut in_fence = false;
    let mut found = BTreeSet::new();
    for line in text.lines() {
        in_fence ^= line.starts_with("```");
        if in_fence || line.starts_with("    ") {
            continue;
        }
        let targets = targets(line).into_iter().map(str::to_owned);
        let bare = targets.fold(line.to_owned(), |line, target| line.replace(&target, ""));
        let parts = bare.split(|c: char| !c.is_ascii_digit() && c != '.' && c != ',');
        let numbers =
            parts.map(|part| part.trim_matches(['.', ','])).filter(|part| !part.is_empty());
        found.extend(numbers.map(str::to_owned));
    }
    found
}

/// The translation may leave a number out or write it as a word, but it has none of its own: such
/// a number was changed in the README and not in the translation.
#[test]
fn each_number_of_the_translation_is_in_the_readme() {
    let [readme, korean] = both(["README.md", "docs/ko/README.md"]);
    // The prose may name a number that the README shows in the output of a command, and one that
    // the README writes as a word.
    let of_outputs: String = readme.lines().map(|line| format!("{}\n", line.trim())).collect();
    let known = numbers(&of_outputs);
    let words = [("a minute", "1"), ("one", "1"), ("three", "3")];
    let is_word = |number: &str| {
        words.iter().any(|(word, digits)| *digits == number && readme.contains(word))
    };
    let korean = numbers(&korean);
    let other: Vec<_> =
        korean.iter().filter(|number| !known.contains(*number) && !is_word(number)).collect();
    assert!(other.is_empty(), "docs/ko/README.md has {other:?}, and README.md does not");
    assert!(korean.len() > 15, "{korean:?}");
}

/// The column of names on the map, after the four spaces of a block of code.
const NAMES_AT: usize = 10;

/// Returns the names on the map of docs/architecture.md, by crate (`web` for the page's sources).
fn map() -> BTreeMap<String, Vec<String>> {
    let text = std::fs::read_to_string(root("docs/architecture.md")).unwrap();
    let section = text.split("\n## ").find(|part| part.starts_with("The map")).unwrap();
    let mut map = BTreeMap::<String, Vec<String>>::new();
    let mut of = String::new();
    for line in section.lines().filter(|line| line.starts_with("    ")) {
        let (part, rest) = line[4..].split_at(NAMES_AT);
        if !part.trim().is_empty() {
            of = part.trim().trim_end_matches('/').to_owned();
        }
        // A description that goes on in another line stands below the first.
        if !rest.starts_with(' ') {
            let names = rest.split("  ").next().unwrap_or_default().split(", ");
            map.entry(of.clone()).or_default().extend(names.map(|name| name.trim().to_owned()));
        }
    }
    map
}

/// The error was: the map named files that were gone, and rooms were missing on it.
#[test]
fn the_map_names_what_is_there() {
    let map = map();
    let sources = |name: &str| match name.starts_with("web") {
        true => root("web/src"),
        false => root("crates").join(name).join("src"),
    };
    let mut wrong = Vec::new();
    for (part, names) in &map {
        let folder = sources(part);
        for name in names {
            let bare = name.trim_end_matches('/');
            let ending = if part.starts_with("web") { "ts" } else { "rs" };
            let is_file = folder.join(format!("{bare}.{ending}")).is_file();
            let is_room = folder.join(bare).is_dir();
            // A file with an ending of its own (`preload.cjs`) is named with it.
            let exists = match name.ends_with('/') {
                true => is_room,
                false => is_file || is_room || folder.join(bare).is_file(),
            };
            if !exists {
                wrong.push(format!("{part}: {name} is not there"));
            }
        }
        for room in std::fs::read_dir(&folder).unwrap().flatten() {
            let name = room.file_name().to_string_lossy().into_owned();
            let is_named = names.iter().any(|known| known.trim_end_matches('/') == name);
            // A folder beside a file of its name holds parts of that file.
            let is_part = folder.join(format!("{name}.rs")).is_file();
            if room.path().is_dir() && !is_named && !is_part && name != "assets" {
                wrong.push(format!("{part}: the room {name}/ is not on the map"));
            }
        }
    }
    assert!(map.len() > 8 && wrong.is_empty(), "{map:#?}\n{}", wrong.join("\n"));
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
