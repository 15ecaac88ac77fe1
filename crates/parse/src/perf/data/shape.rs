//! Records that perf does not write: signs of damage.
//!
//! No part of a recording has a checksum, and the zstd frames of `perf record -z` have none
//! either. A flipped bit is therefore only seen in what it makes of a record: a kind that does
//! not exist, a length that does not fit the fields, an event that the header does not name.
//! `include/uapi/linux/perf_event.h` describes the kernel's records, and
//! `tools/perf/Documentation/perf.data-file-format.txt` perf's own.

use super::event::Layout;
use super::fields::{Fields, WORD};
use super::meta::Meta;
use super::records::{Head, kind};

/// The last kind of the kernel that is known, `PERF_RECORD_CALLCHAIN_DEFERRED` of Linux 6.19.
const LAST_OF_KERNEL: u32 = 22;
/// The last kind of perf's own that `perf record` writes, `PERF_RECORD_BPF_METADATA`.
const LAST_OF_PERF: u32 = 84;
/// The number of features for which a header has room.
const FEATURES: u64 = 256;
/// The size of a thread in a list of threads: its number and its name.
const THREAD: usize = 24;

/// The state that the check of records needs.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    /// True after a record that comes before all data of hardware traces (Intel PT, ...).
    traces: bool,
}

impl Shapes {
    /// Returns true for a record that perf or the kernel may have written.
    pub(super) fn fits(&mut self, head: &Head, body: &[u8], meta: &Meta) -> bool {
        if head.kind == kind::FINISHED_ROUND {
            return body.is_empty();
        }
        if head.kind >= kind::USER {
            // Only the kernel's records are compressed.
            return !head.is_unpacked() && self.fits_perf(head.kind, body);
        }
        let Some(layout) = meta.events.first().map(|event| event.layout) else { return true };
        body.len().is_multiple_of(WORD)
            && (head.kind == kind::SAMPLE || self.fits_kernel(head.kind, body, layout, meta))
    }

    fn fits_perf(&mut self, kind: u32, body: &[u8]) -> bool {
        let number = Fields(body).u64();
        match kind {
            kind::AUXTRACE_INFO => self.traces = true,
            kind::AUXTRACE_ERROR => return self.traces,
            kind::HEADER_FEATURE => return number.is_some_and(|feature| feature < FEATURES),
            kind::THREAD_MAP => {
                let size = number.and_then(|count| usize::try_from(count).ok());
                let size = size.and_then(|count| count.checked_mul(THREAD)?.checked_add(WORD));
                return size == Some(body.len());
            }
            _ => {}
        }
        kind <= LAST_OF_PERF
    }

    fn fits_kernel(&self, kind: u32, body: &[u8], layout: Layout, meta: &Meta) -> bool {
        let fields = layout.without_trailer(body);
        let named = layout.trailer_id(body).is_none_or(|id| id == 0 || meta.names(id));
        named
            && match kind {
                kind::LOST => fields.len() == 16,
                kind::LOST_SAMPLES | kind::SWITCH_CPU_WIDE => fields.len() == 8,
                kind::SWITCH => fields.is_empty(),
                kind::EXIT | kind::FORK | kind::THROTTLE | kind::UNTHROTTLE => fields.len() == 24,
                kind::MMAP => ends_with_text(fields, 32),
                kind::MMAP2 => ends_with_text(fields, 64),
                kind::COMM => ends_with_text(fields, 8),
                kind::KSYMBOL => ends_with_text(fields, 16),
                kind::READ => meta.events.iter().any(|event| event.counts_threads()),
                kind::AUX | kind::ITRACE_START | kind::AUX_OUTPUT_HW_ID => self.traces,
                0 => false,
                kind => kind <= LAST_OF_KERNEL,
            }
    }
}

/// Returns true when a text begins at `start` and ends in the last word, as it does when it is
/// filled up to a multiple of 8 bytes.
fn ends_with_text(fields: &[u8], start: usize) -> bool {
    let Some(text) = fields.get(start..) else { return false };
    memchr::memchr(0, text).is_some_and(|end| (end + 1).next_multiple_of(WORD) == text.len())
}
