//! The comparison as Markdown for a pull request. It is useful without images, and its rows get only
//! the room that a forge leaves them.

use super::figures::{cost, interval};
use super::words::{legend, with_rows, word};
use super::{ComparisonView, PACKAGES, STEPS, scale};
use crate::clean;
use crate::number::count;
use spikeflame_diff::{GateCheck, Measure, Row, Unit};
use spikeflame_profile::GroupBy;
use std::io::{self, Write};

/// Largest number of characters. A comment on GitHub may have 65,536.
const LONGEST_COMMENT: usize = 60_000;
/// Characters that gates may take. An escape can make a character six times as long, and all parts that are
/// no tables have to leave room for each other.
const GATES_ROOM: usize = 6_000;
/// Characters that the warnings of the first screen may take.
const WARNINGS_ROOM: usize = 5_000;
/// Characters that the other warnings may take, together with the lines on how the runs were made.
const BESIDE_ROOM: usize = 8_000;

/// Largest number of characters of [`MarkdownOptions::key`].
pub const LONGEST_KEY: usize = 100;
/// Largest number of characters of [`MarkdownOptions::image_base_url`]. A comment has the address four times,
/// and the rows need room beside it.
pub const LONGEST_IMAGE_URL: usize = 1_000;

/// Characters after which a warning is cut, so that a long list of names leaves room for the rows.
const LONGEST_WARNING: usize = 400;
/// Largest number of characters of a name, before escapes make it longer.
const NAME: usize = 100;
/// Characters of an interval: as many as leave room for names in the 900 pixels of a comment. The
/// number is odd, so that 0 has a column in the middle.
const WIDTH: usize = 13;
/// Characters of a word that needs no place where a line may end.
const LONG_WORD: usize = 24;
/// Largest number of gates.
const GATES: usize = 10;
/// Rows of the first screen; the others are folded.
const FIRST_ROWS: usize = 8;
/// Warnings of the first screen; the others are folded.
const FIRST_WARNINGS: usize = 3;
/// Largest number of folded warnings.
const MORE_WARNINGS: usize = 10;

/// Settings of a comment: the key of its hidden marker, and the address of its pictures.
#[derive(Clone, Debug, Default)]
pub struct MarkdownOptions {
    /// Key of the hidden marker by which a workflow finds its comment. Only ASCII letters, digits,
    /// `-` and `_` of the key are written, at most [`LONGEST_KEY`] of them, and `diff` when it has
    /// none.
    pub key: String,
    /// Public address of the folder that holds `diff.svg`, `before.svg` and `after.svg`. The
    /// comment has no pictures for `None`, and for an address longer than [`LONGEST_IMAGE_URL`].
    pub image_base_url: Option<String>,
}

/// Writes the comparison as Markdown for a comment on a pull request. Rows, gates and warnings for
/// which there is no room are left out; except for rows of packages, their number is written.
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
    let is_safe = |c: &char| c.is_ascii_alphanumeric() || "-_".contains(*c);
    let key: String = options.key.chars().filter(is_safe).take(LONGEST_KEY).collect();
    let key = if key.is_empty() { "diff" } else { &key };
    let mut text = format!("<!-- spikeflame:{key} -->\n### CPU profile, before and after\n\n");
    text += &format!("**{}**\n", clean::markdown(&compared.sentence()));
    for line in compared.speed() {
        text += &format!("\n{}\n", clean::markdown(&line));
    }
    let gate = |gate: &GateCheck| format!("\n{}.\n", clean::markdown(&gate.to_string()));
    let gates = fitting(compared.gates.iter().take(GATES).map(gate), GATES_ROOM);
    text += &gates.concat();
    text += &left_out(compared.gates.len() - gates.len(), "gates");
    let warnings = &compared.comparison.warnings;
    let warned = |warning| format!("\n> {}\n", clean::markdown(&(compared.words.warning)(warning)));
    let first = fitting(warnings.iter().take(FIRST_WARNINGS).map(warned), WARNINGS_ROOM);
    text += &first.concat();
    let fits = |url: &&String| url.chars().count() <= LONGEST_IMAGE_URL;
    if let Some(url) = options.image_base_url.as_ref().filter(fits) {
        let url = url.trim_end_matches('/');
        text += &format!(
            "\n[![Differential flame graph: blue costs less, orange more]({url}/diff.svg)]({url}/diff.svg)\n\
             \n[before]({url}/before.svg) · [after]({url}/after.svg)\n"
        );
    }
    text += &format!("\n{}\n", compared.tally());
    for line in compared.weak_evidence().into_iter().chain(compared.undecided()) {
        text += &format!("\n{}\n", clean::markdown(&line));
    }
    text += &causes(compared);
    // The text after the tables is written first, so that the tables get the room that is left.
    let mut tail = String::new();
    if compared.group_by == GroupBy::Function {
        let packages =
            ComparisonView { group_by: GroupBy::Package, rows: PACKAGES, ..compared.clone() };
        let rows = packages.rows(None).0;
        tail += &folded("By package", &table(&packages, &rows, 12_000).0);
    }
    tail += &waterfall(compared);
    let beside =
        [compared.conditions(), compared.recorded_with(), compared.outside(), compared.recorder()];
    let beside = beside.into_iter().flatten();
    let beside: String = beside.map(|line| format!("\n{}\n", clean::markdown(&line))).collect();
    let room = BESIDE_ROOM.saturating_sub(beside.chars().count());
    let more = fitting(warnings.iter().skip(first.len()).take(MORE_WARNINGS).map(warned), room);
    let unseen = left_out(warnings.len() - first.len() - more.len(), "warnings");
    let made = more.concat() + &unseen + &beside;
    if !made.is_empty() {
        tail += &folded("How the runs were made", made.trim_start_matches('\n'));
    }
    let marks =
        legend(&compared.verdicts(&compared.rows(None).0)).map(|legend| clean::markdown(&legend));
    let marks = marks.map(|legend| format!(" {legend}")).unwrap_or_default();
    tail += &format!(
        "\n<sub>● is the change of self CPU, or of the total where the costs are with callees, ─ its 95 % interval, │ no change (square-root scale); total is with all \
             that is called.{marks} What is not resolved is not unchanged. Made by spikeflame.</sub>\n"
    );
    let blocks: &[Option<bool>] =
        if compared.has_blocks() { &[Some(true), Some(false)] } else { &[None] };
    // The machine has few rows. Code gets the room that they leave.
    let mut written = Vec::new();
    for &machine in blocks {
        let (rows, more) = compared.rows(machine);
        let taken: usize = written.iter().map(|text: &String| text.chars().count()).sum();
        let used = text.chars().count() + tail.chars().count() + taken + 600;
        let room = LONGEST_COMMENT.saturating_sub(used);
        let (table, shown) =
            table(compared, &rows, if machine == Some(true) { room.min(12_000) } else { room });
        let more = more + rows.len() - shown;
        let title = match machine {
            Some(machine) => compared.block(machine),
            None => format!("All rows, by the size of their change ({})", compared.one_row()),
        };
        let mut block = table;
        if more > 0 {
            block += &format!("\n{} more not shown.\n", count(more as u64));
        }
        written.push(folded(&title, &block));
    }
    written.reverse();
    text + &written.concat() + &tail
}

