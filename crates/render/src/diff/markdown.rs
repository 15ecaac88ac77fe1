//! The comparison as Markdown for a pull request. It is useful without images, and not longer than
//! a forge allows.

use super::{ComparisonView, PACKAGES, STEPS, change, cost, interval, ratio, word};
use crate::clean;
use crate::number::count;
use spikeflame_diff::Row;
use spikeflame_profile::GroupBy;
use std::io::{self, Write};

/// Largest number of characters. A comment on GitHub may have 65,536.
const LONGEST: usize = 60_000;
/// Largest number of characters of a name, before escapes make it longer.
const NAME: usize = 100;
const WIDTH: usize = 13;

/// Settings for the text around the tables.
#[derive(Clone, Debug, Default)]
pub struct MarkdownOptions {
    /// Key of the hidden marker by which a workflow finds its comment.
    pub key: String,
    /// Public address of the folder that holds `diff.svg`, `before.svg` and `after.svg`; `None`
    /// leaves the pictures out.
    pub image_base_url: Option<String>,
}

/// Writes the comparison as Markdown of at most 60,000 characters.
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn markdown(
    compared: &ComparisonView<'_>,
    options: &MarkdownOptions,
    out: &mut impl Write,
) -> io::Result<()> {
    out.write_all(document(compared, options).as_bytes())
}

fn document(compared: &ComparisonView<'_>, options: &MarkdownOptions) -> String {
    let key: String =
        options.key.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
    let key = if key.is_empty() { "diff" } else { &key };
    let mut text = format!("<!-- spikeflame:{key} -->\n### CPU profile, before and after\n\n");
    text += &format!("**{}**\n", clean::markdown(&compared.sentence()));
    if let Some(shift) = compared.shift() {
        text += &format!("\n{shift}\n");
    }
    for warning in compared.comparison.warnings.iter().take(10) {
        text +=
            &format!("\n> {}\n", clean::markdown(&cut(&(compared.words.warning)(warning), 400)));
    }
    if let Some(url) = &options.image_base_url {
        let url = url.trim_end_matches('/');
        text += &format!(
            "\n[![Differential flame graph: blue costs less, orange more]({url}/diff.svg)]({url}/diff.svg)\n\
             \n[before]({url}/before.svg) · [after]({url}/after.svg)\n"
        );
    }
    // The text after the tables is written first, so that the tables get the room that is left.
    let mut tail = String::new();
    if compared.group_by == GroupBy::Function {
        let packages =
            ComparisonView { group_by: GroupBy::Package, rows: PACKAGES, ..compared.clone() };
        tail += "\n**By package**\n\n";
        let rows = packages.rows(None).0;
        tail += &table(&packages, &rows, 12_000).0;
    }
    tail += &waterfall(compared);
    tail += "\n<sub>● is the change of self CPU (or of the total, by which the rows are ordered), ─ its 95 % interval, │ no change (square-root scale); total is with all \
             that is called. CHANGED: sure (q ≤ 0.05), at least 10 % and 0.05 % of the whole. What \
             is not resolved is not unchanged. Made by spikeflame.</sub>\n";
    let beside = [compared.conditions(), compared.recorded_with(), compared.outside()];
    for line in beside.into_iter().flatten() {
        text += &format!("\n{}\n", clean::markdown(&line));
    }
    text += &format!("\n{}\n", compared.tally());
    let blocks: &[Option<bool>] =
        if compared.has_blocks() { &[Some(true), Some(false)] } else { &[None] };
    // The machine has few rows. Code gets the room that they leave.
    let mut written = Vec::new();
    for &machine in blocks {
        let (rows, more) = compared.rows(machine);
        let taken: usize = written.iter().map(|text: &String| text.chars().count()).sum();
        let used = text.chars().count() + tail.chars().count() + taken + 400;
        let room = LONGEST.saturating_sub(used);
        let (table, shown) =
            table(compared, &rows, if machine == Some(true) { room.min(12_000) } else { room });
        let more = more + rows.len() - shown;
        let title = machine.map(|machine| format!("\n{}\n", compared.block(machine)));
        let mut block = format!("{}\n{table}", title.unwrap_or_default());
        if more > 0 {
            block += &format!("\n{} more not shown.\n", count(more as u64));
        }
        written.push(block);
    }
    written.reverse();
    text + &written.concat() + &tail
}

/// Returns as many rows as have room, and their number.
fn table<'a>(compared: &ComparisonView<'a>, rows: &[&'a Row], room: usize) -> (String, usize) {
    let unit = compared.comparison.unit;
    let mut text =
        "| before | after | self | 95 % interval | total | verdict | function | where |\n\
                    |---:|---:|---:|:---:|---:|:---|:---|:---|\n"
            .to_owned();
    let mut length = text.chars().count();
    let scale = compared.scale(rows);
    let short = compared.shortener();
    for (at, row) in rows.iter().enumerate() {
        let shown = compared.cost(row);
        let (name, place) = compared.names(row, &short);
        let line = format!(
            "| {} | {} | {} ({}) | `{}` | {} ({}) | {} | {} | {} |\n",
            cost(shown.before, unit),
            cost(shown.after, unit),
            change(row.self_cost.change, unit),
            ratio(&row.self_cost),
            interval(shown, scale, WIDTH),
            change(row.total_cost.change, unit),
            ratio(&row.total_cost),
            word(row, shown),
            clean::markdown(&cut(&name, NAME)),
            clean::markdown(&cut(&place, NAME)),
        );
        let line = match compared.explained_line(row, &short) {
            Some(explains) => {
                let explains = clean::markdown(&cut(&explains, 2 * NAME));
                format!("{line}| | | | | | | ↳ {explains} | |\n")
            }
            None => line,
        };
        length += line.chars().count();
        if length > room {
            return (text, at);
        }
        text += &line;
    }
    (text, rows.len())
}

fn waterfall(compared: &ComparisonView<'_>) -> String {
    let (table, unit) = (compared.table(), compared.comparison.unit);
    let fall = table.waterfall(STEPS);
    let short = compared.shortener();
    let mut text = format!(
        "\n<details><summary>From {} to {}</summary>\n\n| | |\n|---:|:---|\n| {} | before |\n",
        cost(fall.before, unit),
        cost(fall.after, unit),
        cost(fall.before, unit)
    );
    for step in &fall.steps {
        let Some(row) = table.rows.get(step.row) else { continue };
        let (name, place) = compared.names(row, &short);
        let name = cut(format!("{name} {place}").trim_end(), NAME);
        text += &format!("| {} | {} |\n", change(step.change, unit), clean::markdown(&name));
    }
    text + &format!(
        "| {} | {} others |\n| {} | after |\n\n</details>\n",
        change(fall.other, unit),
        count(fall.other_rows as u64),
        cost(fall.after, unit)
    )
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}
