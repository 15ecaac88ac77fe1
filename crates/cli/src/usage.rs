//! Tips for command lines that the parser refuses.

use crate::failure::Failure;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use clap::{ArgMatches, Command};
use std::path::PathBuf;

/// Returns the parser's error with a tip that fits what was meant.
///
/// The parser's own tip for an unknown option, `-- --json`, would make a file name of it.
pub(crate) fn advised(mut error: Error, command: &Command, words: &[String]) -> Error {
    match error.kind() {
        ErrorKind::UnknownArgument => {}
        ErrorKind::InvalidSubcommand => return with_command(error, command),
        ErrorKind::MissingRequiredArgument => return with_example(error, command, words),
        _ => return error,
    }
    let Some(ContextValue::String(unknown)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    let unknown = unknown.clone();
    error.remove(ContextKind::Suggested);
    if let Some(tip) = tip(&unknown, command, words) {
        // Otherwise a similar name of the same command stands.
        error.remove(ContextKind::SuggestedArg);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

/// Returns an error when runs of `report` stand both before `--before` and directly after its value: a shell puts
/// them there for `--before runs/before-*` without quotes, and they would count as runs after the change.
pub(crate) fn sides_are_apart(matches: &ArgMatches) -> Result<(), Failure> {
    let Some(("report", given)) = matches.subcommand() else { return Ok(()) };
    let places = |name: &str| given.indices_of(name).into_iter().flatten().collect::<Vec<_>>();
    let (before, runs) = (places("before"), places("runs"));
    let is_first = runs.first().zip(before.first()).is_some_and(|(run, before)| run < before);
    let at = runs.iter().position(|place| before.contains(&place.saturating_sub(1)));
    let named = given.get_many::<PathBuf>("runs").into_iter().flatten();
    let Some(stray) = at.filter(|_| is_first).and_then(|at| named.into_iter().nth(at)) else {
        return Ok(());
    };
    Err(Failure::Selection(format!(
        "{}: after the value of --before, this would count as a run after the change; for several runs before, \
         give a pattern in quotes ('runs/before-*'), or --before for each",
        stray.display()
    )))
}

/// Returns the letters of a word in alphabetical order.
fn letters(word: &str) -> Vec<char> {
    let mut letters: Vec<char> = word.chars().collect();
    letters.sort_unstable();
    letters
}

/// Returns the number of letters to insert, remove or replace until one word is the other.
fn edits(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, c) in one.chars().enumerate() {
        let mut before = at;
        let mut left = at + 1;
        let next = row.iter().skip(1).zip(&other).map(|(above, d)| {
            left = (left + 1).min(above + 1).min(before + usize::from(c != *d));
            before = *above;
            left
        });
        let rest: Vec<usize> = next.collect();
        row = std::iter::once(at + 1).chain(rest).collect();
    }
    row.last().copied().unwrap_or(0)
}

/// Adds the first example of the command's help to the error of a missing argument.
fn with_example(mut error: Error, command: &Command, words: &[String]) -> Error {
    let named =
        command.get_subcommands().find(|sub| words.get(1).is_some_and(|w| w == sub.get_name()));
    let Some(example) = named.and_then(example_of) else { return error };
    let tip = format!("for example, '{example}'");
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    error
}

/// Returns the first example in the help of a command, without the text after it.
fn example_of(command: &Command) -> Option<String> {
    let help = command.get_after_help()?.to_string().replace("\\\n", " ");
    let start = format!("spikeflame {}", command.get_name());
    let line = help.lines().map(str::trim).find(|line| line.starts_with(&start))?;
    // Two spaces end an example. The lines of one that was continued are joined by more.
    let (mut text, mut parts) = (String::new(), line.split("  ").map(str::trim));
    text += parts.next()?;
    for part in parts.filter(|part| part.starts_with("--") || part.starts_with("-o ")) {
        text = text + " " + part;
    }
    Some(text)
}

/// Adds a tip for a first word that is neither a command nor a file. The parser's own tip, a
/// similar command, comes first.
fn with_command(mut error: Error, command: &Command) -> Error {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else {
        return error;
    };
    if let Some(ContextValue::Strings(similar)) = error.get(ContextKind::SuggestedSubcommand) {
        let distance = |name: &String| edits(word, name);
        if let Some(nearest) = similar.iter().min_by_key(|name| distance(name)).cloned() {
            error.insert(ContextKind::SuggestedSubcommand, ContextValue::String(nearest));
        }
        return error;
    }
    let swapped = command.get_subcommands().find(|sub| letters(sub.get_name()) == letters(word));
    let tip = match swapped {
        Some(sub) => format!("a similar subcommand exists: '{}'", sub.get_name()),
        None if word.contains(['.', '/', '\\']) => {
            "there is no file of this name, either: 'spikeflame flame FILE' draws a recording"
                .to_owned()
        }
        None => "'spikeflame -h' lists the commands".to_owned(),
    };
    error.remove(ContextKind::Suggested);
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    error
}

/// Returns the tip for an argument that a command does not have.
fn tip(unknown: &str, command: &Command, words: &[String]) -> Option<String> {
    let named =
        command.get_subcommands().find(|sub| words.get(1).is_some_and(|w| w == sub.get_name()));
    let name = named.map_or("", Command::get_name);
    let Some(flag) = unknown.strip_prefix("--").map(|flag| flag.split('=').next().unwrap_or(flag))
    else {
        return (!unknown.starts_with('-')).then(|| bare_word(unknown, name, words)).flatten();
    };
    let has =
        |sub: &Command, flag: &str| sub.get_arguments().any(|arg| arg.get_long() == Some(flag));
    if matches!(flag, "json" | "markdown" | "text") && named.is_some_and(|sub| has(sub, "format")) {
        return Some(format!("'--format {flag}' chooses this format"));
    }
    if flag == "window" && name == "plateau" {
        return Some(
            "'plateau' finds the window itself, and 'spikeflame top RUN --window plateau' shows its \
             functions"
                .to_owned(),
        );
    }
    let others: Vec<String> = command
        .get_subcommands()
        .filter(|sub| has(sub, flag))
        .map(|sub| format!("'{}'", sub.get_name()))
        .collect();
    match others.as_slice() {
        [] => None,
        [only] => Some(format!("{only} has this option")),
        [many @ .., last] => Some(format!("{} and {last} have this option", many.join(", "))),
    }
}

/// Returns the tip for a word at a place where the command takes only options.
fn bare_word(unknown: &str, name: &str, words: &[String]) -> Option<String> {
    match name {
        "record" | "ab" => Some(format!(
            "the program comes after two dashes: 'spikeflame {name} ... -- node dist/main.js'"
        )),
        "diff" => {
            let runs: Vec<&str> = words
                .iter()
                .skip(2)
                .take_while(|word| !word.starts_with('-'))
                .map(String::as_str)
                .collect();
            Some(match runs.as_slice() {
                [before, after] => {
                    format!("'spikeflame diff --before {before} --after {after}' compares them")
                }
                _ => "the sides have names: 'spikeflame diff --before RUN --after RUN'".to_owned(),
            })
        }
        "plateau" | "capacity" => Some(format!(
            "'{name}' takes one load test: start it once for each. {}",
            match name {
                "plateau" => format!("'--profile {unknown}' adds the recording of the run"),
                _ => format!("'--load {unknown}' names the load test of a run"),
            }
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Cli;
    use clap::CommandFactory;

    fn message(line: &str) -> String {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let mut command = Cli::command();
        let error = command.try_get_matches_from_mut(&words).unwrap_err();
        advised(error, &command, &words).to_string()
    }

    #[test]
    fn a_refused_command_line_gets_the_tip_that_helps() {
        let lines = [
            ("spikeflame top r --json", "'--format json' chooses this format"),
            ("spikeflame plateau r --json", "'--format json' chooses this format"),
            ("spikeflame plateau r --window plateau", "finds the window itself"),
            ("spikeflame errors r --sort total", "'top', 'diff' and 'queries' have this option"),
            ("spikeflame diff a b", "'spikeflame diff --before a --after b' compares them"),
            ("spikeflame diff a b c", "the sides have names"),
            ("spikeflame plateau k6.json v8.log", "'--profile v8.log' adds the recording"),
            ("spikeflame capacity a b", "'capacity' takes one load test"),
            ("spikeflame record -o r node main.js", "after two dashes"),
            ("spikeflame tpo r", "a similar subcommand exists: 'top'"),
            ("spikeflame isolate-1-v8.log", "no file of this name"),
            ("spikeflame plateu r", "a similar subcommand exists: 'plateau'"),
            ("spikeflame repot r", "a similar subcommand exists: 'report'"),
            ("spikeflame top", "for example, 'spikeflame top isolate-*-v8.log'"),
            ("spikeflame pull", "--until 2026-11-23T01:26:45Z -o runs/pulled-1'"),
            ("spikeflame analyse", "'spikeflame -h' lists the commands"),
            ("spikeflame top r --windw plateau", "a similar argument exists: '--window'"),
        ];
        for (line, tip) in lines {
            let text = message(line);
            assert!(text.contains(tip), "{line}\n{text}");
        }
    }

    /// A missing argument gives an example, which the parser accepts.
    #[test]
    fn each_command_without_arguments_gives_an_example_that_is_right() {
        let names: Vec<String> =
            Cli::command().get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
        let mut given = 0;
        for name in names {
            let words = ["spikeflame".to_owned(), name.clone()];
            let mut command = Cli::command();
            let Err(error) = command.try_get_matches_from_mut(&words) else { continue };
            let text = advised(error, &command, &words).to_string();
            let part = text.split("for example, '").nth(1);
            let example = part.and_then(|part| part.split("'\n").next()).unwrap_or_default();
            let words = example.replace('\'', "");
            let parsed = Cli::command().try_get_matches_from(words.split_whitespace());
            let why = parsed.err().map(|why| why.to_string());
            // The example of completions has a redirection, which a shell takes.
            assert!(why.is_none() || name == "completions", "{name}: {example}\n{why:?}\n{text}");
            given += 1;
        }
        assert!(given > 12, "{given}");
    }

    #[test]
    fn no_tip_makes_a_file_name_of_an_unknown_option() {
        for line in ["spikeflame top r --json", "spikeflame top r --no-such", "spikeflame top r -z"]
        {
            let text = message(line);
            assert!(!text.contains("as a value"), "{line}\n{text}");
        }
    }
}
