//! Reads the words in the name of a column: `failed_req_s`, `numErrors`, `% errors`.
//!
//! Names that programs write are known as a whole (`columns.rs`). People write the same words in
//! other orders. A name with one unknown word (`error_code`, `cache_hits`) has no meaning here.

use super::meaning::Meaning;

/// Words for counted things in the name of a rate, such as `http_req_s` of k6's Grafana dashboard.
const COUNTED: [&str; 12] = [
    "req",
    "reqs",
    "request",
    "requests",
    "error",
    "errors",
    "failures",
    "iterations",
    "2xx",
    "3xx",
    "4xx",
    "5xx",
];

/// Endings of the names of rates.
const RATES: [&str; 22] = [
    "/second",
    "/sec",
    " per second",
    "_per_second",
    " per sec",
    "_per_sec",
    "_per_s",
    "persecond",
    "persec",
    "/s",
    "/minute",
    "/min",
    " per minute",
    "_per_minute",
    " per min",
    "_per_min",
    "perminute",
    "/hour",
    " per hour",
    "_per_hour",
    "perhour",
    "/hr",
];

/// Returns the words of a name in lower case. Requests a minute are `requests`, `/`, `min`.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for char in name.to_lowercase().chars() {
        if char.is_alphanumeric() {
            words.last_mut().into_iter().for_each(|word| word.push(char));
        } else {
            words.push(if char == '/' { "/".to_owned() } else { String::new() });
            words.extend((char == '/').then(String::new));
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Returns the words of a name in lower case. A new word begins at a capital letter behind a small one.
pub(in crate::read) fn split(name: &str) -> Vec<String> {
    let mut apart = String::new();
    let mut last = ' ';
    for char in name.chars() {
        if last.is_lowercase() && char.is_uppercase() {
            apart.push(' ');
        }
        apart.push(char);
        last = char;
    }
    words(&apart).into_iter().filter(|word| word != "/").collect()
}

/// Functions of query languages (New Relic, InfluxQL) whose last argument is the period of their values.
const OF_PERIOD: [&str; 3] = ["rate(", "derivative(", "non_negative_derivative("];

/// Splits a query such as `rate(count(*), 1 minute)` into its quantity and the seconds of its period.
pub(super) fn of_period(name: &str) -> Option<(String, f64)> {
    let lower = name.trim().to_lowercase();
    let inner = OF_PERIOD.iter().find_map(|function| lower.strip_prefix(function))?;
    let (quantity, period) = inner.strip_suffix(')')?.rsplit_once(',')?;
    let words = words(period);
    let period_s = length_s(words.first()?, words.get(1))?;
    Some((quantity.to_owned(), period_s))
}

/// Returns the seconds of a length in words: `5s`, `10 minutes`, `min`. Returns `None` for other words.
fn length_s(first: &str, second: Option<&String>) -> Option<f64> {
    let digits = first.find(|char: char| !char.is_ascii_digit()).unwrap_or(first.len());
    let (number, unit) = first.split_at_checked(digits)?;
    let unit = if unit.is_empty() { second?.as_str() } else { unit };
    let unit_s = match unit {
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hour" | "hours" => 3_600.0,
        _ => return None,
    };
    let number = if number.is_empty() { 1.0 } else { number.parse().ok()? };
    Some(number * unit_s).filter(|period_s| *period_s >= 1.0)
}

/// Returns the seconds of the period in the name of a rate: 60 for `requests/min` and `rpm`, 5 for `req/5s`.
pub(super) fn period_s(name: &str) -> f64 {
    if let Some((_, period_s)) = of_period(name) {
        return period_s;
    }
    let words = words(name);
    let mut before = "";
    for (at, word) in words.iter().enumerate() {
        if let "/" | "per" = before
            && let Some(period_s) = length_s(word, words.get(at + 1))
        {
            return period_s;
        }
        let behind = ["perminute", "permin", "perhour"].iter().find(|end| word.ends_with(**end));
        let unit = behind.map_or("", |end| end.trim_start_matches("per"));
        // `krpm` is a thousand a minute.
        let rate = word.strip_prefix(['k', 'm']).filter(|_| word.len() >= 4).unwrap_or(word);
        match (unit, rate) {
            ("min" | "minute", _)
            | (_, "rpm" | "reqpm" | "reqspm" | "qpm" | "tpm" | "opm" | "cpm") => return 60.0,
            ("hour", _) | (_, "rph" | "qph" | "tph") => return 3_600.0,
            _ => before = word,
        }
    }
    1.0
}

/// Returns a name in a simple form: `Requests/s` becomes `requestsps`.
pub(super) fn normal(name: &str) -> String {
    let lower = name.to_lowercase();
    let lower = lower.strip_prefix("k6_").unwrap_or(&lower);
    // `nok` is the opposite of `n_ok`, which has the same letters.
    let apart = lower.split_inclusive(|char: char| !char.is_alphanumeric());
    let lower: String = apart
        .map(|word| match word.trim_end_matches(|char: char| !char.is_alphanumeric()) {
            "nok" | "noks" => word.replacen("nok", "failed", 1).replace("faileds", "failed"),
            _ => word.to_owned(),
        })
        .collect();
    let lower = RATES.iter().fold(lower, |name, rate| name.replace(rate, "ps"));
    let ends = ["/m", "/h"].iter().find_map(|end| lower.strip_suffix(end));
    let lower = ends.map(|name| format!("{name}ps")).unwrap_or(lower);
    let mut parts: Vec<&str> = Vec::new();
    for part in lower.split('_') {
        let of_rate =
            matches!(part, "s" | "sec") && parts.last().is_some_and(|last| COUNTED.contains(last));
        parts.push(if of_rate { "ps" } else { part });
    }
    let lower = parts.concat();
    lower.chars().filter(|char| char.is_alphanumeric() || *char == '%').collect()
}

/// The kind of a word in a column's name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    /// A word without a meaning of its own.
    Filler,
    Request,
    /// A word that means requests in the tables of some programs, and something else in others.
    Answer,
    Failed,
    Succeeded,
    /// The share of requests that succeeded.
    Available,
    User,
    /// A word for an amount.
    Count,
    /// A word for a rate. In the form of `normal`, it is the same word for a second, a minute or an hour.
    PerTime,
    Share,
    Percent,
    /// A word for an amount since the start, which a rate cannot be.
    Total,
}

