//! Tags of XML that comes line by line.

/// Largest size of a tag, in bytes. An attribute may hold a long message.
const LONGEST_TAG: usize = 1 << 20;

/// The text from the start of a tag that has not ended.
#[derive(Debug, Default)]
pub(super) struct OpenText {
    text: Vec<u8>,
    /// Start of the tag that is looked for next.
    start: usize,
    /// Where the search for its end goes on.
    at: usize,
    /// The mark that ends the attribute at that place.
    quote: Option<u8>,
    /// The line on which the text begins.
    first_line: u64,
}

impl OpenText {
    /// Adds a line, which has the number `number`.
    pub(super) fn push(&mut self, line: &[u8], number: u64) {
        self.text.drain(..self.start);
        self.at -= self.start;
        self.start = 0;
        if self.text.is_empty() {
            self.first_line = number;
        }
        self.text.extend_from_slice(line);
        self.text.push(b'\n');
    }

    /// Returns the next tag, from `<` to `>`. `None` when the text has no further whole one.
    pub(super) fn next_tag(&mut self) -> Option<&[u8]> {
        if self.at == self.start {
            let rest = self.text.get(self.start..)?;
            self.start += memchr::memchr(b'<', rest).unwrap_or(rest.len());
            self.at = self.start;
        }
        let end = self.end()?;
        let tag = self.start..end;
        (self.start, self.at, self.quote) = (end, end, None);
        self.text.get(tag)
    }

    /// Returns the end of the tag at `start`.
    fn end(&mut self) -> Option<usize> {
        let tag = self.text.get(self.start..)?;
        for (begin, end) in [(&b"<!--"[..], &b"-->"[..]), (b"<![CDATA[", b"]]>")] {
            if tag.starts_with(begin) {
                let from = self.at.max(self.start + begin.len());
                let found = memchr::memmem::find(self.text.get(from..)?, end);
                self.at = self.text.len().saturating_sub(end.len() - 1).max(from);
                return found.map(|at| from + at + end.len());
            }
        }
        while let Some(&byte) = self.text.get(self.at) {
            self.at += 1;
            match (byte, self.quote) {
                (b'>', None) => return Some(self.at),
                (b'"' | b'\'', None) => self.quote = Some(byte),
                (_, Some(quote)) if byte == quote => self.quote = None,
                _ => {}
            }
        }
        None
    }

    pub(super) fn is_too_long(&self) -> bool {
        self.text.len() - self.start > LONGEST_TAG
    }

    /// Drops the text. Returns its first line, and the number of its lines up to `number`.
    pub(super) fn drop_all(&mut self, number: u64) -> (u64, u64) {
        let first = self.first_line;
        *self = Self::default();
        (first, number + 1 - first)
    }
}

/// Returns the name of a tag's element.
pub(super) fn name_of(tag: &[u8]) -> &[u8] {
    let name = tag.get(1..).unwrap_or_default();
    let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/');
    let end = name.iter().position(is_end).unwrap_or(name.len());
    name.get(..end).unwrap_or_default()
}

/// Gives each attribute of a tag to `see`: its name, and its value without escapes.
pub(super) fn attributes(tag: &[u8], mut see: impl FnMut(&[u8], String)) {
    let mut rest = tag.get(1 + name_of(tag).len()..).unwrap_or_default().trim_ascii_start();
    while let Some(equals) = memchr::memchr(b'=', rest) {
        let (key, behind) = rest.split_at(equals);
        let behind = behind.get(1..).unwrap_or_default().trim_ascii_start();
        let Some((&quote, within)) = behind.split_first().filter(|it| matches!(it.0, b'"' | b'\''))
        else {
            return;
        };
        let Some(end) = memchr::memchr(quote, within) else { return };
        let (value, next) = within.split_at(end);
        see(key.trim_ascii(), unescaped(&String::from_utf8_lossy(value)));
        rest = next.get(1..).unwrap_or_default().trim_ascii_start();
    }
}

/// Replaces the escapes of XML.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('&');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let found = part.split_once(';').and_then(|(name, rest)| Some((character(name)?, rest)));
        match found {
            Some((character, rest)) => {
                out.push(character);
                out.push_str(rest);
            }
            None => {
                out.push('&');
                out.push_str(part);
            }
        }
    }
    out
}

fn character(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            return char::from_u32(code.ok()?);
        }
    })
}
