//! An explanation of an error.

/// The explanation of an error that an application logged, such as `ER_CON_COUNT_ERROR` of mysql2.
/// [`ErrorRow::known`](super::ErrorRow::known) has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorExplanation {
    /// Signs of the error; one of them is enough, and case matters. A sign is whole words of the
    /// error's name or message, or its code. A sign that begins with `=` must be the whole message,
    /// because other systems use these words too; a class before it and a full stop after it are
    /// allowed. A sign that begins with `~` is the whole message too, or stands behind words about a
    /// failure, such as `Request failed: `. A sign that begins with `#` must be the code.
    pub(super) signs: &'static [&'static str],
    /// The meaning of the error, as a sentence without its full stop.
    pub means: &'static str,
    /// The places and settings that a reader should look at, as a list with commas, without a full
    /// stop.
    pub look_at: &'static str,
}
