//! The model behind Spikeflame.
//!
//! A recording of any format becomes a [`Profile`]: interned [`Frame`]s, a
//! [`StackTree`] of them, and [`Samples`] that point into the tree. A
//! [`Selection`] cuts a profile to what the user asked for and yields a
//! [`CallTree`], the ordered tree that every view is drawn from; [`Hotspots`]
//! is its flat table and [`folded`] its text.
//!
//! Mass is conserved: samples read = samples kept + samples left out by the
//! selection, by reason ([`LeftOut`]); what could not be read is in
//! [`Profile::losses`].

mod call_tree;
mod clock;
mod fold;
pub mod folded;
mod frame;
mod group;
mod hotspots;
mod label;
pub mod otlp_proto;
pub mod pprof_proto;
mod profile;
mod samples;
mod select;
mod selection;
mod sieve;
mod stack;
mod strings;
pub mod wall;

pub use call_tree::{CallTree, Entry, EntryId, Node, NodeId};
pub use clock::{Clock, Known};
pub use frame::{Frame, FrameId, FrameTable, Function, FunctionId, Kind, Tier};
pub use group::{Category, group_of, package_of};
pub use hotspots::{Hotspot, Hotspots};
pub use label::{
    Label, Location, bare_name, display_name, is_error, parse_label, split_name_and_file,
    write_label,
};
pub use profile::{ErrorDetail, Loss, Profile, Source, Thread, Zero};
pub use samples::{Sample, Samples, VmState};
pub use selection::{GroupBy, Idle, Inlined, LeftOut, Selection, Tiers};
pub use stack::{StackId, StackTree};
pub use strings::{StrId, Strings};
