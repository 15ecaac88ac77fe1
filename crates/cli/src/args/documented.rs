//! Tests that the parser accepts every command line in README, docs and help.

use super::{Cli, Command};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use std::path::{Path, PathBuf};

/// Folders that hold no text for users: sources, their tests, and what builds leave.
const NOT_READ: [&str; 9] =
    [".git", "crates", "findings", "fuzz", "node_modules", "target", "tests", "web", ".ci"];

/// Returns the documents, workflows and scripts of a folder and of the folders in it.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !NOT_READ.contains(&name.as_str()) {
            files.extend(files_in(&path));
        } else if path.is_file() && is_read(&name) {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// True for the name of a document, a workflow or a script.
fn is_read(name: &str) -> bool {
    let ending = name.rsplit('.').next().unwrap_or_default();
    matches!(ending, "md" | "yml" | "yaml" | "sh" | "Dockerfile" | "justfile")
}

/// Returns the documents, workflows and scripts, and the text of every help.
fn texts() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut texts: Vec<(String, String)> = files_in(&root)
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

/// Returns the command lines in a text: those in code spans, those of a script or of a block of
/// code, and lines of prose that begin with the program's name. `is_prose` is true for a text in
/// Markdown.
fn command_lines(text: &str, is_prose: bool) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    let mut found = Vec::new();
    let mut in_fence = false;
    for line in joined.lines() {
        in_fence ^= line.trim().starts_with("```");
        let is_code = in_fence || !is_prose || line.starts_with("    ");
        let begun = found.len();
        if is_code {
            found.extend(commands_of(line));
        } else if line.trim().starts_with("spikeflame ") {
            found.push(line.trim().to_owned());
        }
        if !in_fence && found.len() == begun {
            let spans = line.split('`').skip(1).step_by(2);
            found.extend(spans.flat_map(commands_of));
        }
    }
    found
}

/// Returns the commands in a line of a script, from the program's name to the end of the line.
fn commands_of(line: &str) -> Vec<String> {
    // The list of words in a Dockerfile, as in `CMD ["spikeflame", "top"]`.
    if let Some((_, list)) = line.split_once("[\"spikeflame\",") {
        return vec![format!("spikeflame {}", list.replace(['"', ',', ']'], "").trim())];
    }
    let starts = line.match_indices("spikeflame ").map(|(at, _)| at);
    let commands = starts.filter(|at| may_begin_after(&line[..*at]));
    commands.map(|at| line[at..].to_owned()).collect()
}

/// Words after which a shell, a list or a workflow has a command.
const BEFORE_A_COMMAND: [&str; 14] =
    ["$", "-", "#", "&&", "||", "|", "run:", "RUN", "CMD", "--", "then", "do", "exec", "sudo"];

/// True for the start of a line after which a command can begin.
fn may_begin_after(before: &str) -> bool {
    let before = before.trim_end();
    let last = before.rsplit(' ').next().unwrap_or_default();
    let is_variable = last.contains('=') && last.chars().all(|c| c != '/' && c != ';');
    before.is_empty()
        || before.ends_with(['(', ';'])
        || BEFORE_A_COMMAND.contains(&last)
        || is_variable && !last.starts_with('-')
        || is_passed_on(before)
}

/// True for a text that ends in a program which runs another: `npx` with options and the package,
/// or `docker run` and `docker compose run` with the name of the image.
fn is_passed_on(before: &str) -> bool {
    let command = before.rsplit(['|', ';', '&', '(']).next().unwrap_or_default();
    let mut words = command.split_whitespace().skip_while(|word| !is_runner(word));
    match words.next() {
        Some("npx") => words.all(|word| word.starts_with(['-', '.', '"']) || word.contains(".tgz")),
        Some(_) => words.any(|word| word == "run"),
        None => false,
    }
}

fn is_runner(word: &str) -> bool {
    matches!(word, "npx" | "docker")
}

