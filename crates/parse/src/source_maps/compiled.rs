//! Signs that a file's functions have positions of compiled code that has no file.

use super::generated;
use super::within::base_name;
use spikeflame_profile::Profile;

/// Number of functions in one line from which on nobody wrote that line by hand.
const CROWD: usize = 6;

/// Returns a warning when most functions of a TypeScript file begin in one line. Then a
/// runner compiled the file while it ran, and recorded positions are not those of the file.
pub(crate) fn warning(profile: &Profile) -> Option<String> {
    let (files, _) = generated(&profile.frames);
    let crowded = files.iter().filter_map(|(file, functions)| {
        let name = base_name(file);
        if ![".ts", ".mts", ".cts", ".tsx"].iter().any(|end| name.ends_with(end)) {
            return None;
        }
        let same_line = functions.chunk_by(|one, next| one.line == next.line);
        let most = same_line.max_by_key(|line| line.len())?;
        let line = most.first()?.line;
        let is_crowd = most.len() >= CROWD && most.len() * 2 > functions.len();
        is_crowd.then_some((file, most.len(), line))
    });
    let all: Vec<_> = crowded.collect();
    let (file, count, line) = all.first()?;
    let more = match all.len() {
        1 => String::new(),
        files => format!(", and {} more files are like it", files - 1),
    };
    Some(format!(
        "{count} functions begin in line {line} of {file}{more}: the program was compiled while it \
         ran (by tsx, for example), and these lines are those of the compiled code; a log of \
         `node --prof` contains the source map, and its lines are those of the source"
    ))
}
