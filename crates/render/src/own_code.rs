//! The hottest functions of the application's own code, as lines for a terminal and as Markdown.

use crate::clean;
use crate::names::{Names, Shortener, called_by};
use crate::number::{percent, time_or_count};
use crate::report::{Answer, OWNER_UNKNOWN};
use spikeflame_profile::{CallTree, Profile};
use std::io::{self, Write};

/// Number of functions of own code that are listed.
const FUNCTIONS: usize = 3;
/// Number of steps that are listed of the first function's heaviest path: the innermost ones.
const STEPS: usize = 3;

/// Writes the three hottest functions of the application's own code ([`Answer::own`]) as lines for
/// a terminal: share of [`Answer::total`] in per cent, weight, name and place. Below the hottest
/// function are steps of its heaviest path. Without own functions nothing is written, except that own code cannot
/// be known where [`Answer::names_files`] is false.
///
/// `answer` must be made of `profile`. `tree` is the tree that is shown beside these lines:
/// functions have the same names in both. With `full_paths`, paths stay whole.
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn own_code(
    profile: &Profile,
    tree: &CallTree,
    answer: &Answer,
    full_paths: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let rows = rows(profile, tree, answer, full_paths);
    if rows.is_empty() {
        return without_rows(answer, "", out);
    }
    writeln!(out, "{TITLE}:")?;
    let unit = profile.sources.first().map_or("", |source| source.unit.as_str());
    for row in rows {
        let (share, weight) = (percent(row.weight, answer.total), time_or_count(row.weight, unit));
        let lead = if row.is_step { "  in " } else { "" };
        writeln!(out, "  {share:>7} {weight:>9}  {lead}{}", clean::terminal(&row.text))?;
    }
    Ok(())
}

/// Writes the lines of [`own_code`] as a list of Markdown, each with the name, the place and the share, but
/// without the weight.
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn own_code_markdown(
    profile: &Profile,
    tree: &CallTree,
    answer: &Answer,
    full_paths: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let rows = rows(profile, tree, answer, full_paths);
    if rows.is_empty() {
        return without_rows(answer, ".", out);
    }
    writeln!(out, "**{TITLE}:**\n")?;
    for row in rows {
        let lead = if row.is_step { "  - in " } else { "- " };
        let share = percent(row.weight, answer.total);
        writeln!(out, "{lead}{} {share}", clean::markdown(&row.text))?;
    }
    Ok(())
}

/// Writes that own code cannot be known, with the end of the sentence, where that is so.
fn without_rows(answer: &Answer, end: &str, out: &mut dyn Write) -> io::Result<()> {
    if answer.names_files { Ok(()) } else { writeln!(out, "{OWNER_UNKNOWN}{end}") }
}

/// The words above the list.
const TITLE: &str = "hottest of your own code, with what it calls in packages, Node and V8";

/// A line of the list.
struct HotLine {
    weight: u64,
    /// True for a step of the path below the first function.
    is_step: bool,
    text: String,
}

fn rows(profile: &Profile, tree: &CallTree, answer: &Answer, full_paths: bool) -> Vec<HotLine> {
    if answer.own.is_empty() {
        return Vec::new();
    }
    let shortener = Shortener::of_profile(profile, full_paths);
    let names = Names::new(tree, full_paths);
    let shown = names.by_label();
    let named = |label: &str, name: &str, file: &str, line: u32| match shown
        .get(label)
        .map(|at| names.at(*at))
    {
        Some((name, place)) => format!("{name} {place}"),
        None => format!("{name} {}", shortener.place(file, line)),
    };
    let mut rows = Vec::new();
    for (at, hot) in answer.own.iter().take(FUNCTIONS).enumerate() {
        let name = named(&hot.label, &hot.name, &hot.file, hot.line);
        let text = name.trim_end();
        let text = match &hot.called_by {
            Some(caller) => called_by(text, caller),
            None => text.to_owned(),
        };
        rows.push(HotLine { weight: hot.weight, is_step: false, text });
        let steps = if at == 0 { &*hot.path } else { &[] };
        for step in steps.iter().skip(steps.len().saturating_sub(STEPS)) {
            let name = named(&step.label, &step.name, &step.file, step.line);
            let text = name.trim_end().to_owned();
            rows.push(HotLine { weight: step.weight, is_step: true, text });
        }
    }
    let last = answer.own.iter().take(FUNCTIONS).next_back().map_or(0, |own| own.weight);
    if answer.not_logged >= last {
        let text = NOT_LOGGED.to_owned();
        rows.push(HotLine { weight: answer.not_logged, is_step: false, text });
    }
    rows
}

