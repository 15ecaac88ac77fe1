//! Copies of `/proc/PID/maps` beside a log, for files that the process mapped after V8 made
//! its list.

use super::native::Libraries;
use crate::symbols::Mapping;
use crate::utf8::lossy;
use std::fs;
use std::io::Read;
use std::path::Path;

/// The most bytes of a copy that are read.
const LONGEST_COPY_BYTES: u64 = 8 << 20;

/// The most files of a folder that are looked at.
const FILES: usize = 4096;

/// One line: a mapping of a file.
struct MappedLine {
    mapping: Mapping,
    executable: bool,
}

/// Returns the mappings in the log's own copy that are not in `libraries`, and whether
/// there are copies of other processes.
///
/// A copy has `maps` in its name. It is the log's own when every library that both list has
/// the same address, because the kernel puts libraries at different addresses in every
/// process.
pub(super) fn beside(log: &Path, libraries: &Libraries) -> (Vec<Mapping>, bool) {
    let folder = log.parent().filter(|folder| !folder.as_os_str().is_empty());
    let Ok(entries) = fs::read_dir(folder.unwrap_or(Path::new("."))) else {
        return (Vec::new(), false);
    };
    let is_copy = |path: &Path| {
        let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase());
        name.is_some_and(|name| name.contains("maps"))
    };
    let entries = entries.take(FILES).filter_map(Result::ok).map(|entry| entry.path());
    let mut paths: Vec<_> = entries.filter(|path| is_copy(path) && path.is_file()).collect();
    paths.sort();
    let mut others = false;
    for path in paths {
        let Some(lines) = read(&path) else { continue };
        if !is_of(&lines, libraries) {
            others = true;
            continue;
        }
        let known = |new: &Mapping| {
            // V8 lists its own copy of the builtins as code.
            libraries
                .mappings()
                .any(|old| old.path == new.path || old.start < new.end && new.start < old.end)
        };
        let executable = lines.into_iter().filter(|line| line.executable);
        return (executable.map(|line| line.mapping).filter(|new| !known(new)).collect(), false);
    }
    (Vec::new(), others)
}

/// Returns the process's number in a log's name: `isolate-0x5581-1234-v8.log`.
pub(crate) fn pid_of(name: &str) -> Option<&str> {
    let name = name.rsplit(['/', '\\']).next()?;
    let pid = name.strip_prefix("isolate-")?.split('-').nth(1)?;
    Some(pid).filter(|pid| !pid.is_empty() && pid.bytes().all(|b| b.is_ascii_digit()))
}

/// Returns the files that a copy lists; `None` for a file that is not such a copy.
fn read(path: &Path) -> Option<Vec<MappedLine>> {
    let mut text = Vec::new();
    fs::File::open(path).ok()?.take(LONGEST_COPY_BYTES).read_to_end(&mut text).ok()?;
    let text = lossy(&text);
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    let first = range(lines.first()?)?;
    let files: Vec<MappedLine> = lines.iter().filter_map(|line| parse(line)).collect();
    (first.0 < first.1).then_some(files)
}

/// Reads the addresses of `7f540ec00000-7f540ec14000 ...`.
fn range(line: &str) -> Option<(u64, u64)> {
    let (start, rest) = line.split_once('-')?;
    let (end, _) = rest.split_once(' ')?;
    let hex = |digits| u64::from_str_radix(digits, 16).ok();
    Some((hex(start)?, hex(end)?))
}

/// Reads `START-END r-xp OFFSET DEVICE INODE   /path (deleted)`.
fn parse(line: &str) -> Option<MappedLine> {
    let (start, end) = range(line)?;
    let mut rest = line.split_once(' ')?.1;
    let mut field = || {
        let (field, more) = rest.trim_start().split_once(' ')?;
        rest = more;
        Some(field)
    };
    let executable = field()?.as_bytes().get(2) == Some(&b'x');
    let offset = u64::from_str_radix(field()?, 16).ok()?;
    let (_device, _inode) = (field()?, field()?);
    let path = rest.trim_start();
    let path = path.strip_suffix(" (deleted)").unwrap_or(path);
    let mapping =
        Mapping { path: path.to_owned(), start: start.checked_sub(offset)?, end, slide: 0 };
    (path.starts_with('/') && start < end).then_some(MappedLine { mapping, executable })
}

/// Returns true when the libraries that both list have the addresses of the log.
fn is_of(lines: &[MappedLine], libraries: &Libraries) -> bool {
    let mut same = false;
    for old in libraries.mappings().filter(|old| old.path.starts_with('/')) {
        let mut there = lines.iter().filter(|line| line.mapping.path == old.path).peekable();
        if there.peek().is_none() {
            continue;
        }
        if !there.any(|line| line.mapping.start == old.start) {
            return false;
        }
        // A program that is not position-independent has the same address in every process.
        same |= old.start >= 1 << 32;
    }
    same
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_maps_are_taken_apart() {
        let line = "7f540ec14000-7f540ee13000 r-xp 00014000 fe:00 6496392    /a/b c.node (deleted)";
        let MappedLine { mapping, executable } = parse(line).unwrap();
        assert!(executable);
        assert_eq!(mapping.path, "/a/b c.node");
        assert_eq!((mapping.start, mapping.end), (0x7f540ec00000, 0x7f540ee13000));
        for none in [
            "7f540ec14000-7f540ee13000 r-xp 00000000 00:00 0 ",
            "7f540ec14000-7f540ee13000 r-xp 00000000 00:00 0   [vdso]",
            "not maps at all",
            "7f540ec14000-7f540ee13000 r-xp ffffffffffffffff 00:00 0   /a",
        ] {
            assert!(parse(none).is_none(), "{none}");
        }
        assert_eq!(pid_of("run/isolate-0x5581-1234-v8.log"), Some("1234"));
        assert_eq!(pid_of("my-1234.log"), None);
    }
}