/// The error was: lines behind `npx`, the mark of a list or another command were not parsed.
#[test]
fn commands_are_found_where_a_shell_finds_them() {
    for line in [
        "spikeflame top a.log",
        "    $ spikeflame top a.log",
        "- npx spikeflame top a.log",
        "- run: npx --yes --package ./spikeflame-0.1.0.tgz spikeflame top a.log",
        "  npx --offline --package \"$tarball\" spikeflame top a.log 2>message || status=$?",
        "(cd ../base && npx spikeflame top a.log)",
        "curl x | spikeflame top a.log",
        "kubectl debug POD -- spikeflame top a.log",
        "docker run --rm -v \"$PWD:/runs\" spikeflame top a.log",
        "#   docker compose -f a.yaml run --rm spikeflame top a.log",
        "NO_COLOR=1 spikeflame top a.log; echo done",
        "ENTRYPOINT [\"spikeflame\", \"top\", \"a.log\"]",
        "RUN spikeflame top a.log",
    ] {
        for (text, is_prose) in [(line.to_owned(), false), (format!("    {line}"), true)] {
            let found = command_lines(&text, is_prose);
            assert_eq!(found.len(), 1, "{line}: {found:?}");
            assert_eq!(words(&found[0]), ["spikeflame", "top", "a.log"], "{line}");
        }
    }
    let span = command_lines("the command `npx spikeflame top a.log` does it", true);
    assert_eq!(span, ["spikeflame top a.log"]);
    for line in [
        "name: spikeflame on a run",
        "docker build -t spikeflame .",
        "cargo build --locked -p spikeflame --features https",
        "COPY --from=spikeflame spikeflame /usr/local/bin/spikeflame",
        "node packages: spikeflame is one",
    ] {
        assert!(command_lines(line, false).is_empty(), "{line}");
    }
    assert!(command_lines("2 cores; spikeflame 0.1.0, node v20", true).is_empty());
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
            (None, '|' | '#' | ';' | '>' | '&' | ')') if !begun => break,
            // The end of a subshell, or of a command with another after it.
            (None, ')' | ';') => break,
            // A redirection of the stream with this number.
            (None, '>') if word.chars().all(|c| c.is_ascii_digit()) => return words,
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
        for line in command_lines(&text, place.ends_with(".md")) {
            // A list of a script's arguments stands for any words.
            let is_word = |word: &String| !matches!(word.as_str(), "..." | "…");
            let words: Vec<String> = words(&line)
                .into_iter()
                .filter(|word| is_word(word) && !word.ends_with("[@]}"))
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
            // A list of a Dockerfile goes on in another one.
            let goes_on = error.kind() == ErrorKind::InvalidValue
                && words.last().is_some_and(|word| word.starts_with('-'));
            if !is_incomplete && !of_placeholder && !goes_on {
                wrong.push(format!(
                    "{place}: {line}\n    {}",
                    error.to_string().lines().next().unwrap()
                ));
            }
        }
    }
    println!("{parsed} command lines");
    assert!(parsed > 200, "{parsed}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns the text that `doctor` writes for some arguments.
fn diagnosis(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.txt");
    let start = ["spikeflame", "doctor", "--quiet", "-o", out.to_str().unwrap()];
    let cli = Cli::try_parse_from(start.iter().chain(arguments)).unwrap();
    let Command::Doctor(args) = &cli.command else { unreachable!() };
    crate::commands::doctor::run(args, &cli).unwrap();
    std::fs::read_to_string(out).unwrap()
}

/// The error was: `doctor` advised `--load`, which it did not have, and left the user's own options
/// out of the commands that it proposed.
#[test]
fn the_commands_that_doctor_proposes_exist() {
    let folder = tempfile::tempdir().unwrap();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples");
    std::fs::copy(samples.join("errors/pool.log"), folder.path().join("app.log")).unwrap();
    let empty = tempfile::tempdir().unwrap();
    let log = folder.path().to_str().unwrap();
    let at = |name: &str| samples.join(name).to_str().unwrap().to_owned();
    let (recording, test) = (at("spike/before-1/isolate-v8.log.zst"), at("load/half-load.csv"));
    let kinds = [
        vec![at("spike/before-1")],
        vec![at("spike/before-1/k6.csv.gz")],
        vec![at("load/wrk.txt"), "--endpoint".into(), "a b".into()],
        vec![at("load")],
        vec![at("errors/pool.log"), "--log-zone".into(), "-03:00".into()],
        vec![log.into()],
        vec![at("queries")],
        vec![at("maps"), "--source-root".into(), "/srv/a=.".into()],
        vec![at("perf"), "--symbols".into(), "lib".into()],
        vec![empty.path().to_str().unwrap().into()],
        vec![recording.clone(), "--load".into(), test.clone(), "--axis".into(), "vus".into()],
        vec![recording, "--load".into(), test, "--profile-start".into(), "1764294000".into()],
    ];
    let mut parsed = 0;
    for kind in kinds {
        let arguments: Vec<&str> = kind.iter().map(String::as_str).collect();
        let text = diagnosis(&arguments);
        let lines = text.replace("  ready    ", "").replace("->", "");
        let lines = lines.replace("REQUESTS_A_SECOND", "390").replace("DURATION", "1.71s");
        for line in command_lines(&lines, false) {
            let words = words(&line);
            let error = Cli::try_parse_from(&words).err();
            assert!(error.is_none(), "{kind:?}: {line}\n{}\n{text}", error.unwrap());
            parsed += 1;
        }
        let options = text.split_whitespace().filter(|word| word.starts_with("--"));
        assert!(parsed > 0 && options.count() > 0, "{text}");
    }
    assert!(parsed > 60, "{parsed}");
}

/// Returns the commands in a table of documents: those in the first column of its rows.
fn table_of_commands(text: &str) -> Vec<&str> {
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.filter_map(|row| row.split('|').nth(1));
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect()
}

#[test]
fn the_table_of_commands_names_every_command() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = std::fs::read_to_string(root.join("docs/commands.md")).unwrap();
    let section = page.split("\n## ").find(|part| part.starts_with("Commands")).unwrap();
    let shown = table_of_commands(section);
    let command = Cli::command();
    let missing: Vec<&str> = command
        .get_subcommands()
        .map(|sub| sub.get_name())
        .filter(|name| !shown.contains(name))
        .collect();
    assert!(missing.is_empty(), "docs/commands.md does not name {}", missing.join(", "));
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

/// The error was: in the help of `report`, `push`, `plateau` and others, options of the output and of
/// the server stood among those of the load test or of the recording.
#[test]
fn options_stand_in_groups_of_their_kind() {
    let groups = [
        ("output", &["Output", "Picture", "Options"][..]),
        ("format", &["Output", "Options"]),
        ("open", &["Output", "Picture"]),
        ("fail_on", &["Comparison", "Method"]),
        ("service", &["Server"]),
        ("auth_env", &["Server", "Options"]),
        ("load", &["Load", "Options"]),
        ("window", &["Load"]),
        ("symbols", &["Input"]),
        ("focus", &["Selection"]),
    ];
    let mut command = Cli::command();
    command.build();
    let mut checked = 0;
    for sub in command.get_subcommands() {
        for arg in sub.get_arguments() {
            let id = arg.get_id().as_str();
            let Some((_, fitting)) = groups.iter().find(|(known, _)| *known == id) else {
                continue;
            };
            let heading = arg.get_help_heading().unwrap_or("Options");
            assert!(fitting.contains(&heading), "{} --{id} is in {heading}", sub.get_name());
            checked += 1;
        }
    }
    assert!(checked > 40, "{checked}");
}

/// The error was: `errors --help` listed options for ticks, idle samples and the requests of a load
/// test, which change nothing in a list of errors.
#[test]
fn options_that_do_nothing_are_in_no_help() {
    let none: [(&str, &[&str]); 9] = [
        (
            "errors",
            &["tiers", "inlined", "idle", "annotate", "axis", "scenario", "endpoint", "threads"],
        ),
        ("attach", &["threads"]),
        ("pull", &["threads"]),
        ("capacity", &["threads"]),
        ("queries", &["threads"]),
        ("man", &["threads"]),
        ("merge", &["annotate"]),
        ("push", &["annotate"]),
        ("doctor", &["raw_names", "pprof_lines"]),
    ];
    let mut command = crate::help::without_idle_options(Cli::command());
    command.build();
    let threads = |name: &str| {
        let mut all = command.find_subcommand(name).unwrap().get_arguments();
        all.any(|arg| arg.get_id() == "threads" && !arg.is_hide_set())
    };
    assert!(["top", "diff", "plateau", "merge", "doctor"].into_iter().all(threads));
    // A script may give it to every command.
    assert!(Cli::try_parse_from(["spikeflame", "queries", "a.log", "--threads", "2"]).is_ok());
    for (name, ids) in none {
        let sub = command.find_subcommand(name).unwrap();
        let shown =
            |id: &&&str| sub.get_arguments().any(|a| a.get_id() == **id && !a.is_hide_set());
        let listed: Vec<_> = ids.iter().filter(shown).collect();
        assert!(listed.is_empty(), "{name}: {listed:?}");
        assert!(sub.get_arguments().count() > 2, "{name}");
    }
    assert!(Cli::try_parse_from(["spikeflame", "errors", "a.log", "--tiers", "split"]).is_err());
}
