//! Names as in `stackcollapse-perf`, by the same rules as in `inferno`'s `collapse::perf`
//! with its default options, so that scripts which use those names keep working.

use super::event::{Event, micros};
use std::borrow::Cow;

/// Reads an event's line. The process is the first number after the first word. In the text after
/// it, the part between the second and the third colon is skipped. The part after the third colon
/// is the frame of a sample that has only one frame.
pub(super) fn event(line: &str) -> Option<Event<'_>> {
    let (start, end) = first_number(line)?;
    let comm = line.get(..start - 1)?.trim();
    let ids = line.get(start..end)?;
    let (pid, tid) = ids.split_once('/').unwrap_or(("-1", ids));
    let mut event = Event {
        comm,
        pid: pid.parse().unwrap_or(-1),
        tid: tid.parse().unwrap_or(-1),
        ..Event::default()
    };
    let mut parts = line.get(end + 1..)?.splitn(3, ':');
    let time = parts.next().and_then(|text| text.rsplit(' ').next());
    event.time_us = time.and_then(micros);
    if let Some(text) = parts.next() {
        let mut words = text.rsplit(' ');
        event.name = words.next();
        event.period = words.next().and_then(|word| word.parse().ok());
    }
    if let Some(text) = parts.next() {
        let behind = text.find([':', ' ']).map_or(0, |at| at + 1);
        event.rest = text.get(behind..).unwrap_or("").trim();
    }
    Some(event)
}

/// Returns the start and end of the first word after the first space that consists of
/// digits (perhaps two numbers with a slash between them). A space must follow it.
fn first_number(line: &str) -> Option<(usize, usize)> {
    let mut start = None;
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b' ' => {
                if let Some(start) = start.filter(|&start| start < at) {
                    return Some((start, at));
                }
                start = Some(at + 1);
            }
            b'0'..=b'9' | b'/' => {}
            _ => start = None,
        }
    }
    None
}

/// Returns the names of a stack line's frames, outermost first; none for a line that is not
/// of a stack.
pub(super) fn names(line: &str, java: bool) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let Some((symbol, module)) = split(line) else { return names };
    let symbol = match symbol.rsplit_once("+0x") {
        Some((name, offset)) if offset.bytes().all(|b| b.is_ascii_hexdigit()) => name,
        _ => symbol,
    };
    // It is the name of a process.
    if symbol.starts_with('(') {
        return names;
    }
    for part in rust(symbol).split("->") {
        let mut name = tidy(part, module);
        if java && name.starts_with('L') && name.contains('/') {
            name.remove(0);
        }
        if !names.is_empty() && !name.contains("_[i]") {
            name.push_str("_[i]");
        }
        names.push(name);
    }
    names
}

/// Splits symbol and module; the module is the last word, in parentheses.
fn split(line: &str) -> Option<(&str, &str)> {
    let (_address, rest) = line.trim_start().split_once(' ')?;
    let (symbol, module) = rest.rsplit_once(' ')?;
    let module = module.strip_prefix('(')?.strip_suffix(')')?;
    let symbol = symbol.trim();
    Some((if symbol.is_empty() { " " } else { symbol }, module))
}

/// Cleans a Rust symbol that perf demangled in part: it has the escapes of the old
/// mangling, and a hash at its end.
fn rust(symbol: &str) -> Cow<'_, str> {
    const HASH: usize = 16;
    const ESCAPES: [(&str, &str); 20] = [
        ("$SP$", "@"),
        ("$BP$", "*"),
        ("$RF$", "&"),
        ("$LT$", "<"),
        ("$GT$", ">"),
        ("$LP$", "("),
        ("$RP$", ")"),
        ("$C$", ","),
        ("$u7e$", "~"),
        ("$u20$", " "),
        ("$u27$", "'"),
        ("$u3d$", "="),
        ("$u5b$", "["),
        ("$u5d$", "]"),
        ("$u7b$", "{"),
        ("$u7d$", "}"),
        ("$u3b$", ";"),
        ("$u2b$", "+"),
        ("$u21$", "!"),
        ("$u22$", "\""),
    ];
    let hashed = symbol.len().checked_sub(HASH + 1).and_then(|at| symbol.split_at_checked(at));
    let Some((mut rest, _)) = hashed.filter(|(_, hash)| {
        hash.strip_prefix('h').is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
    }) else {
        return Cow::Borrowed(symbol);
    };
    rest = rest.strip_suffix("::").unwrap_or(rest);
    if rest.starts_with("_$") {
        rest = rest.get(1..).unwrap_or(rest);
    }
    let mut name = String::new();
    while let Some(at) = rest.find(['$', '.']) {
        let (plain, special) = rest.split_at(at);
        name.push_str(plain);
        let escape = ESCAPES.iter().find(|(code, _)| special.starts_with(code));
        let (text, length) = match (escape, special.starts_with("..")) {
            (Some((code, text)), _) => (*text, code.len()),
            (None, true) => ("::", 2),
            (None, false) if special.starts_with('.') => (".", 1),
            // An unknown escape: the rest stays as it is.
            (None, false) => {
                name.push_str(special);
                return Cow::Owned(name);
            }
        };
        name.push_str(text);
        rest = special.get(length..).unwrap_or("");
    }
    name.push_str(rest);
    Cow::Owned(name)
}

/// Returns a name without its parameters, or for an unknown name its module's.
fn tidy(name: &str, module: &str) -> String {
    let mut name = match (name, module) {
        ("[unknown]", "[unknown]") => return name.to_owned(),
        ("[unknown]", module) => {
            format!("[{}]", module.rsplit_once('/').map_or(module, |(_, file)| file))
        }
        _ => name.to_owned(),
    };
    name = name.replace(';', ":");
    let mut depth = 0i64;
    let mut behind_dot = None;
    let mut end = name.len();
    for (at, byte) in name.bytes().enumerate() {
        match byte {
            b'<' | b'{' | b'[' => depth += 1,
            b'>' | b'}' | b']' | b')' => depth -= 1,
            b'(' => {
                // Go's `(*T).method` and C++'s unnamed namespaces are parts of names.
                let is_name = behind_dot == Some(at)
                    || name.get(at..).is_some_and(|n| n.starts_with("(anonymous namespace)"));
                if depth == 0 && !is_name {
                    end = at;
                    break;
                }
                depth += 1;
            }
            b'.' => behind_dot = Some(at + 1),
            _ => {}
        }
    }
    name.truncate(end);
    name
}
