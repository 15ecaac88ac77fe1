//! Links of a terminal (OSC 8) to files that exist.

use spikeflame_profile::{Entry, Kind};
use spikeflame_render::clean;
use std::path::Path;
use supports_hyperlinks::Stream;

/// Longest path that becomes a link.
const LONGEST: usize = 1_000;

/// Returns a function that makes links, when standard output is a terminal that supports them.
/// `NO_COLOR` and `FORCE_HYPERLINK=0` switch them off.
pub(crate) fn in_terminal() -> Option<fn(&Entry) -> Option<String>> {
    let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if is_plain || !supports_hyperlinks::on(Stream::Stdout) {
        return None;
    }
    // The terminal of the editor opens the file at a line. Other terminals open the file with a
    // program of the desktop.
    let in_editor = std::env::var_os("TERM_PROGRAM").is_some_and(|name| name == "vscode");
    Some(if in_editor { in_editor_at_line } else { as_file })
}

fn as_file(entry: &Entry) -> Option<String> {
    existing(entry).map(|path| format!("file://{path}"))
}

fn in_editor_at_line(entry: &Entry) -> Option<String> {
    let line = entry.line.max(1);
    existing(entry).map(|path| format!("vscode://file{path}:{line}:{}", entry.column.max(1)))
}

/// Returns the address of a function's file; `None` when the file is not on this machine.
fn existing(entry: &Entry) -> Option<String> {
    if entry.kind != Kind::Js || entry.file.len() > LONGEST {
        return None;
    }
    let file = entry.file.strip_prefix("file://").unwrap_or(&entry.file);
    let path = Path::new(file);
    if !path.is_absolute() || !path.is_file() {
        return None;
    }
    let slashes = file.replace('\\', "/");
    let rooted = if slashes.starts_with('/') { slashes } else { format!("/{slashes}") };
    Some(clean::address(&rooted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeflame_profile::Category;

    fn entry(file: &str) -> Entry {
        Entry {
            label: "f".to_owned(),
            name: "f".to_owned(),
            file: file.to_owned(),
            owner: file.to_owned(),
            line: 7,
            column: 3,
            kind: Kind::Js,
            category: Category::App,
            self_tiers: [0; 5],
            total_tiers: [0; 5],
        }
    }

    #[test]
    fn only_files_that_exist_become_links() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a b;c.js");
        std::fs::write(&path, "")?;
        let name = path.to_string_lossy().into_owned();
        let link = as_file(&entry(&name)).unwrap_or_default();
        assert!(link.starts_with("file:///") && link.ends_with("/a%20b%3Bc.js"), "{link}");
        let link = in_editor_at_line(&entry(&name)).unwrap_or_default();
        assert!(link.ends_with("/a%20b%3Bc.js:7:3"), "{link}");
        for file in ["relative.js", "/no/such/file.js", "node:net", "\u{1b}]8;;x", ""] {
            assert_eq!(as_file(&entry(file)), None, "{file}");
        }
        Ok(())
    }
}
