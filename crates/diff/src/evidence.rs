//! How far a comparison can be trusted, by the number and order of its runs.

/// The strength of a comparison's evidence: how many runs it has, and whether the runs of both
/// sides were made in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Both sides have two runs or more, so the noise is measured on both. The runs were made in
    /// turn, or their order is not known. With an unknown order, `compare` gives this value only
    /// when no function changed; `analyse` gives it always.
    Strong,
    /// One side has one run and the other has more, so the noise is measured on the other side
    /// only. This value also stands for sides with two runs or more that were recorded one after
    /// the other. For sides with two runs or more, `compare` gives it too when the order is not known
    /// and a function changed, when the sides were recorded in different ways or on different machines,
    /// when a run ended early, and with
    /// [`Warning::EnvironmentsDiffer`](crate::Warning::EnvironmentsDiffer),
    /// [`Warning::Waited`](crate::Warning::Waited) or [`Warning::NotInTurn`](crate::Warning::NotInTurn).
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
