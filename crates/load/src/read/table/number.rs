//! Numbers as dashboards write them: with a unit, a prefix, and the marks of several languages.

use std::borrow::Cow;

/// Largest number that counts as valid. The sums of such numbers are finite.
const LARGEST_NUMBER: f64 = 1e18;

/// The unit in the cells of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Cells are bare numbers.
    #[default]
    None,
    /// A rate a second: `req/s`, `reqps`, `rps`.
    Rate,
    /// A share in per cent.
    Share,
    /// Any other unit, such as those of durations.
    Other,
}

/// The mark between the whole part of a number and its fraction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mark {
    /// `1,234.5`, as in English.
    #[default]
    Point,
    /// `1.234,5`, as in most of Europe.
    Comma,
    /// `0,5` in some cells and `0.5` in others, which another program wrote.
    Either,
}

/// Returns true for a number with one point that stands before a fraction: `0.5`, `12.25`, `1234.5`, but not
/// `1.234`. Seconds since 1970 are written by programs in every table.
fn has_point(field: &str) -> bool {
    let (digits, _) = parts(field.trim());
    let Some((whole, fraction)) = digits.split_once('.') else { return false };
    let whole = whole.trim_start_matches('-');
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_thousands = fraction.len() == 3 && whole.len() <= 3 && !whole.starts_with('0');
    is_digits(whole) && is_digits(fraction) && whole.len() < 9 && !is_thousands
}

/// Returns true for the marks that separate thousands in several languages.
pub(super) fn parts_thousands(char: char) -> bool {
    matches!(char, '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '’')
}

/// Splits a field into the number at its start, as it is written, and the text after it.
pub(super) fn parts(field: &str) -> (&str, &str) {
    let mut end = 0;
    let mut chars = field.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        let next_is_digit = chars.peek().is_some_and(|next| next.1.is_ascii_digit());
        let first = at == 0;
        let exponent = matches!(char, 'e' | 'E')
            && end > 0
            && (next_is_digit || chars.peek().is_some_and(|next| matches!(next.1, '+' | '-')));
        let sign = matches!(char, '+' | '-') && (first || field.get(..at).is_some_and(ends_in_e));
        let within = matches!(char, '.' | ',')
            || !first && next_is_digit && parts_thousands(char)
            || char == ' ' && end > 0 && is_group(field.get(at + 1..).unwrap_or(""));
        if !(char.is_ascii_digit() || exponent || sign || within) {
            break;
        }
        end = at + char.len_utf8();
    }
    field.split_at_checked(end).unwrap_or((field, ""))
}

fn ends_in_e(text: &str) -> bool {
    text.ends_with(['e', 'E'])
}

/// Returns true for three digits after a space, as in `1 234,5`.
fn is_group(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    digits == 3
}

/// Reads a number with its unit and nothing else: `1.5 s`, `250 ms`, `12 %`, `3.2 req/s`.
pub(crate) fn number(field: &str, mark: Mark) -> Option<(f64, &str)> {
    let (digits, unit) = parts(field.trim());
    let other = |char: char| char == ',' || char == ' ' || parts_thousands(char);
    let plain: Cow<'_, str> = match mark {
        Mark::Point if !digits.contains(other) => digits.into(),
        Mark::Point => digits.replace(other, "").into(),
        Mark::Comma | Mark::Either
            if !digits.contains(',')
                && digits.matches('.').count() < 2
                && (mark == Mark::Either || has_point(digits)) =>
        {
            digits.replace(|char| char == ' ' || parts_thousands(char), "").into()
        }
        Mark::Comma | Mark::Either => digits
            .replace(|char| char != ',' && (char == '.' || other(char)), "")
            .replace(',', ".")
            .into(),
    };
    let value: f64 = plain.parse().ok().filter(|value: &f64| value.abs() < LARGEST_NUMBER)?;
    Some((value, unit.trim()))
}

/// A number of requests, users or errors in one cell.
pub(crate) struct CountUnit {
    /// The factor of the unit: its prefix (`K`), and the seconds of its period.
    pub(crate) factor: f64,
    pub(crate) unit: Unit,
}

impl CountUnit {
    /// Divides an amount by the seconds of the period in its column's name, which are 1 without one. A
    /// cell with a period of its own was divided by it before.
    pub(super) fn in_period(&self, amount: f64, period_s: f64) -> f64 {
        if self.unit == Unit::Rate { amount } else { amount / period_s }
    }
}

/// Reads the unit of a number of things: `K`, `req/s`, `1.2 K reqps`, `Mil`, `users`. Returns
/// `None` for the unit of another quantity.
pub(crate) fn counted(unit: &str) -> Option<CountUnit> {
    let (scale, rest) = prefix(unit);
    let rest = rest.trim();
    if let Some(period_s) = period_s(rest) {
        return Some(CountUnit { factor: scale / period_s, unit: Unit::Rate });
    }
    let lower = rest.to_lowercase();
    let words = [
        "", "req", "reqs", "request", "requests", "vu", "vus", "user", "users", "error", "errors",
        "failure", "failures", "hits", "count", "short", "x",
    ];
    let bare = words.contains(&lower.as_str());
    bare.then_some(CountUnit { factor: scale, unit: Unit::None })
}

/// Words for thousands and millions in units and in the names of columns. Longer words stand before their parts.
pub(super) const WORDS: [(&str, f64); 8] = [
    ("thousands", 1e3),
    ("thousand", 1e3),
    ("millions", 1e6),
    ("million", 1e6),
    ("x1000", 1e3),
    ("x 1000", 1e3),
    ("×1000", 1e3),
    ("× 1000", 1e3),
];
/// Letters for thousands and millions in units and in the names of columns.
pub(super) const LETTERS: [(&str, f64); 3] = [("k", 1e3), ("K", 1e3), ("M", 1e6)];

