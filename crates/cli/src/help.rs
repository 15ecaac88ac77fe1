//! Help that fits a screen: `-h` has the options that most people need, `--help` has all.
//! Both begin with examples.

use clap::Command;
use std::ffi::OsString;

/// The options of `-h`, by command.
const SHORT_HELP: [(&str, &[&str]); 17] = [
    ("record", &["output", "load", "wait", "profiler", "repeat"]),
    ("flame", &["load", "window", "focus", "hide", "group_by", "output", "open", "fixed"]),
    ("fold", &["load", "window", "focus", "hide", "group_by", "output"]),
    ("top", &["load", "window", "focus", "hide", "group_by", "sort", "rows", "format"]),
    ("export", &["to", "load", "window", "focus", "hide", "output"]),
    ("diff", &["before", "after", "window", "per", "group_by", "fail_on", "format", "output"]),
    ("report", &["load", "window", "before", "fail_on", "output", "open"]),
    ("plateau", &["profile", "columns", "endpoint", "plateau", "format"]),
    (
        "capacity",
        &["rps", "mean", "hold", "max_connections", "instances", "memory", "load", "format"],
    ),
    ("errors", &["load", "window", "format", "output"]),
    ("attach", &["inspect", "pid", "duration", "output"]),
    ("merge", &["output"]),
    ("push", &["to", "protocol", "service", "label", "chunk", "window"]),
    ("pull", &["from", "query", "from_time", "until", "output"]),
    ("ab", &["a", "b", "build", "runs", "load", "output"]),
    ("queries", &["load", "window", "sort", "rows", "format", "output"]),
    ("doctor", &["load", "format", "symbols", "output"]),
];

/// Commands that the short help names without a line of their own, so that it fits a screen.
const RARE: [&str; 5] = ["merge", "push", "pull", "completions", "man"];

/// Help of options that takes one line of a narrow terminal: the command (empty for each that has
/// selections), the option and the text.
const BRIEF: &[(&str, &str, &str)] = &[
    ("", "window", "Part: plateau (overload), load, before, 30s..50s"),
    ("", "load", "Load test [default: the one in RUN's folder]"),
    ("", "group_by", "Unit: function, line, file, package, category"),
    ("", "format", "text, markdown or json [default: text]"),
    ("", "output", "File to write [default: by the input's name]"),
    ("record", "load", "Shell command of the load test; $RUN is the run folder"),
    ("record", "profiler", "prof (V8's ticks), cpu-prof or perf [default: prof]"),
    ("record", "wait", "Sign that the program answers: URL, port, or text"),
    ("record", "output", "Run folder to make; empty, or new"),
    ("ab", "a", "Build before: git:REF of this repository, or a folder"),
    ("ab", "load", "Shell command of the load test; $RUN is the run folder"),
    ("flame", "fixed", "Shapes without script and style, for pull requests"),
    ("fold", "output", "File to write [default: standard output]"),
    ("errors", "load", "Load test [default: the one in LOG's folder]"),
    ("errors", "output", "File to write [default: standard output]"),
    ("doctor", "format", "text or json [default: text]"),
    ("doctor", "output", "File to write [default: standard output]"),
    ("top", "sort", "Order of rows: self or total [default: self]"),
    ("top", "rows", "Rows; 0 for all [default: 25; JSON: all]"),
    ("export", "to", "pprof, speedscope, firefox, cpuprofile, otlp, folded"),
    ("diff", "before", "Runs before: folders, files, or 'runs/before-*'"),
    ("diff", "per", "Costs per request, run, second, or share"),
    ("diff", "fail_on", "Exit code 1 on: regression, total>5%, self:NAME>2ms"),
    ("diff", "output", "Folder for all outputs: text, JSON, pictures"),
    ("report", "before", "Run before the change; may be given several times"),
    ("report", "fail_on", "Exit code 1 on: regression, total>5%, self:NAME>2ms"),
    ("report", "output", "Page (.html) or text (.md) [default: RUN.html]"),
    ("plateau", "profile", "Recording of the run, to find the limit"),
    ("plateau", "endpoint", "Only requests of this name, url or group"),
    ("plateau", "columns", "Meaning of columns: rps=throughput"),
    ("plateau", "plateau", "Plateau to use, from 1 [default: longest]"),
    ("plateau", "format", "text or json [default: text]"),
    ("queries", "load", "Load test that ran at the same time"),
    ("queries", "window", "all or plateau [default: all]"),
    ("queries", "rows", "Rows; 0 for all [default: 25; JSON: all]"),
    ("queries", "sort", "total, count, p95, examined, lock [default: total]"),
    ("queries", "output", "File to write [default: standard output]"),
    ("capacity", "hold", "Time for which a request holds a connection"),
    ("capacity", "memory", "Memory of the database: 1024MB, 2GiB"),
    ("capacity", "instances", "Processes with a pool each [default: 1]"),
    ("capacity", "load", "Load test: gives rps, mean and hold"),
    ("capacity", "format", "text or json [default: text]"),
    ("push", "protocol", "pyroscope or otlp [default: pyroscope]"),
    ("push", "service", "Name of the service"),
    ("push", "label", "Further label; may be given several times"),
    ("push", "chunk", "Length of the pieces that are sent [default: 10s]"),
];

