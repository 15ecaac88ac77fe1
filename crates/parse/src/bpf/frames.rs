//! Frames of a stack in the form in which programs of the kernel (BPF) print them.

use crate::perf::recorder::{self, Recorder};
use spikeflame_profile::StackId;
use std::ops::Range;

/// The module of the kernel's frames.
pub(super) const KERNEL: &str = "[kernel.kallsyms]";

/// The most bytes of a stack's symbols and modules that are kept.
const MOST_BYTES: usize = 16 << 20;

/// The kernel's functions at the outer end of its stacks: entries of system
/// calls, interrupts and threads.
const ENTRIES: [&str; 11] = [
    "entry_SYSCALL",
    "do_syscall_64",
    "x64_sys_call",
    "el0t_64_sync",
    "el0_svc",
    "ret_from_fork",
    "kthread",
    "asm_",
    "secondary_startup",
    "cpu_startup_entry",
    "start_secondary",
];

/// A stack, innermost first, in parts: the kernel's and the user's.
#[derive(Default)]
pub(super) struct Frames {
    text: String,
    /// The ranges in `text` of each frame's symbol and module.
    frames: Vec<(Range<usize>, Range<usize>)>,
    /// The start of each part except the first.
    parts: Vec<usize>,
    /// True when the text was longer than the limit, and its rest was dropped.
    pub(super) cut: bool,
}

impl Frames {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.frames.clear();
        self.parts.clear();
        self.cut = false;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    pub(super) fn push(&mut self, symbol: &str, module: &str) {
        if self.text.len() + symbol.len() + module.len() > MOST_BYTES {
            self.cut = true;
            return;
        }
        let mut add = |text: &str| {
            let start = self.text.len();
            self.text.push_str(text);
            start..self.text.len()
        };
        let frame = (add(symbol), add(module));
        self.frames.push(frame);
    }

    /// Begins the next part.
    pub(super) fn part(&mut self) {
        self.parts.push(self.frames.len());
    }

    fn frame(&self, (symbol, module): &(Range<usize>, Range<usize>)) -> (&str, &str) {
        let text = |range: &Range<usize>| self.text.get(range.clone()).unwrap_or_default();
        (text(symbol), text(module))
    }

    /// Adds the stack to a profile. The kernel's part is called from the user's, in
    /// whatever order they were printed.
    pub(super) fn grow(&self, recorder: &mut Recorder) -> StackId {
        let starts = [0].into_iter().chain(self.parts.iter().copied());
        let ends = self.parts.iter().copied().chain([self.frames.len()]);
        let ranges = starts.zip(ends).filter_map(|(start, end)| self.frames.get(start..end));
        let mut parts: Vec<_> = ranges.map(|part| (self.is_kernel(part), part)).collect();
        parts.sort_by_key(|(kernel, _)| !kernel);
        let mut stack = StackId::ROOT;
        for (kernel, part) in parts.iter().rev() {
            for frame in part.iter().rev() {
                let (symbol, module) = self.frame(frame);
                let module = if *kernel && module.is_empty() { KERNEL } else { module };
                let frame = recorder.frame(symbol, module, false);
                stack = recorder.child(stack, frame);
            }
        }
        if stack == StackId::ROOT { recorder.unresolved_stack() } else { stack }
    }

    /// Returns true for a stack of the kernel, recognised by its outer end.
    fn is_kernel(&self, part: &[(Range<usize>, Range<usize>)]) -> bool {
        part.iter().rev().take(4).map(|frame| self.frame(frame)).any(|(symbol, module)| {
            module == KERNEL
                || recorder::is_kernel(module)
                || module.is_empty() && ENTRIES.iter().any(|entry| symbol.starts_with(entry))
        })
    }
}
