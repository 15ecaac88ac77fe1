//! Words for the verdicts and marks of rows, and their explanations.

use spikeflame_diff::{Badge, Doubt, Measure, Row, Step, Verdict};

/// The words for verdicts that need an explanation, each with it.
const VERDICTS: [(&str, &str); 5] = [
    ("CHANGED", "by more than chance (q at most 0.05) and by 10 % or more"),
    (
        "total CHANGED",
        "only with what it calls, which the costs and the interval of such a function include",
    ),
    ("self CHANGED", "only without what it calls"),
    (
        PROGRAM,
        "the cost changed, but perhaps only as that of the whole program did: its share of all costs did not \
         change with certainty in the same direction",
    ),
    (
        "guessed",
        "taken for the function before by its place or its calls or, in another file, by its name",
    ),
];

/// The word beside a row that is not called changed because the whole program changed, or may have changed.
const PROGRAM: &str = "PROGRAM?";

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
        Badge::StartUp => {
            "the cost may arise once a run or with time, or depend on how far a run came, and not be that of each request"
        }
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
    let is_doubted = |cost: &&Measure| cost.doubt == Some(Doubt::WithProgram);
    if !row.is_changed() && [&row.self_cost, &row.total_cost].iter().any(is_doubted) {
        words.push(PROGRAM);
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::{ComparisonView, DiffWords, text};
    use spikeflame_diff::{Comparison, Options, Run, SessionNoise, Unit, Warning, compare};
    use spikeflame_profile::{Selection, folded};

    fn compared() -> Comparison {
        let all = Selection::default();
        let texts = ["main;parse 400\nmain;tidy 3\n", "main;parse 90\nmain;tidy 4\n"];
        let profiles = texts.map(|text| folded::read(&mut text.as_bytes(), "made", None).unwrap());
        let [before, after] = profiles.each_ref().map(|profile| Run::new("run", profile, &all));
        compare(&[before], &[after], &Options::default()).unwrap()
    }

    fn view(comparison: &Comparison) -> ComparisonView<'_> {
        ComparisonView {
            words: DiffWords {
                warning: |_| "the machine was busy: 0.65 of a core".to_owned(),
                ..DiffWords::default()
            },
            ..ComparisonView::plain(comparison)
        }
    }

    fn printed(comparison: &Comparison) -> String {
        let mut out = Vec::new();
        text(&view(comparison), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// The text only pointed to the number of runs, and no number of them shows a doubled function of 3 %
    /// between sides that were recorded apart.
    #[test]
    fn between_two_sessions_more_runs_are_no_remedy() {
        let mut comparison = compared();
        assert!(!printed(&comparison).contains("no number of runs"));
        comparison.sessions = SessionNoise::default();
        assert!(printed(&comparison).contains("no number of runs"), "{}", printed(&comparison));
    }

    /// The text had no cost without waiting for a core, which raised all costs by a sixth.
    #[test]
    fn costs_without_waiting_have_a_line() {
        let mut comparison = compared();
        (comparison.unit, comparison.without_waits) = (Unit::CpuMsPerRequest, true);
        (comparison.totals.before, comparison.totals.after) = (5.23, 6.10);
        comparison.totals.ratio = 6.10 / 5.23;
        comparison.totals.uncorrected = (4.39, 4.40);
        let line = "Without waiting for a core, as the kernel counted it, 4.39 ms became 4.40 ms (+0.2 %).";
        assert!(printed(&comparison).contains(line), "{}", printed(&comparison));
    }

    /// A row with q < 0.001 and −96 % was "not resolved", and only the JSON stated why.
    #[test]
    fn a_row_that_may_have_changed_with_the_program_has_a_mark() {
        let mut comparison = compared();
        let row = comparison.functions.rows.iter_mut().find(|row| row.name == "parse").unwrap();
        for cost in [&mut row.self_cost, &mut row.total_cost] {
            (cost.verdict, cost.doubt) = (Verdict::NotResolved, Some(Doubt::WithProgram));
        }
        let out = printed(&comparison);
        let row = |name: &str| out.lines().find(|line| line.ends_with(name)).unwrap();
        assert!(row("parse").contains("not resolved PROGRAM?"), "{out}");
        assert!(!row("tidy").contains(PROGRAM) && out.contains("PROGRAM?: the cost"), "{out}");
    }

    /// The page had "evidence: strong" above a closed list of warnings.
    #[test]
    fn the_evidence_names_the_first_warning() {
        let mut comparison = compared();
        comparison.functions.rows.first_mut().unwrap().self_cost.verdict = Verdict::Changed;
        comparison.warnings.clear();
        assert_eq!(view(&comparison).evidence(), comparison.evidence.word());
        comparison
            .warnings
            .push(Warning::RecordersDiffer { before: Vec::new(), after: Vec::new() });
        comparison.evidence = spikeflame_diff::Evidence::Strong;
        assert_eq!(view(&comparison).evidence(), "strong, but the machine was busy");
        // The error was: "strong", of runs in which nothing changed.
        let mut same = comparison.clone();
        same.totals.ci = (0.6, 1.4);
        for row in &mut same.functions.rows {
            for cost in [&mut row.self_cost, &mut row.total_cost] {
                cost.verdict = Verdict::NotResolved;
            }
        }
        assert_eq!(view(&same).evidence(), "no change beyond chance, and the machine was busy");
        // The error was: "weak, and WEAK", the first clause of a warning.
        comparison.evidence = spikeflame_diff::Evidence::Weak;
        let mut weak = view(&comparison);
        weak.words.warning =
            |_| "WEAK: the sides were recorded apart; make runs in turn".to_owned();
        assert_eq!(weak.evidence(), "weak: the sides were recorded apart");
        // Only the page and the JSON had weak evidence whose warning does not begin with the word.
        assert_eq!(weak.weak_evidence(), None);
        assert!(printed(&comparison).contains("Evidence: weak, and the machine was busy."));
    }
}