/// Splits a prefix of thousands from a unit.
pub(super) fn prefix(unit: &str) -> (f64, &str) {
    const MORE_WORDS: [(&str, f64); 6] =
        [("1000", 1e3), ("1,000", 1e3), ("Mil", 1e6), ("Bil", 1e9), ("Tri", 1e12), ("Quadr", 1e15)];
    const MORE_LETTERS: [(&str, f64); 3] = [("G", 1e9), ("B", 1e9), ("T", 1e12)];
    let unit = unit.strip_prefix("in ").unwrap_or(unit);
    let mut words = WORDS.iter().chain(&MORE_WORDS);
    let word = words.find_map(|(word, scale)| Some((*scale, unit.strip_prefix(word)?)));
    let letter = || {
        let letters = LETTERS.iter().chain(&MORE_LETTERS);
        let mut found = letters.filter_map(|(it, scale)| Some((*scale, unit.strip_prefix(it)?)));
        found.find(|(_, rest)| ends_prefix(rest))
    };
    word.or_else(letter).unwrap_or((1.0, unit))
}

/// Returns true for a text that can stand after the letter of a prefix: `M`, `M users`, `Mreq/s`, but
/// not `MB`.
fn ends_prefix(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with([' ', '\u{a0}']) || period_s(rest).is_some()
}

/// Returns the seconds of a rate's period, from its unit: `req/s`, `reqps`, `rpm`, `ops/min`.
fn period_s(unit: &str) -> Option<f64> {
    let lower = unit.to_lowercase();
    let ends = |ends: &[&str]| ends.iter().any(|end| lower.ends_with(end));
    match () {
        () if ends(&[
            "/s",
            "/sec",
            "/second",
            "per s",
            "per sec",
            "per second",
            "reqps",
            "reqsps",
            "rps",
            "ops",
            "cps",
            "qps",
            "tps",
            "wps",
        ]) =>
        {
            Some(1.0)
        }
        () if ends(&[
            "/min",
            "/m",
            "/minute",
            "per min",
            "per minute",
            "rpm",
            "reqpm",
            "opm",
            "cpm",
        ]) =>
        {
            Some(60.0)
        }
        () if ends(&["/h", "/hour"]) => Some(3_600.0),
        () => None,
    }
}

/// Returns the milliseconds in one unit of a duration.
pub(in crate::read) fn milliseconds(unit: &str) -> Option<f64> {
    Some(match unit {
        "ns" | "nanosecond" | "nanoseconds" => 1e-6,
        "µs" | "us" | "μs" | "microsecond" | "microseconds" => 1e-3,
        "ms" | "msec" | "msecs" | "millis" | "millisecond" | "milliseconds" => 1.0,
        "s" | "sec" | "secs" | "second" | "seconds" => 1e3,
        "m" | "min" | "mins" | "minute" | "minutes" => 60e3,
        "h" | "hour" | "hours" => 3_600e3,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_of_several_languages() {
        for (cell, mark, value, unit) in [
            ("20,0 req/s", Mark::Comma, 20.0, "req/s"),
            ("1.234,5", Mark::Comma, 1234.5, ""),
            ("1.5", Mark::Comma, 1.5, ""),
            ("1.203", Mark::Comma, 1203.0, ""),
            ("1.203", Mark::Either, 1.203, ""),
            ("0.203", Mark::Comma, 0.203, ""),
            ("1,234.5 ms", Mark::Point, 1234.5, "ms"),
            ("1,020", Mark::Point, 1020.0, ""),
            ("1 020,5 req/s", Mark::Comma, 1020.5, "req/s"),
            ("1\u{202f}020 ms", Mark::Point, 1020.0, "ms"),
            ("1'020", Mark::Point, 1020.0, ""),
            ("-1.5e+3 s", Mark::Point, -1500.0, "s"),
            ("20 req/s", Mark::Point, 20.0, "req/s"),
            ("3 errors", Mark::Point, 3.0, "errors"),
        ] {
            assert_eq!(number(cell, mark), Some((value, unit)), "{cell}");
        }
        assert_eq!(number("No data", Mark::Point), None);
        assert_eq!(number("", Mark::Comma), None);
    }

    #[test]
    fn units_of_counted_things() {
        for (unit, factor, rate) in [
            ("K req/s", 1e3, true),
            ("req/s", 1.0, true),
            ("Kreq/s", 1e3, true),
            ("reqpm", 1.0 / 60.0, true),
            ("Mil", 1e6, false),
            ("K", 1e3, false),
            ("M req/s", 1e6, true),
            ("", 1.0, false),
            ("users", 1.0, false),
        ] {
            let found = counted(unit).unwrap();
            assert!((found.factor - factor).abs() < 1e-12, "{unit} {}", found.factor);
            assert_eq!(found.unit == Unit::Rate, rate, "{unit}");
        }
        for unit in ["kB", "MiB/day", "ms", "%", "Bananas", "m"] {
            assert!(counted(unit).is_none(), "{unit}");
        }
    }

    proptest! {
        #[test]
        fn any_cell_is_a_number_or_not(cell in ".{0,20}") {
            let _ = number(&cell, Mark::Point);
            let _ = number(&cell, Mark::Comma);
            let _ = counted(&cell);
        }

        #[test]
        fn a_number_is_read_back(value in -1e9_f64..1e9) {
            let point = format!("{value:.3}");
            let comma = point.replace('.', ",");
            let exact: f64 = point.parse().unwrap();
            prop_assert_eq!(number(&point, Mark::Point).unwrap().0, exact);
            prop_assert_eq!(number(&comma, Mark::Comma).unwrap().0, exact);
        }
    }
}
