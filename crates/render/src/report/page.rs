//! The page's HTML: a fixed frame, the answer, and the data.

use super::head::Head;
use super::{Report, ReportRun, RunWindow, columns};
use crate::about::interval;
use crate::clean::{attribute, html, html_sentence, script_json, shortened};
use crate::diff::{Cause, ComparisonView};
use crate::names::{Shortener, called_by};
use crate::number::{count, noun, number_of, percent, sampled, seconds};
use crate::report::answer::{
    Answer, HotPackage, OWNER_UNKNOWN, OwnFunction, PACKAGES_UNKNOWN, Step,
};
use std::io::{self, Write};

/// The page's script, built from `web/`.
const SCRIPT: &str = include_str!("assets/page.js");
/// The page's style, built from `web/`.
const STYLE: &str = include_str!("assets/page.css");
/// Hashes of script and style, as a Content-Security-Policy names them.
const POLICY: &str = include_str!("assets/policy.txt");

/// Writes the page.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut packed = Vec::new();
    let mut lengths = Vec::new();
    for run in &report.runs {
        let (bytes, length) = columns::pack(run.profile)?;
        packed.push(bytes);
        lengths.push(length);
    }
    let head = serde_json::to_string(&Head::new(report, lengths))?;
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"spikeflame {}\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        attribute(POLICY.trim()),
        env!("CARGO_PKG_VERSION"),
        html(&report.title),
    )?;
    top(report, out)?;
    out.write_all(b"<main id=\"page\"></main>\n")?;
    out.write_all(
        b"<noscript><p class=\"note\">The timeline, the flame graph and the table need \
          JavaScript, which is switched off here.</p></noscript>\n",
    )?;
    writeln!(out, "<script type=\"application/json\" id=\"head\">{}</script>", script_json(&head))?;
    for (number, bytes) in packed.iter().enumerate() {
        write!(out, "<script type=\"text/plain\" id=\"columns-{number}\">")?;
        base64(bytes, out)?;
        out.write_all(b"</script>\n")?;
    }
    writeln!(out, "<script>{SCRIPT}</script>\n</body>\n</html>")
}

/// Writes Base64, a part at a time.
fn base64(bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
    for part in bytes.chunks(3 << 14) {
        out.write_all(data_encoding::BASE64.encode(part).as_bytes())?;
    }
    Ok(())
}

/// Writes the heading and the answers, which need no script.
fn top(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Some(run) = report.runs.first() else { return Ok(()) };
    write!(
        out,
        "<header class=\"top\">\n<div class=\"heading\"><h1>{}</h1>\n<p class=\"about\"{}>{}</p></div>\n\
         <div class=\"tools\" id=\"tools\"></div>\n</header>\n",
        html(&report.title),
        exact(run),
        html(&about(run)),
    )?;
    let answer = Answer::new(run.profile, &run.selection());
    out.write_all(b"<section class=\"answer\" aria-label=\"The answer\">\n")?;
    let part = run.opening().map_or_else(|| "whole run".to_owned(), RunWindow::part);
    // The cards of a comparison are of one of its runs.
    let alone = report.compared.map(|_| run.name.as_str());
    let part = match alone {
        Some(name) => format!("{part} of {}", html(name)),
        None => part,
    };
    if let Some(compared) = report.compared {
        writeln!(
            out,
            "<article class=\"card all\"><h2>Before and after</h2><p>{}</p>\
             <p class=\"note\">Evidence: {}.</p>{}<p><a href=\"#comparison\">What changed, function by function</a></p>\
             <p class=\"note\">The comparison is of all {} runs. The three answers below are of {} \
             alone: the list at the timeline shows the other runs.</p></article>",
            html(&compared.sentence()),
            html(&compared.evidence()),
            changed(compared),
            report.runs.len(),
            html(&run.name)
        )?;
    }
    plateau_card(run, alone, out)?;
    own_card(run, &answer, &part, out)?;
    package_card(run, &answer, &part, out)?;
    out.write_all(b"</section>\n")?;
    let warnings: Vec<&String> = report.runs.iter().flat_map(|run| &run.warnings).collect();
    if !warnings.is_empty() {
        write!(
            out,
            "<details class=\"warnings\"><summary>{} warning{}</summary><ul>",
            warnings.len(),
            if warnings.len() == 1 { "" } else { "s" }
        )?;
        for warning in warnings {
            write!(out, "<li>{}</li>", html_sentence(warning))?;
        }
        out.write_all(b"</ul></details>\n")?;
    }
    Ok(())
}

