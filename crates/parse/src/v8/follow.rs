//! The part of reading that depends on the order of the file: record by record, tick by
//! tick.

mod finish;
mod scripts;

use super::code_map::CodeKind;
use super::fields::{pair, unescape, whole_decimal, whole_hex};
use super::frameless::CallSite;
use super::lines::ScriptLines;
use super::marks::Marks;
use super::native::Libraries;
use super::reason;
use super::records::{CodeCreation, FunctionName, SharedLibrary, version};
use super::resolve::{Leaf, Resolver};
use super::scan::{Batch, Event, RawTick, Record, TAIL_BUDGET, Tail};
use super::tick_times::{LONG_TEXT, TickTimes};
use crate::source_maps::Scripts;
use crate::symbols::Mapping;
use crate::utf8::lossy;
use hashbrown::HashMap;
use spikeflame_profile::{
    Frame, Function, FunctionId, Kind, Ledger, Sample, StackId, StrId, Thread, Tier, VmState,
};
use std::path::PathBuf;

/// The most lines of a function's name, which may contain line breaks; a longer one is
/// damage.
const NAME_LINES: u32 = 16;

/// The most return addresses of a scanner's callers: their text takes at least 14 bytes each (`0x7f5cec0a4193`).
const MOST_ADDRESSES: usize = TAIL_BUDGET / 14;

/// With fewer ticks than this, shares are not meaningful.
pub(super) const FEW_TICKS: u64 = 50;

/// The callers of a tick, which many ticks share: the addresses of their frames, from `start` to the
/// end of `tail`, and the stack that these addresses had when the code had this generation.
struct Callers {
    tail: Tail,
    start: usize,
    generation: u32,
    stack: StackId,
}

/// The callers that one scanner of the log has defined, in the order of their numbers.
#[derive(Default)]
struct Tails {
    addresses: Vec<u64>,
    list: Vec<Callers>,
}

/// A function's record whose name may continue on the next line.
struct PendingRecord {
    text: Vec<u8>,
    first_line: u64,
    next_line: u64,
    lines: u32,
}

/// The state while a log is followed.
pub(super) struct Follower {
    name: String,
    resolver: Resolver,
    thread: Thread,
    /// Functions by the address of their SharedFunctionInfo.
    sfis: HashMap<u64, FunctionId>,
    /// The start of the function's code that was added last, and the address of its
    /// SharedFunctionInfo.
    last_code: (u64, u64),
    tails: Vec<Tails>,
    pending: Option<PendingRecord>,
    ledger: Ledger,
    /// The first line of the current batch, from 0.
    line: u64,
    /// The number of the file's last line, when it has no line break.
    cut_line: Option<u64>,
    /// True when the file ends within a tick, or within the name of a record.
    torn: bool,
    version: String,
    /// True when names are in quotes, as V8 up to 6.2 (Node 8) writes them.
    quoted: bool,
    interval_us: Option<u64>,
    /// The number of ticks before which V8 lost others.
    overflows: u64,
    /// The numbers of `profiler,begin` and `profiler,end` records.
    begins: u32,
    ends: u32,
    marks: Marks,
    scripts: Scripts,
    /// The names of scripts without a file, by their numbers.
    script_names: std::collections::HashMap<u64, String>,
    /// The time of the last tick.
    last_us: u64,
    times: TickTimes,
    /// The major version of V8, 0 when it is not known.
    major: u32,
}

impl Follower {
    /// Follows the log `name`.
    ///
    /// `log` is the log's file; a copy of `/proc/PID/maps` may be beside it.
    pub(super) fn new(name: String, libraries: Libraries, log: Option<PathBuf>) -> Self {
        Self {
            thread: Thread { name: thread_name(&name), ..Thread::default() },
            name,
            resolver: Resolver::new(libraries, log),
            sfis: HashMap::new(),
            last_code: (0, 0),
            tails: Vec::new(),
            pending: None,
            ledger: Ledger::new("line"),
            line: 0,
            cut_line: None,
            torn: false,
            version: "V8".to_owned(),
            quoted: false,
            interval_us: None,
            overflows: 0,
            begins: 0,
            ends: 0,
            marks: Marks::default(),
            scripts: Scripts::default(),
            script_names: Default::default(),
            last_us: 0,
            times: TickTimes::default(),
            major: 0,
        }
    }

