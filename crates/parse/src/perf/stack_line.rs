//! A line of a stack: `address symbol+0xoffset (module)`.

use super::recorder::KERNEL;

/// A frame as perf writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StackLine<'a> {
    /// The symbol, without offset and version; empty when it is not known.
    pub(super) symbol: &'a str,
    /// The binary, library or map; empty when it is not known.
    pub(super) module: &'a str,
    /// True when it ran inside the next line's function (`perf script --inline`).
    pub(super) inlined: bool,
}

/// Reads a line; `None` for a line without a frame, such as a position in the source.
pub(super) fn parse(line: &str) -> Option<StackLine<'_>> {
    let line = line.trim();
    let (address, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    let is_address = address.bytes().all(|b| b.is_ascii_hexdigit()) && !address.is_empty();
    if !is_address {
        return None;
    }
    // Without the field `dso`, or for code of BPF, only the address shows the kernel.
    let nameless = if in_kernel(address) { KERNEL } else { "" };
    let rest = rest.trim();
    let (symbol, module) = split_module(rest);
    if module == "inlined" {
        return Some(StackLine { symbol: without_offset(symbol), module: nameless, inlined: true });
    }
    let module = without_offset(module.strip_suffix(" (deleted)").unwrap_or(module));
    let module = if matches!(module, "" | "[unknown]") { nameless } else { module };
    let symbol = Some(without_offset(symbol)).filter(|&symbol| symbol != "[unknown]");
    Some(StackLine { symbol: symbol.unwrap_or_default(), module, inlined: false })
}

/// Returns true for an address of the kernel, in hexadecimal. The addresses above its own are those of
/// `[vsyscall]`, which belongs to the process, and numbers below 0, which are no addresses.
pub(super) fn in_kernel(address: &str) -> bool {
    let address = u64::from_str_radix(address, 16).unwrap_or(0);
    (0xffff_8000_0000_0000..0xffff_ffff_ff60_0000).contains(&address)
}

/// Returns the address of a line, and the offset after its symbol.
pub(super) fn address(line: &str) -> Option<(u64, Option<u64>)> {
    let (address, rest) = line.trim().split_once([' ', '\t'])?;
    let (symbol, _) = split_module(rest.trim());
    let offset = symbol.rsplit_once("+0x").and_then(|(_, hex)| u64::from_str_radix(hex, 16).ok());
    Some((u64::from_str_radix(address, 16).ok()?, offset))
}

/// Reads the frame on an event's own line, after other fields that were asked for: the
/// address of data, the place it came from, the cost.
pub(super) fn parse_behind_fields(rest: &str) -> Option<StackLine<'_>> {
    let mut rest = up_to_module(without_branches(rest).trim());
    let fields = |text: &str| text.split_ascii_whitespace().all(hex);
    if let Some((_, behind)) = rest.split_once('|').filter(|(first, _)| fields(first)) {
        // The fields are `address |OP LOAD|LVL L1 hit|...|BLK  N/A  cost`.
        rest = behind.rsplit_once('|').map_or(behind, |(_, last)| last);
        let start = rest.match_indices(' ').map(|(at, _)| rest.get(at..).unwrap_or_default());
        rest = start.map(str::trim_start).find(|rest| rest.split(' ').next().is_some_and(hex))?;
    }
    loop {
        let mut words = rest.split_ascii_whitespace();
        let (_, second, third) = (words.next(), words.next(), words.next());
        let is_frame = !second.is_some_and(hex) || third.is_none_or(|word| word.starts_with('('));
        if is_frame {
            return parse(rest);
        }
        rest = rest.split_once(' ')?.1.trim_start();
    }
}

