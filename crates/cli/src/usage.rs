//! Tips for command lines that the parser refuses.

use clap::Command;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

/// Returns the parser's error with a tip that fits what was meant.
///
/// The parser's own tip for an unknown option, `-- --json`, would make a file name of it.
pub(crate) fn advised(mut error: Error, command: &Command, words: &[String]) -> Error {
    match error.kind() {
        ErrorKind::UnknownArgument => {}
        ErrorKind::InvalidSubcommand => return with_command(error, command),
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

/// Returns the letters of a word in alphabetical order.
fn letters(word: &str) -> Vec<char> {
    let mut letters: Vec<char> = word.chars().collect();
    letters.sort_unstable();
    letters
}

/// Adds a tip for a first word that is neither a command nor a file. The parser's own tip, a
/// similar command, comes first.
fn with_command(mut error: Error, command: &Command) -> Error {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else {
        return error;
    };
    if error.get(ContextKind::SuggestedSubcommand).is_some() {
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
        return (!unknown.starts_with('-')).then(|| bare_word(name, words)).flatten();
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
fn bare_word(name: &str, words: &[String]) -> Option<String> {
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
            ("spikeflame record -o r node main.js", "after two dashes"),
            ("spikeflame tpo r", "a similar subcommand exists: 'top'"),
            ("spikeflame isolate-1-v8.log", "no file of this name"),
            ("spikeflame analyse", "'spikeflame -h' lists the commands"),
            ("spikeflame top r --windw plateau", "a similar argument exists: '--window'"),
        ];
        for (line, tip) in lines {
            let text = message(line);
            assert!(text.contains(tip), "{line}\n{text}");
        }
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