    /// Gives frames the lines that ran.
    pub(super) fn want_lines(&mut self) {
        self.resolver.scripts = Some(ScriptLines::default());
    }

    /// Handles the next batch of the file.
    pub(super) fn take(&mut self, batch: &Batch) {
        let (long, sources) = batch.chunk.dropped;
        self.ledger.lose_many(reason::LONG, self.line, long, 0);
        self.line += long + sources;
        if sources > 0 {
            self.times.text(LONG_TEXT);
        }
        self.take_tails(batch);
        let mut ticks = batch.ticks.iter();
        let mut taken = 0;
        for event in &batch.events {
            let due = event.after - taken;
            taken = event.after;
            for tick in ticks.by_ref().take(due as usize) {
                self.tick(batch.scanner, tick);
            }
            if event.text.end == batch.chunk.bytes().len() {
                self.cut_line = Some(self.line + event.line);
            }
            self.event(event, batch.chunk.bytes().get(event.text.clone()).unwrap_or_default());
        }
        for tick in ticks {
            self.tick(batch.scanner, tick);
        }
        self.torn = ends_torn(batch.chunk.bytes());
        self.line += batch.lines;
    }

    fn take_tails(&mut self, batch: &Batch) {
        while self.tails.len() <= batch.scanner {
            self.tails.push(Tails::default());
        }
        let Some(tails) = self.tails.get_mut(batch.scanner) else { return };
        if batch.fresh_tails {
            // Like the scanner's text, the list is not copied while it grows.
            *tails = Tails { addresses: Vec::with_capacity(MOST_ADDRESSES), list: Vec::new() };
        }
        let base = tails.addresses.len();
        tails.addresses.extend_from_slice(&batch.addresses);
        let mut start = base;
        for &tail in &batch.tails {
            let tail = Tail { end: base + tail.end, ..tail };
            let (generation, stack) = (u32::MAX, StackId::ROOT);
            tails.list.push(Callers { tail, start, generation, stack });
            start = tail.end;
        }
    }

    fn tick(&mut self, scanner: usize, tick: &RawTick) {
        let Some((mut caller, tail, site)) = self.callers(scanner, tick.tail) else { return };
        let logged = caller;
        let resolver = &mut self.resolver;
        let mut leaf = resolver.leaf(tick.pc);
        if tail.external {
            (caller, leaf) = resolver.with_callback(caller, tail.other, leaf);
        } else if tail.other != 0 {
            caller = resolver.with_top_of_stack(caller, tail.other);
        }
        let state = VmState(tail.state);
        let (stack, kind) = resolver.whole(caller, leaf, state);
        // The callback or the function at the top of the stack stands between the tick and its return address.
        if caller == logged && !tail.external {
            match kind {
                Leaf::Function(entered) => resolver.sites.enter(entered, site),
                Leaf::Builtin if state == VmState::JS => {
                    resolver.sites.builtin(self.thread.samples.len(), stack, tick.pc, site);
                }
                Leaf::Builtin | Leaf::Other => {}
            }
        }
        self.overflows += u64::from(tail.overflow);
        self.last_us = self.last_us.max(tick.time_us);
        self.times.tick(tick.time_us, state, self.line + u64::from(tick.line));
        self.thread.samples.push(Sample { time_us: tick.time_us, stack, state });
    }

    /// Returns the stack of a tick's callers, and the call that their innermost return address follows.
    /// Returns `None` for a tail that no scanner has defined.
    fn callers(&mut self, scanner: usize, tail: u32) -> Option<(StackId, Tail, CallSite)> {
        let generation = self.resolver.codes.generation();
        let Tails { addresses, list } = self.tails.get_mut(scanner)?;
        let known = list.get_mut(tail as usize)?;
        let addresses = addresses.get(known.start..known.tail.end)?;
        if known.generation != generation {
            // The look-up may find code that changes the generation. The next tick then looks up again.
            (known.generation, known.stack) = (generation, self.resolver.stack_of(addresses));
        }
        Some((known.stack, known.tail, CallSite::from_addresses(addresses)))
    }

