//! Scans the two shapes in which k6 writes the line of a point, without building JSON. Lines of any
//! other shape give `None` and go to serde. Both ways must give the same result.

use super::super::k6::{KnownTags, Tags};

/// The parts of a point, as they stand in its line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape<'a, 'k> {
    pub(super) metric: &'a [u8],
    pub(super) time: &'a [u8],
    pub(super) value: &'a [u8],
    /// `None` for tags that serde must read.
    pub(super) tags: Option<&'k Tags<String>>,
}

/// Splits a line: `metric,type,data` as k6 writes it since 0.50, or `type,data,metric` as it did
/// before. One space may follow a colon or a comma, as programs write that filter the lines.
pub(super) fn split<'a, 'k>(line: &'a [u8], known: &'k mut KnownTags) -> Option<Shape<'a, 'k>> {
    if let Some(rest) = after(line, b"{\"metric\":") {
        let (metric, rest) = plain(rest)?;
        let rest = after(after(rest, b",")?, b"\"type\":")?;
        let rest = after(after(rest, b"\"Point\",")?, b"\"data\":")?;
        let (shape, rest) = data(rest, known)?;
        (rest == b"}").then_some(Shape { metric, ..shape })
    } else {
        let rest = after(after(line, b"{\"type\":")?, b"\"Point\",")?;
        let (shape, rest) = data(after(rest, b"\"data\":")?, known)?;
        let (metric, rest) = plain(after(after(rest, b",")?, b"\"metric\":")?)?;
        (rest == b"}").then_some(Shape { metric, ..shape })
    }
}

/// Reads `{"time":"...","value":...,"tags":{...}}`. Returns it with the rest of the line.
fn data<'a, 'k>(text: &'a [u8], known: &'k mut KnownTags) -> Option<(Shape<'a, 'k>, &'a [u8])> {
    let (time, rest) = plain(after(text, b"{\"time\":")?)?;
    let rest = after(after(rest, b",")?, b"\"value\":")?;
    let (value, rest) = rest.split_at_checked(number(rest)?)?;
    let rest = after(after(rest, b",")?, b"\"tags\":")?;
    let (tags, rest) = match rest.strip_prefix(b"null") {
        Some(rest) => (tags(b"}", known)?.0, rest),
        None => tags(rest.strip_prefix(b"{")?, known)?,
    };
    Some((Shape { metric: b"", time, value, tags }, rest.strip_prefix(b"}")?))
}

/// Returns the tags that are used, and the text after the closing brace. There are none where serde
/// must read them: a name, or a value that is used, has an escape, or the text is not UTF-8.
fn tags<'a, 'k>(
    inside: &'a [u8],
    known: &'k mut KnownTags,
) -> Option<(Option<&'k Tags<String>>, &'a [u8])> {
    let after = |text: &[u8]| inside.strip_prefix(text)?.strip_prefix(b"}");
    let known = known.find_or(
        |text| after(text).is_some(),
        || {
            let mut tags = Some(Tags::<String>::default());
            let length = each(inside, |name, value| {
                let has_escape = |text| memchr::memchr(b'\\', text).is_some();
                let slot = tags.as_mut().and_then(|tags| tags.slot(name));
                if has_escape(name) || slot.is_some() && has_escape(value) {
                    tags = None;
                } else if let Some((slot, value)) = slot.zip(std::str::from_utf8(value).ok()) {
                    value.clone_into(slot);
                }
            })?;
            let text = inside.get(..length)?;
            Some((text, tags.filter(|_| std::str::from_utf8(text).is_ok())))
        },
    )?;
    Some((known.tags.as_ref(), inside.get(known.length() + 1..)?))
}

/// Returns the text after `token`, and after one space behind it.
fn after<'a>(text: &'a [u8], token: &[u8]) -> Option<&'a [u8]> {
    let rest = text.strip_prefix(token)?;
    Some(rest.strip_prefix(b" ").unwrap_or(rest))
}

/// Reads a string of letters, digits and punctuation. Returns it with the text after its end.
fn plain(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.strip_prefix(b"\"")?;
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

/// Calls `tag` with each name and value, as they are written, up to the closing brace. Returns its
/// position, or `None` when a value is not a string.
fn each<'a>(text: &'a [u8], mut tag: impl FnMut(&'a [u8], &'a [u8])) -> Option<usize> {
    let mut rest = text;
    while rest.first() != Some(&b'}') {
        if rest.len() < text.len() {
            rest = after(rest, b",")?;
        }
        let name = string(rest)?;
        rest = after(rest.get(name.len() + 2..)?, b":")?;
        let value = string(rest)?;
        rest = rest.get(value.len() + 2..)?;
        tag(name, value);
    }
    Some(text.len() - rest.len())
}

/// Returns the text between the quotes of the string at the start.
fn string(text: &[u8]) -> Option<&[u8]> {
    let inside = text.strip_prefix(b"\"")?;
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
