//! Facts about source maps, and about code that was compiled while it ran.

use std::fmt;

/// The result of resolving positions through source maps, with the obstacles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MapTally {
    /// The number of functions for which a source map gave the place in a source.
    pub resolved: usize,
    /// The number of functions in generated files, for which a source map was looked for.
    pub functions: usize,
    /// The number of functions of which only the file is known.
    pub nowhere: usize,
    /// The number of functions without a column, in lines that come from several places.
    pub vague: usize,
    /// Generated files of the recording that do not exist on this machine.
    pub missing: Vec<String>,
    /// The innermost folder that contains all missing files, when it is more than a root.
    pub missing_in: Option<String>,
    /// Generated files for which no source map was found.
    pub without_map: Vec<String>,
    /// Files that are here in another build than the one that ran.
    pub other_build: Vec<String>,
    /// Maps that cannot be used, with their reasons.
    pub unusable: Vec<String>,
}

impl MapTally {
    /// Returns true when every function was resolved, so that there is nothing to report.
    pub fn is_complete(&self) -> bool {
        let Self { missing, without_map, other_build, unusable, .. } = self;
        let whole = [missing, without_map, other_build, unusable].iter().all(|it| it.is_empty());
        whole && self.vague == 0 && self.resolved > 0
    }
}

impl fmt::Display for MapTally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self { functions: 0, nowhere: 1.., .. } => write!(
                f,
                "source maps: the recording does not say where its {} functions begin",
                self.nowhere
            ),
            Self { functions: 0, .. } => {
                f.write_str("source maps: no function is of a generated file")
            }
            Self { resolved, functions, .. } => {
                write!(f, "source maps: {resolved} of {functions} functions resolved")
            }
        }
    }
}

/// A file in which most functions begin in one line: the positions are those of compiled
/// code that has no file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompiledFile {
    /// The number of functions that begin in the line.
    pub functions: usize,
    /// The line, from 1.
    pub line: u32,
    /// The file.
    pub file: String,
    /// The number of further files like it.
    pub more: usize,
}

impl fmt::Display for CompiledFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { functions, line, file, more } = self;
        write!(f, "{functions} functions begin in line {line} of {file}")?;
        if *more > 0 {
            write!(f, ", and {more} more files are like it")?;
        }
        f.write_str(
            ": the program was compiled while it ran (by tsx, for example), and these lines are \
             those of the compiled code",
        )
    }
}
