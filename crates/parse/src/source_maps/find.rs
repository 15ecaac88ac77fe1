//! Finding generated files and their maps. Files are opened only at places that the
//! recording, the user, or the last lines of a generated file name. Nothing is downloaded.

use super::paths;
use spikeflame_profile::package_place;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The most bytes that are read of a generated file, and of a map.
pub(super) const LARGEST_FILE_BYTES: u64 = 256 << 20;
/// The most entries of a folder that are searched for a map that was moved.
const MOST_ENTRIES: usize = 1_000;
/// The text in front of the map's place.
const COMMENT: &[u8] = b"sourceMappingURL=";

/// The folders here that recorded paths belong to.
pub(super) struct Roots<'a>(pub(super) &'a [(String, PathBuf)]);

impl Roots<'_> {
    /// Returns true when a source is here. Packages are often published without their sources, so the
    /// folder of the package is enough. It is also true for a path without a folder to start from.
    pub(super) fn has_source(&self, source: &str) -> bool {
        // The name may stand in other parts of the path too: `node_modules/lodash/lodash.js`.
        // A source outside of its package has the folder of all packages as its own.
        let place =
            package_place(source).filter(|place| source.get(place.clone()) != Some("node_modules"));
        let package = place.and_then(|place| source.get(..place.end));
        let path = package.unwrap_or(source);
        paths::is_relative(path) || self.here(path).is_some_and(|path| path.exists())
    }

    /// Returns the path here of a recorded file; the longest prefix is used. Returns `None`
    /// for a file outside of all prefixes when there are some, and for a file on another
    /// machine, because opening it would contact that machine.
    pub(super) fn here(&self, recorded: &str) -> Option<PathBuf> {
        let mut places = self.places(recorded);
        match places.pop() {
            Some(place) => Some(place.path()),
            // When the user gave folders, no other files are opened.
            None if !self.0.is_empty() || paths::is_remote(recorded) => None,
            None => Some(PathBuf::from(recorded)),
        }
    }

    /// Returns the places of a recorded file in the folders that the user gave for the longest prefix, in
    /// their order.
    fn places(&self, recorded: &str) -> Vec<InFolder> {
        let path = paths::join("", recorded);
        let found = self.0.iter().filter_map(|(prefix, folder)| {
            let rest = paths::below(&path, &paths::join("", prefix))?;
            let parts = rest.split(['/', '\\']).map(str::to_owned).collect();
            Some((prefix.len(), InFolder { folder: folder.clone(), parts }))
        });
        let found: Vec<_> = found.collect();
        let longest = found.iter().map(|&(length, _)| length).max();
        found.into_iter().filter(|&(length, _)| Some(length) == longest).map(|(_, it)| it).collect()
    }

    /// Returns the content of a recorded file: of the last folder of its prefix that has it.
    fn open(&self, recorded: &str) -> Result<Option<Vec<u8>>, Trouble> {
        for place in self.places(recorded).iter().rev() {
            if let Some(content) = read(&place.path())? {
                return Ok(Some(content));
            }
        }
        match self.0.is_empty() {
            true => self.here(recorded).map_or(Ok(None), |path| read(&path)),
            false => Ok(None),
        }
    }

    /// Returns the content of a map that was moved to a folder beside one of its own folders, below a
    /// folder that the user gave (`dist/a/x.js.map` as `maps/a/x.js.map`). A map beside a generated file
    /// of its name is the map of that file. Fails when there are several with other contents.
    fn open_moved(&self, map: &str) -> Result<Option<Vec<u8>>, Trouble> {
        let mut found: Option<(PathBuf, Vec<u8>)> = None;
        for path in self.places(map).iter().flat_map(InFolder::beside) {
            if path.with_extension("").exists() {
                continue;
            }
            let Some(content) = read(&path)? else { continue };
            match &found {
                Some((first, known)) if *known != content => {
                    let (one, other) = (first.display(), path.display());
                    return Err(Trouble::Unusable(format!(
                        "{map} may be {one} or {other}: keep one of them"
                    )));
                }
                _ => found = Some((path, content)),
            }
        }
        Ok(found.map(|(_, content)| content))
    }
}

/// A file in a folder that the user gave.
struct InFolder {
    folder: PathBuf,
    /// The names of the folders below it, and of the file.
    parts: Vec<String>,
}

impl InFolder {
    fn path(&self) -> PathBuf {
        let mut path = self.folder.clone();
        path.extend(&self.parts);
        path
    }

