//! Paths as recordings and maps write them, of this operating system or of another.

use spikeflame_profile::{percent_decoded, plain_path};

const SLASHES: [char; 2] = ['/', '\\'];

/// Returns true for a path that may be a file, and not a script of Node's own or code
/// without a file.
pub(crate) fn is_file(path: &str) -> bool {
    const OTHER: [&str; 4] = ["<", "[", "internal/", "evalmachine."];
    !path.is_empty() && scheme(path).is_none() && !OTHER.iter().any(|it| path.starts_with(it))
}

/// Returns true for a path on another machine, as Windows understands it.
pub(crate) fn is_remote(path: &str) -> bool {
    path.starts_with(r"\\")
        || cfg!(windows) && path.starts_with(SLASHES) && {
            let rest = path.get(1..).unwrap_or_default();
            rest.starts_with(SLASHES)
        }
}

/// Returns the scheme of a URL; a drive (`C:`) is not a scheme.
fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once(':')?;
    let is_scheme = scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    is_scheme.then_some(scheme)
}

/// Returns the length of the root in `path`: `/`, `C:\`, `\\`; 0 for a relative path.
fn root_len(path: &str) -> usize {
    match path.as_bytes() {
        [b'\\', b'\\', ..] => 2,
        [b'/' | b'\\', ..] => 1,
        [drive, b':', b'/' | b'\\', ..] if drive.is_ascii_alphabetic() => 3,
        _ => 0,
    }
}

/// Returns true for a path that does not begin at a root.
pub(super) fn is_relative(path: &str) -> bool {
    root_len(path) == 0
}

/// Returns true for a root, and for an empty path.
pub(super) fn is_root(path: &str) -> bool {
    root_len(path) == path.len()
}

/// Returns the folder of `path`.
pub(super) fn folder(path: &str) -> &str {
    let end = path.rfind(SLASHES).unwrap_or(0).max(root_len(path));
    path.get(..end).unwrap_or_default()
}

/// Joins `folder` and `path` without `.` and `..`, with the slashes of `folder`. A `..`
/// above the root stays at the root.
pub(super) fn join(folder: &str, path: &str) -> String {
    let (root, parts) = match root_len(path) {
        0 => (folder, [folder.get(root_len(folder)..).unwrap_or_default(), path]),
        root => (path, ["", path.get(root..).unwrap_or_default()]),
    };
    let style = if root_len(path) > 0 { path } else { folder };
    let slash = if style.contains('\\') && !style.contains('/') { "\\" } else { "/" };
    let root = root.get(..root_len(root)).unwrap_or_default();
    let mut kept: Vec<&str> = Vec::new();
    for part in parts.into_iter().flat_map(|part| part.split(SLASHES)) {
        match part {
            "" | "." => {}
            ".." if kept.last().is_some_and(|&last| last != "..") => {
                kept.pop();
            }
            ".." if !root.is_empty() => {}
            part => kept.push(part),
        }
    }
    root.to_owned() + &kept.join(slash)
}

/// Returns the part of `path` after `prefix`, without a slash in front. `/` and `\` are
/// equal here. Returns `None` when `prefix` is not a folder above `path`.
pub(super) fn below<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    let prefix = prefix.trim_end_matches(SLASHES);
    let (start, rest) = (path.get(..prefix.len())?, path.get(prefix.len()..)?);
    let same = |(a, b): (u8, u8)| a == b || (a == b'/' || a == b'\\') && (b == b'/' || b == b'\\');
    let inside = rest.is_empty() || rest.starts_with(SLASHES);
    (inside && start.bytes().zip(prefix.bytes()).all(same))
        .then(|| rest.trim_start_matches(SLASHES))
}

/// Returns the path of a `source` of a map in `folder`, with the map's `root`.
pub(super) fn source(folder: &str, root: &str, source: &str) -> String {
    let lone = root.is_empty() || root_len(source) > 0 || scheme(source).is_some();
    let whole = match root.strip_suffix('/').unwrap_or(root) {
        _ if lone => source.to_owned(),
        root => format!("{root}/{source}"),
    };
    match scheme(&whole) {
        None => join(folder, &percent_decoded(&whole)),
        Some("file") => join(folder, &plain_path(&whole)),
        Some("webpack") => bundled(&whole),
        Some(_) => whole,
    }
}

