//! Messages of a Pyroscope server (`push.v1`, `querier.v1`) and of an OTLP collector. The field
//! numbers are those of their protobuf definitions.

use prost::Message;

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct PushRequest {
    #[prost(message, repeated, tag = "1")]
    pub(crate) series: Vec<Series>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct Series {
    #[prost(message, repeated, tag = "1")]
    pub(crate) labels: Vec<LabelPair>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) samples: Vec<RawSample>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct LabelPair {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(string, tag = "2")]
    pub(crate) value: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct RawSample {
    /// A profile of pprof.
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) raw_profile: Vec<u8>,
    /// A UUID.
    #[prost(string, tag = "2")]
    pub(crate) id: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct SelectMergeProfile {
    #[prost(string, tag = "1")]
    pub(crate) profile_type: String,
    #[prost(string, tag = "2")]
    pub(crate) label_selector: String,
    /// Milliseconds since 1970.
    #[prost(int64, tag = "3")]
    pub(crate) start: i64,
    /// Milliseconds since 1970.
    #[prost(int64, tag = "4")]
    pub(crate) end: i64,
}

/// The answer of an OTLP collector.
#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct ExportAnswer {
    #[prost(message, optional, tag = "1")]
    pub(crate) partial: Option<PartialSuccess>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct PartialSuccess {
    #[prost(int64, tag = "1")]
    pub(crate) rejected: i64,
    #[prost(string, tag = "2")]
    pub(crate) text: String,
}