/// Functions that the first screen of a comparison names.
const CHANGED: usize = 3;

/// Returns the functions that changed, as a list of HTML. Without one, the text states that.
fn changed(compared: &ComparisonView<'_>) -> String {
    let causes = compared.first_causes(CHANGED);
    if causes.is_empty() {
        return "<p>No function changed by more than chance.</p>".to_owned();
    }
    format!("<ul>{}</ul>", causes.iter().map(changed_item).collect::<String>())
}

fn changed_item(cause: &Cause) -> String {
    let [before, after] = &cause.costs;
    let what = if cause.with_callees { " with all that it calls" } else { "" };
    let space = if cause.place.is_empty() { "" } else { " " };
    format!(
        "<li>{}{space}<span class=\"place\">{}</span>: {before} → {after}{what}</li>",
        html(&brief(&cause.name)),
        html(&cause.place)
    )
}

/// Describes the recording in one line: name, producer, samples, duration, interval.
pub(super) fn about(run: &ReportRun<'_>) -> String {
    let first = run.profile.sources.first();
    let mut parts = vec![run.name.clone()];
    parts.extend(first.map(|source| source.producer.clone()));
    parts.push(sampled(run.profile.total(), unit(run)));
    let end = run.profile.sources.iter().map(|source| source.end_us).max().unwrap_or(0);
    if run.profile.is_timed() && end > 0 {
        parts.push(seconds(end));
    }
    parts.extend(first.and_then(|source| Some(interval(source.interval_us?, source.asked_us))));
    if run.profile.unreadable() > 0 {
        parts.push(format!("{} unreadable", count(run.profile.unreadable())));
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" · ")
}

/// Returns the unit of a run's weights.
pub(super) fn unit<'a>(run: &ReportRun<'a>) -> &'a str {
    run.profile.sources.first().map_or("samples", |source| &source.unit)
}

/// Returns the exact weight as an attribute, when the line above rounds it.
fn exact(run: &ReportRun<'_>) -> String {
    let (total, unit) = (run.profile.total(), unit(run));
    let full = number_of(total, unit);
    if full == sampled(total, unit) {
        return String::new();
    }
    format!(" title=\"{}\"", attribute(&full))
}

fn plateau_card(run: &ReportRun<'_>, alone: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"<article class=\"card wide\"><h2>Plateau")?;
    if let Some(name) = alone {
        write!(out, " of {}", html(name))?;
    }
    if !run.grade.is_empty() {
        write!(out, " <span class=\"badge\">{}</span>", html(&run.grade))?;
    }
    write!(out, "</h2><p>{}</p>", unbroken(&run.plateau))?;
    if !run.verdicts.is_empty() {
        write!(out, "<p class=\"verdict\">{}</p>", unbroken(&run.verdicts))?;
    }
    let terms = terms(run);
    if !terms.is_empty() {
        write!(out, "<p class=\"note\">{}</p>", html_sentence(&terms))?;
    }
    out.write_all(b"</article>\n")
}

/// Explains the word of the grade, and the word *busy* with the share of a core where the verdict has them. Returns an empty
/// text when there is nothing to explain.
pub(super) fn terms(run: &ReportRun<'_>) -> String {
    let mut terms = Vec::new();
    if let Some(meaning) = crate::plateau::grade_meaning(&run.grade) {
        let (first, rest) = run.grade.split_at_checked(1).unwrap_or_default();
        terms.push(format!("{}{rest}: {meaning}.", first.to_uppercase()));
    }
    let loop_is_busy = [&run.plateau, &run.verdicts].iter().any(|text| text.contains("event loop"));
    if loop_is_busy {
        terms.push(busy_term(&run.verdicts));
    }
    terms.join(" ")
}

/// Returns the meaning of *busy*, and of the share of a core where the verdict has one. Samples that also count
/// waiting show no such share.
fn busy_term(verdicts: &str) -> String {
    let share = match verdicts.contains(" of a core") {
        true => "; the share of a core is the CPU that it got",
        false => "",
    };
    format!("Busy: the event loop has work, also while it waits for a core{share}.")
}