/// Width of a narrow terminal, in characters. It would break longer examples.
const WIDTH: usize = 80;
/// Lines of examples in `-h`, with their heading.
const EXAMPLES: usize = 4;

const LONG_TEMPLATE: &str =
    "{about-with-newline}\n{usage-heading} {usage}{after-help}\n\n{all-args}";
const SHORT_TEMPLATE: &str =
    "{about-with-newline}\n{usage-heading} {usage}{after-help}\n\nOptions:\n{options}";
const COMMANDS: &str = "{about-with-newline}\n{usage-heading} {usage}{after-help}\n\nCommands:\n{subcommands}\n  \
     (more)    ";

/// Returns the definition with the help that the arguments ask for. Without a question for
/// help it stays as it is: the work for help would double the time of a start.
pub(crate) fn for_arguments(command: Command, arguments: &[OsString]) -> Command {
    let words = || arguments.iter().take_while(|word| *word != "--").filter_map(|w| w.to_str());
    // `-qh` is `-q -h`.
    let joined =
        |word: &str| word.starts_with('-') && !word.starts_with("--") && word.contains('h');
    if words().any(|word| word == "-h") && words().all(|word| word != "help") {
        short(command)
    } else if words().any(|word| matches!(word, "--help" | "help") || joined(word))
        || arguments.len() < 2
    {
        long(command)
    } else {
        command
    }
}

/// Commands that read nothing with several threads: `--threads` changes nothing in them. It can be
/// given to every command, so that a script may add it to all.
const WITHOUT_THREADS: [&str; 8] =
    ["record", "attach", "pull", "capacity", "queries", "errors", "completions", "man"];

/// Returns the definition with only the options in the help of a command that do something there.
pub(crate) fn without_idle_options(command: Command) -> Command {
    // A command's own option is taken in place of the one that all commands share.
    let shared = command.get_arguments().find(|arg| arg.get_id() == "threads").cloned();
    let hidden = shared.map(|arg| arg.hide(true));
    names(&command).into_iter().fold(command, |command, name| {
        let own = hidden.clone().filter(|_| WITHOUT_THREADS.contains(&name.as_str()));
        command.mut_subcommand(name, |sub| sub.args(own))
    })
}

/// Returns the definition with everything in its help.
pub(crate) fn long(command: Command) -> Command {
    let command = without_idle_options(command);
    let names = names(&command);
    names
        .into_iter()
        .fold(with_all(command), |command, name| command.mut_subcommand(name, with_all))
}

/// Returns a command with everything in its help. Sentences after the examples are one line each, so
/// that they are broken where the terminal ends.
fn with_all(command: Command) -> Command {
    let after = command.get_after_help().map(ToString::to_string);
    let command = command.help_template(LONG_TEMPLATE);
    match after {
        Some(text) => command.after_help(joined(&text)),
        None => command,
    }
}

/// Joins the lines of each paragraph of a text, but not those of examples.
fn joined(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| match paragraph.starts_with("Examples:") {
        true => paragraph.to_owned(),
        false => paragraph.replace('\n', " "),
    });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