/// The known words. `normal` has replaced all words for a second, a minute or an hour with `ps`.
const WORDS: [(Word, &[&str]); 12] = [
    (Word::Filler, &["http", "https", "k6", "of", "in", "the", "interval"]),
    (Word::Request, &["requests", "request", "reqs", "req"]),
    (
        Word::Answer,
        &[
            "responses",
            "response",
            "samples",
            "sample",
            "calls",
            "call",
            "transactions",
            "transaction",
            "txns",
            "txn",
            "hits",
            "operations",
            "ops",
            "records",
        ],
    ),
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
    (Word::Available, &["availability"]),
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
    (Word::PerTime, &["rps", "tps", "qps", "ps"]),
    (Word::Share, &["fraction", "ratio", "share", "rate"]),
    (Word::Percent, &["percentage", "percent", "perc", "pct", "%"]),
    (Word::Total, &["total"]),
];

/// Longer names are no sequence of a few words.
const LONGEST_NAME_BYTES: usize = 48;

/// Returns the meaning of a name in the form of `normal` when all of its words are known.
pub(super) fn meaning(name: &str) -> Option<Meaning> {
    let words = Some(name).filter(|name| name.len() <= LONGEST_NAME_BYTES).and_then(known_words)?;
    let has = |word| words.contains(&word);
    let is_share = has(Word::Share) || has(Word::Percent);
    if has(Word::Available) {
        let only = [Word::Available, Word::Share, Word::Percent, Word::Filler];
        let is_known = words.iter().all(|word| only.contains(word));
        return is_known.then_some(Meaning::SuccessShare(has(Word::Percent)));
    }
    // A total share is one of all requests: CloudFront's `TotalErrorRate`.
    if has(Word::Total) && !has(Word::PerTime) && !(is_share && has(Word::Failed)) {
        return None;
    }
    if has(Word::User) {
        let only = [Word::User, Word::Count, Word::Filler];
        return words.iter().all(|word| only.contains(word)).then_some(Meaning::Vus);
    }
    match (has(Word::Failed), has(Word::Succeeded)) {
        (true, false) if is_share => {
            (!has(Word::PerTime)).then_some(Meaning::ErrorShare(has(Word::Percent)))
        }
        (true, false) => Some(Meaning::Errors),
        (false, true) if is_share => {
            (!has(Word::PerTime)).then_some(Meaning::SuccessShare(has(Word::Percent)))
        }
        (false, true) => Some(Meaning::Succeeded),
        (true, true) => None,
        (false, false) if has(Word::Answer) => None,
        (false, false) if has(Word::PerTime) => {
            (!has(Word::Percent) && !has(Word::Count)).then_some(Meaning::Rate)
        }
        (false, false) => (has(Word::Request) && !is_share).then_some(Meaning::Count),
    }
}

