//! Words for the verdicts and marks of rows, and their explanations.

use spikeflame_diff::{Badge, Measure, Row, Step, Verdict};

/// The words for verdicts that need an explanation, each with it.
const VERDICTS: [(&str, &str); 4] = [
    ("CHANGED", "by more than chance (q at most 0.05) and by 10 % or more"),
    (
        "total CHANGED",
        "only with what it calls, which the costs and the interval of such a function include",
    ),
    ("self CHANGED", "only without what it calls"),
    (
        "guessed",
        "taken for the function before by its place or its calls or, in another file, by its name",
    ),
];

/// The marks of rows, in the order in which they are explained.
const BADGES: [Badge; 6] =
    [Badge::Gone, Badge::New, Badge::Inlined, Badge::StartUp, Badge::Moved, Badge::Renamed];

/// Returns the meaning of a mark.
fn meaning(badge: Badge) -> &'static str {
    match badge {
        Badge::Gone => "no samples after",
        Badge::New => "no samples before",
        Badge::Inlined => {
            "the cost may only have moved to or from a caller, into which V8 or an edit put its code"
        }
        Badge::StartUp => "the cost may arise once a run, and not with each request",
        Badge::Moved => {
            "new or gone, but what it calls changed by less than half of its cost; or a file or package \
             whose functions are in another one on the other side"
        }
        Badge::Renamed => "probably one function under two names",
        other => other.word(),
    }
}

/// Explains the words that occur in verdicts, in one line. The sentence with the number of changes
/// explains the others. Returns `None` when there is nothing to explain.
pub(super) fn legend(verdicts: &[String]) -> Option<String> {
    let occurs = |term: &str| verdicts.iter().any(|verdict| verdict.contains(term));
    let mut terms: Vec<(&str, &str)> = VERDICTS.to_vec();
    terms.extend(BADGES.iter().map(|badge| (badge.word(), meaning(*badge))));
    terms.retain(|(term, _)| occurs(term));
    let terms: Vec<String> =
        terms.into_iter().map(|(term, meaning)| format!("{term}: {meaning}")).collect();
    if terms.is_empty() { None } else { Some(format!("{}.", terms.join("; "))) }
}

/// Returns the word for a row: its badges, or else its verdict.
pub(super) fn word(row: &Row, cost: &Measure) -> String {
    let mut words: Vec<&str> = Vec::new();
    words.push(match cost.verdict {
        Verdict::Changed
            if std::ptr::eq(cost, &row.total_cost) && row.self_cost.verdict != Verdict::Changed =>
        {
            "total CHANGED"
        }
        Verdict::Changed => "CHANGED",
        // The other cost changed: the row is one of those that the sentence counts.
        _ if row.is_changed() && std::ptr::eq(cost, &row.self_cost) => "total CHANGED",
        _ if row.is_changed() => "self CHANGED",
        Verdict::Same => "same",
        _ => "not resolved",
    });
    words.extend(row.badges.iter().map(|badge| badge.word()));
    if row.guessed && row.name_before.is_none() {
        words.push("guessed");
    }
    words.join(" ")
}

/// Returns the words after a step's name: the number of rows whose changes it contains too.
pub(super) fn with_rows(step: &Step) -> String {
    match step.rows {
        0 | 1 => String::new(),
        2 => ", with the row that it explains".to_owned(),
        rows => format!(", with the {} rows that it explains", rows - 1),
    }
}
