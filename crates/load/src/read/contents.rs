//! Searches in the beginning of a file, by which formats are recognised.

/// Returns true when a text contains `part`.
pub(crate) fn has(text: &[u8], part: impl AsRef<[u8]>) -> bool {
    memchr::memmem::find(text, part.as_ref()).is_some()
}
