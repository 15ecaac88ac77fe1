//! Reads thousands and millions in the names of columns: `throughput (krps)`, `kreq/s`, `requests in thousands`.

use super::meaning::Meaning;
use super::{names, number};

/// Returns the number by which the values of a column are multiplied: 1,000 for `users (k)`, and 1 for most names.
/// `of_name` returns the meaning of another name.
pub(super) fn factor(name: &str, of_name: impl Fn(&str) -> Meaning) -> f64 {
    if let Some((_, unit)) = unit_behind(name)
        && number::counted(unit).is_some()
    {
        return number::prefix(unit).0;
    }
    split(name).filter(|(_, rest)| is_counted(of_name(rest))).map_or(1.0, |(factor, _)| factor)
}

/// Returns the meaning of a name without the letter or the word for thousands or millions.
pub(super) fn meaning(name: &str, of_name: impl Fn(&str) -> Meaning) -> Option<Meaning> {
    let (_, rest) = split(name)?;
    Some(of_name(rest)).filter(|meaning| is_counted(*meaning))
}

/// Splits the unit in brackets from the end of a name.
pub(super) fn unit_behind(name: &str) -> Option<(&str, &str)> {
    let name = name.trim_end();
    let open = match name.chars().next_back()? {
        ')' => '(',
        ']' => '[',
        _ => return None,
    };
    let (base, unit) = name.split_once(open)?;
    let unit = unit.strip_suffix([')', ']'])?.trim();
    (!base.trim().is_empty() && !unit.is_empty()).then_some((base.trim(), unit))
}

fn is_counted(meaning: Meaning) -> bool {
    matches!(
        meaning,
        Meaning::Rate | Meaning::Count | Meaning::Errors | Meaning::Succeeded | Meaning::Vus
    )
}

/// Splits such a letter or word from the start or the end of a name.
fn split(name: &str) -> Option<(f64, &str)> {
    let known = || number::WORDS.iter().chain(&number::LETTERS);
    let is_apart = |char: char| matches!(char, ' ' | '_' | '-' | ',' | '.');
    let name = name.trim();
    let last = known().find_map(|(word, of)| {
        let rest = name.strip_suffix(word)?;
        let rest = rest.strip_suffix(is_apart)?.trim_end_matches(is_apart);
        Some((*of, rest.strip_suffix(" in").unwrap_or(rest)))
    });
    let first = || {
        known().find_map(|(word, of)| {
            Some((*of, name.strip_prefix(word)?.trim_start_matches(is_apart)))
        })
    };
    // `K/s` may be kilobytes.
    last.or_else(first).filter(|(_, rest)| !matches!(names::normal(rest).as_str(), "" | "ps"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error was: `throughput (krps)` was read as requests a second, and `users (k)` as users.
    #[test]
    fn thousands_and_millions_stand_in_names() {
        let thousands = "throughput (krps);(k req/s) rps;throughput [kreq/s];throughput (kRPS);rps (k/s);\
            requests (k);users (k);krps;kreq/s;k req/s;kreqs;K users;requests in thousands;rps_k;\
            RPS (x1000);requests (thousands);rps (in thousands);requests x1000;kQPS;krpm;Requests ×1000;throughput (1000/s);Requests (thousands per second);throughput (krpm);\
            errors (k);vus (K);thousand requests;thousands of requests";
        for name in thousands.split(';').filter(|name| !name.starts_with('(')) {
            assert_eq!(factor(name, Meaning::from_name), 1e3, "{name}");
            assert!(is_counted(Meaning::from_name(name)), "{name}");
        }
        for name in ["requests (M)", "Mreq/s", "requests (millions)", "requests M"] {
            assert_eq!(factor(name, Meaning::from_name), 1e6, "{name}");
            assert!(is_counted(Meaning::from_name(name)), "{name}");
        }
        let plain = "k6_http_reqs;k6_vus;KO;rps;requests;users;requests (m);rps (req/s);KOs/s;\
            http_reqs;error rate;memory (M);kB/s;task;M;k;K/s;kps";
        for name in plain.split(';') {
            assert_eq!(
                factor(name, Meaning::from_name),
                if name == "memory (M)" { 1e6 } else { 1.0 },
                "{name}"
            );
        }
    }
}