/// Returns a sentence as HTML in which no line ends between a number and "%" or within an option,
/// and in which words between backticks are code.
fn unbroken(text: &str) -> String {
    let safe = html_sentence(text).replace(" %", "&nbsp;%");
    let mut parts = safe.split('`').peekable();
    let mut out = String::with_capacity(safe.len());
    let mut is_code = false;
    while let Some(part) = parts.next() {
        // A backtick without a second one is itself.
        match (is_code, parts.peek()) {
            (true, Some(_)) => out.extend(["<code>", part, "</code>"]),
            (true, None) => out.extend(["`", part]),
            (false, _) => out.push_str(part),
        }
        is_code = !is_code;
    }
    let Some((before, option)) = out.split_once(" --window ") else { return out };
    let (value, after) = option.split_once(' ').unwrap_or((option, ""));
    let space = if after.is_empty() { "" } else { " " };
    format!("{before} <code>--window {value}</code>{space}{after}")
}

fn own_card(
    run: &ReportRun<'_>,
    answer: &Answer,
    part: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    out.write_all(b"<article class=\"card\"><h2>Hottest function of your own code</h2>")?;
    let Some(hot) = answer.own.first() else {
        return writeln!(out, "<p class=\"note\">{}</p></article>", no_own_code(run, answer));
    };
    let shortener = shortener(run);
    write!(
        out,
        "<p class=\"figure\">{}</p><p><button type=\"button\" class=\"link\" data-label=\"{}\">{}</button> \
         <span class=\"place\">{}</span></p>",
        percent(hot.weight, answer.total),
        attribute(&hot.label),
        html(&brief(&hot.name)),
        html(&full_place(hot, &shortener)),
    )?;
    if let Some(last) = hot.path.last() {
        write!(
            out,
            "<p class=\"path\">{} {} <span class=\"muted\">({})</span></p>",
            path_words(hot, last),
            html(&brief(&last.name)),
            percent(last.weight, answer.total),
        )?;
    }
    write!(
        out,
        "<p class=\"note\">of the {part}: {noun} in it, or in packages, Node, V8 and native code \
         that it calls. Other own functions that it calls are not in it; the totals of the table have them. {} of the {noun} end in the function itself.</p>",
        percent(hot.self_weight, answer.total),
        noun = noun(unit(run))
    )?;
    let name = |next: &OwnFunction| {
        format!(
            "<button type=\"button\" class=\"link\" data-label=\"{}\">{}</button> <span class=\"place\">{}</span>",
            attribute(&next.label),
            html(&brief(&next.name)),
            html(&full_place(next, &shortener)),
        )
    };
    following(answer.own.iter().map(|next| (next.weight, name(next))), answer.total, out)
}

/// Largest number of rows below the first one in a card.
const ROWS_BELOW: usize = 3;

/// Writes the rows after the first one, each a weight and the HTML of a name, and closes the card. Rows below a
/// thousandth of `total` are left out.
fn following(
    rows: impl Iterator<Item = (u64, String)>,
    total: u64,
    out: &mut dyn Write,
) -> io::Result<()> {
    let rows = rows.skip(1).take(ROWS_BELOW);
    let rows = rows.filter(|(weight, _)| weight.saturating_mul(1000) >= total);
    let rows: Vec<String> =
        rows.map(|(weight, name)| format!("<li>{} {name}</li>", percent(weight, total))).collect();
    if !rows.is_empty() {
        write!(out, "<ul class=\"next\">{}</ul>", rows.concat())?;
    }
    out.write_all(b"</article>\n")
}

/// Returns the place of a function, with the caller of a function without a name.
fn full_place(hot: &OwnFunction, shortener: &Shortener<'_>) -> String {
    let place = place(hot, shortener);
    match &hot.called_by {
        Some(caller) => called_by(&place, &brief(caller)),
        None => place,
    }
}

/// Returns the words before the last step of a function's heaviest path. *Most* is more than half.
fn path_words(hot: &OwnFunction, last: &Step) -> &'static str {
    match last.weight.saturating_mul(2) > hot.weight {
        true => "Most of it is spent in",
        false => "Its heaviest path of calls leads to",
    }
}

/// Largest number of characters of a name in a card.
const LONGEST_NAME: usize = 120;

/// Returns a name without the end that would fill its card.
fn brief(name: &str) -> String {
    shortened(name, LONGEST_NAME)
}

/// Returns true when the recording does not show which code is the application's. The frames of a
/// log are those of its errors, and most errors have none.
fn is_unowned(run: &ReportRun<'_>, answer: &Answer) -> bool {
    answer.total > 0 && !answer.names_files && unit(run) != "errors"
}