/// Returns the lines from the first one on that have room.
fn fitting(lines: impl Iterator<Item = String>, room: usize) -> Vec<String> {
    let mut length = 0;
    let has_room = |line: &String| {
        length += line.chars().count();
        length <= room
    };
    lines.take_while(has_room).collect()
}

/// Returns the line that states how many gates or warnings are left out; nothing for 0.
fn left_out(number: usize, of: &str) -> String {
    match number {
        0 => String::new(),
        _ => format!("\n{} more {of} not shown.\n", count(number as u64)),
    }
}

/// Returns a part that a reader opens with a click. The first screen of a comment stays short.
fn folded(title: &str, content: &str) -> String {
    format!("\n<details><summary>{title}</summary>\n\n{content}\n</details>\n")
}

/// Returns the rows that changed by themselves, the largest first.
fn causes(compared: &ComparisonView<'_>) -> String {
    let all = ComparisonView { rows: 0, ..compared.clone() };
    let mut rows = all.rows(None).0;
    rows.retain(|row| row.is_cause());
    if rows.is_empty() {
        return String::new();
    }
    let most = if compared.rows == 0 { FIRST_ROWS } else { compared.rows.min(FIRST_ROWS) };
    let more = rows.len().saturating_sub(most);
    rows.truncate(most);
    let (table, shown) = table(compared, &rows, 8_000);
    let more = more + rows.len() - shown;
    match more {
        0 => format!("\n{table}"),
        more => format!("\n{table}\n{} more below.\n", count(more as u64)),
    }
}

/// Returns as many rows as have room, and their number. The function comes first, because a phone shows
/// only the first columns of a wide table.
fn table<'a>(compared: &ComparisonView<'a>, rows: &[&'a Row], room: usize) -> (String, usize) {
    let unit = compared.comparison.unit;
    let mut text = format!(
        "| {} | before → after | self | 95 % interval | total | verdict |\n|:---|---:|---:|:---:|---:|:---|\n",
        compared.one_row()
    );
    let mut length = text.chars().count();
    let scale = scale(rows.iter().map(|row| compared.effect(row)));
    let short = compared.shortener();
    for (at, row) in rows.iter().enumerate() {
        let shown = compared.effect(row);
        let callees = match std::ptr::eq(shown, &row.total_cost) {
            true => "<br>with callees",
            false => "",
        };
        let (name, place) = compared.names(row, &short);
        let line = format!(
            "| {} | {}\u{a0}→<br>{}{callees} | {} | `{}` | {} | {} |\n",
            named(&name, &place, compared.explained_parts(row, &short)),
            unbroken(&cost(shown.before, unit)),
            unbroken(&cost(shown.after, unit)),
            of_measure(compared, &row.self_cost),
            unbroken(&interval(shown, scale, WIDTH)),
            of_measure(compared, &row.total_cost),
            word(row, compared.cost(row)),
        );
        length += line.chars().count();
        if length > room {
            return (text, at);
        }
        text += &line;
    }
    (text, rows.len())
}

