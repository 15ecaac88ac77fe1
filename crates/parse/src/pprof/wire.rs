//! The outer layer of protocol buffers: numbered fields, one after the other.

use spikeflame_proto::pprof::field;

/// A field, and the byte at which it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field<'a> {
    pub(crate) number: u32,
    pub(crate) at: usize,
    pub(crate) value: Value<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    Number(u64),
    /// A message, a text, or packed numbers.
    Bytes(&'a [u8]),
    /// A number of fixed size; `profile.proto` has none.
    Fixed,
}

/// A problem, and the byte at which it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WireProblem {
    pub(crate) at: usize,
    pub(crate) what: &'static str,
    /// True when the only problem is that the bytes end too early.
    pub(crate) cut: bool,
}

/// The fields of a message; the iterator ends at the first problem.
pub(crate) struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
    failed: bool,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, failed: false }
    }

    #[inline]
    fn number(&mut self) -> Result<u64, WireProblem> {
        match self.bytes.get(self.at) {
            Some(&byte @ ..0x80) => {
                self.at += 1;
                Ok(u64::from(byte))
            }
            _ => self.long_number(),
        }
    }

    fn long_number(&mut self) -> Result<u64, WireProblem> {
        let at = self.at;
        let mut value = 0u64;
        for shift in 0..10 {
            let Some(&byte) = self.bytes.get(self.at) else {
                return Err(WireProblem { at, what: "the file ends within a number", cut: true });
            };
            self.at += 1;
            // The tenth byte has room for one bit.
            if shift == 9 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << (7 * shift);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(WireProblem { at, what: "a number of more than 64 bits", cut: false })
    }

    #[inline]
    fn skip(&mut self, count: u64) -> Result<&'a [u8], WireProblem> {
        let wrong = WireProblem { at: self.at, what: "the file ends within a record", cut: true };
        let end = usize::try_from(count).ok().and_then(|count| self.at.checked_add(count));
        let bytes = end.and_then(|end| self.bytes.get(self.at..end)).ok_or(wrong)?;
        self.at += bytes.len();
        Ok(bytes)
    }

    #[inline]
    fn field(&mut self) -> Result<Field<'a>, WireProblem> {
        let at = self.at;
        let tag = self.number()?;
        let number = u32::try_from(tag >> 3).ok().filter(|n| (1..1 << 29).contains(n));
        let wrong = |what| WireProblem { at, what, cut: false };
        let number = number.ok_or(wrong("a field of a number that there is not"))?;
        let value = match tag & 7 {
            0 => Value::Number(self.number()?),
            1 => self.skip(8).map(|_| Value::Fixed)?,
            2 => {
                let length = self.number()?;
                Value::Bytes(self.skip(length)?)
            }
            5 => self.skip(4).map(|_| Value::Fixed)?,
            _ => return Err(wrong("a field of a type that there is not")),
        };
        Ok(Field { number, at, value })
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, WireProblem>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.at >= self.bytes.len() {
            return None;
        }
        let field = self.field();
        self.failed = field.is_err();
        Some(field)
    }
}

/// Returns packed numbers, up to the first problem.
pub(crate) fn numbers(bytes: &[u8]) -> impl Iterator<Item = u64> + '_ {
    let mut fields = Fields::new(bytes);
    std::iter::from_fn(move || fields.number().ok())
}

/// A profile may begin with samples; this many of them are as good as a sample type.
const SAMPLES: u32 = 8;

/// Returns true for the beginning of a profile: the numbers and types of fields are those
/// of `profile.proto`, also in nested messages, and there is a sample type. The texts are mostly
/// UTF-8, or the first of them is empty, as the format demands.
pub(crate) fn is_profile(head: &[u8]) -> bool {
    let (mut typed, mut samples) = (false, 0);
    let (mut empty_first, mut is_text) = (None, true);
    for field in Fields::new(head) {
        let field = match field {
            Ok(field) => field,
            Err(wrong) if wrong.cut => break,
            Err(_) => return false,
        };
        let fits = match (field.number, field.value) {
            (field::SAMPLE_TYPE, Value::Bytes(within)) => {
                typed |= !within.is_empty();
                has(within, "nn")
            }
            (field::PERIOD_TYPE, Value::Bytes(within)) => has(within, "nn"),
            (field::SAMPLE, Value::Bytes(within)) => {
                samples += u32::from(!within.is_empty());
                has(within, "**b")
            }
            (field::MAPPING, Value::Bytes(within)) => has(within, "nnnnnnnnnn"),
            (field::LOCATION, Value::Bytes(within)) => has(within, "nnnbn"),
            (field::FUNCTION, Value::Bytes(within)) => has(within, "nnnnn"),
            (field::STRING, Value::Bytes(text)) => {
                empty_first.get_or_insert(text.is_empty());
                is_text &= is_nearly_text(text);
                is_text || empty_first == Some(true)
            }
            (field::COMMENT, Value::Bytes(_)) => true,
            (7..=10 | 12..=15, Value::Number(_)) => true,
            _ => false,
        };
        if !fits {
            return false;
        }
    }
    typed || samples >= SAMPLES
}