/// Converts `webpack://name/./src/x.ts?1a2b` to `src/x.ts`, because only webpack knew the
/// folder.
fn bundled(url: &str) -> String {
    let path = url.split_once(':').map_or(url, |(_, path)| path);
    let path = match path.strip_prefix("//") {
        Some(path) => path.split_once('/').map_or(path, |(_, path)| path),
        None => path,
    };
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    join("", path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_stand_in_the_world_of_the_recording() {
        let cases = [
            ("/srv/app/dist", "", "../src/boards.service.ts", "/srv/app/src/boards.service.ts"),
            ("/srv/app/dist", "../src/", "a/./b.ts", "/srv/app/src/a/b.ts"),
            ("/srv/app/dist", "/build", "a.ts", "/build/a.ts"),
            ("/srv/app/dist", "/build", "/src/a.ts", "/src/a.ts"),
            ("/srv", "", "../../../../etc/x.ts", "/etc/x.ts"),
            ("/", "", "a.ts", "/a.ts"),
            ("dist", "", "../../src/a.ts", "../src/a.ts"),
            (r"C:\app\dist", "", "../src/a.ts", r"C:\app\src\a.ts"),
            ("C:/app/dist", "", r"..\src\a.ts", "C:/app/src/a.ts"),
            ("/srv", "", r"C:\app\src\a.ts", r"C:\app\src\a.ts"),
            ("/srv", "file:///build/", "my%20a.ts", "/build/my a.ts"),
            ("/srv", "", "my%20%C3%A9.ts", "/srv/my é.ts"),
            ("/srv", "", "100%.ts", "/srv/100%.ts"),
            ("/srv/dist", "", "webpack:///./src/a.ts", "src/a.ts"),
            ("/srv/dist", "", "webpack://my-app/./src/a.vue?1a2b", "src/a.vue"),
            ("/srv/dist", "webpack:///", "./node_modules/x/y.js", "node_modules/x/y.js"),
            ("/srv/dist", "", "webpack:////srv/src/a.ts", "/srv/src/a.ts"),
            ("/srv/dist", "", "https://cdn/x/../a.js", "https://cdn/x/../a.js"),
        ];
        for (folder, root, path, expected) in cases {
            assert_eq!(source(folder, root, path), expected, "{folder} {root} {path}");
        }
    }

    #[test]
    fn prefixes_end_at_a_slash_of_either_kind() {
        let cases = [
            ("/srv/app/dist/x.js", "/srv/app", Some("dist/x.js")),
            ("/srv/app/dist/x.js", "/srv/app/", Some("dist/x.js")),
            ("/srv/app/dist/x.js", "/", Some("srv/app/dist/x.js")),
            ("/srv/apples/x.js", "/srv/app", None),
            (r"C:\app\x.js", "C:/app", Some("x.js")),
            ("/srv", "/srv/app", None),
            ("/é/x.js", "/e", None),
        ];
        for (path, prefix, rest) in cases {
            assert_eq!(below(path, prefix), rest, "{path} {prefix}");
        }
    }

    #[test]
    fn folders_and_what_is_no_file() {
        let folders = [("/srv/x.js", "/srv"), ("/x.js", "/"), ("x.js", ""), (r"C:\x.js", r"C:\")];
        for (path, expected) in folders {
            assert_eq!(folder(path), expected, "{path}");
        }
        for path in ["/x.js", "dist/x.js", r"C:\x.js", r"\\host\share\x.js"] {
            assert!(is_file(path), "{path}");
        }
        for path in ["", "node:fs", "<eval>", "[eval]", "internal/x.js", "evalmachine.<anonymous>"]
        {
            assert!(!is_file(path), "{path}");
        }
        for path in ["https://host/x.js", "webpack-internal:///./x.ts", "wasm://wasm/1"] {
            assert!(!is_file(path), "{path}");
        }
    }
}
