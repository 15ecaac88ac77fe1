//! Scans the two shapes in which k6 writes the line of a point, without building JSON. Lines of any
//! other shape give `None` and go to serde. Both ways must give the same result.

/// The parts of a point, as they stand in its line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape<'a> {
    pub(super) metric: &'a [u8],
    pub(super) time: &'a [u8],
    pub(super) value: &'a [u8],
    /// The text between the braces.
    pub(super) tags: &'a [u8],
    /// True when that text is the one that was known.
    pub(super) is_known: bool,
}

/// Splits a line: `metric,type,data` as k6 writes it since 0.50, or `type,data,metric` as it did
/// before. `known` is the text of tags that was split before: k6 writes several points of each
/// request, all with the same tags.
pub(super) fn split<'a>(line: &'a [u8], known: &[u8]) -> Option<Shape<'a>> {
    if let Some(rest) = line.strip_prefix(b"{\"metric\":\"") {
        let (metric, rest) = plain(rest)?;
        let rest = rest.strip_prefix(b",\"type\":\"Point\",\"data\":")?;
        let (mut shape, rest) = data(rest, known)?;
        shape.metric = metric;
        (rest == b"}").then_some(shape)
    } else {
        let rest = line.strip_prefix(b"{\"type\":\"Point\",\"data\":")?;
        let (mut shape, rest) = data(rest, known)?;
        let (metric, rest) = plain(rest.strip_prefix(b",\"metric\":\"")?)?;
        shape.metric = metric;
        (rest == b"}").then_some(shape)
    }
}

/// Reads `{"time":"...","value":...,"tags":{...}}`. Returns it with the rest of the line.
fn data<'a>(text: &'a [u8], known: &[u8]) -> Option<(Shape<'a>, &'a [u8])> {
    let (time, rest) = plain(text.strip_prefix(b"{\"time\":\"")?)?;
    let rest = rest.strip_prefix(b",\"value\":")?;
    let (value, rest) = rest.split_at_checked(number(rest)?)?;
    let rest = rest.strip_prefix(b",\"tags\":")?;
    let shape = Shape { metric: b"", time, value, tags: b"", is_known: false };
    if let Some(rest) = rest.strip_prefix(b"null") {
        return Some((shape, rest.strip_prefix(b"}")?));
    }
    let inside = rest.strip_prefix(b"{")?;
    let is_known = inside.strip_prefix(known).is_some_and(|rest| rest.first() == Some(&b'}'));
    let length = if is_known { known.len() } else { each(inside, |_, _| Some(()))? };
    let (tags, rest) = inside.split_at_checked(length)?;
    Some((Shape { tags, is_known, ..shape }, rest.strip_prefix(b"}}")?))
}

/// Reads a string of letters, digits and punctuation. Returns it with the text after its end.
fn plain(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (string, rest) = text.split_at_checked(memchr::memchr(b'"', text)?)?;
    // This form compares many bytes at once.
    let is_plain = |&byte: &u8| byte > b' ' && byte < 0x7f && byte != b'\\';
    let are_plain = string.iter().fold(true, |all, byte| all & is_plain(byte));
    are_plain.then_some((string, rest.strip_prefix(b"\"")?))
}

/// Returns the length of the JSON number at the start.
fn number(text: &[u8]) -> Option<usize> {
    let digits = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let mut at = usize::from(text.first() == Some(&b'-'));
    let whole = digits(at);
    if whole == 0 || whole > 1 && text.get(at) == Some(&b'0') {
        return None;
    }
    at += whole;
    if text.get(at) == Some(&b'.') {
        let count = digits(at + 1);
        at += 1 + count;
        if count == 0 {
            return None;
        }
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        at += 1 + usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        let count = digits(at);
        at += count;
        if count == 0 {
            return None;
        }
    }
    Some(at)
}

/// Calls `tag` with each name and value, as they are written, up to the closing brace or the end of the
/// text. Returns that position, or `None` when a value is not a string or when `tag` returns `None`.
pub(super) fn each<'a>(
    text: &'a [u8],
    mut tag: impl FnMut(&'a [u8], &'a [u8]) -> Option<()>,
) -> Option<usize> {
    let mut at = 0;
    if matches!(text.first(), None | Some(b'}')) {
        return Some(0);
    }
    loop {
        let name = string(text, at)?;
        at += name.len() + 2;
        if text.get(at) != Some(&b':') {
            return None;
        }
        let value = string(text, at + 1)?;
        at += value.len() + 3;
        tag(name, value)?;
        match text.get(at) {
            Some(b',') => at += 1,
            None | Some(b'}') => return Some(at),
            _ => return None,
        }
    }
}

/// Returns the text between the quotes of the string at `at`.
fn string(text: &[u8], at: usize) -> Option<&[u8]> {
    let inside = text.get(at..)?.strip_prefix(b"\"")?;
    let mut end = 0;
    loop {
        while let Some(word) = inside.get(end..).and_then(|rest| rest.first_chunk::<8>()) {
            let plain = plain_bytes(*word);
            end += plain;
            if plain < 8 {
                break;
            }
        }
        match inside.get(end)? {
            b'"' => return inside.get(..end),
            b'\\' => end += escape(inside.get(end..)?)?,
            0..b' ' => return None,
            _ => end += 1,
        }
    }
}

/// Returns the number of bytes before the first one that is a quote, a backslash or a control
/// character.
///
/// All eight bytes are tested at once: the highest bit of each byte of `found` is set where that
/// byte is one of them. A borrow can also set it in bytes after the first one, which are not used.
fn plain_bytes(word: [u8; 8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHEST: u64 = 0x80 * ONES;
    let word = u64::from_le_bytes(word);
    let zero = |bytes: u64| bytes.wrapping_sub(ONES) & !bytes;
    let quotes = zero(word ^ (u64::from(b'"') * ONES));
    let backslashes = zero(word ^ (u64::from(b'\\') * ONES));
    let control = word.wrapping_sub(u64::from(b' ') * ONES) & !word;
    let found = (quotes | backslashes | control) & HIGHEST;
    (found.trailing_zeros() / 8) as usize
}

/// Returns the length of an escape.
fn escape(text: &[u8]) -> Option<usize> {
    match text.get(1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
        b'u' => text.get(2..6)?.iter().all(u8::is_ascii_hexdigit).then_some(6),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_that_needs_a_look_stops_the_scan_where_it_stands() {
        for byte in 0..=255_u8 {
            let needs_a_look = byte < b' ' || matches!(byte, b'"' | b'\\');
            for at in 0..8 {
                let mut word = *b"abcdefgh";
                word[at] = byte;
                assert_eq!(plain_bytes(word), if needs_a_look { at } else { 8 }, "{word:?}");
            }
        }
    }
}
