//! The model behind Spikeflame.
//!
//! A recording of any format becomes a [`Profile`]: interned [`Frame`]s, a [`StackTree`] of
//! them, and [`Samples`] that refer to the tree. A [`Selection`] states which samples and
//! frames of a profile the user asked for. Both together give a [`CallTree`], the ordered
//! tree from which most views are drawn; [`Hotspots`] is its flat table and [`folded`] its
//! text.
//!
//! Mass is conserved: the samples read are the samples kept and the samples that the
//! selection left out, counted by reason ([`LeftOutWeights`]). Unreadable input is counted in
//! [`Profile::losses`].
//!
//! ```
//! use spikeflame_profile::{CallTree, Idle, Selection, folded};
//!
//! let mut text: &[u8] = b"main;work 3\nmain;(idle) 5\n";
//! let profile = folded::read(&mut text, "example", None)?;
//! let tree = CallTree::build(&profile, &Selection { idle: Idle::Drop, ..Selection::default() });
//! assert_eq!(tree.total() + tree.left_out().total(), profile.total());
//! assert_eq!(tree.left_out().idle, 5);
//! # Ok::<(), std::io::Error>(())
//! ```

mod call_tree;
mod clock;
mod fold;
pub mod folded;
mod frame;
mod gap;
mod group;
mod hotspots;
mod label;
mod ledger;
mod lines;
mod location;
mod main_thread;
mod package;
mod profile;
mod recursion;
mod samples;
mod select;
mod selection;
mod sieve;
mod stack;
mod steps;
mod strings;
mod tree;
mod url;
mod v8_name;
pub mod warning;

pub use call_tree::{CallTree, Entry};
pub use clock::{Clock, ClockSource};
pub use frame::{Frame, FrameId, FrameTable, Function, FunctionId, Kind, Tier};
pub use group::{Category, group_of, is_of_recorder};
pub use hotspots::{Hotspot, Hotspots};
pub use label::{CALLER_NOT_LOGGED, bare_name, display_name, is_error, parse_label, write_label};
pub use ledger::Ledger;
pub use lines::{FunctionLines, Line, function_lines};
pub use location::{Label, Location, split_name_and_file};
pub use package::{package_of, package_place};
pub use profile::{ErrorDetail, Loss, Profile, Source, Thread, Zero};
pub use samples::{Sample, Samples, VmState};
pub use selection::{GroupBy, Idle, Inlining, LeftOutWeights, Selection, Tiers};
/// The crate of wall-clock times: dates, time zones, and their text forms.
pub use spikeflame_wall as wall;
pub use stack::{StackId, StackTree};
pub use steps::Steps;
pub use strings::{StrId, Strings};
pub use tree::{EntryId, Node, NodeId, Tree, TreeBuilder};
pub use url::{percent_decoded, plain_path};
pub use v8_name::{EVAL, certain_v8_name, v8_name, v8_symbol};
