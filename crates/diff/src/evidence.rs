//! How far a comparison can be trusted, by the number and order of its runs.

/// How far a comparison can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Both sides have two runs or more, made in turn: the noise is measured on both.
    Strong,
    /// One side has only one run, so the noise is measured on the other side only. This value also
    /// stands for sides that were recorded one after the other, whose order is not known while rows
    /// changed, or whose main threads got different shares of a core.
    Weak,
    /// Each side has one run: the noise between runs is assumed, not measured.
    Provisional,
}

impl Evidence {
    /// Returns the word for this evidence in JSON: `strong`, `weak`, `provisional`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Strong => "strong",
            Self::Weak => "weak",
            Self::Provisional => "provisional",
        }
    }
}
