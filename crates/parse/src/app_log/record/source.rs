//! The container or the process whose line a collector has packed.

use super::{Place, Record};

/// The longest text of all such fields, in bytes.
const LONGEST_SOURCE_BYTES: usize = 400;

impl Record {
    /// Notes a field that tells the lines of several containers or processes apart.
    pub(super) fn set_source(&mut self, place: Place, key: &str, value: &str) {
        let is_beside = matches!(place, Place::Top | Place::Beside | Place::Other);
        let is_source = is_beside && is_source(key) && (place != Place::Other || key != "host");
        if is_source && self.source.len() + value.len() < LONGEST_SOURCE_BYTES {
            self.source.push_str(value);
            self.source.push(' ');
        }
    }
}

/// Returns true for a key of collectors for a container, a pod, or a process. pino and bunyan write `pid`
/// and `hostname` into each line, which no collector has packed.
fn is_source(key: &str) -> bool {
    // Nearly every key of a line is passed over here.
    let is_first = matches!(
        key.as_bytes().first(),
        Some(b'c' | b'C' | b'p' | b'i' | b't' | b'h' | b'_' | b'a')
    );
    if !is_first || !matches!(key.len(), 3..=21) {
        return false;
    }
    matches!(
        key,
        "container_name"
            | "container_id"
            | "containerName"
            | "container"
            | "CONTAINER_NAME"
            | "CONTAINER_ID"
            | "pod"
            | "pod_name"
            | "podName"
            | "instance"
            | "tag"
            | "host"
            | "_HOSTNAME"
            | "_PID"
            | "procid"
            | "program"
            | "process_id"
            | "app_name"
            | "ContainerName_s"
            | "ContainerGroupName_s"
    )
}
