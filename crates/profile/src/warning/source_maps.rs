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

/// A file whose functions have the positions of compiled code that has no file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompiledFile {
    /// The number of functions that show it.
    pub functions: usize,
    /// The way in which they show it.
    pub sign: CompiledSign,
    /// The file.
    pub file: String,
    /// The number of further files like it.
    pub more: usize,
}

/// The sign by which compiled code is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompiledSign {
    /// Most functions of the file begin in this line, from 1.
    OneLine(u32),
    /// The functions begin behind the last line of the file.
    PastEnd,
}

impl fmt::Display for CompiledFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { functions, sign, file, more } = self;
        let (s, verb) = if *functions == 1 { ("", "begins") } else { ("s", "begin") };
        match sign {
            CompiledSign::OneLine(line) => {
                write!(f, "{functions} function{s} {verb} in line {line} of {file}")?;
            }
            CompiledSign::PastEnd => {
                write!(f, "{functions} function{s} {verb} behind the last line of {file}")?;
            }
        }
        if *more > 0 {
            write!(f, ", and {more} more files are like it")?;
        }
        f.write_str(match sign {
            CompiledSign::OneLine(_) => {
                ": the program was compiled while it ran (by tsx, for example), and these lines \
                 are those of the compiled code"
            }
            CompiledSign::PastEnd => {
                ": the program was compiled while it ran (by swc-node, for example), or the file \
                 was changed, and the lines are not those of the file"
            }
        })
    }
}