    fn event(&mut self, event: &Event, line: &[u8]) {
        let number = self.line + event.line;
        if let Some(pending) = self
            .pending
            .take_if(|pending| pending.next_line != number || event.record != Record::Unknown)
        {
            self.give_up(pending);
        }
        let fields = memchr::memchr(b',', line).and_then(|at| line.get(at + 1..));
        let fields = fields.unwrap_or_default();
        let understood = match event.record {
            Record::BadTick => return self.lose(reason::TICK, number, true),
            Record::Unknown => return self.unknown(line, number),
            Record::CodeCreation => return self.code_creation(line, number),
            Record::Version => {
                self.version = version(fields);
                let major = fields.split(|&b| b == b',').next().and_then(whole_decimal);
                if let Some(major) = major.and_then(|major| u32::try_from(major).ok()) {
                    self.major = major;
                    self.resolver.set_version(major);
                }
                Some(())
            }
            Record::Profiler => self.profiler(fields),
            Record::SharedLibrary => SharedLibrary::parse(fields).map(|library| {
                self.quoted |= library.quoted;
                let SharedLibrary { path, start, end, slide, .. } = library;
                self.resolver.libraries.add(Mapping { path, start, end, slide });
                self.resolver.codes.invalidate();
            }),
            Record::CodeRange => self.set_code_range(fields),
            Record::CodeMove => pair(fields).map(|(from, to)| {
                self.resolver.codes.relocate(from, to);
            }),
            Record::SfiMove => pair(fields).map(|(from, to)| {
                if let Some(function) = self.sfis.remove(&from) {
                    self.sfis.insert(to, function);
                }
            }),
            Record::CodeDelete => whole_hex(fields).map(|start| {
                self.resolver.codes.remove(start);
            }),
            Record::CodeSourceInfo => self.source_info(fields),
            Record::CodePlace => {
                self.place(fields);
                Some(())
            }
            Record::ScriptSource => {
                self.script_text(fields);
                self.script_source(fields)
            }
            Record::ScriptText => self.script_text(fields),
        };
        if understood.is_none() {
            self.lose(reason::RECORD, number, false);
        }
    }

    fn lose(&mut self, reason: &'static str, line: u64, is_tick: bool) {
        let cut = self.cut_line == Some(line);
        self.ledger.lose_many(if cut { reason::CUT } else { reason }, line, 1, u64::from(is_tick));
    }

    fn profiler(&mut self, fields: &[u8]) -> Option<()> {
        let begin = fields.strip_prefix(b"begin,").or_else(|| fields.strip_prefix(b"\"begin\","));
        if let Some(interval) = begin {
            self.interval_us = Some(whole_decimal(interval).filter(|&us| us > 0)?);
            self.begins += 1;
        } else if matches!(fields, b"end" | b"\"end\"") {
            self.ends += 1;
        } else {
            return None;
        }
        Some(())
    }

    fn set_code_range(&mut self, fields: &[u8]) -> Option<()> {
        let start = fields.split(|&b| b == b',').nth(1)?;
        self.resolver.set_code_range(whole_hex(start)?);
        Some(())
    }

    fn unknown(&mut self, line: &[u8], number: u64) {
        if let Some(mut pending) = self.pending.take() {
            pending.text.push(b'\n');
            pending.text.extend_from_slice(line);
            pending.next_line += 1;
            pending.lines += 1;
            return self.try_pending(pending);
        }
        // Unknown records of later versions are ignored, incomplete lines are counted.
        let name = line.split(|&b| b == b',').next().unwrap_or_default();
        let wordlike = name.len() > 2
            && name.first().is_some_and(u8::is_ascii_alphabetic)
            && name.iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_'));
        if !wordlike {
            self.lose(reason::NO_RECORD, number, false);
        }
    }

    fn code_creation(&mut self, line: &[u8], number: u64) {
        let record =
            |text| PendingRecord { text, first_line: number, next_line: number + 1, lines: 1 };
        if let Some(may_continue) = self.try_code(line, number) {
            self.wait(record(line.to_vec()), may_continue);
        }
    }

