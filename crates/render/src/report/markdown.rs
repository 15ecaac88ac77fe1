//! The answers as text, for a chat, a ticket or a language model.

use super::answer::Answer;
use super::{Report, ReportRun, page};
use crate::clean;
use crate::errors::Errors;
use crate::names::{Names, called_by};
use crate::number::{count, heading, noun, number_of, percent, sampled, seconds, weight};
use spikeflame_profile::{CallTree, Hotspots, Selection};
use std::fmt::Write as _;
use std::io::{self, Write};

/// Largest size of a report as text, in bytes.
const LARGEST_REPORT_BYTES: usize = 8 * 1024;
/// Largest size of the comparison, in bytes. Its most important rows come first, and the rest of
/// the report needs room too.
const COMPARED: usize = 4 * 1024;
/// Number of rows in the table.
const TABLE_ROWS: usize = 15;
/// Number of errors and of warnings that are listed.
const LISTED_MESSAGES: usize = 5;
/// Largest number of characters of a name.
const LONGEST_NAME: usize = 120;

/// Writes the answers of the first run, and the comparison, as Markdown of at most 8 KB. A part
/// that has no room is left out as a whole, and a line at the end states it.
///
/// ```
/// use spikeflame_render::report::{Report, markdown};
///
/// let report = Report {
///     title: "Spike".into(),
///     runs: Vec::new(),
///     compared: None,
///     compared_window: None,
///     gates: Vec::new(),
///     command: String::new(),
///     command_window: "",
/// };
/// let mut text = Vec::new();
/// markdown(&report, &mut text)?;
/// assert!(text.starts_with(b"# Spike"));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn markdown(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut parts = vec![format!("# {}\n\n", name(&report.title))];
    if let Some(run) = report.runs.first() {
        parts.push(format!("{}\n\n", clean::markdown_sentence(&page::about(run))));
    }
    if let Some(compared) = report.compared {
        parts.push(format!("## Before and after\n\n{}\n", crate::diff::brief(compared, COMPARED)));
        parts.push(gates(report));
    }
    if let Some(run) = report.runs.first() {
        if report.compared.is_some() {
            parts.push(format!("The parts below are of {} alone.\n\n", name(&run.name)));
        }
        parts.extend(of_run(run));
    }
    if let Some(run) = report.runs.first() {
        parts.push(warnings(run));
    }
    parts.push(format!("More: `{}`\n", code(&report.command)));
    out.write_all(within(&parts, LARGEST_REPORT_BYTES).as_bytes())
}

/// Joins the parts that fit into the room. Each part is kept or left out as a whole. A line at the
/// end states that parts are missing.
fn within(parts: &[String], room: usize) -> String {
    const LEFT_OUT: &str = "(Parts were left out: they had no room in 8 KB.)\n";
    let mut text = String::new();
    let mut left_out = false;
    for part in parts {
        if text.len() + part.len() + LEFT_OUT.len() <= room {
            text += part;
        } else {
            left_out = true;
        }
    }
    if left_out {
        text += LEFT_OUT;
    }
    text
}

fn of_run(run: &ReportRun<'_>) -> Vec<String> {
    let selection = run.selection();
    let answer = Answer::new(run.profile, &selection);
    let tree = CallTree::build(run.profile, &selection);
    let grade = match run.grade.as_str() {
        "" => String::new(),
        // The sentence may begin with the word of the grade.
        grade if run.plateau.to_lowercase().starts_with(grade) => String::new(),
        grade => format!(" ({grade})"),
    };
    let mut plateau = format!("**Plateau{grade}:** {}\n\n", clean::markdown_sentence(&run.plateau));
    if !run.verdicts.is_empty() {
        let _ = write!(plateau, "**Verdict:** {}\n\n", clean::markdown_sentence(&run.verdicts));
    }
    let terms = page::terms(run);
    if !terms.is_empty() {
        let _ = write!(plateau, "{}\n\n", clean::markdown_sentence(&terms));
    }
    vec![
        plateau,
        window(run, answer.total, tree.left_out().idle),
        own(run, &answer, &tree),
        packages(&answer),
        table(run, &tree),
        errors(run, &selection, &tree),
    ]
}

fn window(run: &ReportRun<'_>, total: u64, idle: u64) -> String {
    let start_us = run.load.as_ref().and_then(|load| load.test_start_us);
    let part = match run.opening() {
        Some(window) => {
            let of_test = start_us.filter(|start| *start != 0).map(|start| {
                let test = |us: u64| seconds(us.saturating_add_signed(start.saturating_neg()));
                format!("{} to {} of the load test, ", test(window.from_us), test(window.to_us))
            });
            format!(
                "{} ({}{} to {} of the recording)",
                window.part(),
                of_test.unwrap_or_default(),
                seconds(window.from_us),
                seconds(window.to_us)
            )
        }
        None => "whole run".to_owned(),
    };
    let unit = page::unit(run);
    let out = match idle {
        0 => String::new(),
        idle => format!(" ({} idle left out)", weight(idle, unit)),
    };
    format!(
        "Shares below are of the {part}: {}.\n\n",
        clean::markdown(&format!("{}{out}", sampled(total, unit)))
    )
}