fn hex(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Removes numbers that may follow a module: a physical address, or the bytes of the
/// instruction (`insn: 83 ea 01`).
fn up_to_module(text: &str) -> &str {
    let mut rest = text;
    while let Some((before, word)) = rest.rsplit_once(' ') {
        if !hex(word) && word != "insn:" && word != "ilen:" {
            break;
        }
        rest = before.trim_end();
    }
    if rest.ends_with(')') { rest } else { text }
}

/// Returns the text before branches (`-F +brstack`), or all of it.
fn without_branches(text: &str) -> &str {
    let mut at = 0;
    for word in text.split(' ') {
        if is_branch(word) {
            return without_words_of_branch(text.get(..at).unwrap_or(text));
        }
        at += word.len() + 1;
    }
    text
}

/// Removes the words behind the module of a frame, which belong to the name of a function in a branch
/// (`operator new(unsigned long)+0x8/main+0x1/P/-/-/0`).
fn without_words_of_branch(text: &str) -> &str {
    let ends = text.match_indices(") ").map(|(at, _)| text.get(..=at).unwrap_or(text));
    let is_frame = |text: &&str| {
        let (symbol, module) = split_module(text);
        without_offset(symbol).len() < symbol.len() || module.starts_with(['/', '['])
    };
    ends.take(1 << 8).find(is_frame).unwrap_or(text)
}

/// Returns true for a line below a stack that is no frame: the sample's branches, the bytes of
/// its instruction (`insn: 83 ea 01`), its registers, the sizes of pages, or the text of a line in the
/// source (`|12   f();`).
pub(super) fn is_no_frame(line: &str) -> bool {
    let line = line.trim();
    let word = line.split(' ').next().unwrap_or_default();
    matches!(word, "insn:" | "ilen:")
        || line.starts_with('|')
        || line.starts_with("ABI:")
        || line.len() < MOST_OF_SIZES && line.split_ascii_whitespace().all(is_page_size)
        || line.split(' ').any(is_branch) && parse(line).is_none()
}

/// Returns true for a line with branches between addresses or functions.
pub(super) fn has_branches(line: &str) -> bool {
    line.split(' ').any(|word| word.contains("0x") && is_branch(word))
}

/// A line with two sizes of pages is shorter than this.
const MOST_OF_SIZES: usize = 16;

/// Returns true for perf's sizes of pages: `4K`, `2M`, `N/A`.
fn is_page_size(word: &str) -> bool {
    let number = word.strip_suffix(['B', 'K', 'M', 'G', 'T']).unwrap_or_default();
    word == "N/A" || !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns true for a line of the code between two branches (`-F +brstackinsn`): an instruction with all
/// digits of its address and a tab behind it, the name of a function, or a note.
pub(super) fn is_branch_code(line: &str) -> bool {
    let Some(text) = line.strip_prefix('\t').filter(|text| !text.starts_with([' ', '\t'])) else {
        return false;
    };
    match text.split_once('\t') {
        Some((address, _)) if address.len() == 16 && hex(address) => true,
        Some((name, _)) => name.ends_with(':'),
        // An event's line has a colon behind its time, too.
        None => text.trim_end().ends_with(':') && !text.contains(": ") || text.starts_with("... "),
    }
}

/// Returns true for a word that starts with `from/to/P/-/-/cycles`.
fn is_branch(word: &str) -> bool {
    let mut before = [""; 3];
    // The function that a branch goes to may have spaces in its name.
    word.split('/').skip(1).any(|part| {
        let [predicted, transaction, abort] = before;
        let is = matches!(predicted, "P" | "M" | "-" | "PN" | "MN")
            && matches!(transaction, "X" | "-")
            && matches!(abort, "A" | "-")
            && !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_digit());
        before = [transaction, abort, part];
        is
    })
}

/// Returns true for a source line with the remark that the frame above it ran inside the
/// one below.
pub(super) fn is_inlined_source(line: &str) -> bool {
    line.trim().strip_suffix(" (inlined)").is_some_and(is_source)
}

/// Returns true for a line that `perf script -F +srcline` writes below a frame's:
/// `file:number`, or `module[address]`.
pub(super) fn is_source(line: &str) -> bool {
    let line = line.trim();
    let place = line.split_once(" (discriminator").map_or(line, |(place, _)| place);
    let address = place.strip_suffix(']').and_then(|place| place.rsplit_once('['));
    let hex = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit());
    let number = |text: &str| text == "?" || text.parse::<u32>().is_ok();
    address.is_some_and(|(_, address)| hex(address))
        || place.rsplit_once(':').is_some_and(|(_, line)| number(line))
}

/// Splits `symbol (module)`; both may contain spaces and parentheses.
fn split_module(text: &str) -> (&str, &str) {
    let Some(inner) = text.strip_suffix(')') else { return (text, "") };
    let split =
        |at: usize, skip: usize| Some((inner.get(..at)?.trim_end(), inner.get(at + skip..)?));
    // The module's parenthesis is right after an offset, or else it is the last one that is
    // not closed before the end, because a path may contain a pair.
    let behind_offset = inner.rmatch_indices(" (").map(|(at, _)| at).find(|&at| {
        let symbol = inner.get(..at).unwrap_or("");
        without_offset(symbol).len() < symbol.len()
    });
    let split_at_open = || split(last_open(inner)?, 1);
    behind_offset.and_then(|at| split(at, 2)).or_else(split_at_open).unwrap_or((text, ""))
}

/// Returns the place of the last parenthesis that is not closed.
fn last_open(text: &str) -> Option<usize> {
    let mut depth = 0;
    text.bytes().enumerate().rev().find_map(|(at, byte)| {
        match byte {
            b')' => depth += 1,
            b'(' if depth == 0 => return Some(at),
            b'(' => depth -= 1,
            _ => {}
        }
        None
    })
}

