//! Lists the load tests in a run's folder. They are recognised from their content.

use spikeflame_load::Content;
use std::path::{Path, PathBuf};

/// Number of bytes at the start of a file by which a load test is recognised.
const HEAD: usize = 1 << 16;

/// A load test in a folder. Only its first bytes were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadFile {
    /// Path of the file.
    pub path: PathBuf,
    /// Name of the format, such as `k6 JSON`.
    pub format: &'static str,
    /// The kind of data in the file.
    pub content: Content,
}

/// The load tests in a run's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// Path of the folder.
    pub path: PathBuf,
    /// The load tests in the folder, ordered by [`Content`] (the most exact first), and then by
    /// path.
    pub loads: Vec<LoadFile>,
}

impl Folder {
    /// Looks at every file directly in `path`, and keeps the files that are load tests. Subfolders
    /// and files that cannot be read are skipped. A folder that cannot be read has no load tests.
    ///
    /// ```
    /// use spikeflame_run::Folder;
    ///
    /// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/spike/before-1");
    /// let folder = Folder::look(path.as_ref());
    /// assert_eq!(folder.timeline().map(|load| load.format), Some("k6 CSV"));
    /// ```
    pub fn look(path: &Path) -> Self {
        let mut files: Vec<PathBuf> = std::fs::read_dir(path)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.is_file())
            .collect();
        files.sort();
        let mut loads: Vec<LoadFile> = files.into_iter().filter_map(load_file).collect();
        loads.sort_by_key(|load| load.content);
        Self { path: path.to_owned(), loads }
    }

    /// Returns the load tests whose format has a timeline, in the order of `loads`: the most exact first.
    /// Files with totals only ([`Content::Totals`]) are left out.
    pub(crate) fn timelines(&self) -> impl Iterator<Item = &LoadFile> {
        self.loads.iter().filter(|load| load.content < Content::Totals)
    }

    /// Returns the load test with the most exact timeline; `None` when there is none.
    pub fn timeline(&self) -> Option<&LoadFile> {
        self.timelines().next()
    }
}

fn load_file(path: PathBuf) -> Option<LoadFile> {
    let head = spikeflame_parse::head(&path, HEAD).ok()?;
    let found = spikeflame_load::recognise(&head)?;
    Some(LoadFile { path, format: found.name, content: found.content })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    /// The error was: the CSV of a folder with both was read, because of its name.
    #[test]
    fn the_json_of_k6_is_preferred_to_its_csv() {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples");
        let folder = tempfile::tempdir().unwrap();
        let copy = |from: &str, to: &str| {
            std::fs::copy(samples.join(from), folder.path().join(to)).unwrap();
        };
        copy("spike/before-1/k6.csv.gz", "k6.csv.gz");
        copy("load/k6.json.gz", "k6.json.gz");
        let found = Folder::look(folder.path());
        assert_eq!(found.timeline().map(|load| load.format), Some("k6 JSON"));
    }

    #[test]
    fn a_folder_may_hold_the_load_of_any_tool() {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/load");
        for (files, format) in [
            (&["locust-totals.csv", "locust-full.csv"][..], Some("Locust history")),
            (&["artillery.json"], Some("Artillery report")),
            (&["k6-dashboard.html.gz", "k6-summary.txt"], Some("k6 dashboard")),
            (&["dashboard.csv", "k6.json.gz"], Some("k6 JSON")),
            (&["hey.csv", "grafana-k6.csv"], Some("CSV")),
            (&["ab.txt", "ab-plot.tsv"], Some("ab's table")),
            (&["wrk.txt", "oha.json", "siege.json", "locust-totals.csv"], None),
        ] {
            let folder = tempfile::tempdir().unwrap();
            for file in files {
                std::fs::copy(samples.join(file), folder.path().join(file)).unwrap();
            }
            let found = Folder::look(folder.path());
            assert_eq!(found.loads.len(), files.len(), "{files:?}");
            assert_eq!(found.timeline().map(|load| load.format), format, "{files:?}");
        }
    }
}
