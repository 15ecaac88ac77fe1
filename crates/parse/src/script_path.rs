//! Paths and URLs of scripts.

/// The file of code that was made by `eval` or `new Function` and has no URL.
pub(crate) const EVAL: &str = "<eval>";

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

/// The beginning of the URL of a file.
pub(crate) const FILE_URL: &str = "file://";

/// Converts a URL to a path: `file:///srv/a%20b.mjs` becomes `/srv/a b.mjs`.
pub(crate) fn plain_path(url: &str) -> String {
    let Some(path) = url.strip_prefix(FILE_URL) else { return url.to_owned() };
    // On Windows the URL is file:///C:/x.
    let drive = |b: &[u8]| matches!(b, [b'/', d, b':', ..] if d.is_ascii_alphabetic());
    let path = if drive(path.as_bytes()) { path.get(1..).unwrap_or(path) } else { path };
    percent_decoded(path)
}

/// Decodes `a%20b` to `a b`. Returns the text unchanged when the result is not valid text.
pub(crate) fn percent_decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        let code = code.and_then(|hex| std::str::from_utf8(hex).ok());
        let code = code.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code.filter(|_| first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
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