/// The line about samples of functions that are not known, when these could change the list.
const NOT_LOGGED: &str = "(caller not logged): ticks in V8's builtins whose caller V8 did not log; they may \
                          belong to the functions above";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::About;
    use spikeflame_profile::{Selection, folded};

    /// The error was: a function was named the hottest because V8 had left out the function that it called.
    #[test]
    fn samples_below_a_caller_that_is_not_logged_count_for_no_function() {
        let text = "run /srv/a.js:1:1;(caller not logged);Builtin: StringEqual 9\n\
                    run /srv/a.js:1:1;parse /srv/b.js:1:1;Builtin: StringEqual 3\n\
                    run /srv/a.js:1:1;(caller not logged);f /srv/node_modules/p/i.js:1:1 1\n";
        let profile = folded::read(&mut text.as_bytes(), "made", None).unwrap();
        let selection = Selection::default();
        let answer = Answer::new(&profile, &selection);
        let own: Vec<_> = answer.own.iter().map(|own| (own.name.as_str(), own.weight)).collect();
        assert_eq!((own, answer.not_logged), (vec![("parse", 3)], 9));
        assert_eq!(answer.packages.first().map(|package| package.weight), Some(1));
        let tree = CallTree::build(&profile, &selection);
        let mut text = Vec::new();
        own_code(&profile, &tree, &answer, false, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains("69.2 %         9  (caller not logged): ticks in V8's"), "{text}");
    }

    /// The error was: samples of hidden functions did not end in their caller, as they do in tables.
    #[test]
    fn samples_of_hidden_functions_end_in_their_caller() {
        let text = "run /srv/a.js:1:1 1\n\
                    run /srv/a.js:1:1;f /srv/node_modules/p/i.js:1:1;g /srv/node_modules/p/i.js:2:1 4\n\
                    run /srv/a.js:1:1;f /srv/node_modules/p/i.js:1:1;read node:fs:1:1 2\n";
        let profile = folded::read(&mut text.as_bytes(), "made", None).unwrap();
        for (hide, own_weight) in [("node_modules", 5), ("^f ", 1), (" node:", 1)] {
            let selection = Selection { hide: hide.parse().ok(), ..Selection::default() };
            let answer = Answer::new(&profile, &selection);
            let own: Vec<_> = answer.own.iter().map(|own| (own.weight, own.self_weight)).collect();
            assert_eq!(own, [(7, own_weight)], "{hide}");
            let tree = CallTree::build(&profile, &selection);
            assert_eq!(tree.nodes()[1].self_weight, own_weight, "as in the tree");
        }
    }

    /// The error was: most functions of an Express application had no name in the list.
    #[test]
    fn a_function_without_a_name_has_that_of_its_caller() {
        let text = "route /srv/a.js:1:1;<anonymous> /srv/a.js:2:1;<anonymous> /srv/b.js:3:1 5\n";
        let profile = folded::read(&mut text.as_bytes(), "made", None).unwrap();
        let selection = Selection::default();
        let (answer, tree) =
            (Answer::new(&profile, &selection), CallTree::build(&profile, &selection));
        let mut text = Vec::new();
        own_code(&profile, &tree, &answer, false, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains("<anonymous> b.js:3, called by route"), "{text}");
    }

    /// The error was: the times of a perf.data were numbers of nanoseconds without a unit.
    #[test]
    fn times_have_a_unit() {
        let mut profile =
            folded::read(&mut &b"f /srv/a.js:1:1 2500000\n"[..], "made", None).unwrap();
        profile.sources[0].unit = "nanoseconds".to_owned();
        let selection = Selection::default();
        let (answer, tree) =
            (Answer::new(&profile, &selection), CallTree::build(&profile, &selection));
        let mut text = Vec::new();
        own_code(&profile, &tree, &answer, false, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains(" 2.5 ms  f "), "{text}");
        let about = About::collect(&profile, &selection, &tree);
        assert_eq!(crate::number::with_event(7, &about.unit), "7 ns");
        assert_eq!(crate::number::with_event(1_000, "cycles"), "1,000 cycles");
        assert_eq!(crate::number::with_event(1_000, "ticks"), "1,000");
    }

    /// The error was: for folded stacks, which have no files, the text stated that no sample passes
    /// through own code; that is not known. Times of a log were called times of the recording, which
    /// begins at another moment.
    #[test]
    fn names_without_files_have_no_known_owner() {
        let profile = folded::read(&mut &b"main;work 3\nmain 1\n"[..], "made", None).unwrap();
        let selection = Selection::default();
        let tree = CallTree::build(&profile, &selection);
        let answer = Answer::new(&profile, &selection);
        let mut text = Vec::new();
        own_code(&profile, &tree, &answer, false, &mut text).unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), format!("{OWNER_UNKNOWN}\n"));
        let mut about = About::collect(&profile, &selection, &tree);
        about.window_us = Some((1_000_000, 3_000_000));
        about.window = Some("plateau".to_owned());
        assert!(about.line().contains("to 3.0 s of the recording"), "{}", about.line());
        about.unit = "errors".to_owned();
        assert!(about.line().contains("to 3.0 s of the log"), "{}", about.line());
    }
}