/// Returns a change with its ratio below it: side by side they would be the widest part of a row.
fn of_measure(compared: &ComparisonView<'_>, cost: &Measure) -> String {
    format!("{}<br>{}", unbroken(&compared.change(cost.change)), unbroken(&compared.ratio(cost)))
}

/// Returns a text in which no line ends: a number with its unit, or an interval.
fn unbroken(text: &str) -> String {
    text.replace(' ', "\u{a0}")
}

/// Returns a name in bold, with its place and the rows that it explains below it. A comment is about 900
/// pixels wide: with a column for each of them, every number would take several lines.
fn named(name: &str, place: &str, explains: Option<(String, String)>) -> String {
    let mut text = format!("<b>{}</b>", breakable(&clean::markdown(&clean::shortened(name, NAME))));
    if !place.is_empty() {
        text += &format!("<br>{}", breakable(&clean::markdown(&clean::shortened(place, NAME))));
    }
    if let Some((names, together)) = explains {
        // The sum is the result, so only the names before it are cut.
        let names = clean::shortened(&names, 2 * NAME);
        text += &format!("<br>↳ {}", breakable(&clean::markdown(&format!("{names}; {together}"))));
    }
    text
}

/// Lets lines end within a name: a table is as wide as its longest word, and paths and names of C++
/// are long words.
fn breakable(escaped: &str) -> String {
    escaped.split(' ').map(breakable_word).collect::<Vec<_>>().join(" ")
}

fn breakable_word(word: &str) -> String {
    match word.chars().count() {
        0..=LONG_WORD => word.to_owned(),
        _ => word.replace('/', "/<wbr>").replace("::", "::<wbr>").replace("\\_", "\\_<wbr>"),
    }
}

/// Writes the result, its warnings and the rows that changed, as Markdown of about `room` bytes for
/// a report.
pub(crate) fn brief(compared: &ComparisonView<'_>, room: usize) -> String {
    let mut text = format!("**{}**\n", clean::markdown_sentence(&compared.sentence()));
    for line in compared.speed() {
        text += &format!("\n{}\n", clean::markdown(&line));
    }
    for warning in compared.comparison.warnings.iter().take(FIRST_WARNINGS) {
        let warning = clean::shortened(&(compared.words.warning)(warning), LONGEST_WARNING);
        text += &format!("\n> {}\n", clean::markdown_sentence(&warning));
    }
    text += &format!("\n{}\n", compared.tally());
    for line in compared.weak_evidence().into_iter().chain(compared.undecided()) {
        text += &format!("\n{}\n", clean::markdown(&line));
    }
    let all = ComparisonView { rows: 0, ..compared.clone() };
    let mut rows = all.rows(None).0;
    rows.retain(|row| row.is_cause());
    if !rows.is_empty() {
        let (table, shown) = table(compared, &rows, room.saturating_sub(text.len()) / 2);
        text += &format!("\n{table}");
        if shown < rows.len() {
            let more = count((rows.len() - shown) as u64);
            text += &format!("\n{more} more causes{}.\n", compared.words.all_rows_hint);
        }
        rows.truncate(shown);
        if let Some(legend) = legend(&compared.verdicts(&rows)) {
            text += &format!("\n{}\n", clean::markdown_sentence(&legend));
        }
    }
    text
}

fn waterfall(compared: &ComparisonView<'_>) -> String {
    let (table, unit) = (compared.table(), compared.comparison.unit);
    let fall = table.waterfall(STEPS);
    let short = compared.shortener();
    let of = if unit == Unit::Share { " of the CPU before" } else { "" };
    let mut text = format!(
        "\n<details><summary>From {} to {}{of}</summary>\n\n| | |\n|---:|:---|\n| {} | before |\n",
        cost(fall.before, unit),
        cost(fall.after, unit),
        cost(fall.before, unit)
    );
    for step in &fall.steps {
        let Some(row) = table.rows.get(step.row) else { continue };
        let (name, place) = compared.names(row, &short);
        let name = clean::shortened(format!("{name} {place}").trim_end(), NAME);
        let name = clean::markdown(&name);
        text += &format!("| {} | {name}{} |\n", compared.change(step.change), with_rows(step));
    }
    text + &format!(
        "| {} | {} others |\n| {} | after |\n\n</details>\n",
        compared.change(fall.other),
        count(fall.other_rows as u64),
        cost(fall.after, unit)
    )
}

#[cfg(test)]
mod tests {
    use super::named;

    /// The error was: a long list of names cut the number after it off, which is the result of the row.
    #[test]
    fn names_are_cut_and_their_sum_is_not() {
        let explains =
            (format!("explains {}", "aName, ".repeat(60)), "together −0.745 ms".to_owned());
        let cell = named("find", "", Some(explains));
        assert!(cell.ends_with("…; together −0.745 ms"), "{cell}");
    }
}
