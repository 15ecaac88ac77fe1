//! Dates whose year has two digits.

/// Returns the text behind a date of three numbers with at most two digits each, at the start of a text: `27.11.26`,
/// `27/11/26`, `26-11-27`. Nobody knows which of the numbers is the year, so such a date is not read. Returns `None`
/// for other texts.
///
/// ```
/// use spikeflame_wall::behind_short_year;
///
/// assert_eq!(behind_short_year("27.11.26, 10:00"), Some(", 10:00"));
/// assert_eq!(behind_short_year("27.11.2026"), None);
/// ```
pub fn behind_short_year(text: &str) -> Option<&str> {
    let (first, rest) = short_number(text)?;
    let mark = rest.chars().next().filter(|mark| matches!(mark, '.' | '/' | '-'))?;
    let (second, rest) = short_number(rest.strip_prefix(mark)?)?;
    let (third, rest) = short_number(rest.strip_prefix(mark)?)?;
    // The month and the day are among them.
    let numbers = [first, second, third];
    let of_month = numbers.iter().any(|number| (1..=12).contains(number));
    let is_apart = rest.is_empty() || rest.starts_with([' ', ',', 'T', '.']);
    (of_month && is_apart).then_some(rest)
}

/// Removes a number of one or two digits from the start of a text. A number of more digits is none.
fn short_number(text: &str) -> Option<(u32, &str)> {
    let count = text.bytes().take(3).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(count).filter(|_| (1..=2).contains(&count))?;
    Some((digits.parse().ok()?, rest))
}
