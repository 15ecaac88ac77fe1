//! Fields of records and sections: little-endian, with checks of length.

/// The kernel's records are a multiple of so many bytes long.
pub(super) const WORD: usize = 8;

/// Reads fields from the front of a byte slice; returns `None` when it is too short.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn bytes(&mut self, count: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(count).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn i32(&mut self) -> Option<i32> {
        self.array().map(i32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// Returns the bytes up to a NUL or the end.
    pub(super) fn text(&mut self) -> &'a [u8] {
        let length = memchr::memchr(0, self.0).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at_checked(length).unwrap_or_default();
        self.0 = rest.get(1..).unwrap_or_default();
        taken
    }

    /// Returns a string that has its length in front and is padded with NULs.
    pub(super) fn sized_text(&mut self) -> Option<&'a [u8]> {
        let length = self.u32()?;
        Some(Fields(self.bytes(u64::from(length))?).text())
    }

    /// Returns every complete group of 8 bytes as a number.
    pub(super) fn numbers(self) -> impl DoubleEndedIterator<Item = u64> + ExactSizeIterator + 'a {
        let (words, _) = self.0.as_chunks();
        words.iter().map(|&word| u64::from_le_bytes(word))
    }
}
