//! The protobuf messages of pprof and of OTLP profiles.
//!
//! The readers are in `spikeflame-parse` and the writers in `spikeflame-render`. These crates
//! do not depend on each other, so the messages have a crate of their own.
//!
//! ```
//! use prost::Message;
//! use spikeflame_proto::pprof::ValueType;
//!
//! let cpu = ValueType { r#type: 1, unit: 2 };
//! let bytes = cpu.encode_to_vec();
//! assert_eq!(ValueType::decode(&bytes[..]).unwrap(), cpu);
//! ```

pub mod otlp;
pub mod pprof;
