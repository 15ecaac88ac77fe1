//! Warnings of one kind about many files.

use super::some_of;
use spikeflame_run::Warning;

/// More files than this with one kind of warning share a sentence.
const MOST_SENTENCES: usize = 3;

/// Returns the sentences for warnings. When many recordings or load tests have a warning of one kind
/// (200 workers that waited), the first is worded and the others are named.
pub(crate) fn warnings(all: &[Warning]) -> Vec<String> {
    let mut kinds: Vec<(Option<String>, Vec<&Warning>)> = Vec::new();
    for warning in all {
        let kind = kind(warning);
        match kinds.iter_mut().find(|(known, _)| kind.is_some() && *known == kind) {
            Some((_, alike)) => alike.push(warning),
            None => kinds.push((kind, vec![warning])),
        }
    }
    let mut texts = Vec::new();
    for (_, alike) in kinds {
        let (first, rest) = match alike.split_first() {
            Some((first, rest)) if rest.len() >= MOST_SENTENCES => (vec![*first], rest),
            _ => (alike, &[][..]),
        };
        texts.extend(first.into_iter().map(super::warning));
        if let Some(text) = texts.last_mut().filter(|_| !rest.is_empty()) {
            let names: Vec<String> = rest.iter().filter_map(|warning| file_of(warning)).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let files = match rest {
                [Warning::Recording(_), ..] => "recordings",
                _ => "load tests",
            };
            *text += &format!(
                "; {} more {files} have a warning of this kind: {}",
                names.len(),
                some_of(&names)
            );
        }
    }
    texts
}

/// Returns the name of the recording or the load test that a warning concerns.
fn file_of(warning: &Warning) -> Option<String> {
    match warning {
        Warning::Recording(fact) if !fact.source.is_empty() => Some(fact.source.clone()),
        Warning::Load { path, .. } => Some(path.display().to_string()),
        _ => None,
    }
}

/// Returns the sentence of a warning about one file, without its name and its numbers.
fn kind(warning: &Warning) -> Option<String> {
    let name = file_of(warning)?;
    let text = super::warning(warning);
    Some(text.strip_prefix(&name)?.replace(|letter: char| letter.is_ascii_digit(), ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error was: a history of 24 runs without clocks had 24 lines of one warning.
    #[test]
    fn load_tests_with_one_kind_of_warning_share_a_line() {
        let warning = |run: u32| Warning::Load {
            path: format!("runs/{run}/load.csv").into(),
            warning: spikeflame_load::Warning::NoClock,
        };
        let texts = warnings(&(0..24).map(warning).collect::<Vec<_>>());
        let [text] = texts.as_slice() else { panic!("{texts:#?}") };
        assert!(text.starts_with("runs/0/load.csv: "), "{text}");
        assert!(
            text.contains("; 23 more load tests have a warning of this kind: runs/1/load.csv"),
            "{text}"
        );
    }
}