    fn try_pending(&mut self, pending: PendingRecord) {
        if let Some(may_continue) = self.try_code(&pending.text, pending.first_line) {
            self.wait(pending, may_continue);
        }
    }

    /// Adds the code of a record. When it cannot, returns whether the name may continue on the next
    /// line.
    fn try_code(&mut self, record: &[u8], first_line: u64) -> Option<bool> {
        let fields = record.strip_prefix(b"code-creation,").unwrap_or_default();
        match CodeCreation::parse(fields, self.quoted) {
            Some(code) if code.is_plain() || code.function.is_some() => {
                self.times.code(code.time_us, first_line);
                self.add_code(&code);
                None
            }
            code => Some(code.is_some()),
        }
    }

    /// Waits for the next line of a record, unless the record is damaged or too long.
    fn wait(&mut self, record: PendingRecord, may_continue: bool) {
        if may_continue && record.lines < NAME_LINES {
            self.pending = Some(record);
        } else {
            self.give_up(record);
        }
    }

    fn give_up(&mut self, pending: PendingRecord) {
        if self.cut_line == Some(pending.next_line - 1) {
            return self.lose(reason::CUT, pending.first_line, false);
        }
        self.ledger.lose_many(reason::CODE, pending.first_line, u64::from(pending.lines), 0);
    }

    fn add_code(&mut self, code: &CodeCreation<'_>) {
        self.marks.see(code);
        let Resolver { frames, codes, .. } = &mut self.resolver;
        let Some((sfi, tier)) = code.function else {
            let kind = match code.tag {
                b"BytecodeHandler" => Kind::BytecodeHandler,
                b"RegExp" => Kind::RegExp,
                b"Callback" => Kind::Native,
                _ => Kind::Builtin,
            };
            let function = frames.named(&unescape(code.name), kind);
            let frame = frames.frame(Frame { function, tier: Tier::None, inlined: false });
            codes.add(code.start, code.size, CodeKind::Plain(frame));
            if matches!(code.tag, b"Builtin" | b"BytecodeHandler") {
                self.resolver.widen_builtins(code.start, code.size);
            }
            return;
        };
        let text = lossy(code.name);
        let FunctionName { name, place } = FunctionName::parse(&text);
        let (kind, module) = match place {
            Some(_) => (Kind::Js, StrId::EMPTY),
            // For WebAssembly, the number at the place of the SFI's address identifies the
            // module and the function.
            None => (Kind::Wasm, frames.intern(&format!("{sfi:x}"))),
        };
        let (file, line, column) = place.unwrap_or_default();
        let (name, file) = (frames.intern(&name), frames.intern(&file));
        let function = frames.function(Function { name, file, line, column, kind, module });
        self.sfis.insert(sfi, function);
        self.last_code = (code.start, sfi);
        let frame = frames.frame(Frame { function, tier, inlined: false });
        if matches!(tier, Tier::Maglev | Tier::Optimized) {
            self.resolver.sites.optimized(function, self.thread.samples.len());
        }
        let codes = &mut self.resolver.codes;
        // Interpreted code is bytecode (kind 9 and above), except for copies of the
        // interpreter's entry.
        let trampoline = tier == Tier::Interpreted && code.kind <= 3;
        codes.add(
            code.start,
            code.size,
            CodeKind::Function { frame, trampoline, inlining: None, lines: None },
        );
    }
}

/// Returns true for lines of which the last one has no line break, and is a tick or has no field. V8
/// ends each line, so the last address of such a tick may lack digits.
fn ends_torn(lines: &[u8]) -> bool {
    let start = memchr::memrchr(b'\n', lines).map_or(0, |at| at + 1);
    let last = lines.get(start..).unwrap_or_default();
    let has_no_field = !last.is_empty() && memchr::memchr(b',', last).is_none();
    last.starts_with(b"tick,") || has_no_field && last != b"shared-library-end"
}

/// Returns the thread's name for a file: `isolate-0x5581-1234-v8` for
/// `isolate-0x5581-1234-v8.log`.
fn thread_name(source: &str) -> String {
    source.strip_suffix(".log").unwrap_or(source).to_owned()
}
