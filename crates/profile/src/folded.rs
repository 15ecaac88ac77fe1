//! Folded stacks: `outermost;...;innermost count`, a line a stack.

use crate::frame::FrameId;
use crate::profile::{Loss, Profile, Source, Thread};
use crate::samples::{Sample, VmState};
use crate::stack::StackId;
use hashbrown::HashMap;
use std::io::{self, BufRead};

pub use crate::fold::{clean, write};

/// Reads folded stacks into a profile of one thread without times.
///
/// Lines without a count and lines that are not UTF-8 are counted in
/// [`Profile::losses`]; blank lines and `# comments` are no loss.
///
/// # Errors
/// Those of `input`.
pub fn read(input: &mut dyn BufRead, name: &str) -> io::Result<Profile> {
    let mut profile = Profile::default();
    let mut thread = Thread { name: name.to_owned(), ..Thread::default() };
    let mut frames: HashMap<String, FrameId> = HashMap::new();
    let mut bytes = Vec::new();
    let mut line = 0;
    while {
        bytes.clear();
        input.read_until(b'\n', &mut bytes)? > 0
    } {
        line += 1;
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_end_matches(['\n', '\r']);
        if text.trim().is_empty() || text.starts_with("# ") {
            continue;
        }
        let Some((stack, weight)) = split_count(text) else {
            lose(&mut profile.losses, name, line);
            continue;
        };
        let mut at = StackId::ROOT;
        for label in stack.split(';') {
            let frame = match frames.get(label) {
                Some(&frame) => frame,
                None => {
                    let frame = profile.frames.labelled(label);
                    frames.insert(label.to_owned(), frame);
                    frame
                }
            };
            at = profile.stacks.child(at, frame);
        }
        let sample = Sample { time_us: 0, stack: at, state: VmState::UNKNOWN };
        thread.samples.push_weighted(sample, weight);
    }
    profile.threads.push(thread);
    let producer = "folded stacks".to_owned();
    let unit = "samples".to_owned();
    profile.sources.push(Source { name: name.to_owned(), producer, unit, ..Source::default() });
    Ok(profile)
}

/// Splits `stack count`; `None` where there is no whole number at the end.
pub fn split_count(line: &str) -> Option<(&str, u64)> {
    let (stack, count) = line.trim_end().rsplit_once(' ')?;
    let digits = !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit());
    Some((stack, count.parse().ok().filter(|_| digits && !stack.is_empty())?))
}

fn lose(losses: &mut Vec<Loss>, name: &str, first_line: u64) {
    match losses.first_mut() {
        Some(loss) => {
            loss.count += 1;
            loss.samples += 1;
        }
        None => losses.push(Loss {
            source: name.to_owned(),
            reason: "a folded stack without a count at its end",
            count: 1,
            samples: 1,
            first_line,
            counted: "line",
        }),
    }
}
