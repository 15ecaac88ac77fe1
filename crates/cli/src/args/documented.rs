//! Tests that the parser accepts every command line in README, docs and help.

use super::Cli;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use std::path::{Path, PathBuf};

/// Returns the documents, and the text of every help.
fn texts() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files: Vec<PathBuf> = ["docs", "docs/ko", "docs/workflows", "samples", "."]
        .iter()
        .filter_map(|folder| std::fs::read_dir(root.join(folder)).ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "md" || ending == "yml"))
        .collect();
    files.sort();
    let mut texts: Vec<(String, String)> = files
        .iter()
        .map(|path| (path.display().to_string(), std::fs::read_to_string(path).unwrap()))
        .collect();
    let mut command = Cli::command();
    command.build();
    for sub in std::iter::once(&command).chain(command.get_subcommands()) {
        let help = sub.clone().render_long_help().to_string();
        texts.push((format!("help of {}", sub.get_name()), help));
    }
    texts
}

/// Returns the command lines in a text: those in code spans, and lines that begin with the
/// program's name.
fn command_lines(text: &str) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    let mut found = Vec::new();
    let mut in_fence = false;
    for line in joined.lines() {
        let bare = line.trim().trim_start_matches("$ ").trim_start_matches("npx ");
        in_fence ^= bare.starts_with("```");
        if bare.starts_with("spikeflame ") {
            found.push(bare.to_owned());
        } else if !in_fence {
            let spans = line.split('`').skip(1).step_by(2);
            found.extend(spans.filter(|span| span.starts_with("spikeflame ")).map(str::to_owned));
        }
    }
    found
}

/// Splits a command into words as a shell does, up to a pipe, a comment, or a text that the help
/// writes after two spaces.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    let (mut begun, mut spaces) = (false, 0);
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => (quote, begun) = (Some(c), true),
            (None, ' ') => {
                spaces += 1;
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
                if spaces == 2 {
                    break;
                }
                continue;
            }
            (None, '|' | '#' | ';' | '>' | '&') if !begun => break,
            (_, c) => {
                word.push(c);
                begun = true;
            }
        }
        spaces = 0;
    }
    if begun {
        words.push(word);
    }
    words
}

/// True for a word that stands for a value: `FILE`, `N`, `RUN...`, `…`.
fn is_placeholder(word: &str) -> bool {
    word.chars().all(|c| !c.is_ascii_lowercase() && !c.is_ascii_digit())
}

#[test]
fn documented_commands_are_those_that_exist() {
    let (mut wrong, mut parsed) = (Vec::new(), 0);
    for (place, text) in texts() {
        for line in command_lines(&text) {
            let words: Vec<String> = words(&line)
                .into_iter()
                .filter(|word| !matches!(word.as_str(), "..." | "…"))
                .collect();
            let is_prose =
                words.get(1).is_none_or(|word| is_placeholder(word) || word.contains('/'));
            if is_prose {
                continue;
            }
            parsed += 1;
            let Err(error) = Cli::try_parse_from(&words) else { continue };
            let is_incomplete = matches!(
                error.kind(),
                ErrorKind::MissingRequiredArgument
                    | ErrorKind::DisplayHelp
                    | ErrorKind::DisplayVersion
                    | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            );
            let of_placeholder =
                matches!(error.kind(), ErrorKind::InvalidValue | ErrorKind::ValueValidation)
                    && words.iter().any(|word| is_placeholder(word));
            if !is_incomplete && !of_placeholder {
                wrong.push(format!(
                    "{place}: {line}\n    {}",
                    error.to_string().lines().next().unwrap()
                ));
            }
        }
    }
    println!("{parsed} command lines");
    assert!(parsed > 50, "{parsed}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns the commands in a table of documents: those in the first column of its rows.
fn table_of_commands(text: &str) -> Vec<&str> {
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.filter_map(|row| row.split('|').nth(1));
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect()
}

#[test]
fn the_table_of_the_readme_names_every_command() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let section = readme.split("\n## ").find(|part| part.starts_with("Commands")).unwrap();
    let shown = table_of_commands(section);
    let command = Cli::command();
    let missing: Vec<&str> = command
        .get_subcommands()
        .map(|sub| sub.get_name())
        .filter(|name| !shown.contains(name))
        .collect();
    assert!(missing.is_empty(), "README.md does not name {}", missing.join(", "));
}

/// The error was: the lines were counted as they are on a wide terminal; on one of 80 columns the
/// help of `diff` took 32.
#[test]
fn short_help_fits_a_screen_of_80_columns() {
    let mut command = crate::help::short(Cli::command()).term_width(80);
    command.build();
    let mut long = Vec::new();
    for sub in std::iter::once(&command).chain(command.get_subcommands()) {
        let help = sub.clone().render_help().to_string();
        let lines = help.lines().count();
        println!("--- {lines}\n{help}");
        if lines > 25 {
            long.push(format!("{}: {lines} lines", sub.get_name()));
        }
        let examples = help.lines().filter(|line| line.starts_with("  spikeflame "));
        for example in examples {
            assert!(example.len() <= 80, "{example}");
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

/// The error was: `errors --help` listed options for ticks, idle samples and the requests of a load
/// test, which change nothing in a list of errors.
#[test]
fn options_that_do_nothing_are_in_no_help() {
    let none: [(&str, &[&str]); 4] = [
        ("errors", &["tiers", "inlined", "idle", "annotate", "axis", "scenario", "endpoint"]),
        ("merge", &["annotate"]),
        ("push", &["annotate"]),
        ("doctor", &["raw_names", "pprof_lines", "log_zone"]),
    ];
    let mut command = Cli::command();
    command.build();
    for (name, ids) in none {
        let sub = command.find_subcommand(name).unwrap();
        let shown =
            |id: &&&str| sub.get_arguments().any(|a| a.get_id() == **id && !a.is_hide_set());
        let listed: Vec<_> = ids.iter().filter(shown).collect();
        assert!(listed.is_empty(), "{name}: {listed:?}");
        assert!(sub.get_arguments().count() > 5, "{name}");
    }
    assert!(Cli::try_parse_from(["spikeflame", "errors", "a.log", "--tiers", "split"]).is_err());
}
