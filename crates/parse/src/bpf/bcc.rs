//! The output of bcc's `profile` and `offcputime`:
//!
//! ```text
//! Sampling at 49 Hertz of all threads by user + kernel stack... Hit Ctrl-C to end.
//!
//!     ep_poll
//!     entry_SYSCALL_64_after_hwframe
//!     uv__io_poll
//!     -                node (123)
//!         42
//! ```

use super::frames::{Frames, KERNEL};
use super::{Collector, CountedStack, Format};
use spikeflame_profile::Source;

const NO_COUNT: &str = "a stack without its count";

/// Returns true for lines that contain the name of a process below a stack, followed by a
/// count.
pub(crate) fn looks_like<'a>(lines: impl Iterator<Item = &'a [u8]>) -> bool {
    let mut named = false;
    for line in lines {
        let Ok(line) = std::str::from_utf8(line) else { return false };
        if named && line.trim().parse::<u64>().is_ok() {
            return true;
        }
        named = line.starts_with(' ') && process(line).is_some();
    }
    false
}

/// Reads `-  name (pid)`.
fn process(line: &str) -> Option<(&str, i32)> {
    let (name, pid) = line.trim().strip_prefix("- ")?.rsplit_once(" (")?;
    let pid = pid.strip_suffix(')')?.parse().ok()?;
    Some((plain(name.trim()), pid))
}

/// Removes the mark of Python's bytes, which old versions print: `b'name'`.
fn plain(text: &str) -> &str {
    text.strip_prefix("b'").and_then(|text| text.strip_suffix('\'')).unwrap_or(text)
}

/// The state of reading a text.
#[derive(Default)]
pub(super) struct Text {
    stack: Frames,
    process: Option<(String, i32)>,
    /// Samples a second, when the first line contains it.
    hertz: Option<u64>,
    /// True when the counts are times in which threads did not run.
    off_cpu: bool,
}

impl Format for Text {
    fn line(&mut self, line: &str, number: u64, to: &mut Collector) {
        let text = line.trim();
        if !line.starts_with([' ', '\t']) {
            self.header(text);
            return self.lose_open_stack(number, to);
        }
        if let Some((comm, pid)) = &self.process {
            match text.parse() {
                Ok(weight) => {
                    let (comm, pid) = (comm.as_str(), Some(*pid));
                    to.add(&CountedStack { stack: &self.stack, comm, pid, weight }, number);
                    self.process = None;
                    self.stack.clear();
                }
                Err(_) => self.lose_open_stack(number, to),
            }
            return;
        }
        match process(line) {
            Some((comm, pid)) => self.process = Some((comm.to_owned(), pid)),
            // It separates the kernel's stack from the user's (`-d`).
            None if text == "--" => self.stack.part(),
            None => {
                let symbol = plain(text);
                // `-a` marks the kernel's frames.
                let (symbol, module) = match symbol.strip_suffix("_[k]") {
                    Some(symbol) => (symbol, KERNEL),
                    None => (symbol, ""),
                };
                let symbol = if symbol == "[unknown]" { "" } else { symbol };
                self.stack.push(symbol, module);
            }
        }
    }

    fn end(&mut self, number: u64, to: &mut Collector) {
        self.lose_open_stack(number, to);
    }

    fn source(&self) -> Source {
        let (unit, time, what) = match self.off_cpu {
            true => ("microseconds", "off-cpu", "offcputime"),
            false => ("samples", "", "profile"),
        };
        Source {
            producer: format!("bcc {what}"),
            unit: unit.to_owned(),
            time: time.to_owned(),
            interval_us: self.hertz.and_then(|hertz| 1_000_000u64.checked_div(hertz)),
            ..Source::default()
        }
    }
}

impl Text {
    /// Counts a stack without a count as lost.
    fn lose_open_stack(&mut self, number: u64, to: &mut Collector) {
        if self.process.take().is_some() || !self.stack.is_empty() {
            to.ledger.lose(NO_COUNT, number.saturating_sub(1), 1);
        }
        self.stack.clear();
    }

    /// Reads a line above the stacks.
    fn header(&mut self, text: &str) {
        if let Some(rest) = text.strip_prefix("Sampling at ") {
            self.hertz = rest.split_once(" Hertz").and_then(|(hertz, _)| hertz.parse().ok());
        }
        self.off_cpu |= text.starts_with("Tracing off-CPU time (us)");
    }
}
