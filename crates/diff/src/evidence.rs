//! How much a comparison can be trusted, by the number and order of its runs.

/// How much the runs can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Two runs a side or more, in turn: noise is measured on both.
    Strong,
    /// One run against several, so that noise is measured on one side only; or one
    /// side recorded apart from the other.
    Weak,
    /// One run a side: noise between runs is assumed, not measured.
    Provisional,
}

impl Evidence {
    /// The word for it in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Strong => "strong",
            Self::Weak => "weak",
            Self::Provisional => "provisional",
        }
    }
}
