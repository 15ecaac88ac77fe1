//! How far a comparison can be trusted, by the number and order of its runs.

/// The strength of a comparison's evidence: how many runs it has, and whether the runs of both
/// sides were made in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Both sides have two runs or more, so the noise is measured on both. The runs were made in
    /// turn, or their order is not known, and the machine is not known to have starved them.
    Strong,
    /// One side has one run and the other has more, so the noise is measured on the other side
    /// only; or the sides were recorded one after the other, in different ways, under different
    /// conditions, or on a machine that kept the program from running.
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
