//! Applies the meanings that the user gave to columns.

use super::durations;
use super::meaning::Meaning;
use super::{names, times};
use crate::read::ReadOptions;

/// Meanings that the user can give to columns.
const MEANINGS: [&str; 15] = [
    "time",
    times::END,
    "rps",
    "requests",
    "total",
    "success",
    "vus",
    "mean",
    "p50",
    "p95",
    "p99",
    "errors",
    "errors_total",
    "error_rate",
    "success_rate",
];

/// A column with a meaning from the user.
struct Told<'a> {
    at: usize,
    meaning: Meaning,
    /// The word of the user for the meaning.
    word: &'a str,
    column: &'a str,
}

/// Gives columns the meanings from the user, each of which replaces other meanings of its kind, and returns the
/// places of these columns. Several columns of requests, of errors or of users are added up.
///
/// # Errors
///
/// Returns a description of the fault: an unknown meaning or column, or two columns that cannot both be used.
pub(super) fn apply(
    header: &[String],
    options: &ReadOptions,
    meanings: &mut [Meaning],
) -> Result<Vec<usize>, String> {
    let mut told: Vec<Told<'_>> = Vec::new();
    for (word, column) in &options.columns {
        let meaning = meaning_of(word)?;
        let at = place(header, column)?;
        let name = header.get(at).map_or("", String::as_str);
        let known = Meaning::from_name(name);
        if let (Meaning::Duration(said, _), Meaning::Duration(named, _)) = (meaning, known)
            && said != named
        {
            let name = durations::NAMES.get(named).copied().unwrap_or_default();
            return Err(format!("the column {column:?} is a {name}, and no {}", plain(word)));
        }
        told.retain(|other| other.at != at);
        told.iter().try_for_each(|other| both(other, word, column, meaning))?;
        for (place, other) in meanings.iter_mut().enumerate() {
            if place == at {
                // A unit in the column's name is used.
                *other = match (meaning, known) {
                    (Meaning::Duration(a, 0.0), known @ Meaning::Duration(b, _)) if a == b => known,
                    (Meaning::Time(0.0), known @ Meaning::Time(_)) => known,
                    _ => meaning,
                };
            } else if is_rival(*other, meaning)
                && !told.iter().any(|told| told.at == place)
                && !(meaning == Meaning::Errors && are_classes(name, header.get(place)))
            {
                *other = Meaning::Other;
            }
        }
        told.push(Told { at, meaning, word, column });
    }
    Ok(told.iter().map(|told| told.at).collect())
}

/// Returns the word for a meaning without the unit of a duration or a time.
fn plain(word: &str) -> &str {
    let plain = word.strip_suffix("_ms").or_else(|| word.strip_suffix("_s"));
    plain.filter(|plain| *plain == "time" || durations::NAMES.contains(plain)).unwrap_or(word)
}

fn meaning_of(word: &str) -> Result<Meaning, String> {
    if !MEANINGS.contains(&plain(word)) {
        return Err(format!(
            "no column can mean {word:?}, only {} (p95_s for seconds)",
            MEANINGS.join(", ")
        ));
    }
    Ok(match word {
        "total" => Meaning::Count,
        times::END => Meaning::Time(0.0),
        name => Meaning::from_name(name),
    })
}

fn place(header: &[String], column: &str) -> Result<usize, String> {
    let exact = header.iter().position(|name| name == column);
    exact
        .or_else(|| header.iter().position(|name| name.eq_ignore_ascii_case(column)))
        .ok_or_else(|| format!("there is no column {column:?}"))
}

/// Returns true when both columns are failed requests by their status: `4xx` beside `5xx`.
fn are_classes(name: &str, other: Option<&String>) -> bool {
    let is_class = |name: &str| names::status(&names::normal(name)) == Some(Meaning::Errors);
    is_class(name) && other.is_some_and(|other| is_class(other))
}

/// Returns true when a column with the meaning `other` cannot be used beside one that the user gave `meaning`.
fn is_rival(other: Meaning, meaning: Meaning) -> bool {
    let requests = [Meaning::Rate, Meaning::Count, Meaning::Succeeded];
    let counts_failures = |of: Meaning| {
        matches!(of, Meaning::Errors | Meaning::ErrorShare(_) | Meaning::SuccessShare(_))
    };
    match (other, meaning) {
        (Meaning::Duration(a, _), Meaning::Duration(b, _)) => a == b,
        (Meaning::Time(_), Meaning::Time(_)) | (Meaning::Vus, Meaning::Vus) => true,
        _ => {
            requests.contains(&other) && requests.contains(&meaning)
                || counts_failures(other) && counts_failures(meaning)
        }
    }
}

/// Returns an error when the user gave two columns meanings that exclude each other.
fn both(first: &Told<'_>, word: &str, column: &str, meaning: Meaning) -> Result<(), String> {
    let is_added = matches!(
        meaning,
        Meaning::Rate | Meaning::Count | Meaning::Succeeded | Meaning::Errors | Meaning::Vus
    );
    // All requests and those that succeeded show the failed ones.
    let has_all = |one: Meaning| matches!(one, Meaning::Rate | Meaning::Count);
    let is_pair = has_all(first.meaning) && meaning == Meaning::Succeeded
        || first.meaning == Meaning::Succeeded && has_all(meaning);
    if !is_rival(first.meaning, meaning) || is_pair || is_added && first.word == word {
        return Ok(());
    }
    let (other, of) = (first.column, first.word);
    Err(if of == word {
        format!(
            "the columns {other:?} and {column:?} cannot both be {word}: only those of requests, errors \
             or users are added up"
        )
    } else {
        format!("{of}={other} and {word}={column} exclude each other: give one of them")
    })
}

/// Returns an error when two columns with requests have one name, and the user named none of them: one may be a part
/// of the other, or both parts of all.
pub(super) fn equal_names(
    header: &[String],
    meanings: &[Meaning],
    told: &[usize],
) -> Result<(), String> {
    let is_all = |at: &usize| matches!(meanings.get(*at), Some(Meaning::Rate | Meaning::Count));
    let named = |at: usize| header.get(at).map(|name| name.to_lowercase());
    let all: Vec<usize> = (0..header.len()).filter(is_all).collect();
    let is_again =
        |at: &&usize| all.iter().any(|other| other < *at && named(*other) == named(**at));
    match all.iter().find(is_again).filter(|_| told.iter().all(|at| !all.contains(at))) {
        Some(at) => {
            let name = header.get(*at).map_or("", String::as_str);
            Err(format!(
                "two columns are called {name:?}: give each a name of its own in the file, or take the first \
                 one with requests={name} or rps={name}"
            ))
        }
        None => Ok(()),
    }
}
