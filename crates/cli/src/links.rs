//! Links of a terminal (OSC 8) to files that exist.

use spikeflame_parse::SourceMaps;
use spikeflame_profile::{Entry, Kind};
use spikeflame_render::{LinkOf, clean};
use std::path::Path;
use supports_hyperlinks::Stream;

/// Longest path that becomes a link.
const LONGEST_PATH: usize = 1_000;

/// A program that opens links.
#[derive(Clone, Copy)]
enum Opener {
    /// The terminal of Visual Studio Code, which opens a file at a line.
    Editor,
    /// Any other terminal, which opens the file with a program of the desktop.
    Desktop,
}

/// Returns a function that makes links, when standard output is a terminal that supports them.
/// `NO_COLOR` and `FORCE_HYPERLINK=0` switch them off. `maps` has the folders in which recorded files
/// are on this machine.
pub(crate) fn in_terminal(maps: Option<SourceMaps>) -> Option<Box<LinkOf>> {
    let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if is_plain || !supports_hyperlinks::on(Stream::Stdout) {
        return None;
    }
    let in_editor = std::env::var_os("TERM_PROGRAM").is_some_and(|name| name == "vscode");
    let opener = if in_editor { Opener::Editor } else { Opener::Desktop };
    let maps = maps.unwrap_or_default();
    Some(Box::new(move |entry: &Entry| link(entry, &maps, opener)))
}

fn link(entry: &Entry, maps: &SourceMaps, opener: Opener) -> Option<String> {
    let path = existing(entry, maps)?;
    Some(match opener {
        Opener::Editor => {
            format!("vscode://file{path}:{}:{}", entry.line.max(1), entry.column.max(1))
        }
        Opener::Desktop => format!("file://{path}"),
    })
}

/// Returns the address of a function's file; `None` when the file is not on this machine.
fn existing(entry: &Entry, maps: &SourceMaps) -> Option<String> {
    if entry.kind != Kind::Js || entry.file.len() > LONGEST_PATH {
        return None;
    }
    let file = entry.file.strip_prefix("file://").unwrap_or(&entry.file);
    if !Path::new(file).is_absolute() && maps.roots.is_empty() {
        return None;
    }
    let here = std::path::absolute(maps.here(file)?).ok()?;
    if !here.is_file() {
        return None;
    }
    let slashes = here.to_str()?.replace('\\', "/");
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
        let maps = SourceMaps::default();
        let to = |file: &str, opener| link(&entry(file), &maps, opener);
        let address = to(&name, Opener::Desktop).unwrap_or_default();
        assert!(address.starts_with("file:///") && address.ends_with("/a%20b%3Bc.js"), "{address}");
        let address = to(&name, Opener::Editor).unwrap_or_default();
        assert!(address.ends_with("/a%20b%3Bc.js:7:3"), "{address}");
        for file in ["relative.js", "/no/such/file.js", "node:net", "\u{1b}]8;;x", ""] {
            assert_eq!(to(file, Opener::Desktop), None, "{file}");
        }
        Ok(())
    }

    /// The error was: a recording of another machine had no links with `--source-root`, although its
    /// sources were here.
    #[test]
    fn files_of_a_source_root_become_links() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        std::fs::create_dir(folder.path().join("src"))?;
        std::fs::write(folder.path().join("src/main.ts"), "")?;
        let maps = SourceMaps { roots: vec![("/srv/app".to_owned(), folder.path().to_owned())] };
        let to = |file: &str| link(&entry(file), &maps, Opener::Editor);
        for file in ["/srv/app/src/main.ts", "file:///srv/app/src/main.ts"] {
            let address = to(file).unwrap_or_default();
            let rooted =
                address.starts_with("vscode://file/") && address.ends_with("/src/main.ts:7:3");
            assert!(rooted && !address.contains("/srv/app"), "{address}");
        }
        // With folders named, a file of this machine that lies elsewhere is another one.
        let elsewhere = folder.path().join("src/main.ts").to_string_lossy().into_owned();
        for file in ["/srv/app/src/gone.ts", "/srv/application/src/main.ts", "/srv/app", &elsewhere]
        {
            assert_eq!(to(file), None, "{file}");
        }
        Ok(())
    }
}