    /// Returns the paths of the file when one of its folders has another name, by name.
    fn beside(&self) -> Vec<PathBuf> {
        let mut paths = Vec::new();
        let mut above = self.folder.clone();
        let last = self.parts.len().saturating_sub(1);
        for (at, own) in self.parts.iter().enumerate().take(last) {
            let entries = fs::read_dir(&above).into_iter().flatten().take(MOST_ENTRIES);
            let names = entries.filter_map(|entry| Some(entry.ok()?.file_name()));
            let mut names: Vec<_> = names.filter(|name| name.to_str() != Some(own)).collect();
            names.sort();
            let rest = self.parts.get(at + 1..).unwrap_or_default();
            paths.extend(names.into_iter().map(|name| {
                let mut path = above.join(name);
                path.extend(rest);
                path
            }));
            above.push(own);
        }
        paths.retain(|path| path.is_file());
        paths
    }
}

/// The reason why a file's functions keep their positions.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Neither the file nor a map is here.
    Missing,
    /// The file is here and has no map.
    NoMap,
    /// A file cannot be used; its name and the reason.
    Unusable(String),
    /// The file here is not the one that ran.
    OtherBuild,
}

/// A generated file and its map.
pub(super) struct MapFile {
    /// The file's text; empty when only the map is here.
    pub(super) text: Vec<u8>,
    /// The content of the map.
    pub(super) json: Vec<u8>,
    /// The folder that the map's sources are relative to, as a path of the recorded
    /// machine.
    pub(super) folder: String,
    /// The map's name for warnings.
    pub(super) name: String,
}

/// Finds the map of the generated file that the recording calls `file`.
pub(super) fn find(file: &str, roots: &Roots<'_>) -> Result<MapFile, Trouble> {
    let mut text = roots.open(file)?;
    let url = text.as_deref().and_then(comment);
    if let Some(data) = url.and_then(|url| url.strip_prefix("data:")) {
        let name = format!("the map within {file}");
        let json = unpack(data).map_err(|why| {
            Trouble::Unusable(format!("{name} cannot be used ({why}): build it anew"))
        })?;
        let folder = paths::folder(file).to_owned();
        return Ok(MapFile { text: text.unwrap_or_default(), json, folder, name });
    }
    let beside = format!("{file}.map");
    let named = url.filter(|url| !url.contains("://") || url.starts_with("file://"));
    let named = named
        .filter(|url| is_name_of_map(url))
        .map(|url| paths::source(paths::folder(file), "", url));
    let places: Vec<String> = named.into_iter().chain([beside]).collect();
    let is_here = text.is_some();
    let mut found = |map: &String, json: Vec<u8>| {
        let folder = paths::folder(map).to_owned();
        MapFile { text: text.take().unwrap_or_default(), json, folder, name: map.clone() }
    };
    for map in &places {
        if let Some(json) = roots.open(map)? {
            return Ok(found(map, json));
        }
    }
    // Without the generated file, nothing would show that the map is that of another file.
    for map in places.iter().filter(|_| is_here) {
        if let Some(json) = roots.open_moved(map)? {
            return Ok(found(map, json));
        }
    }
    Err(if is_here { Trouble::NoMap } else { Trouble::Missing })
}

/// Returns the text of a generated file; empty when it cannot be read.
pub(super) fn text(file: &str, roots: &Roots<'_>) -> Vec<u8> {
    roots.open(file).ok().flatten().unwrap_or_default()
}

/// Returns the content of a regular file of limited size; `None` when there is none.
fn read(path: &Path) -> Result<Option<Vec<u8>>, Trouble> {
    // The type is checked first, because opening a pipe may block forever.
    let Some(data) = fs::metadata(path).ok().filter(fs::Metadata::is_file) else { return Ok(None) };
    let unusable = |why: &str| Trouble::Unusable(format!("{}: {why}", path.display()));
    // Files that the kernel generates have no length, and may never end.
    if data.len() == 0 {
        return Ok(Some(Vec::new()));
    }
    let too_large =
        || unusable(&format!("larger than the {} MiB that are read", LARGEST_FILE_BYTES >> 20));
    if data.len() > LARGEST_FILE_BYTES {
        return Err(too_large());
    }
    let fail = |error: std::io::Error| unusable(&error.to_string());
    let mut content = Vec::new();
    let file = File::open(path).map_err(fail)?;
    let length = file.take(LARGEST_FILE_BYTES + 1).read_to_end(&mut content).map_err(fail)?;
    if length as u64 > LARGEST_FILE_BYTES { Err(too_large()) } else { Ok(Some(content)) }
}

/// A generated file is not trusted, and may name any file as its map: only names that are
/// usual for maps are opened.
fn is_name_of_map(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    url.ends_with(".map") || url.ends_with(".json")
}