/// Returns true for text that is mostly UTF-8: names of files and symbols may have another
/// encoding.
fn is_nearly_text(text: &[u8]) -> bool {
    let broken: usize = text.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    broken * 4 <= text.len()
}

/// Returns true for a message whose fields have these types, in the order of their numbers:
/// a number, bytes, or either.
fn has(message: &[u8], types: &str) -> bool {
    Fields::new(message).all(|field| {
        field.is_ok_and(|field| {
            let wanted = types.as_bytes().get(field.number as usize - 1);
            match field.value {
                Value::Number(_) => matches!(wanted, Some(b'n' | b'*')),
                Value::Bytes(_) => matches!(wanted, Some(b'b' | b'*')),
                Value::Fixed => false,
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(bytes: &[u8]) -> Vec<Result<(u32, usize), (usize, bool)>> {
        let short = |field: Result<Field<'_>, WireProblem>| match field {
            Ok(field) => Ok((field.number, field.at)),
            Err(wrong) => Err((wrong.at, wrong.cut)),
        };
        Fields::new(bytes).map(short).collect()
    }

    #[test]
    fn what_is_wrong_is_told_with_its_byte() {
        assert_eq!(fields(&[0x08, 1, 0x12, 1, 0]), [Ok((1, 0)), Ok((2, 2))]);
        // A length after the end, a length larger than all memory, and a number without an
        // end.
        assert_eq!(fields(&[0x08, 1, 0x12, 2, 0]), [Ok((1, 0)), Err((4, true))]);
        let huge = [&[0x12][..], &[0xff; 9], &[1, 0]].concat();
        assert_eq!(fields(&huge), [Err((11, true))]);
        assert_eq!(fields(&[0x08, 0x80]), [Err((1, true))]);
        assert_eq!(fields(&[&[0x08][..], &[0x80; 12]].concat()), [Err((1, false))]);
        assert_eq!(fields(&[&[0x08][..], &[0xff; 9], &[2]].concat()), [Err((1, false))]);
        // Field 0, and a group.
        assert_eq!(fields(&[0x00, 1]), [Err((0, false))]);
        assert_eq!(fields(&[0x0b]), [Err((0, false))]);
    }

    #[test]
    fn a_profile_is_told_from_other_binary_files() {
        let sample_type = [0x0a, 4, 0x08, 1, 0x10, 2];
        let sample = [0x12, 8, 0x0a, 2, 1, 2, 0x12, 2, 5, 6];
        let whole = [&sample_type[..], &sample, &[0x32, 0, 0x32, 3, b'c', b'p', b'u']].concat();
        assert!(is_profile(&whole));
        assert!((6..whole.len()).all(|cut| is_profile(&whole[..cut])));
        // Old writers do not pack numbers.
        assert!(is_profile(&[&sample_type[..], &[0x12, 4, 0x08, 1, 0x10, 1]].concat()));
        // The error was: a name of bytes of any value made a profile binary data.
        assert!(is_profile(&[&whole[..], &[0x32, 4, 0xff, 0xfe, b'a', 0xfd]].concat()));
        // Samples come before their types, and are more than fit into the beginning.
        let first = sample.repeat(9);
        assert!(is_profile(&first) && is_profile(&first[..first.len() - 1]));
        assert!(!is_profile(&sample));
        for other in [
            &b""[..],
            b"\n",
            b"\n\n\n\n",
            b"\n\0",
            // A sample type contains no text, and no second field that is one.
            b"\n\x04text",
            &[0x0a, 4, 0x08, 1, 0x12, 0],
            // A field with an unknown number or type.
            &[&sample_type[..], &[0x82, 0x08, 0]].concat(),
            &[&sample_type[..], &[0x10, 1]].concat(),
            &[&sample_type[..], &[0x32, 1, 0xff]].concat(),
            &[&sample_type[..], b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"].concat(),
            &[&sample_type[..], &[0x32, 1, 0xff, 0x32, 0]].concat(),
            // Any message may contain strings.
            &[0x32, 3, b'c', b'p', b'u'],
        ] {
            assert!(!is_profile(other), "{other:?}");
        }
    }
}
