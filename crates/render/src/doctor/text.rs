//! The answer as lines for people.

use super::{Diagnosis, State, Step};
use crate::clean;
use std::io::{self, Write};

/// Commands that read a file beside the recording. A run without this file is complete, so their
/// lines are not proposed when all others are ready.
const BESIDE: [&str; 3] = ["errors", "queries", "capacity"];
/// Widest column of names.
const WIDEST: usize = 40;

/// Writes a diagnosis as text for a terminal: files, checks, commands and warnings.
///
/// ```
/// use spikeflame_render::doctor::{Diagnosis, text};
///
/// let mut lines = Vec::new();
/// text(&Diagnosis { run: "runs/empty".to_owned(), ..Diagnosis::default() }, &mut lines)?;
/// assert!(String::from_utf8_lossy(&lines).starts_with("runs/empty\n\nfiles:\n  none\n"));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn text(found: &Diagnosis, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", clean::terminal(&found.run))?;
    writeln!(out, "\nfiles:")?;
    if found.files.is_empty() {
        writeln!(out, "  none")?;
    }
    let names: Vec<String> = found.files.iter().map(|file| clean::terminal(&file.name)).collect();
    let wide = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).min(WIDEST);
    for (file, name) in found.files.iter().zip(&names) {
        writeln!(out, "  {name:wide$}  {:9}  {}", file.content, clean::sentence(&file.about))?;
    }
    if found.more_files > 0 {
        writeln!(out, "  and {} more, which were not looked at", found.more_files)?;
    }
    if !found.checks.is_empty() {
        writeln!(out, "\nwhat fits together:")?;
    }
    for check in &found.checks {
        let state = match check.state {
            State::Good => "good",
            State::Partly => "partly",
            State::Missing => "missing",
        };
        writeln!(out, "  {:11} {state:8} {}", check.subject, clean::sentence(&check.text))?;
        if let Some(way) = &check.way {
            writeln!(out, "  {:20} -> {}", "", clean::sentence(way))?;
        }
    }
    commands(&found.commands, out)?;
    if !found.warnings.is_empty() {
        writeln!(out, "\nwarnings:")?;
    }
    for warning in &found.warnings {
        writeln!(out, "  {}", clean::sentence(warning))?;
    }
    Ok(())
}

fn commands(steps: &[Step], out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\ncommands:")?;
    // Several commands often need the same missing part, so its line is written only once.
    let mut ways: Vec<&str> = Vec::new();
    let some_ready = steps.iter().any(|step| step.ready);
    for step in steps {
        if step.ready {
            writeln!(out, "  ready    {}", clean::sentence(&step.line))?;
            continue;
        }
        writeln!(out, "  not yet  {} needs {}", step.command, step.missing)?;
        let is_beside = some_ready && BESIDE.contains(&step.command);
        if !is_beside && !ways.contains(&step.line.as_str()) {
            ways.push(&step.line);
        }
    }
    if !ways.is_empty() {
        writeln!(out, "\ngo on with:")?;
    }
    for way in ways {
        writeln!(out, "  {}", clean::sentence(way))?;
    }
    Ok(())
}
