//! Recognising the text of `perf script`.

use super::event::Event;
use super::stack_line;

/// Returns true when lines, none of them empty, look like those of `perf script`: they
/// contain an event and its stack, whatever else perf has printed.
pub(crate) fn looks_like<'a>(lines: impl Iterator<Item = &'a [u8]>) -> bool {
    let mut event = false;
    lines.filter_map(|line| std::str::from_utf8(line).ok()).any(|line| {
        if is_comment(line) && Event::timed(line).is_none() {
            return false;
        }
        // A space and a number can also be a line of folded text whose stack has no frame.
        let bare = line.starts_with(' ') && !line.trim().contains([' ', '\t']);
        let follows = event && is_indented_frame(line) && !bare;
        let found = Event::parse(line);
        let own = found.is_some_and(|event| {
            let frame = stack_line::parse_behind_fields(event.rest);
            let module = frame.is_some_and(|frame| !frame.module.is_empty());
            frame.is_some() && (event.name.is_some() || event.time_us.is_some() && module)
        });
        event = found.is_some_and(|event| !event.is_record());
        follows || own
    })
}

/// Returns true for the stacks of `perf script` without the lines that name the threads.
pub(crate) fn lacks_threads<'a>(lines: impl Iterator<Item = &'a [u8]>) -> bool {
    let text = lines.filter_map(|line| std::str::from_utf8(line).ok());
    let mut frames = text.filter(|line| !is_comment(line)).take(20).map(is_indented_frame);
    frames.by_ref().take(3).filter(|&is| is).count() >= 2 && frames.all(|is| is)
}

/// Returns true for a frame below an event's line.
pub(super) fn is_indented_frame(line: &str) -> bool {
    line.starts_with([' ', '\t']) && stack_line::parse(line).is_some()
}

fn is_comment(line: &str) -> bool {
    line.starts_with('#')
}
