//! Reads lengths of time as people write them.

/// Reads `1m30s`, `20s`, `1.5s`, `500ms` or a bare number of seconds. Returns microseconds.
pub(crate) fn time(text: &str) -> Result<u64, String> {
    let wrong = || "expected a time like 20s, 1m30s or 500ms".to_owned();
    let mut rest = text;
    let mut sum = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let number: f64 = number.parse().map_err(|_| wrong())?;
        let letters = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        sum += number
            * match unit {
                "h" => 3_600e6,
                "m" | "min" => 60e6,
                "s" => 1e6,
                "" if sum == 0.0 => 1e6,
                "ms" => 1e3,
                "us" | "µs" => 1.0,
                _ => return Err(wrong()),
            };
        rest = after;
    }
    if text.is_empty() || !sum.is_finite() { Err(wrong()) } else { Ok(sum.round() as u64) }
}

/// Reads a length of time in which a bare number means milliseconds. Returns microseconds.
pub(crate) fn time_in_ms(text: &str) -> Result<u64, String> {
    let is_bare = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == '.');
    if is_bare { time(&format!("{text}ms")) } else { time(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_units() {
        for (text, us) in [
            ("20s", 20_000_000),
            ("1m30s", 90_000_000),
            ("500ms", 500_000),
            ("1.5s", 1_500_000),
            ("7", 7_000_000),
            ("1h", 3_600_000_000),
            ("0", 0),
        ] {
            assert_eq!(time(text), Ok(us), "{text}");
        }
        for text in ["", "s", "1x", "-1s", "1s5", "nan", "1..2s"] {
            assert!(time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_interval_of_one_is_a_millisecond() {
        for (text, us) in [("1", 1_000), ("0.5", 500), ("2ms", 2_000), ("1s", 1_000_000)] {
            assert_eq!(time_in_ms(text), Ok(us), "{text}");
        }
        assert!(time_in_ms("").is_err() && time_in_ms("1..2").is_err());
    }
}
