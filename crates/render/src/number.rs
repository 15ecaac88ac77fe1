//! Numbers for people.

use spikeflame_profile::wall;

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

/// Returns a number with its unit: `1 tick`, `2 ticks`. `unit` is the plural of the unit, whose last
/// `s` is left out after 1.
pub(crate) fn number_of(value: u64, unit: &str) -> String {
    let unit = if value == 1 { unit.strip_suffix('s').unwrap_or(unit) } else { unit };
    format!("{} {unit}", count(value))
}

/// Number of nanoseconds of a unit of time; `None` for any other unit.
fn nanoseconds(unit: &str) -> Option<f64> {
    match unit.rsplit(' ').next()? {
        "nanoseconds" => Some(1.0),
        "microseconds" => Some(1e3),
        "milliseconds" => Some(1e6),
        "seconds" => Some(1e9),
        _ => None,
    }
}

/// Units whose numbers people count, so that each is written in full.
const COUNTED: [&str; 3] = ["ticks", "samples", "errors"];

/// Number above which cycles, instructions and bytes are written in millions.
const IN_MILLIONS_FROM: u64 = 10_000_000;

/// Returns the weight of samples for a column of a table. A time has a unit that fits, and a large
/// count is in millions: `118 ms`, `1.2 G`, `6,545`.
pub(crate) fn weight(value: u64, unit: &str) -> String {
    let size = value as f64;
    if let Some(all) = nanoseconds(unit).map(|ns| size * ns) {
        return match all {
            0.0 => "0".to_owned(),
            // A value that rounds to 1,000 has the next larger unit.
            ..999.5 => format!("{} ns", three_digits(all)),
            ..999.5e3 => format!("{} µs", three_digits(all / 1e3)),
            ..999.5e6 => format!("{} ms", three_digits(all / 1e6)),
            _ => format!("{} s", three_digits(all / 1e9)),
        };
    }
    if COUNTED.contains(&unit) || value < IN_MILLIONS_FROM {
        count(value)
    } else if value < 999_500_000 {
        format!("{} M", three_digits(size / 1e6))
    } else {
        format!("{} G", three_digits(size / 1e9))
    }
}

/// Returns the weight of samples for a column of a table in which each count has all of its digits. A time
/// has a unit that fits: `7.82 s`, `12,350,117`.
pub(crate) fn time_or_count(value: u64, unit: &str) -> String {
    if nanoseconds(unit).is_some() { weight(value, unit) } else { count(value) }
}

/// Returns [`time_or_count`] with the unit where the unit is an event, such as cycles or page faults.
pub(crate) fn with_event(value: u64, unit: &str) -> String {
    match COUNTED.contains(&unit) || nanoseconds(unit).is_some() {
        true => time_or_count(value, unit),
        false => number_of(value, unit).trim_end().to_owned(),
    }
}

/// Returns the weight of samples with its unit, for a sentence that may have other times too:
/// `118 ms in samples`, `1.2 G cycles`, `6,545 ticks`.
pub(crate) fn sampled(value: u64, unit: &str) -> String {
    match nanoseconds(unit) {
        Some(_) if value == 0 => "0 s in samples".to_owned(),
        Some(_) => format!("{} in samples", weight(value, unit)),
        None if value < IN_MILLIONS_FROM => number_of(value, unit),
        None => format!("{} {unit}", weight(value, unit)),
    }
}

/// Returns the heading of a column of weights: the unit, or `time`.
pub(crate) fn heading(unit: &str) -> &str {
    if nanoseconds(unit).is_some() { "time" } else { unit }
}

/// Returns the word for what a recording counts: `ticks`, `errors`, or else `samples`.
pub(crate) fn noun(unit: &str) -> &'static str {
    COUNTED.into_iter().find(|noun| *noun == unit).unwrap_or("samples")
}

