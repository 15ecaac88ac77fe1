//! Short names for people: the package and the path within it; files of the application are named
//! from their common folder.

use hashbrown::HashMap;
use spikeflame_profile::{CallTree, Category, Entry, EntryId, Kind, Profile, package_place};
use std::sync::OnceLock;

/// A short name for each entry of a tree. All names are different. A name is made when it is asked
/// for, because most tables show few of them.
#[derive(Clone, Debug)]
pub struct Names<'a> {
    entries: &'a [Entry],
    root: &'a str,
    full: bool,
    /// The entries whose short names may be equal, by name and line.
    alike: HashMap<(&'a str, u32), Vec<usize>>,
    /// Name and place of each entry.
    made: Vec<OnceLock<(String, String)>>,
}

impl<'a> Names<'a> {
    /// Prepares the names of a tree's entries. A path begins with its npm package, or is relative
    /// to the deepest folder that holds nine in ten of the application's functions. The line follows the path; the column
    /// and the whole path are there where names would else be equal. With `full`, all paths are
    /// whole.
    ///
    /// ```
    /// use spikeflame_profile::{CallTree, Selection, folded};
    /// use spikeflame_render::Names;
    ///
    /// let text = b"read /srv/app/src/users.js:4:1 1\nread /srv/app/src/boards.js:9:1 1\n";
    /// let profile = folded::read(&mut &text[..], "made", None)?;
    /// let tree = CallTree::build(&profile, &Selection::default());
    /// let names = Names::new(&tree, false);
    /// let places: Vec<_> = tree.nodes().iter().filter_map(|node| Some(names.joined(node.entry?))).collect();
    /// assert_eq!(places.len(), 2);
    /// assert_ne!(places[0], places[1]);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn new(tree: &'a CallTree, full: bool) -> Self {
        let entries = tree.entries();
        let mut alike: HashMap<_, Vec<usize>> = HashMap::new();
        if !full {
            for (at, entry) in entries.iter().enumerate().filter(|(_, entry)| is_placed(entry)) {
                alike.entry((marked_name(entry), entry.line)).or_default().push(at);
            }
        }
        let root = if full { "" } else { common_root(entries) };
        Self { entries, root, full, alike, made: vec![OnceLock::new(); entries.len()] }
    }

    /// Returns the name of an entry, which is made now if it was not asked for before.
    fn get(&self, at: usize) -> Option<&(String, String)> {
        let (entry, made) = (self.entries.get(at)?, self.made.get(at)?);
        if made.get().is_none() && !self.full && is_placed(entry) {
            self.make(self.alike.get(&(marked_name(entry), entry.line))?);
        }
        Some(made.get_or_init(|| whole(entry)))
    }

    /// Makes the names of entries with the same name and line.
    fn make(&self, alike: &[usize]) {
        let entries: Vec<&Entry> = alike.iter().filter_map(|at| self.entries.get(*at)).collect();
        let mut names: Vec<_> = entries.iter().map(|entry| short(entry, self.root)).collect();
        // Two functions of one line differ in their column; files of one short name do not.
        for longer in [with_column, |entry: &Entry, _: &str| whole(entry)] {
            let mut seen: HashMap<(String, String), u32> = HashMap::new();
            for name in &names {
                *seen.entry(name.clone()).or_default() += 1;
            }
            for (name, entry) in names.iter_mut().zip(&entries) {
                if seen.get(name).is_some_and(|&count| count > 1) {
                    *name = longer(entry, self.root);
                }
            }
        }
        for (at, name) in alike.iter().zip(names) {
            if let Some(made) = self.made.get(*at) {
                made.get_or_init(|| name);
            }
        }
    }

    /// Returns the indices of the tree's entries by their labels.
    pub(crate) fn by_label(&self) -> HashMap<&'a str, usize> {
        self.entries.iter().enumerate().map(|(at, entry)| (entry.label.as_str(), at)).collect()
    }

    /// Returns the name and the place of the entry with this index.
    pub(crate) fn at(&self, at: usize) -> (&str, &str) {
        self.get(at).map_or(("", ""), |(name, place)| (name, place))
    }

    /// Returns the name and the place of an entry, such as `read` and `src/users.js:4`. The place
    /// is empty for an entry that is not JavaScript of a known file. Both are empty for an id that
    /// the tree does not have.
    pub(crate) fn parts(&self, id: EntryId) -> (&str, &str) {
        self.at(id.index())
    }

    /// Returns the name and the place of an entry as one text, such as `read src/users.js:4`. The
    /// place is missing for an entry that is not JavaScript of a known file. The text is empty for an id
    /// that the tree does not have.
    pub fn joined(&self, id: EntryId) -> String {
        match self.parts(id) {
            (name, "") => name.to_owned(),
            (name, place) => format!("{name} {place}"),
        }
    }
}