/// Returns the meaning of a name in the form of `normal` that speaks of answers, samples or transactions.
/// In a table without a surer name for requests, such a name stands for requests.
pub(super) fn answers(name: &str) -> Option<Meaning> {
    let words = Some(name).filter(|name| name.len() <= LONGEST_NAME_BYTES).and_then(known_words)?;
    let has = |word| words.contains(&word);
    let known = [Word::Answer, Word::Filler, Word::Count, Word::PerTime];
    if !has(Word::Answer) || !words.iter().all(|word| known.contains(word)) {
        return None;
    }
    match (has(Word::PerTime), has(Word::Count)) {
        (true, false) => Some(Meaning::Rate),
        (true, true) => None,
        // One `response` is more likely its duration.
        (false, true) => Some(Meaning::Count),
        (false, false) => name.ends_with('s').then_some(Meaning::Count),
    }
}

/// Returns the meaning of a name in the form of `normal` that names a class of HTTP status (`http_5xx`,
/// `4xx_count`, `2xx/s`, `5xx %`) or a single status (`200`). Several such columns are added up.
pub(super) fn status(name: &str) -> Option<Meaning> {
    let (class, meaning, words) = status_words(name)?;
    let known =
        [Word::Filler, Word::Request, Word::Answer, Word::Count, Word::PerTime, Word::Total];
    let same = if meaning == Meaning::Errors { Word::Failed } else { Word::Succeeded };
    if words.iter().all(|word| known.contains(word) || *word == same) {
        return Some(meaning);
    }
    let of_share = [Word::Filler, Word::Request, Word::Answer, Word::Share, Word::Percent, same];
    let is_share = words.iter().all(|word| of_share.contains(word));
    let is_failed_class = meaning == Meaning::Errors && class.ends_with("xx");
    (is_share && is_failed_class).then(|| Meaning::ErrorShare(words.contains(&Word::Percent)))
}

/// Splits a name in the form of `normal` into a class of status, or a single one, its meaning, and the
/// words around it.
fn status_words(name: &str) -> Option<(&'static str, Meaning, Vec<Word>)> {
    let named = || CLASSES.iter().copied().find(|(class, _)| name.contains(class));
    let (class, meaning) = code(name).or_else(named)?;
    let name = name.replacen(class, "", 1);
    let name = PLACES.iter().fold(name, |name, word| name.replacen(word, "", 1));
    let words = Some(name)
        .filter(|name| name.len() <= LONGEST_NAME_BYTES)
        .and_then(|name| known_words(&name))?;
    Some((class, meaning, words))
}

/// Returns true for the name of a class of status with the word `rate` and no other one for failures:
/// `http_5xx_rate`. Dashboards write failed requests a second under such a name, their share, and per
/// cent.
pub(super) fn is_rate_or_share(name: &str) -> bool {
    let name = normal(name);
    let is_share = matches!(status(&name), Some(Meaning::ErrorShare(false)));
    is_share
        && name.contains("rate")
        && status_words(&name).is_some_and(|(_, _, words)| !words.contains(&Word::Failed))
}

