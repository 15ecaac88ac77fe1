//! Numbers for people.

/// Returns a whole number with commas between thousands.
///
/// ```
/// assert_eq!(spikeflame_render::count(44_701), "44,701");
/// ```
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Returns a number with its unit, whose plural `unit` is: `1 tick`, `2 ticks`.
///
/// ```
/// assert_eq!(spikeflame_render::number_of(1, "samples"), "1 sample");
/// assert_eq!(spikeflame_render::number_of(2_000, "samples"), "2,000 samples");
/// ```
pub fn number_of(value: u64, unit: &str) -> String {
    let unit = if value == 1 { unit.strip_suffix('s').unwrap_or(unit) } else { unit };
    format!("{} {unit}", count(value))
}

/// Returns `part` as per cent of `whole`; 0 when `whole` is 0.
pub(crate) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 }
}

/// Returns `part` as per cent of `whole` with one decimal: `12.5 %`. It is `0.0 %` when `whole` is
/// 0.
///
/// ```
/// assert_eq!(spikeflame_render::percent(1, 8), "12.5 %");
/// ```
pub fn percent(part: u64, whole: u64) -> String {
    format!("{:.1} %", share(part, whole))
}

/// Converts microseconds to words: `75.0 s`, `850 ms` when shorter than a second, `12 µs` when
/// shorter than a millisecond. Milliseconds are cut, not rounded.
///
/// ```
/// assert_eq!(spikeflame_render::seconds(75_000_000), "75.0 s");
/// assert_eq!(spikeflame_render::seconds(850_000), "850 ms");
/// ```
pub fn seconds(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..1_000_000 => format!("{} ms", us / 1_000),
        _ => format!("{:.1} s", us as f64 / 1e6),
    }
}

/// Returns a short time in at most three digits: `161 µs`, `1.09 ms`, `10 ms`. The argument is in
/// microseconds.
pub(crate) fn short(us: u64) -> String {
    if us < 1_000 {
        return format!("{us} µs");
    }
    let ms = us as f64 / 1e3;
    let places = if ms < 9.995 { 2 } else { usize::from(ms < 99.95) };
    let text = format!("{ms:.places$}");
    let text = if places > 0 { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text} ms")
}

/// Returns a cost in three digits: `1,234`, `12.3`, `0.0123`.
pub(crate) fn amount(cost: f64) -> String {
    let size = cost.abs();
    if size >= 1000.0 {
        let sign = if cost < 0.0 { "-" } else { "" };
        return format!("{sign}{}", count(size.round() as u64));
    }
    if size < 1e-9 {
        return "0".to_owned();
    }
    // Decimal places that leave three digits in all after rounding.
    let places = (2.0 - (size * 1.0005).log10().floor()).max(0.0) as usize;
    format!("{cost:.places$}")
}

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn costs_have_three_digits() {
        let cases = [
            (0.0, "0"),
            (0.012_345, "0.0123"),
            (-1.0 / 3.0, "-0.333"),
            (9.996, "10.0"),
            (99.999_999, "100"),
            (-1234.5, "-1,235"),
        ];
        for (cost, text) in cases {
            assert_eq!(amount(cost), text);
        }
    }
}
