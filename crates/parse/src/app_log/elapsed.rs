//! The time since the last message, which some loggers write behind a message.

/// Removes the time since the last message, which some loggers add at the end: ` +2ms`, ` +1s`.
pub(super) fn without_elapsed(text: &str) -> &str {
    if !text.trim_end().ends_with(['s', 'm', 'h', 'd']) {
        return text;
    }
    let parts = memchr::memrchr(b'+', text.as_bytes()).and_then(|at| text.split_at_checked(at));
    match parts.and_then(|(before, elapsed)| Some((before.strip_suffix(' ')?, elapsed.get(1..)?))) {
        Some((before, elapsed)) if is_duration(elapsed) => before,
        _ => text,
    }
}

/// Returns true for nothing but such a time.
pub(super) fn is_elapsed(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || text.strip_prefix('+').is_some_and(is_duration)
}

/// Returns true for a duration as npm's `ms` writes it.
fn is_duration(text: &str) -> bool {
    let text = text.trim_end();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && ["ms", "s", "m", "h", "d"].contains(&text.get(digits..).unwrap_or_default())
}
