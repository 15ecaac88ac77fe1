//! Help that fits a screen: `-h` has the options that most people need, `--help` has all.
//! Both begin with examples.

use clap::Command;
use std::ffi::OsString;

/// The options of `-h`, by command.
const SHORT: [(&str, &[&str]); 17] = [
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
    ("doctor", &["format", "symbols", "output"]),
];

/// Commands that the short help names without a line of their own, so that it fits a screen.
const RARE: [&str; 5] = ["merge", "push", "pull", "completions", "man"];

/// Options whose own help is longer than a line.
const BRIEF: [(&str, &str); 3] = [
    ("window", "Part of the run: all, load, plateau, before, or times like 30s..50s"),
    ("load", "The load test's file [default: the one in RUN's folder]"),
    ("group_by", "What a frame stands for: function, line, file, package, category"),
];

/// Longest example that `-h` shows, in characters. A terminal would break longer ones.
const WIDTH: usize = 96;
/// Lines of examples in `-h`, with their heading.
const EXAMPLES: usize = 4;

const ALL: &str = "{about-with-newline}\n{usage-heading} {usage}{after-help}\n\n{all-args}";
const FEW: &str =
    "{about-with-newline}\n{usage-heading} {usage}{after-help}\n\nOptions:\n{options}";
const COMMANDS: &str = "{about-with-newline}\n{usage-heading} {usage}{after-help}\n\nCommands:\n{subcommands}\n  \
     more      ";

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

/// Returns the definition with everything in its help.
pub(crate) fn long(command: Command) -> Command {
    let names = names(&command);
    let all = |command: Command| command.help_template(ALL);
    names.into_iter().fold(all(command), |command, name| command.mut_subcommand(name, all))
}

/// Returns the definition with what most people need in its help.
pub(crate) fn short(command: Command) -> Command {
    let names = names(&command);
    let commands = format!("{COMMANDS}{}: see --help", RARE.join(", "));
    let command = few(command, &[]).help_template(commands).disable_help_subcommand(true);
    names.into_iter().fold(command, |command, name| {
        let options = SHORT.iter().find(|(of, _)| *of == name).map_or(&[][..], |(_, ids)| ids);
        let is_rare = RARE.contains(&name.as_str());
        command.mut_subcommand(name, |sub| few(sub, options).help_template(FEW).hide(is_rare))
    })
}

fn names(command: &Command) -> Vec<String> {
    command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect()
}

/// Returns the heading and the first examples of a help text. An example that a backslash
/// continues on another line is taken whole or not at all.
fn short_examples(text: &str) -> String {
    let mut taken: Vec<&str> = Vec::new();
    let mut example: Vec<&str> = Vec::new();
    for line in text.lines().take_while(|line| !line.is_empty()) {
        example.push(line);
        if line.ends_with('\\') {
            continue;
        }
        let fits = example.iter().all(|line| line.len() <= WIDTH);
        if fits && taken.len() + example.len() <= EXAMPLES {
            taken.append(&mut example);
        }
        example.clear();
    }
    taken.join("\n")
}

/// Returns a command whose help has these options, under one heading.
fn few(mut command: Command, options: &[&str]) -> Command {
    let examples = command.get_after_help().map(|text| short_examples(&text.to_string()));
    if let Some(examples) = examples {
        command = command.after_help(examples);
    }
    // The window of `queries` has fewer values.
    let is_alike = command.get_name() != "queries";
    command.mut_args(|arg| {
        let id = arg.get_id().to_string();
        let has_heading = arg.get_help_heading().is_some();
        let brief = BRIEF.iter().find(|(of, _)| *of == id && has_heading && is_alike);
        let hidden = !options.contains(&id.as_str()) && !arg.is_positional();
        let mut arg = arg.help_heading(None::<&str>).hide_short_help(hidden);
        if let Some((_, help)) = brief {
            arg = arg.help(*help).hide_possible_values(true).hide_default_value(true);
        }
        arg
    })
}