/// Returns the definition with what most people need in its help.
pub(crate) fn short(command: Command) -> Command {
    let names = names(&command);
    let commands = format!("{COMMANDS}{}: see --help", RARE.join(", "));
    let command = few(command, &[]).help_template(commands).disable_help_subcommand(true);
    names.into_iter().fold(command, |command, name| {
        let options = SHORT_HELP.iter().find(|(of, _)| *of == name).map_or(&[][..], |(_, ids)| ids);
        let is_rare = RARE.contains(&name.as_str());
        command.mut_subcommand(name, |sub| {
            few(sub, options).help_template(SHORT_TEMPLATE).hide(is_rare)
        })
    })
}

fn names(command: &Command) -> Vec<String> {
    command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect()
}

/// Returns the heading and the first examples of a help text. An example that a backslash
/// continues on another line is taken whole or not at all. One that is too wide loses the text
/// after it.
fn short_examples(text: &str) -> String {
    let mut taken: Vec<&str> = Vec::new();
    let mut example: Vec<&str> = Vec::new();
    for line in text.lines().take_while(|line| !line.is_empty()) {
        example.push(without_note(line));
        if line.ends_with('\\') {
            continue;
        }
        let fits = example.iter().all(|line| line.len() < WIDTH);
        if fits && taken.len() + example.len() <= EXAMPLES {
            taken.append(&mut example);
        }
        example.clear();
    }
    taken.join("\n")
}

/// Returns a line without the text after its command, when it is too wide with it.
fn without_note(line: &str) -> &str {
    let end = line.trim_start().find("  ").map(|at| at + line.len() - line.trim_start().len());
    match end.filter(|_| line.len() >= WIDTH) {
        Some(end) => line.get(..end).unwrap_or(line),
        None => line,
    }
}

/// Returns a command whose help has these options, under one heading.
fn few(mut command: Command, options: &[&str]) -> Command {
    let examples = command.get_after_help().map(|text| short_examples(&text.to_string()));
    if let Some(examples) = examples {
        command = command.after_help(examples);
    }
    let name = command.get_name().to_owned();
    command.mut_args(|arg| {
        let id = arg.get_id().to_string();
        let brief = brief(&name, &id, arg.get_help_heading().is_some());
        let hidden = !options.contains(&id.as_str()) && !arg.is_positional();
        let mut arg = arg.help_heading(None::<&str>).hide_short_help(hidden);
        if let Some(help) = brief {
            arg = arg.help(help);
            if arg.get_action().takes_values() {
                arg = arg.hide_possible_values(true).hide_default_value(true);
            }
        }
        arg
    })
}

/// Returns the help of an option in one line: that of the command, or the one that commands with
/// groups of options share.
fn brief(command: &str, id: &str, has_heading: bool) -> Option<&'static str> {
    let find = |command: &str| BRIEF.iter().find(|(of, option, _)| *of == command && *option == id);
    let found = find(command).or_else(|| find("").filter(|_| has_heading));
    found.map(|(_, _, help)| *help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Cli;
    use clap::CommandFactory;

    fn help_of(command: &Command, name: &str, id: &str) -> Option<String> {
        let of = command.find_subcommand(name)?.get_arguments().find(|arg| arg.get_id() == id)?;
        of.get_help().map(ToString::to_string)
    }

    /// `errors -h`, `doctor -h` and `fold -h` named another default than `--help`.
    #[test]
    fn both_helps_name_standard_output_for_the_same_commands() {
        let (whole, brief) = (Cli::command(), short(Cli::command()));
        let mut compared = 0;
        for (name, ids) in SHORT_HELP.iter().filter(|(_, ids)| ids.contains(&"output")) {
            let long = help_of(&whole, name, "output");
            let short = help_of(&brief, name, "output");
            let is_stdout = |help: &Option<String>| {
                help.as_ref().is_some_and(|text| text.contains("[default: standard output]"))
            };
            assert_eq!(is_stdout(&long), is_stdout(&short), "{name} {ids:?}");
            compared += 1;
        }
        assert!(compared > 8, "{compared}");
    }

    /// `ab -h` had the heading and no example, because all were too wide.
    #[test]
    fn a_heading_of_examples_has_an_example() {
        for command in short(Cli::command()).get_subcommands() {
            let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let is_empty = examples.trim_end().ends_with("Examples:");
            assert!(!is_empty, "{}", command.get_name());
        }
    }
}
