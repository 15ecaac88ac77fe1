//! The hottest functions of the application's own code, as lines for a terminal.

use crate::clean;
use crate::names::{Names, Shortener};
use crate::number::{count, percent};
use crate::report::Answer;
use spikeflame_profile::{CallTree, Profile};
use std::io::{self, Write};

/// Number of functions of own code that are listed.
const FUNCTIONS: usize = 3;
/// Number of steps that are listed of the first function's heaviest path: the innermost ones.
const STEPS: usize = 3;

/// Writes the three hottest functions of the application's own code ([`Answer::own`]) as lines for a
/// terminal: share of [`Answer::total`] in per cent, weight, name and place. A function's weight
/// includes everything that it calls outside of own code. Below the hottest function are the
/// innermost three steps of its heaviest path. Nothing is written when no sample passes through own
/// code.
///
/// `profile` must be the one of which `answer` was made, and `tree` the one that is shown with it:
/// its functions have the same names here. With `full_paths`, paths stay whole.
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
    if answer.own.is_empty() {
        return Ok(());
    }
    let shortener = Shortener::of_profile(profile, full_paths);
    let names = Names::new(tree, full_paths);
    let shown = names.by_label(tree);
    let named = |label: &str, name: &str, file: &str, line: u32| match shown.get(label) {
        Some((name, place)) => format!("{name} {place}"),
        None => format!("{name} {}", shortener.place(file, line)),
    };
    writeln!(out, "hottest of your own code, with what it calls in packages, Node and V8:")?;
    for (at, hot) in answer.own.iter().take(FUNCTIONS).enumerate() {
        let name = named(&hot.label, &hot.name, &hot.file, hot.line);
        line(out, answer.total, hot.weight, "", name.trim_end())?;
        let steps = if at == 0 { &*hot.path } else { &[] };
        for step in steps.iter().skip(steps.len().saturating_sub(STEPS)) {
            let name = named(&step.label, &step.name, &step.file, step.line);
            line(out, answer.total, step.weight, "in ", name.trim_end())?;
        }
    }
    Ok(())
}

fn line(out: &mut dyn Write, total: u64, weight: u64, lead: &str, name: &str) -> io::Result<()> {
    let share = percent(weight, total);
    let indent = if lead.is_empty() { "" } else { "  " };
    writeln!(out, "  {share:>7} {:>9}  {indent}{lead}{}", count(weight), clean::terminal(name))
}
