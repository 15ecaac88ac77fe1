//! Reads the name of a column as a sequence of known words: `failed_req_s`, `numErrors`, `% errors`.
//!
//! Names that programs write are known as a whole (`columns.rs`). People write the same words in
//! other orders. A name with one unknown word (`error_code`, `cache_hits`) has no meaning here.

use super::columns::Meaning;

/// The kind of a word in a column's name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    /// A word without a meaning of its own.
    Filler,
    Request,
    Failed,
    Succeeded,
    User,
    /// A word for an amount.
    Count,
    /// A unit of a second.
    Second,
    Share,
    Percent,
    /// A word for an amount since the start, which a rate cannot be.
    Total,
}

/// The known words. `normal` has replaced all words for a second with `ps`.
const WORDS: [(Word, &[&str]); 10] = [
    (Word::Filler, &["http", "https", "k6", "of", "in", "the"]),
    (Word::Request, &["requests", "request", "reqs", "req"]),
    (
        Word::Failed,
        &[
            "unsuccessful",
            "failures",
            "failure",
            "failing",
            "failed",
            "fails",
            "fail",
            "errored",
            "errors",
            "error",
            "errs",
            "err",
            "kos",
            "ko",
        ],
    ),
    (Word::Succeeded, &["successful", "successes", "succeeded", "success", "ok"]),
    (
        Word::User,
        &[
            "virtual",
            "concurrent",
            "active",
            "users",
            "user",
            "vus",
            "vu",
            "allthreads",
            "grpthreads",
        ],
    ),
    (Word::Count, &["number", "counts", "count", "num", "nb", "n"]),
    (Word::Second, &["rps", "ps"]),
    (Word::Share, &["fraction", "ratio", "share", "rate"]),
    (Word::Percent, &["percentage", "percent", "perc", "pct", "%"]),
    (Word::Total, &["total"]),
];

/// Longer names are no sequence of a few words.
const LONGEST: usize = 48;

/// Returns the meaning of a name in the form of `normal` when all of its words are known.
pub(super) fn meaning(name: &str) -> Option<Meaning> {
    let words = Some(name).filter(|name| name.len() <= LONGEST).and_then(words)?;
    let has = |word| words.contains(&word);
    let is_share = has(Word::Share) || has(Word::Percent);
    if has(Word::Total) && !has(Word::Second) {
        return None;
    }
    if has(Word::User) {
        let only = [Word::User, Word::Count, Word::Filler];
        return words.iter().all(|word| only.contains(word)).then_some(Meaning::Vus);
    }
    match (has(Word::Failed), has(Word::Succeeded)) {
        (true, false) if is_share => {
            (!has(Word::Second)).then_some(Meaning::ErrorShare(has(Word::Percent)))
        }
        (true, false) => Some(Meaning::Errors),
        (false, true) => (!is_share).then_some(Meaning::Succeeded),
        (true, true) => None,
        (false, false) if has(Word::Second) => {
            (!has(Word::Percent) && !has(Word::Count)).then_some(Meaning::Rate)
        }
        (false, false) => (has(Word::Request) && !is_share).then_some(Meaning::Count),
    }
}

/// Splits a name into known words. Returns `None` when a part of it is unknown.
fn words(name: &str) -> Option<Vec<Word>> {
    if name.is_empty() {
        return Some(Vec::new());
    }
    WORDS.iter().flat_map(|(kind, texts)| texts.iter().map(move |text| (*kind, *text))).find_map(
        |(kind, text)| {
            let mut rest = words(name.strip_prefix(text)?)?;
            rest.push(kind);
            Some(rest)
        },
    )
}

/// Names of percentiles around their number, where `95` stands for any of them.
const PERCENTILES: [(&str, &str); 9] = [
    ("", "th"),
    ("", "thpct"),
    ("", "%ile"),
    ("", "%line"),
    ("pct", ""),
    ("perc", ""),
    ("q", ""),
    ("quantile", ""),
    ("percentile", ""),
];

/// Returns the index of the percentile (0 to 2 for p50, p95 and p99) that a name in the form of
/// `normal` has without a unit: `95th`, `q95`, `95% line`, `pct95`.
pub(super) fn percentile(name: &str) -> Option<usize> {
    let number = PERCENTILES.iter().find_map(|(before, behind)| {
        name.strip_prefix(before)?.strip_suffix(behind).filter(|number| number.len() == 2)
    })?;
    ["50", "95", "99"].iter().position(|known| *known == number)
}

#[cfg(test)]
mod tests {
    use super::super::columns::named;
    use super::*;

    /// Tables with `errors_per_s`, `failed_req_s` or `error_pct` had no errors: failed requests were
    /// taken for goodput.
    #[test]
    fn the_words_of_a_name_give_its_meaning_in_any_order() {
        let cases = [
            (Meaning::Errors, "errors_per_s errors_per_sec failed_req_s fail_count num_errors"),
            (
                Meaning::Errors,
                "http_errors KO n_failed error_rps errorsPerSecond unsuccessful err/s",
            ),
            (Meaning::ErrorShare(true), "error_pct errors_pct err_pct fail_pct failed_pct %errors"),
            (Meaning::ErrorShare(true), "percent_errors failed_requests_pct error_rate_pct"),
            (
                Meaning::ErrorShare(false),
                "failure_ratio error_fraction failRate request_error_rate",
            ),
            (Meaning::Rate, "reqs_per_s requests_per_sec requests_sec http_requests_per_second"),
            (
                Meaning::Rate,
                "requestsPerSec reqPerSec rps_total total_requests_per_second rate_rps",
            ),
            (Meaning::Count, "n_requests num_requests number_of_requests Requests_Count"),
            (Meaning::Vus, "users_active num_users n_vus number_of_users VU_count allThreads"),
            (Meaning::Succeeded, "success_count ok_requests successful_requests_per_s"),
        ];
        for (meaning, names) in cases {
            for name in names.split(' ') {
                assert_eq!(named(name), meaning, "{name}");
            }
        }
        let others = "error_code error_message errors_5xx cache_hits_per_s total_connections \
            requests_in_flight users_per_s success_rate ok_failed request_rate_pct error_budget \
            p95_errors requests_per_session no n count ps_memory cpu_pct users_db";
        for name in others.split_whitespace() {
            let meaning = named(name);
            let is_count = name == "count" && meaning == Meaning::Count;
            assert!(meaning == Meaning::Other || is_count, "{name}: {meaning:?}");
        }
    }

    #[test]
    fn percentiles_have_several_names() {
        for name in ["95th", "q95", "95% line", "95% Line", "95%ile", "pct95", "quantile_95"] {
            assert_eq!(named(name), Meaning::Duration(1, 0.0), "{name}");
        }
        for name in ["q9", "995th", "th", "q95x", "line"] {
            assert_eq!(named(name), Meaning::Other, "{name}");
        }
    }
}
