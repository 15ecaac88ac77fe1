//! Finds files whose functions have positions in compiled code that was never written to a file.

use super::within::base_name;
use super::{GeneratedPlace, generated};
use crate::SourceText;
use spikeflame_profile::Profile;
use spikeflame_profile::warning::{CompiledFile, CompiledSign};

/// Number of functions in one line from which the line counts as written by a compiler.
const CROWD: usize = 6;

/// Number of functions that is enough when one of them begins at or beyond [`FAR`].
const FEW: usize = 3;

/// People do not write lines of this many columns.
const FAR: u32 = 250;

/// The most files that are opened to count their lines.
const OPENED: usize = 64;

/// Returns the first TypeScript file that was compiled while the program ran, so that the recorded
/// positions are those of the compiled code: most of its functions begin in the same line, or some
/// begin behind its last line.
pub(crate) fn find(profile: &Profile) -> Option<CompiledFile> {
    let (files, _) = generated(&profile.frames);
    let scripts = || {
        files.iter().filter(|(file, _)| {
            let name = base_name(file);
            [".ts", ".mts", ".cts", ".tsx"].iter().any(|end| name.ends_with(end))
        })
    };
    let found: Vec<_> = scripts().filter_map(|(file, all)| Some((file, one_line(all)?))).collect();
    if let Some(found) = first(&found) {
        return Some(found);
    }
    let behind =
        scripts().take(OPENED).filter_map(|(file, all)| Some((file, past_end(file, all)?)));
    first(&behind.collect::<Vec<_>>())
}

/// Returns the warning for the first of the files.
fn first(found: &[(&String, (usize, CompiledSign))]) -> Option<CompiledFile> {
    let &(file, (functions, sign)) = found.first()?;
    Some(CompiledFile { functions, sign, file: file.clone(), more: found.len() - 1 })
}

/// Returns the number of functions in the line in which most functions of a file begin.
fn one_line(functions: &[GeneratedPlace]) -> Option<(usize, CompiledSign)> {
    let same_line = functions.chunk_by(|one, next| one.line == next.line);
    let most = same_line.max_by_key(|line| line.len())?;
    let line = most.first()?.line;
    let far = most.iter().any(|function| function.column >= FAR);
    let enough = if far { FEW } else { CROWD };
    let is_crowd = most.len() >= enough && most.len() * 2 > functions.len();
    is_crowd.then_some((most.len(), CompiledSign::OneLine(line)))
}

/// Returns the number of functions that begin behind the last line of a file on this machine.
fn past_end(file: &str, functions: &[GeneratedPlace]) -> Option<(usize, CompiledSign)> {
    let wanted = functions.iter().map(|function| function.line).collect();
    let text = SourceText::read(file, &wanted).filter(|text| text.is_shorter)?;
    let behind = functions.iter().filter(|function| !text.lines.contains_key(&function.line));
    Some((behind.count(), CompiledSign::PastEnd))
}