/// Returns true for a name that speaks of failures or of the status of a failed request, among other words:
/// `edge_errors`, `status_500`.
pub(super) fn may_be_failures(name: &str) -> bool {
    let known =
        ["error", "errors", "err", "errs", "fail", "fails", "failed", "failure", "failures"];
    let is_word = |word: &String| {
        known.contains(&word.as_str()) || matches!(word.as_str(), "4xx" | "5xx" | "timeouts")
    };
    split(name).iter().any(is_word) || matches!(code(&normal(name)), Some((_, Meaning::Errors)))
}

/// Returns true for a name with a word that means a share of one: `5xx_ratio`, `errorFraction`. A `rate` may
/// be in per cent.
pub(super) fn is_ratio(name: &str) -> bool {
    split(name).iter().any(|word| matches!(word.as_str(), "ratio" | "fraction" | "share"))
}

/// Words for a status and for those who count it, in names that load balancers and proxies give:
/// `HTTPCode_Target_5XX_Count` of CloudWatch, `upstream_rq_5xx` of Envoy, `hrsp_5xx` of HAProxy. Longer words
/// stand before their parts.
const PLACES: [&str; 17] = [
    "status",
    "codes",
    "code",
    "class",
    BALANCER,
    "target",
    "backend",
    "envoy",
    "haproxy",
    "nginx",
    "ingress",
    "cluster",
    "upstream",
    "downstream",
    "hrsp",
    "rsp",
    "rq",
];

/// The word of CloudWatch for answers of the load balancer itself, which are not among those of its targets.
const BALANCER: &str = "elb";

/// Returns the class of status, or the single status, whose requests a name in the form of `normal`
/// counts, and true for those that a load balancer answered itself. Columns with an equal result count
/// the same requests.
pub(super) fn counted_status(name: &str) -> Option<(&'static str, bool)> {
    let counts = matches!(status(name)?, Meaning::Errors | Meaning::Succeeded);
    counts.then(|| class_of(name))?
}

/// Returns the class of status whose share of all requests a name in the form of `normal` stands for, as
/// [`counted_status`] does for numbers.
pub(super) fn shared_status(name: &str) -> Option<(&'static str, bool)> {
    matches!(status(name)?, Meaning::ErrorShare(_)).then(|| class_of(name))?
}

fn class_of(name: &str) -> Option<(&'static str, bool)> {
    let class = CLASSES.iter().map(|(class, _)| *class).find(|class| name.contains(class));
    let class = code(name).map(|(code, _)| code).or(class)?;
    Some((class, name.contains(BALANCER)))
}

/// Returns true when the requests of a single status are among those of a class: `503` and `5xx`.
pub(super) fn is_within(code: &str, class: &str) -> bool {
    class.ends_with("xx") && !code.ends_with("xx") && code.get(..1) == class.get(..1)
}

/// Classes of HTTP status. k6 counts redirects as successful.
const CLASSES: [(&str, Meaning); 4] = [
    ("2xx", Meaning::Succeeded),
    ("3xx", Meaning::Succeeded),
    ("4xx", Meaning::Errors),
    ("5xx", Meaning::Errors),
];

/// Statuses that web services send. Other numbers of three digits may be limits of durations.
const CODES: [&str; 26] = [
    "200", "201", "202", "204", "206", "301", "302", "304", "307", "308", "400", "401", "403",
    "404", "405", "408", "409", "413", "422", "429", "499", "500", "501", "502", "503", "504",
];

/// Returns the status that is the only number in a column's name, such as `200` or `status="503"`, and
/// its meaning.
pub(super) fn code(name: &str) -> Option<(&'static str, Meaning)> {
    let digits: String = name.chars().filter(char::is_ascii_digit).collect();
    let code = CODES.into_iter().find(|code| *code == digits && name.contains(code))?;
    let failed = code.starts_with(['4', '5']);
    Some((code, if failed { Meaning::Errors } else { Meaning::Succeeded }))
}

/// Splits a name into known words. Returns `None` when a part of it is unknown.
fn known_words(name: &str) -> Option<Vec<Word>> {
    if name.is_empty() {
        return Some(Vec::new());
    }
    WORDS.iter().flat_map(|(kind, texts)| texts.iter().map(move |text| (*kind, *text))).find_map(
        |(kind, text)| {
            let mut rest = known_words(name.strip_prefix(text)?)?;
            rest.push(kind);
            Some(rest)
        },
    )
}