/// Adds the caller of a function without a name to its place, so that its name is the same in all lists.
pub(crate) fn called_by(place: &str, caller: &str) -> String {
    format!("{place}, called by {caller}")
}

/// Returns the part of a label that a short name of it does not show: its place as a whole. Both
/// begin with the function's name, which is not repeated.
pub(crate) fn beyond<'a>(label: &'a str, name: &str) -> &'a str {
    if label == name {
        return "";
    }
    let same = label.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
    let shared = label.as_bytes().get(..same).unwrap_or_default();
    let at = shared.iter().rposition(|byte| *byte == b' ').map_or(0, |space| space + 1);
    label.get(at..).unwrap_or(label)
}

fn name_of(entry: &Entry) -> &str {
    if entry.name.is_empty() { "<anonymous>" } else { &entry.name }
}

/// Returns the label of an entry up to the end of its name.
fn marked_name(entry: &Entry) -> &str {
    let name = name_of(entry);
    let end = entry.label.find(name).map(|at| at + name.len());
    end.and_then(|end| entry.label.get(..end)).unwrap_or(&entry.label)
}

/// Returns the name of an entry, and its place as the label has it.
fn whole(entry: &Entry) -> (String, String) {
    let name = name_of(entry);
    // The label has marks and suffixes that the name lacks.
    match entry.label.split_once(name) {
        Some((mark, rest)) if is_placed(entry) => {
            (format!("{mark}{name}"), rest.trim_start().to_owned())
        }
        _ => (entry.label.clone(), String::new()),
    }
}

/// Returns the name of an entry, and its place with a short path.
fn short(entry: &Entry, root: &str) -> (String, String) {
    let (name, place) = whole(entry);
    if !is_placed(entry) {
        return (name, place);
    }
    let suffix = place.rfind("_[").and_then(|at| place.get(at..)).unwrap_or("");
    let file = short_file(&entry.file, root);
    let place = match entry.line {
        0 => file.to_owned(),
        line => format!("{file}:{line}"),
    };
    (name, place + suffix)
}

/// Returns the name of an entry, and its place with a short path and the column.
fn with_column(entry: &Entry, root: &str) -> (String, String) {
    let ((name, place), (_, whole)) = (short(entry, root), whole(entry));
    match whole.strip_prefix(entry.file.as_str()) {
        Some(numbers) if is_placed(entry) => {
            (name, format!("{}{numbers}", short_file(&entry.file, root)))
        }
        _ => (name, place),
    }
}

/// Returns true when the label contains a place.
fn is_placed(entry: &Entry) -> bool {
    entry.kind == Kind::Js && !entry.file.is_empty()
}

fn ends_in_node_modules(folder: &str) -> bool {
    folder.trim_end_matches(['/', '\\']).ends_with("node_modules")
}

fn short_file<'a>(file: &'a str, root: &str) -> &'a str {
    match package_place(file) {
        Some(place) => {
            let folder = file.get(..place.start).filter(|folder| ends_in_node_modules(folder));
            folder.and_then(|_| file.get(place.start..)).unwrap_or(file)
        }
        None => file.strip_prefix(root).filter(|rest| !rest.is_empty()).unwrap_or(file),
    }
}

/// Short names of files, relative to the folder that most files of the application share.
#[derive(Clone, Debug)]
pub(crate) struct Shortener<'a> {
    root: &'a str,
    full: bool,
}

impl<'a> Shortener<'a> {
    /// Finds the folder from the application's files. With `full`, it shortens nothing.
    pub(crate) fn new(files: impl Iterator<Item = &'a str>, full: bool) -> Self {
        Self { root: root_of(files), full }
    }

    /// Finds the folder from the files of a profile's own code.
    pub(crate) fn of_profile(profile: &'a Profile, full: bool) -> Self {
        let strings = profile.frames.strings();
        let own = profile
            .frames
            .functions()
            .filter(|(_, f)| Category::classify(f, strings) == Category::App);
        Self::new(own.map(|(_, function)| strings.get(function.file)), full)
    }

    /// Returns file and line as `src/users.js:42`; empty without a file.
    pub(crate) fn place(&self, file: &str, line: u32) -> String {
        match (file, line) {
            ("", _) => String::new(),
            (file, 0) => self.file(file).to_owned(),
            (file, line) => format!("{}:{line}", self.file(file)),
        }
    }

    pub(crate) fn file<'b>(&self, file: &'b str) -> &'b str {
        if self.full { file } else { short_file(file, self.root) }
    }
}

