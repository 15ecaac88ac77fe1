//! Facts about source maps, and about code that was compiled while it ran.

use std::fmt;

/// The result of resolving functions of generated JavaScript through source maps: the number that
/// was resolved, and the reasons why others were not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MapTally {
    /// The number of functions for which a source map gave the place in a source file.
    pub resolved: usize,
    /// The number of functions in generated files for which a source map was searched, including
    /// those that were resolved. Functions of packages, of TypeScript files and of the recorder's script
    /// count only in files whose map was found.
    pub functions: usize,
    /// The number of functions that could not be resolved because the recording has only their file
    /// and no line. They are not part of `functions`.
    pub nowhere: usize,
    /// The number of those `functions` that could not be resolved because their column is not
    /// known.
    pub vague: usize,
    /// The paths of generated files of the application that were not found on this machine, nor their maps.
    pub missing: Vec<String>,
    /// The innermost folder that contains all files of `missing`; `None` when there are none or
    /// when it is only the root.
    pub missing_in: Option<String>,
    /// The paths of generated files of the application that are on this machine and have no source map.
    pub without_map: Vec<String>,
    /// The paths of generated files that are on this machine in another build than the one that
    /// ran. Their maps are not used.
    pub other_build: Vec<String>,
    /// The number of `resolved` functions of generated files outside of packages whose source is
    /// not on this machine, although another source of the same file is.
    pub astray: usize,
    /// The missing source of the first such function; `None` when `astray` is 0.
    pub astray_in: Option<String>,
    /// Sentences, each with a map or file that cannot be used and the reason.
    pub unusable: Vec<String>,
}

impl MapTally {
    /// Returns true when at least one function was resolved, and no obstacle was found that the
    /// user should know.
    pub fn is_complete(&self) -> bool {
        let Self { missing, without_map, other_build, unusable, .. } = self;
        let whole = [missing, without_map, other_build, unusable].iter().all(|it| it.is_empty());
        whole && self.vague == 0 && self.astray == 0 && self.resolved > 0
    }
}

impl fmt::Display for MapTally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self { functions: 0, nowhere: 1.., .. } => write!(
                f,
                "source maps: the recording does not state where its {} functions begin",
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

/// A TypeScript file whose functions have positions that are not positions of this file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompiledFile {
    /// The number of the file's functions with positions in compiled code, as `sign` shows it.
    pub functions: usize,
    /// The sign by which the compiled code was recognised.
    pub sign: CompiledSign,
    /// The path of the file, as the recording has it.
    pub file: String,
    /// The number of further TypeScript files with such functions. `file` is the one with the
    /// strongest sign, which is the first in [`CompiledSign`].
    pub more: usize,
}

/// The sign by which functions are recognised as compiled code: JavaScript that was made of their file while the
/// program ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompiledSign {
    /// More functions of the file begin in this one line, which counts from 1, than people write
    /// there, or some begin further to the right than people write.
    OneLine(u32),
    /// Functions begin after the last line of the file on this machine.
    PastEnd,
    /// Functions do not fit into the file on this machine: the line in which the recording has a function lacks
    /// the function's name or ends before its column.
    OtherLines,
    /// The package of this name, which compiles TypeScript while a program runs, ran in the program.
    /// The lines of the file were not compared, for example because it is not on this machine.
    Runner(&'static str),
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
            CompiledSign::OtherLines => {
                write!(f, "{functions} function{s} {verb} in lines of {file} without their names")?;
            }
            CompiledSign::Runner(_) => write!(f, "{functions} function{s} of {file} ran")?,
        }
        if *more > 0 {
            write!(f, ", and {more} more files are like it")?;
        }
        match sign {
            CompiledSign::OneLine(_) => f.write_str(
                ": the program was compiled while it ran (by tsx, for example), and these lines \
                 are those of the compiled code",
            ),
            CompiledSign::PastEnd | CompiledSign::OtherLines => f.write_str(
                ": the program was compiled while it ran (by swc-node, for example), or the file \
                 was changed, and the lines are not those of the file",
            ),
            CompiledSign::Runner(package) => write!(
                f,
                ": {package} compiled the program while it ran, and the lines are those of the \
                 compiled code"
            ),
        }
    }
}

/// Functions of TypeScript or JSX files in a profile of Deno. The lines that ran are left out, because
/// they are lines of the JavaScript that Deno made of these files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeScriptLines {
    /// The number of functions that had such lines.
    pub functions: usize,
    /// The path of the first file with such functions, in alphabetical order.
    pub file: String,
    /// The number of further files with such functions.
    pub more: usize,
}

impl fmt::Display for TypeScriptLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { functions, file, more } = self;
        let s = if *functions == 1 { "" } else { "s" };
        write!(f, "the lines that ran in {functions} function{s} of {file}")?;
        if *more > 0 {
            write!(f, " and of {more} more files")?;
        }
        f.write_str(" are left out: Deno writes those of the JavaScript that it made of TypeScript")
    }
}