/// Returns a number in three digits without zeros at its end, or more digits before the point.
pub(crate) fn three_digits(value: f64) -> String {
    if value >= 999.5 {
        return count(value.round() as u64);
    }
    let places = usize::from(value < 99.95) + usize::from(value < 9.995);
    let text = format!("{value:.places$}");
    if places == 0 {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Returns `part` as per cent of `whole`; 0 when `whole` is 0.
pub(crate) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 }
}

/// Returns `part` as per cent of `whole` with one decimal, rounded: `12.5 %`. A very small part has
/// more decimals, as [`decimals`] writes them.
///
/// ```
/// assert_eq!(spikeflame_render::percent(1, 8), "12.5 %");
/// ```
pub fn percent(part: u64, whole: u64) -> String {
    decimals(share(part, whole), 1) + " %"
}

/// Returns a number with `places` decimals. A number that would be shown as 0 has decimals up to
/// its first digit that is not 0 (`0.004`), and below a millionth the form `5e-7`. Values that are
/// not finite are written as `NaN` and `inf`.
///
/// ```
/// # fn shown(value: f64) -> String { spikeflame_render::decimals(value, 1) }
/// assert_eq!([shown(12.34), shown(0.0041), shown(0.0)], ["12.3", "0.004", "0.0"]);
/// ```
pub fn decimals(value: f64, places: usize) -> String {
    /// Smaller numbers are written as `4e-10`.
    const SMALLEST: f64 = 1e-6;
    let text = format!("{value:.places$}");
    if value == 0.0 || !value.is_finite() || text.bytes().any(|b| matches!(b, b'1'..=b'9')) {
        return text;
    }
    if value.abs() < SMALLEST {
        return format!("{value:.0e}");
    }
    let more = (-value.abs().log10()).ceil().max(0.0) as usize;
    format!("{value:.more$}")
}

/// Returns `part` as per cent of `whole` for a column of a table, without the sign: two decimals, or
/// more for a small part ([`decimals`]).
pub(crate) fn share_text(part: u64, whole: u64) -> String {
    decimals(share(part, whole), 2)
}

/// Converts microseconds to words: `75.0 s`, `850 ms` when shorter than a second, `12 µs` when
/// shorter than a millisecond, and `0 s` for 0. Milliseconds are cut, not rounded.
///
/// ```
/// assert_eq!(spikeflame_render::seconds(0), "0 s");
/// assert_eq!(spikeflame_render::seconds(75_000_000), "75.0 s");
/// assert_eq!(spikeflame_render::seconds(850_000), "850 ms");
/// ```
pub fn seconds(us: u64) -> String {
    match us {
        0 => "0 s".to_owned(),
        1..1_000 => format!("{us} µs"),
        1_000..1_000_000 => format!("{} ms", us / 1_000),
        _ => format!("{:.1} s", wall::seconds_of(us)),
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
    use super::{amount, noun, sampled, weight};

    #[test]
    fn weights_have_a_unit_that_people_read() {
        let cases = [
            (0, "0"),
            (1, "1 ns"),
            (999, "999 ns"),
            (999_499, "999 µs"),
            (999_500, "1 ms"),
            (6_012_024, "6.01 ms"),
            (118_236_472, "118 ms"),
            (200_333_274_626, "200 s"),
            (12_345_678_901_234, "12,346 s"),
        ];
        for (value, text) in cases {
            assert_eq!(weight(value, "nanoseconds"), text);
        }
        assert_eq!(weight(1_500, "CPU nanoseconds"), "1.5 µs");
        assert_eq!(weight(1_500, "seconds"), "1,500 s");
        assert_eq!(weight(9_999_999, "cycles"), "9,999,999");
        assert_eq!(weight(999_500_000, "cycles"), "1 G");
        assert_eq!(weight(12_345_678, "ticks"), "12,345,678");
        assert_eq!(sampled(12_345_678_901, "cycles"), "12.3 G cycles");
        assert_eq!(sampled(190_380_760, "nanoseconds"), "190 ms in samples");
        assert_eq!(sampled(1, "ticks"), "1 tick");
        assert_eq!(["ticks", "errors", "cycles"].map(noun), ["ticks", "errors", "samples"]);
    }

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