/// Returns the text of the comment `//# sourceMappingURL=` at a file's end. In a script
/// that contains others as strings (for `eval`), such comments are ignored.
pub(super) fn comment(text: &[u8]) -> Option<&str> {
    let mut rest = text.trim_ascii_end();
    loop {
        let start = memchr::memrchr(b'\n', rest).map_or(0, |at| at + 1);
        let line = rest.get(start..)?.trim_ascii();
        if let Some(at) = memchr::memmem::rfind(line, COMMENT) {
            let mark = line.get(..at)?;
            let url = std::str::from_utf8(line.get(at + COMMENT.len()..)?).ok()?;
            let plain = |c: char| !c.is_whitespace() && !matches!(c, '"' | '\'' | '`' | '\\');
            let is_comment = mark.ends_with(b"//# ") || mark.ends_with(b"//@ ");
            return Some(url).filter(|url| is_comment && !url.is_empty() && url.chars().all(plain));
        }
        // Other comments may follow it.
        if !line.is_empty() && !line.starts_with(b"//") {
            return None;
        }
        rest = rest.get(..start)?.trim_ascii_end();
        if rest.is_empty() {
            return None;
        }
    }
}

/// Returns the map in a `data:` URL; `data` is the part after `data:`.
pub(super) fn unpack(data: &str) -> Result<Vec<u8>, String> {
    let (kind, content) = data.split_once(',').ok_or("cut off")?;
    if !kind.ends_with(";base64") {
        return Err("not in base64".to_owned());
    }
    data_encoding::BASE64.decode(content.as_bytes()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_comment_counts_at_the_end_and_not_within_a_string() {
        let cases = [
            ("f();\n//# sourceMappingURL=a.js.map", Some("a.js.map")),
            ("f();//# sourceMappingURL=a.js.map\r\n\r\n", Some("a.js.map")),
            ("//@ sourceMappingURL=a.js.map\n// the end\n", Some("a.js.map")),
            ("//# sourceMappingURL=b.map\n//# sourceMappingURL=a.map\n", Some("a.map")),
            ("//# sourceMappingURL=a.js.map\nf();\n", None),
            ("eval(\"f()//# sourceMappingURL=a.js.map\\n\")", None),
            ("const a = `\n//# sourceMappingURL=${b}`;", None),
            ("//# sourceMappingURL=\n", None),
            ("", None),
            ("\n\n", None),
        ];
        for (text, url) in cases {
            assert_eq!(comment(text.as_bytes()), url, "{text}");
        }
    }

    #[test]
    fn a_source_of_a_package_is_here_when_the_folder_of_the_package_is() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("node_modules/lodash")).unwrap();
        let roots = [("/srv/lodash".to_owned(), dir.path().to_owned())];
        let has = |source| Roots(&roots).has_source(source);
        assert!(has("/srv/lodash/node_modules/lodash/lodash.js"));
        assert!(has("/srv/lodash/node_modules/lodash/src/lodash/lodash.ts"));
        assert!(!has("/srv/lodash/node_modules/other/lodash.js"));
        assert!(!has("/srv/lodash/node_modules/src/lodash.js"));
        assert!(!has("/srv/lodash/src/lodash.ts"));
    }

    #[test]
    fn the_longest_prefix_says_where_a_file_is() {
        let roots = [
            ("/srv/app/".to_owned(), PathBuf::from("app")),
            ("/srv/app/dist".to_owned(), PathBuf::from("build")),
            ("C:\\srv".to_owned(), PathBuf::from("windows")),
        ];
        let here = |path| Roots(&roots).here(path).unwrap();
        assert_eq!(here("/srv/app/dist/a/x.js"), Path::new("build/a/x.js"));
        assert_eq!(here("/srv/app/src/../dist/x.js"), Path::new("build/x.js"));
        assert_eq!(here("/srv/app/distant/x.js"), Path::new("app/distant/x.js"));
        assert_eq!(here("C:/srv/x.js"), Path::new("windows/x.js"));
        assert_eq!(Roots(&roots).here("/opt/x.js"), None);
        assert_eq!(Roots(&[]).here("/opt/x.js").as_deref(), Some(Path::new("/opt/x.js")));
        // Opening it would log in to an unknown machine.
        assert_eq!(Roots(&roots).here(r"\\stranger\share\x.js"), None);
        let shared = [(r"\\build\share".to_owned(), PathBuf::from("share"))];
        let here = Roots(&shared).here(r"\\build\share\x.js");
        assert_eq!(here.as_deref(), Some(Path::new("share/x.js")));
    }
}