/// Returns the reason why there is no hottest function of own code.
pub(super) fn no_own_code(run: &ReportRun<'_>, answer: &Answer) -> String {
    match is_unowned(run, answer) {
        true => format!("{OWNER_UNKNOWN}."),
        false => format!("No {} passes through code of your own.", one(run)),
    }
}

fn package_card(
    run: &ReportRun<'_>,
    answer: &Answer,
    part: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    out.write_all(b"<article class=\"card\"><h2>Hottest dependency</h2>")?;
    let Some(hot) = answer.packages.first() else {
        let none = match is_unowned(run, answer) {
            true => format!("{PACKAGES_UNKNOWN}."),
            false => format!("No {} passes through an npm package.", one(run)),
        };
        return writeln!(out, "<p class=\"note\">{none}</p></article>");
    };
    write!(
        out,
        "<p class=\"figure\">{}</p><p>{}</p>\
         <p class=\"note\">of the {part}: {noun} in it, or in Node, V8 and native code that it \
         calls.",
        percent(hot.weight, answer.total),
        package(hot),
        noun = noun(unit(run)),
    )?;
    out.write_all(b"</p>")?;
    following(answer.packages.iter().map(|next| (next.weight, package(next))), answer.total, out)
}

/// Returns the button of a package, which shows it in the graph.
fn package(hot: &HotPackage) -> String {
    format!(
        "<button type=\"button\" class=\"link\" data-package=\"{}\">{}</button>",
        attribute(&hot.name),
        html(&hot.name)
    )
}

/// Returns the word for one tick, error or sample.
pub(super) fn one(run: &ReportRun<'_>) -> &'static str {
    noun(unit(run)).trim_end_matches('s')
}

pub(super) fn shortener<'a>(run: &ReportRun<'a>) -> Shortener<'a> {
    Shortener::of_profile(run.profile, false)
}

pub(super) fn place(hot: &OwnFunction, shortener: &Shortener<'_>) -> String {
    shortener.place(&hot.file, hot.line)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error was: without process.csv, the page explained a share of a core that its words did not have.
    #[test]
    fn a_share_of_a_core_is_explained_only_where_there_is_one() {
        use crate::plateau::core_share;
        use spikeflame_load::CoreShare;
        let by_kernel = CoreShare { share: 0.5, by_kernel: true, counts_waits: false };
        let by_ticks = CoreShare { by_kernel: false, counts_waits: true, ..by_kernel };
        assert!(busy_term(&core_share(by_kernel)).contains("share of a core"));
        assert!(!busy_term(&core_share(by_ticks)).contains("share of a core"));
    }

    #[test]
    fn words_between_backticks_and_options_are_code() {
        let shown = unbroken("raise `target`, or take: --window 3s..10s");
        assert_eq!(shown, "raise <code>target</code>, or take: <code>--window 3s..10s</code>");
        assert_eq!(unbroken("one ` alone, 5 % <b>"), "one ` alone, 5&nbsp;% &lt;b&gt;");
    }

    /// The error was: a callee with two fifths of a function was most of it.
    #[test]
    fn most_is_more_than_half() {
        let hot = |weight| OwnFunction {
            label: String::new(),
            name: String::new(),
            called_by: None,
            file: String::new(),
            line: 0,
            weight,
            self_weight: 0,
            path: Vec::new(),
        };
        let (label, name, file) = Default::default();
        let last = Step { label, name, file, line: 0, weight: 5 };
        assert!(path_words(&hot(9), &last).starts_with("Most"));
        assert!(path_words(&hot(10), &last).starts_with("Its heaviest path"));
    }

    #[test]
    fn a_long_name_leaves_room_in_its_card() {
        assert_eq!(brief("é"), "é");
        assert_eq!(brief(&"é".repeat(500)).chars().count(), LONGEST_NAME + 1);
    }

    #[test]
    fn a_window_has_a_name_within_a_sentence() {
        let part = |label: &str| {
            let window = RunWindow {
                id: String::new(),
                label: label.to_owned(),
                note: String::new(),
                from_us: 0,
                to_us: 1,
            };
            window.part()
        };
        let parts = ["Under load", "Before the plateau", "Plateau 2", "Window"].map(part);
        assert_eq!(parts, ["time under load", "time before the plateau", "plateau 2", "window"]);
    }
}
