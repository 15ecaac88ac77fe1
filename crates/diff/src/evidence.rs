//! How far a comparison can be trusted, by the number and order of its runs.

/// The strength of a comparison's evidence: how many runs it has, and whether the runs of both
/// sides were made in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Both sides have two runs or more, so the noise is measured on both, and they are not known to have
    /// been recorded apart. In a [`Comparison`](crate::Comparison), no warning shows that the sides had
    /// unlike conditions, requests or recorders.
    Strong,
    /// One side has one run and the other has more, so the noise is measured on the other side only; or the
    /// sides were recorded apart. In a [`Comparison`](crate::Comparison), also: the sides had unlike conditions,
    /// requests or recorders, a run ended early, or costs changed and the order of three runs or more is not
    /// known.
    Weak,
    /// Each side has one run, whatever else is known: the noise between runs is assumed, not measured.
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
