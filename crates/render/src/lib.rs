//! All views: SVG flame graphs through `inferno`, tables as text, Markdown and JSON, the page
//! ([`report`]), and files for other programs ([`export`]).
//!
//! Flame graphs and hotspot tables are drawn from a [`CallTree`](spikeflame_profile::CallTree) and an
//! [`About`]. Names come from hostile input. Each kind of output for people has its functions in
//! [`clean`], and every name in such an output passes one of them.

#![warn(clippy::disallowed_methods, clippy::iter_over_hash_type)]

mod about;
pub mod capacity;
pub mod clean;
mod colors;
pub mod diff;
mod diff_flame;
pub mod doctor;
pub mod errors;
pub mod export;
mod flame;
mod lines;
mod names;
mod number;
mod own_code;
mod painter;
mod picture;
pub mod plateau;
#[cfg(feature = "png")]
mod png;
pub mod queries;
pub mod report;
mod top;

pub use about::About;
pub use colors::Palette;
pub use diff_flame::colors::DiffPalette;
pub use diff_flame::compared::ComparedTree;
pub use diff_flame::tree::{Cost, DiffEntry, DiffNode, DiffTree, Side, SideName};
pub use diff_flame::{BoxVerdict, DiffFlameOptions, DiffWidth, diff_flame};
pub use flame::{FlameOptions, flame};
pub use lines::{LinesFormat, LinesView};
pub use names::Names;
pub use number::{count, decimals, percent, seconds};
pub use own_code::{own_code, own_code_markdown};
pub use picture::{Direction, RenderError};
#[cfg(feature = "png")]
pub use png::png;
pub use top::{LinkOf, Order, TopOptions, json, markdown, text};
