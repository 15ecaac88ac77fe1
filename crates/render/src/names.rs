//! Short names for people: the package and the path within it, the
//! application's own files from their common root.

use hashbrown::HashMap;
use spikeflame_profile::{CallTree, Category, Entry, EntryId, Kind, package_of};

/// A short name for each entry of a tree, no two alike.
#[derive(Clone, Debug)]
pub struct Names {
    /// `(name, place)` by entry.
    names: Vec<(String, String)>,
}

impl Names {
    /// Shortens paths where that leaves names distinct; not at all with `full`.
    pub fn new(tree: &CallTree, full: bool) -> Self {
        let entries = tree.entries();
        let root = common_root(entries);
        let whole = |entry: &Entry| {
            let name = if entry.name.is_empty() { "<anonymous>" } else { &entry.name };
            // The label holds marks and suffixes that the name does not.
            match entry.label.split_once(name) {
                Some((mark, rest)) if entry.line > 0 => {
                    (format!("{mark}{name}"), rest.trim_start().to_owned())
                }
                _ => (entry.label.clone(), String::new()),
            }
        };
        let short = |entry: &Entry| {
            let (name, place) = whole(entry);
            if full || entry.line == 0 || entry.kind != Kind::Js {
                return (name, place);
            }
            let suffix = place.rfind("_[").and_then(|at| place.get(at..)).unwrap_or("");
            let place = format!("{}:{}", short_file(&entry.file, root), entry.line);
            (name, place + suffix)
        };
        let mut names: Vec<_> = entries.iter().map(short).collect();
        let mut seen: HashMap<(String, String), u32> = HashMap::new();
        for name in &names {
            *seen.entry(name.clone()).or_default() += 1;
        }
        for (name, entry) in names.iter_mut().zip(entries) {
            if seen.get(name).is_some_and(|&count| count > 1) {
                *name = whole(entry);
            }
        }
        Self { names }
    }

    /// The name of an entry, and where it stands (empty where that is nowhere).
    pub fn parts(&self, id: EntryId) -> (&str, &str) {
        self.names.get(id.index()).map_or(("", ""), |(name, place)| (name, place))
    }

    /// Name and place in one.
    pub fn joined(&self, id: EntryId) -> String {
        match self.parts(id) {
            (name, "") => name.to_owned(),
            (name, place) => format!("{name} {place}"),
        }
    }
}

fn short_file<'a>(file: &'a str, root: &str) -> &'a str {
    match package_of(file) {
        Some(package) => {
            let at = file.rfind(package).unwrap_or(0);
            file.get(at..).unwrap_or(file)
        }
        None => file.strip_prefix(root).filter(|rest| !rest.is_empty()).unwrap_or(file),
    }
}

/// The folder that all of the application's own files are in.
fn common_root(entries: &[Entry]) -> &str {
    let is_path = |entry: &&Entry| {
        let absolute = entry.file.starts_with('/') || entry.file.get(1..2) == Some(":");
        entry.category == Category::App && entry.kind == Kind::Js && absolute
    };
    let mut files = entries.iter().filter(is_path).map(|entry| entry.file.as_str());
    let folder = |file: &str| file.rfind(['/', '\\']).map_or(0, |at| at + 1);
    let Some(first) = files.next() else { return "" };
    let mut root = first.get(..folder(first)).unwrap_or("");
    for file in files {
        let same = root.bytes().zip(file.bytes()).take_while(|(a, b)| a == b).count();
        let kept = root.as_bytes().get(..same).unwrap_or_default();
        let end = kept.iter().rposition(|b| matches!(b, b'/' | b'\\')).map_or(0, |at| at + 1);
        root = root.get(..end).unwrap_or("");
    }
    root
}
