//! The object of an event that a field is in, and the rank of a level there.

/// The places that a level may stand in, the better ones behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    #[default]
    Nothing,
    /// The name of consola's levels, which is any other field in other loggers.
    Kind,
    Beside,
    Inner,
    Own,
    /// The fields of the program, within an entry of a service that has a level of its own.
    Payload,
}

/// The object whose fields are being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app_log) enum Place {
    /// The event itself.
    Top,
    /// The event of the program within an entry of a service, which has a level of its own.
    Payload,
    /// An object that may hold the event of the program, below the fields of a collector.
    Inner,
    /// An object that was logged as the event's message.
    Message,
    /// The texts of the rules that a value broke, in the errors of class-validator.
    Constraints,
    /// The event's error.
    Error,
    /// An error of the list within an `AggregateError`.
    Within,
    /// The event's time in parts.
    Time,
    /// A list of the values that were logged.
    Values,
    /// An object that is the event's level, with its name.
    Level,
    /// An object beside the event, of which only the level is used.
    Beside,
    /// A frame of an error's stack, as tslog writes it.
    Frame,
    /// The request that an entry of Google Cloud is about.
    Request,
    /// The report of AWS Lambda about one request.
    Report,
    /// Any other object.
    Other,
}

impl Place {
    /// Returns the place of the object in the field `key`.
    pub(in crate::app_log) fn below(self, key: &str) -> Self {
        let is_event = matches!(self, Self::Top | Self::Payload | Self::Inner);
        match key {
            "err" | "error" | "exception" if self != Self::Error => Self::Error,
            // Sentry's list of an error and its causes.
            "values" if self == Self::Error => Self::Error,
            "cause" if self.is_below_cause() => Self::Error,
            // pino's name, and the property's own.
            "aggregateErrors" | "errors" if self == Self::Error => Self::Within,
            "message" | "msg" | "@message" | "body" if is_event => Self::Message,
            "constraints" if self == Self::Message => Self::Constraints,
            "children" if self == Self::Message => Self::Message,
            "level" if is_event => Self::Level,
            // Elastic's `log.syslog.severity` has a code and a name.
            "severity" if self == Self::Beside => Self::Level,
            "time" | "timestamp" if matches!(self, Self::Top | Self::Payload) => Self::Time,
            // Logstash, Elasticsearch and Google Cloud put the event of the program below such a key.
            "@fields" | "_source" if self == Self::Top => Self::Top,
            "jsonPayload" if self == Self::Top => Self::Payload,
            // So do Fluent Bit and Datadog, but loggers also have objects of these names.
            "fields" | "log" | "log_processed" | "attributes" | "json" | "parsed" if is_event => {
                Self::Inner
            }
            // roarr, tslog, Loki's client, and collectors of syslog.
            "context" | "_meta" | "_logMeta" | "labels" | "stream" | "meta" | "syslog"
                if is_event =>
            {
                Self::Beside
            }
            // tslog 4 numbers the values that were logged, and consola lists them.
            "0" | "1" | "2" | "args" if matches!(self, Self::Top | Self::Payload) => Self::Values,
            // Hasura's event.
            "detail" if self == Self::Top => Self::Values,
            "stack" if matches!(self, Self::Error | Self::Values) => Self::Frame,
            "httpRequest" if self == Self::Top => Self::Request,
            "record" if self == Self::Top => Self::Report,
            _ => Self::Other,
        }
    }
}
