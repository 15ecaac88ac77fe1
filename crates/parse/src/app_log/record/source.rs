//! The container or the process whose line a collector has packed.

use super::{Place, Record};

/// Keys of collectors for a container, a pod, or a process. pino and bunyan write `pid` and `hostname` into
/// each line, which no collector has packed.
const KEYS: [&str; 20] = [
    "container_name",
    "container_id",
    "containerName",
    "container",
    "CONTAINER_NAME",
    "CONTAINER_ID",
    "pod",
    "pod_name",
    "podName",
    "instance",
    "tag",
    "host",
    "_HOSTNAME",
    "_PID",
    "procid",
    "program",
    "process_id",
    "app_name",
    "ContainerName_s",
    "ContainerGroupName_s",
];
/// The longest text of all such fields, in bytes.
const LONGEST: usize = 400;

impl Record {
    /// Notes a field that tells the lines of several containers or processes apart.
    pub(super) fn set_source(&mut self, place: Place, key: &str, value: &str) {
        let is_beside = matches!(place, Place::Top | Place::Beside | Place::Other);
        if is_beside && KEYS.contains(&key) && self.source.len() + value.len() < LONGEST {
            self.source.push_str(value);
            self.source.push(' ');
        }
    }
}
