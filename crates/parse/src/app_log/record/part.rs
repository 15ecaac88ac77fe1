//! Fields in which a collector keeps that a text is a part of a line.

/// The mark of a part, and the fields that name the stream of the line.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::app_log) struct PartFields {
    mark: Option<bool>,
    /// True for the last part, and false for another one; Docker's drivers mark all of them.
    is_last: Option<bool>,
    source: String,
}

impl PartFields {
    /// Sets a field of the event, or of an object beside it.
    pub(super) fn set(&mut self, key: &str, value: &str) {
        match key {
            // Fluentd's parser of Kubernetes' files, and Fluent Bit's.
            "logtag" | "_p" => self.mark = Some(value.split(':').next() == Some("P")),
            // Docker's drivers for Fluentd and journald.
            "partial_message" | "CONTAINER_PARTIAL_MESSAGE" => self.mark = Some(value == "true"),
            "partial_last" | "CONTAINER_PARTIAL_LAST" => self.is_last = Some(value == "true"),
            "stream" | "source" if matches!(value, "stdout" | "stderr") => self.add(value),
            "container_id" | "docker_id" | "pod_id" | "container_name" | "pod_name"
            | "CONTAINER_ID_FULL" | "partial_id" => self.add(value),
            _ => {}
        }
    }

    fn add(&mut self, value: &str) {
        self.source.push_str(value);
        self.source.push('\n');
    }

    /// Returns true for a part behind which another one comes, and `None` when no field has that.
    pub(in crate::app_log) fn is_part(&self) -> Option<bool> {
        match self.is_last {
            Some(true) => Some(false),
            _ => self.mark,
        }
    }

    /// Returns the name of the stream that the line was printed to.
    pub(in crate::app_log) fn source(&self) -> &str {
        &self.source
    }
}
