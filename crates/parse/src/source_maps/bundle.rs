//! Finds the files of packages that the parts of a bundle come from.
//!
//! A bundler that reads the maps of packages writes the sources of these maps into its own. The
//! sources of some packages (TypeORM, class-transformer) lie outside of the package, so that the
//! bundle's map does not have its name. esbuild and Bun write the path of each file as a comment
//! above its code, and rolldown as the name of a region.

use spikeflame_profile::package_of;

const FILES: [&str; 9] = [".js", ".cjs", ".mjs", ".jsx", ".ts", ".cts", ".mts", ".tsx", ".json"];

/// The parts of a bundle, in order: the line from 1 at which each begins, and its file when it is of
/// a package.
pub(super) struct Parts<'a>(Vec<(u32, Option<&'a str>)>);

impl<'a> Parts<'a> {
    pub(super) fn in_text(text: &'a [u8]) -> Self {
        let mut parts = Vec::new();
        let (mut counted, mut line) = (0, 1u32);
        let first = text.starts_with(b"//").then_some(0);
        let others = memchr::memmem::find_iter(text, b"\n//").map(|at| at + 1);
        for at in first.into_iter().chain(others) {
            let lines = text.get(counted..at).unwrap_or_default();
            line = line.saturating_add(memchr::memchr_iter(b'\n', lines).count() as u32);
            counted = at;
            let rest = text.get(at + 2..).unwrap_or_default();
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let comment = rest.get(..end).and_then(|comment| std::str::from_utf8(comment).ok());
            match comment.map(str::trim_end).and_then(file) {
                Some(file) => parts.push((line, package_of(file).map(|_| file))),
                None if rest.starts_with(b"#endregion") => parts.push((line, None)),
                None => {}
            }
        }
        Self(parts)
    }

    /// Returns the file that the code in a line comes from, when it is of a package.
    pub(super) fn package_file(&self, line: u32) -> Option<&'a str> {
        let after = self.0.partition_point(|&(begin, _)| begin <= line);
        self.0.get(after.checked_sub(1)?)?.1
    }
}

/// Returns the path in a comment that has nothing else.
fn file(comment: &str) -> Option<&str> {
    let path = comment.strip_prefix("#region").unwrap_or(comment).strip_prefix(' ')?;
    let is_path = !path.contains(' ') && FILES.iter().any(|ending| path.ends_with(ending));
    is_path.then_some(path)
}
