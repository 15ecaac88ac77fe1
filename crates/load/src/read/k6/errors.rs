//! Gathers the texts of the errors that k6 writes for requests without an answer.

use crate::timeline::{FailureKind, OwnError, Timeline};
use std::collections::BTreeMap;

/// Most texts that are kept. Some of them contain an address or a port that differs in each request.
const MOST_TEXTS: usize = 200;
/// Most characters of a text that are kept.
const LONGEST_TEXT: usize = 200;

/// The texts of errors by their code, with the number of requests of each.
#[derive(Debug, Default)]
pub(super) struct ErrorTexts(BTreeMap<(u16, String), u64>);

impl ErrorTexts {
    /// Adds the error of a request, when the request got no answer.
    pub(super) fn add(&mut self, kind: FailureKind, text: &str) {
        let Some(code) = kind.error_code.filter(|_| kind.is_unanswered() == Some(true)) else {
            return;
        };
        let text: String = text.trim().chars().take(LONGEST_TEXT).collect();
        if text.is_empty() {
            return;
        }
        let key = (code, text);
        if let Some(count) = self.0.get_mut(&key) {
            *count = count.saturating_add(1);
        } else if self.0.len() < MOST_TEXTS {
            self.0.insert(key, 1);
        }
    }

    /// Returns the code with which most requests of a timeline got no answer, with the most frequent text
    /// of that code.
    pub(super) fn commonest(&self, timeline: &Timeline) -> Option<OwnError> {
        let mut codes: BTreeMap<u16, u64> = BTreeMap::new();
        for &(kind, count) in timeline.seconds.iter().flat_map(|second| &second.failures) {
            if let Some(code) = kind.error_code.filter(|_| kind.is_unanswered() == Some(true)) {
                *codes.entry(code).or_default() += u64::from(count);
            }
        }
        let (code, requests) = codes.into_iter().max_by_key(|(_, count)| *count)?;
        let texts = self.0.iter().filter(|((of, _), _)| *of == code);
        let ((_, text), _) = texts.max_by_key(|(_, count)| **count)?;
        Some(OwnError { text: text.clone(), code, requests })
    }
}
