//! Finds files whose functions have positions in compiled code that was never written to a file.

use super::generated;
use super::within::base_name;
use spikeflame_profile::Profile;
use spikeflame_profile::warning::CompiledFile;

/// Number of functions in one line from which the line counts as written by a compiler.
const CROWD: usize = 6;

/// Number of functions that is enough when one of them begins at or beyond [`FAR`].
const FEW: usize = 3;

/// People do not write lines of this many columns.
const FAR: u32 = 250;

/// Returns the first TypeScript file in which most functions begin in the same line. Such a file
/// was compiled while the program ran, and the recorded positions are those of the compiled code.
pub(crate) fn find(profile: &Profile) -> Option<CompiledFile> {
    let (files, _) = generated(&profile.frames);
    let crowded = files.iter().filter_map(|(file, functions)| {
        let name = base_name(file);
        if ![".ts", ".mts", ".cts", ".tsx"].iter().any(|end| name.ends_with(end)) {
            return None;
        }
        let same_line = functions.chunk_by(|one, next| one.line == next.line);
        let most = same_line.max_by_key(|line| line.len())?;
        let line = most.first()?.line;
        let far = most.iter().any(|function| function.column >= FAR);
        let enough = if far { FEW } else { CROWD };
        let is_crowd = most.len() >= enough && most.len() * 2 > functions.len();
        is_crowd.then_some((file, most.len(), line))
    });
    let all: Vec<_> = crowded.collect();
    let &(file, functions, line) = all.first()?;
    Some(CompiledFile { functions, line, file: file.clone(), more: all.len() - 1 })
}