/// Returns the folder to which the files of the application are relative.
fn common_root(entries: &[Entry]) -> &str {
    let of_app = |entry: &&Entry| entry.category == Category::App && entry.kind == Kind::Js;
    root_of(entries.iter().filter(of_app).map(|entry| entry.file.as_str()))
}

/// Returns the deepest folder that holds nine in ten of the files. A file counts once, however many functions it
/// has: the functions of one bundle would outnumber those of all other files. When the files have no folder
/// in common but a top one such as `/usr/`, those with many functions decide. `files` has a file for each function.
pub(crate) fn root_of<'a>(files: impl Iterator<Item = &'a str>) -> &'a str {
    let is_path = |file: &&str| file.starts_with('/') || file.get(1..2) == Some(":");
    let of_functions: Vec<&str> = files.filter(is_path).collect();
    let mut once = of_functions.clone();
    once.sort_unstable();
    once.dedup();
    let root = deepest(&once);
    // Shorter ones are `/`, `/x/` and drives.
    let is_top = root.len() < "C:\\a".len() || TOP.contains(&root);
    if is_top { deepest(&of_functions) } else { root }
}

/// Folders that hold programs of their own and those of others, such as a package manager's.
const TOP: [&str; 9] =
    ["/home/", "/opt/", "/private/", "/root/", "/srv/", "/tmp/", "/usr/", "/var/", "/Users/"];

/// Returns the deepest folder that holds nine in ten of the paths; empty when there is none.
fn deepest<'a>(files: &[&'a str]) -> &'a str {
    let mut root = "";
    loop {
        let mut folders: HashMap<&str, usize> = HashMap::new();
        for file in files.iter().filter(|file| file.starts_with(root)) {
            let rest = file.get(root.len()..).unwrap_or("");
            if let Some(at) = rest.find(['/', '\\']) {
                let folder = file.get(..=root.len() + at).unwrap_or("");
                *folders.entry(folder).or_default() += 1;
            }
        }
        let most = folders.into_iter().find(|(_, count)| count * 10 >= files.len() * 9);
        match most {
            Some((folder, _)) => root = folder,
            None => return root,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error was: two functions of one line had the whole path in a table whose other rows, and
    /// the list of own code above it, had the short one.
    #[test]
    fn two_functions_of_a_line_keep_the_short_path() {
        let text = b"<anonymous> /srv/app/s.js:5:20;<anonymous> /srv/app/s.js:5:44;b /srv/app/b.js:1:1 1\n";
        let profile = spikeflame_profile::folded::read(&mut &text[..], "made", None).unwrap();
        let tree = CallTree::build(&profile, &spikeflame_profile::Selection::default());
        let names = Names::new(&tree, false);
        let by_label = names.by_label();
        let place = |label: &str| names.at(by_label[label]).1;
        assert_eq!(place("<anonymous> /srv/app/s.js:5:20"), "s.js:5:20");
        assert_eq!(place("<anonymous> /srv/app/s.js:5:44"), "s.js:5:44");
        assert_eq!(place("b /srv/app/b.js:1:1"), "b.js:1");
    }

    /// The error was: beside a bundle of many functions, the hottest function had its whole path, because its
    /// file was not in the folder of the bundle (Nitro, and so Nuxt).
    #[test]
    fn a_file_counts_once_for_the_common_folder() {
        let bundle = std::iter::repeat_n("/srv/app/.output/server/chunks/nitro/nitro.mjs", 300);
        let route = ["/srv/app/.output/server/chunks/routes/index.mjs"];
        assert_eq!(root_of(bundle.chain(route)), "/srv/app/.output/server/chunks/");
        // Two files without a project in common: most functions decide.
        let own = std::iter::repeat_n("/srv/app/server.js", 30);
        assert_eq!(root_of(own.chain(["/usr/share/yarn/yarn.js"])), "/srv/app/");
        let files = (0..20).map(|_| "/app/src/a.js").chain(["/app/lib/b.js"]);
        assert_eq!(root_of(files), "/app/");
        let files = (0..20).map(|_| r"C:\app\src\a.js").chain([r"C:\tool\b.js"]);
        assert_eq!(root_of(files), r"C:\app\src\");
    }

    #[test]
    fn files_are_shortened_to_their_package_or_root() {
        let cases = [
            ("/srv/app/node_modules/moment/moment.js", "moment/moment.js"),
            ("/a/node_modules/x/node_modules/@s/x/x.js", "@s/x/x.js"),
            (r"C:\a\node_modules\x\i.js", r"x\i.js"),
            ("/srv/app/src/main.js", "src/main.js"),
            ("node:fs", "node:fs"),
        ];
        for (file, short) in cases {
            assert_eq!(short_file(file, "/srv/app/"), short, "{file}");
        }
    }
}
