//! The crate that exchanges profiles with other programs over the network. It profiles running
//! processes of Node through their inspector ([`attach`]), sends profiles to servers and
//! collectors ([`Pusher`]), and brings them back ([`pull`]). It opens no port.
//!
//! ```
//! use spikeflame_remote::Target;
//!
//! let target: Target = "9229".parse()?;
//! assert_eq!(target.to_string(), "127.0.0.1:9229");
//! # Ok::<(), String>(())
//! ```

mod attach;
mod error;
mod http;
mod inspector;
mod journal;
mod messages;
mod pull;
mod push;
mod together;

pub use attach::{Attach, AttachEvent, AttachResult, attach};
pub use error::Error;
pub use inspector::Target;
pub use journal::Journal;
pub use pull::{Query, pull};
pub use push::{Chunk, Delivery, Protocol, Pusher, Retry, Server};