fn own(run: &ReportRun<'_>, answer: &Answer, tree: &CallTree) -> String {
    let shortener = page::shortener(run);
    // A function has one name here and in the table below.
    let names = Names::new(tree, false);
    let shown = names.by_label();
    let named =
        |label: &str, other: &str, place: String| match shown.get(label).map(|at| names.at(*at)) {
            Some((shown, place)) => name(format!("{shown} {place}").trim_end()),
            None => name(format!("{other} {place}").trim_end()),
        };
    let mut text = String::from("## Your own code\n\n");
    if answer.own.is_empty() {
        let _ = write!(text, "{}\n\n", page::no_own_code(run, answer));
        return text;
    }
    let _ = write!(
        text,
        "The {} in the function, or in packages, Node, V8 and native code that it calls:\n\n",
        noun(page::unit(run))
    );
    for hot in &answer.own {
        let named = named(&hot.label, &hot.name, page::place(hot, &shortener));
        let named = match &hot.called_by {
            Some(caller) => called_by(&named, &name(caller)),
            None => named,
        };
        let share = percent(hot.weight, answer.total);
        let own = percent(hot.self_weight, answer.total);
        let _ = writeln!(text, "- {share} {named} (self {own})");
    }
    if let Some(hot) = answer.own.first().filter(|hot| !hot.path.is_empty()) {
        text += "\nHeaviest path of the first:\n\n";
        for step in &hot.path {
            let place = shortener.place(&step.file, step.line);
            let _ = writeln!(
                text,
                "- {} {}",
                percent(step.weight, answer.total),
                named(&step.label, &step.name, place)
            );
        }
    }
    text + "\n"
}

fn packages(answer: &Answer) -> String {
    if answer.packages.is_empty() {
        return String::new();
    }
    let mut text =
        String::from("## Dependencies\n\nWith what they call in Node, V8 and native code:\n\n");
    for hot in &answer.packages {
        let _ = writeln!(text, "- {} {}", percent(hot.weight, answer.total), name(&hot.name));
    }
    text + "\n"
}

fn table(run: &ReportRun<'_>, tree: &CallTree) -> String {
    let hotspots = Hotspots::from_tree(tree);
    let names = Names::new(tree, false);
    let unit = page::unit(run);
    let mut text = format!(
        "## Hottest functions\n\n| self | total | {} | function |\n|---:|---:|---:|---|\n",
        clean::markdown(heading(unit))
    );
    for row in hotspots.rows.iter().take(TABLE_ROWS) {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            percent(row.self_weight, tree.total()),
            percent(row.total, tree.total()),
            weight(row.self_weight, unit),
            name(&names.joined(row.entry))
        );
    }
    text + "\n"
}

fn errors(run: &ReportRun<'_>, selection: &Selection, tree: &CallTree) -> String {
    let errors = Errors::collect(run.profile, selection, tree, false);
    let mut rows: Vec<(u64, &str)> =
        errors.rows.iter().map(|row| (row.count, row.name.as_str())).collect();
    let window = run.opening().map(|window| (window.from_us, window.to_us));
    let logged = run.logged.iter().flat_map(|logged| &logged.rows);
    rows.extend(logged.map(|row| (row.count(window), row.name.as_str())));
    rows.retain(|(count, _)| *count > 0);
    let total = rows.iter().map(|(count, _)| count).sum();
    if total == 0 {
        return String::new();
    }
    // The sort is stable: among equal numbers, the first one stays first.
    rows.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let mut text =
        format!("## Errors that the application logged in the window: {}\n\n", count(total));
    for (times, error) in rows.iter().take(LISTED_MESSAGES) {
        let _ = writeln!(text, "- {} {}", number_of(*times, "times"), name(error));
    }
    text + "\n"
}

fn gates(report: &Report<'_>) -> String {
    let mut text = String::new();
    for gate in &report.gates {
        let _ = match gate.crossings.first() {
            None => writeln!(text, "- {} is not crossed", name(&gate.gate)),
            Some(first) => writeln!(
                text,
                "- **{} is crossed**, {}: {}",
                name(&gate.gate),
                number_of(gate.crossings.len() as u64, "times"),
                name(first)
            ),
        };
    }
    if text.is_empty() { text } else { format!("## Gates\n\n{text}\n") }
}

fn warnings(run: &ReportRun<'_>) -> String {
    if run.warnings.is_empty() {
        return String::new();
    }
    let mut text = String::from("## Warnings\n\n");
    for warning in run.warnings.iter().take(LISTED_MESSAGES) {
        let _ = writeln!(text, "- {}", clean::markdown(warning));
    }
    if run.warnings.len() > LISTED_MESSAGES {
        let _ = writeln!(text, "- and {} more", run.warnings.len() - LISTED_MESSAGES);
    }
    text + "\n"
}

/// Returns a name, cut for one line. Escapes count too, so that hostile names leave room for the
/// others.
fn name(text: &str) -> String {
    let mut room = LONGEST_NAME;
    loop {
        let escaped = clean::markdown(&clean::shortened(text, room));
        if escaped.len() <= LONGEST_NAME * 3 / 2 || room < 8 {
            return escaped;
        }
        room = room * 2 / 3;
    }
}

/// Returns text within a code span.
fn code(text: &str) -> String {
    clean::xml(text).replace('`', "'")
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn a_part_without_room_is_left_out_whole() {
        let parts = ["a".repeat(100), "b".repeat(8_000), "c".repeat(100)];
        let text = within(&parts, 1_000);
        assert!(text.starts_with('a') && text.contains("ccc") && !text.contains('b'), "{text}");
        assert!(text.ends_with("8 KB.)\n"));
    }
}
