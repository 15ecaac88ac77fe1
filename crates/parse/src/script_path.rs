//! Paths and URLs of scripts.

pub(crate) use spikeflame_profile::EVAL;

/// The beginning of the name of code that `vm` made without a name, `evalmachine.<anonymous>`.
pub(crate) const VM: &str = "evalmachine.";

/// Returns true for the path or URL of a script that V8 runs, or of the source of such a
/// script.
pub(crate) fn is_script(file: &str) -> bool {
    // Old versions of Node write `internal/timers.js`, and Go `internal/poll/fd_unix.go`.
    const STARTS: [&str; 7] = ["node:", "http://", "https://", "webpack:", "file:", VM, EVAL];
    const ENDS: [&str; 11] = [
        ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx", ".jsx", ".vue", ".svelte", ".coffee",
    ];
    let path = file.split_once('?').map_or(file, |(path, _)| path);
    STARTS.iter().any(|start| file.starts_with(start)) || ENDS.iter().any(|end| path.ends_with(end))
}

/// The endings of the names of files that are compiled before they run.
const TYPED: [&str; 5] = [".ts", ".mts", ".cts", ".tsx", ".jsx"];

/// Returns true for the path or URL of a file that is compiled before it runs.
pub(crate) fn is_typed(file: &str) -> bool {
    let name = base_name(file);
    TYPED.iter().any(|end| name.ends_with(end))
}

/// Returns the name of a file without its folder and without a query (`?namespace=1`).
pub(crate) fn base_name(path: &str) -> &str {
    let path = path.split('?').next().unwrap_or(path);
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_distinguished_from_compiled_sources() {
        let scripts =
            ["/a/b.js", "b.mts", "node:fs", "file:///a/b", "https://x/y?v=1", "/a.js?x=1"];
        for file in scripts.into_iter().chain(["internal/timers.js"]) {
            assert!(is_script(file), "{file}");
        }
        for file in ["/go/src/main.go", "x.cc", "", "/a/b.py", "/bin/js", "internal/poll/fd.go"] {
            assert!(!is_script(file), "{file}");
        }
    }
}
