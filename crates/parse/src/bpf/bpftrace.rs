//! The output of bpftrace for a map whose keys have stacks:
//!
//! ```text
//! @[
//!     ep_poll+1
//!     entry_SYSCALL_64_after_hwframe+99
//! ,
//!     uv__io_poll+120
//!     main+23
//! , node, 123]: 42
//! ```

use super::frames::{Frames, KERNEL};
use super::maps::Maps;
use super::{Collector, CountedStack, Format};
use spikeflame_profile::Source;

const NO_STACK: &str = "a count without a stack";
const NO_COUNT: &str = "a stack whose value is no count";
/// The most keys on one line that are kept until the end of the text. There is one for each thread at most.
const MOST_SHORT: usize = 4096;

const CUT: &str = "a stack whose end is missing";

/// Returns true for lines that contain the beginning of a key with a stack, and its end.
pub(crate) fn looks_like<'a>(lines: impl Iterator<Item = &'a [u8]>) -> bool {
    let mut open = false;
    for line in lines.map(<[u8]>::trim_ascii_end) {
        if line.starts_with(b"@") {
            let at = line.iter().position(|&b| b == b'[');
            let name = at.and_then(|at| line.get(1..at));
            let is_map = name
                .is_some_and(|name| name.iter().all(|&b| b.is_ascii_alphanumeric() || b == b'_'));
            open = is_map && (line.ends_with(b"[") || line.ends_with(b","));
        } else if open && (line.starts_with(b"]") || line.starts_with(b",")) {
            let text = std::str::from_utf8(line).unwrap_or_default();
            if text.rsplit_once("]: ").is_some_and(|(_, count)| count.parse::<u64>().is_ok()) {
                return true;
            }
        }
    }
    false
}

/// The state of reading a text.
#[derive(Default)]
pub(super) struct Text {
    pub(super) maps: Maps,
    /// The map of the key, without its `@`.
    map: String,
    stack: Frames,
    /// Other parts of the key: names and numbers.
    words: Vec<String>,
    /// True within a key.
    open: bool,
    /// Keys on one line that may have an empty stack (`@[, node]: 3`), with their maps and lines.
    short: Vec<(String, String, u64)>,
}

impl Format for Text {
    fn line(&mut self, line: &str, number: u64, to: &mut Collector) {
        if let Some(key) = line.strip_prefix('@').and_then(|rest| rest.split_once('[')) {
            self.lose_open_key(number, to);
            self.open = true;
            key.0.clone_into(&mut self.map);
            if key.1.contains("]: ") {
                // The whole key is on one line, so its parts are names and numbers, or empty stacks.
                self.open = false;
                if !key.1.starts_with([']', ',']) || self.short.len() >= MOST_SHORT {
                    return to.ledger.lose(NO_STACK, number, 1);
                }
                return self.short.push((self.map.clone(), key.1.to_owned(), number));
            }
            return self.key(key.1, number, to);
        }
        if !self.open {
            return;
        }
        if line.starts_with([',', ']']) {
            return self.key(line, number, to);
        }
        if line.trim().is_empty() {
            return;
        }
        let (symbol, module) = frame(line.trim());
        self.stack.push(symbol, module);
    }

    fn end(&mut self, number: u64, to: &mut Collector) {
        self.lose_open_key(number, to);
        // An empty text is a key, too. Other keys of a map show whether it has stacks.
        for (map, key, number) in std::mem::take(&mut self.short) {
            match self.maps.is_wanted(&map) {
                Some(true) => {
                    self.map = map;
                    self.key(&key, number, to);
                }
                Some(false) => {}
                None => to.ledger.lose(NO_STACK, number, 1),
            }
        }
    }

    fn source(&self) -> Source {
        let producer = "bpftrace".to_owned();
        Source { producer, unit: "samples".to_owned(), ..Source::default() }
    }
}

impl Text {
    /// Makes the state before the first line. The name of the map to read may be given.
    pub(super) fn new(map: Option<&str>) -> Self {
        Self { maps: Maps::new(map), ..Self::default() }
    }

    /// Counts a key without an end as lost.
    fn lose_open_key(&mut self, number: u64, to: &mut Collector) {
        if std::mem::take(&mut self.open) {
            to.ledger.lose(CUT, number.saturating_sub(1), 1);
        }
        self.stack.clear();
        self.words.clear();
    }

    /// Reads the part of a key between two stacks, or after the last one.
    fn key(&mut self, text: &str, number: u64, to: &mut Collector) {
        if !self.stack.is_empty() {
            self.stack.part();
        }
        // A thread may have any name, so the value is after the last bracket.
        let (words, value) = match text.rsplit_once("]: ") {
            Some((words, value)) => (words, Some(value)),
            None => match text.strip_suffix("]:") {
                // A histogram follows.
                Some(words) => (words, Some("")),
                None => (text, None),
            },
        };
        let words = words.split(',').map(str::trim).filter(|word| !word.is_empty());
        self.words.extend(words.map(str::to_owned));
        let Some(value) = value else { return };
        self.open = false;
        match value.parse() {
            // A map with zeros only is no choice.
            Ok(1..) if !self.maps.wants(&self.map) => {}
            Ok(weight) => {
                let is_number = |word: &&String| word.parse::<i32>().is_ok();
                let pid = self.words.iter().find(is_number).and_then(|word| word.parse().ok());
                let comm = self.words.iter().find(|word| !is_number(word));
                let comm = comm.map_or("", String::as_str);
                to.add(&CountedStack { stack: &self.stack, comm, pid, weight }, number);
            }
            Err(_) => to.ledger.lose(NO_COUNT, number, 1),
        }
        self.stack.clear();
        self.words.clear();
    }
}

/// Splits a frame into symbol and module: `symbol+12`; `address symbol+12 (module)` in
/// stacks of the mode `perf`; only the address in the mode `raw`.
fn frame(line: &str) -> (&str, &str) {
    let (rest, module) = match line
        .rsplit_once(" (")
        .and_then(|(rest, module)| Some((rest, module.strip_suffix(')')?)))
    {
        Some((rest, module)) => (rest, module),
        None => (line, ""),
    };
    let is_hex = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_hexdigit());
    let rest = match rest.split_once(' ') {
        Some((address, symbol)) if is_hex(address) => symbol,
        None if rest.len() >= 8 && is_hex(rest) => "",
        _ => rest,
    };
    // The upper half of the addresses belongs to the kernel.
    let in_kernel =
        line.len() > 16 && line.starts_with("ffff") && is_hex(line.get(..16).unwrap_or(""));
    let module = if in_kernel && module.is_empty() { KERNEL } else { module };
    let symbol = match rest.rsplit_once('+') {
        Some((symbol, offset)) if offset.bytes().all(|b| b.is_ascii_digit()) => symbol,
        _ => rest,
    };
    let unknown = symbol == "[unknown]" || symbol.strip_prefix("0x").is_some_and(is_hex);
    (if unknown { "" } else { symbol }, if module == "[unknown]" { "" } else { module })
}
