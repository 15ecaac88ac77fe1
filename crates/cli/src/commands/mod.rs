//! The commands, one file for each.

#[cfg(unix)]
pub(crate) mod ab;
pub(crate) mod attach;
pub(crate) mod capacity;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod errors;
pub(crate) mod export;
pub(crate) mod flame;
pub(crate) mod fold;
pub(crate) mod lines;
pub(crate) mod merge;
pub(crate) mod plateau;
pub(crate) mod pull;
pub(crate) mod push;
pub(crate) mod queries;
#[cfg(unix)]
pub(crate) mod record;
pub(crate) mod report;
pub(crate) mod shell;
pub(crate) mod summary;
pub(crate) mod top;