/// Removes `+0x1f` from the end.
fn without_offset(symbol: &str) -> &str {
    match symbol.rsplit_once("+0x") {
        Some((name, offset))
            if !offset.is_empty() && offset.bytes().all(|b| b.is_ascii_hexdigit()) =>
        {
            name
        }
        _ => symbol,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_and_modules_are_told_apart() {
        let cases = [
            ("\t  17dae19 uv_run+0x29 (/usr/bin/node)", "uv_run", "/usr/bin/node", false),
            (
                "ffffffff8158a35e generic_perform_write+0x9e ([kernel.kallsyms])",
                { "generic_perform_write" },
                "[kernel.kallsyms]",
                false,
            ),
            ("746c697542203464 [unknown] ([unknown])", "", "", false),
            ("7f1e2215d058  (/lib/libc-2.15.so)", "", "/lib/libc-2.15.so", false),
            (
                "fa9be3 v8::(anonymous namespace)::Invoke+0x133 (/opt/my (old) node)",
                { "v8::(anonymous namespace)::Invoke" },
                "/opt/my (old) node",
                false,
            ),
            (
                "fa9be3 v8::(anonymous namespace)::Invoke (/usr/bin/node)",
                { "v8::(anonymous namespace)::Invoke" },
                "/usr/bin/node",
                false,
            ),
            (
                "11fa JS:~a /srv/x (1)/b.js:1:2+0xde (/tmp/perf-1.map)",
                { "JS:~a /srv/x (1)/b.js:1:2" },
                "/tmp/perf-1.map",
                false,
            ),
            ("1234 work (inlined)", "work", "", true),
            ("1234 work+0x3d (inlined)", "work", "", true),
            ("1234 main+0x1 (/srv/a.out (deleted))", "main", "/srv/a.out", false),
            ("1234 main+0x1 (/srv/a.out+0x1234)", "main", "/srv/a.out", false),
            ("1234 main", "main", "", false),
            ("1234", "", "", false),
            ("ffffffff8158a35e generic_perform_write", "generic_perform_write", KERNEL, false),
            ("ffffffffc0318123 [unknown] ([unknown])", "", KERNEL, false),
            ("ffffffff8158a35e spin_lock (inlined)", "spin_lock", KERNEL, true),
            ("ffffffffc0318123 nf_hook+0x1 ([nf_conntrack])", "nf_hook", "[nf_conntrack]", false),
            ("ffffffffff600000 [unknown] ([unknown])", "", "", false),
            ("ffffffffffffffff [unknown] ([unknown])", "", "", false),
        ];
        for (line, symbol, module, inlined) in cases {
            assert_eq!(parse(line), Some(StackLine { symbol, module, inlined }), "{line}");
        }
        for line in ["", "  main.c:12", "  node.cc:1 (discriminator 3)"] {
            assert_eq!(parse(line), None, "{line}");
        }
        assert!(is_inlined_source("  t.c:7 (inlined)") && !is_inlined_source("  t.c:7"));
    }

    #[test]
    fn the_frame_of_a_line_stands_behind_its_fields() {
        let main = parse("4011a0 main+0x10 (/bin/a)");
        for fields in ["", "0 ", "7ffd1234abcd   3 ", "1e05 |OP LOAD|LVL L1 hit|BLK  N/A    3  "] {
            let line = format!("{fields}4011a0 main+0x10 (/bin/a)");
            assert_eq!(parse_behind_fields(&line), main, "{line}");
        }
        for fields in ["0", " insn: 83 ea 01", "7ffd1234 ilen: 3"] {
            let line = format!("0 1e05 |OP N/A|BLK N/A  0 4011a0 main+0x10 (/bin/a)   {fields}");
            assert_eq!(parse_behind_fields(&line), main, "{line}");
        }
        for branches in ["0x4011a8/0x401190/P/-/-/1", "f+0x8/g+0x1/M/X/A/12/CALL/- 0x1/0x2/P/-/-/0"]
        {
            let line = format!("4011a0 main+0x10 (/bin/a)  {branches} ");
            assert_eq!(parse_behind_fields(&line), main, "{line}");
            assert!(is_no_frame(branches) && !is_no_frame(&line), "{line}");
        }
        // The error was: a name with spaces in a branch was a line that nobody knows.
        let named = "operator new(unsigned long)+0x8/f(int, char)+0x1/P/-/-/0/CALL/-";
        for line in
            [named, "[unknown]/f(int, char)+0x1/M/-/-/12 ", " 4K", " N/A 2M", "ABI:2 AX:0x0"]
        {
            assert!(is_no_frame(line), "{line}");
        }
        for frame in ["4011a0 main+0x10 (/bin/a)", "4011a0 operator<(A, B)+0x10 ([vdso])"] {
            let line = format!("{frame} {named}");
            assert_eq!(parse_behind_fields(&line), parse(frame), "{line}");
        }
        assert_eq!(parse_behind_fields("4011a0 add (/bin/a)").unwrap().symbol, "add");
        assert_eq!(parse_behind_fields("prev_comm=node prev_pid=1"), None);
    }
}
