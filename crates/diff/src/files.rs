//! Matching source files between two builds or machines: other install paths, hashed bundle
//! names, moved files.

use hashbrown::{HashMap, HashSet};
use std::collections::{BTreeMap, BTreeSet};

/// A name that occurs in more files, as that of the file or of a function, identifies none of them.
const MOST_ALIKE: usize = 100;

fn is_slash(c: char) -> bool {
    c == '/' || c == '\\'
}

/// Returns true for a path on disk, which may begin with an install path.
fn is_path(file: &str) -> bool {
    file.contains(is_slash) && !file.starts_with("node:") && !file.starts_with("internal/")
}

/// Returns the different beginnings of two paths, in front of their common end. Returns
/// `None` when the last part already differs, or when nothing differs.
fn fronts<'a>(a: &'a str, b: &'a str) -> Option<(&'a str, &'a str)> {
    let (mut left, mut right) = (a, b);
    while let (Some((left_part, end)), Some((right_part, to))) =
        (split_at_last_slash(left), split_at_last_slash(right))
    {
        if end != to {
            break;
        }
        (left, right) = (left_part, right_part);
    }
    (left.len() < a.len() && left != right).then_some((left, right))
}

/// Splits a path at its last slash.
fn split_at_last_slash(path: &str) -> Option<(&str, &str)> {
    let at = path.rfind(is_slash)?;
    Some((path.get(..at)?, path.get(at + 1..)?))
}

/// The endings of scripts. A program and its build differ in them.
const SCRIPTS: [&str; 8] = ["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"];

/// Returns the number of parts that two paths have in common at their ends. The last part counts without the
/// ending of a script, and without the query that a development server adds.
fn common_ends(one: &str, other: &str) -> usize {
    fn parts(file: &str) -> impl Iterator<Item = &str> {
        let file = file.split('?').next().unwrap_or(file);
        let stem = file.rsplit_once('.').filter(|(_, ending)| SCRIPTS.contains(ending));
        stem.map_or(file, |(stem, _)| stem).rsplit(is_slash)
    }
    parts(one).zip(parts(other)).take_while(|(one, other)| one == other).count()
}

/// Finds the install paths of another run's program: pairs of `(its path, the model's
/// path)`, one for each folder that contains a part of the program.
pub(crate) fn common_roots(
    model: &BTreeSet<&str>,
    files: &BTreeSet<&str>,
) -> Vec<(String, String)> {
    if files.iter().all(|file| !is_path(file) || model.contains(*file)) {
        return Vec::new();
    }
    let plain = |file: &&str| without_hash(file).unwrap_or_else(|| (*file).to_owned());
    let end = |file: &str| file.rsplit(is_slash).next().unwrap_or(file).to_owned();
    let mut by_end: HashMap<String, Vec<String>> = HashMap::new();
    for file in model.iter().filter(|file| is_path(file)).map(plain) {
        by_end.entry(end(&file)).or_default().push(file);
    }
    let lost = files.iter().filter(|file| is_path(file) && !model.contains(*file));
    let mut lost: Vec<String> = lost.map(plain).collect();
    let mut roots: Vec<(String, String)> = Vec::new();
    // A program lies in few folders: the application, Node itself, a folder beside it.
    for _ in 0..4 {
        let mut votes: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for file in &lost {
            let fits = by_end.get(&end(file)).filter(|fits| fits.len() <= MOST_ALIKE);
            let fits = fits.into_iter().flatten().filter_map(|other| fronts(file, other));
            // The longest common end is the best evidence; several ends of this length are
            // none.
            let mut best: Vec<(&str, &str)> = fits.collect();
            best.sort_unstable_by_key(|front| front.0.len());
            match best.as_slice() {
                [only] => *votes.entry(*only).or_default() += 1,
                [first, second, ..] if first.0.len() < second.0.len() => {
                    *votes.entry(*first).or_default() += 1;
                }
                _ => {}
            }
        }
        let cast: usize = votes.values().sum();
        let most = votes.into_iter().max_by_key(|(pair, count)| (*count, *pair));
        let Some(((before_root, after_root), count)) = most else { break };
        // These files moved within one folder, so it is not another install path.
        let both = files.iter().any(|file| below(file, after_root) && !below(file, before_root));
        if both || count * 2 < cast {
            break;
        }
        roots.push((before_root.to_owned(), after_root.to_owned()));
        lost.retain(|file| !roots.iter().any(|(before_root, _)| below(file, before_root)));
    }
    roots
}

fn below(file: &str, folder: &str) -> bool {
    file.strip_prefix(folder).is_some_and(|rest| rest.starts_with(is_slash))
}

/// Returns a file with the first fitting beginning replaced: whole folders only, or any
/// prefix, as the user writes them.
pub(crate) fn replaced(file: &str, fronts: &[(String, String)], folders: bool) -> Option<String> {
    let fits = |from: &str| if folders { below(file, from) } else { file.starts_with(from) };
    let (from, to) = fronts.iter().find(|(from, _)| fits(from))?;
    Some(format!("{to}{}", file.get(from.len()..)?))
}

/// Returns the file with the hash in its name, which a bundler adds, replaced by `*`:
/// `main.3f9a.js`, `chunk-ABC123.js`. Returns `None` when there is no hash.
pub(crate) fn without_hash(file: &str) -> Option<String> {
    let start = file.rfind(is_slash).map_or(0, |at| at + 1);
    let (folder, name) = file.split_at_checked(start)?;
    let (stem, extension) = name.rsplit_once('.')?;
    let (stem, min) = match stem.strip_suffix(".min") {
        Some(stem) => (stem, ".min"),
        None => (stem, ""),
    };
    let at = stem.rfind(['.', '-', '_', '~'])?;
    let (front, hash) = (stem.get(..=at)?, stem.get(at + 1..)?);
    looks_hashed(hash).then(|| format!("{folder}{front}*{min}.{extension}"))
}

fn looks_hashed(part: &str) -> bool {
    let all = |test: fn(&u8) -> bool| part.bytes().all(|b| test(&b));
    let any = |test: fn(&u8) -> bool| part.bytes().any(|b| test(&b));
    if part.len() < 4 || !all(u8::is_ascii_alphanumeric) {
        return false;
    }
    let (digits, lower, upper) =
        (any(u8::is_ascii_digit), any(u8::is_ascii_lowercase), any(u8::is_ascii_uppercase));
    let hexadecimal = all(u8::is_ascii_hexdigit) && digits && (lower || upper);
    let base32 = part.len() >= 6 && upper && !lower;
    let mixed = part.len() >= 8 && [digits, lower, upper].iter().filter(|has| **has).count() > 1;
    hexadecimal || base32 || mixed
}

/// The names of the functions that were seen in each file of one side.
pub(crate) type Names<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// A file that exists on both sides, perhaps with different paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SameFile<'a> {
    pub(crate) before: &'a str,
    pub(crate) after: &'a str,
    /// True when the file moved, and only its functions show that it is the same.
    pub(crate) guessed: bool,
}

/// Returns the files that only `side` has, in the order of their names.
fn without<'a>(side: &Names<'a>, other: &Names<'a>) -> Vec<&'a str> {
    let mut files: Vec<&str> =
        side.keys().copied().filter(|file| !other.contains_key(file)).collect();
    files.sort_unstable();
    files
}

/// Pairs the files of both sides: by path, by path without hash, then by their functions.
pub(crate) fn pair<'a>(before: &Names<'a>, after: &Names<'a>) -> Vec<SameFile<'a>> {
    let (gone, new) = (without(before, after), without(after, before));
    let mut pairs: Vec<SameFile<'a>> = before
        .keys()
        .filter(|file| after.contains_key(*file))
        .map(|&file| SameFile { before: file, after: file, guessed: false })
        .collect();
    // Candidates by similarity: (score, before, after), the best first.
    let mut candidates: Vec<(f64, bool, &str, &str)> = Vec::new();
    let mut by_name: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut by_hashless: HashMap<String, Vec<&str>> = HashMap::new();
    for &file in &new {
        for name in after.get(file).into_iter().flatten() {
            by_name.entry(name).or_default().push(file);
        }
        if let Some(name) = without_hash(file) {
            by_hashless.entry(name).or_default().push(file);
        }
    }
    for &gone_file in &gone {
        let Some(names) = before.get(gone_file) else { continue };
        let hashless = without_hash(gone_file).and_then(|name| by_hashless.get(&name));
        // The number of common functions, by file.
        let mut common: BTreeMap<&str, usize> = BTreeMap::new();
        for other in hashless.into_iter().flatten() {
            common.insert(other, 0);
        }
        let telling = names.iter().filter_map(|name| by_name.get(name));
        for other in telling.filter(|files| files.len() <= MOST_ALIKE).flatten() {
            *common.entry(other).or_default() += 1;
        }
        for (other, shared) in common {
            let fewer = names.len().min(after.get(other).map_or(0, BTreeSet::len));
            let share = shared as f64 / fewer.max(1) as f64;
            let ends = common_ends(gone_file, other);
            let same_end = ends > 0;
            let moved = if same_end { shared >= 1 } else { shared >= 3 };
            if hashless.is_some_and(|alike| alike.contains(&other)) {
                candidates.push((2.0 + share, false, gone_file, other));
            } else if moved && share >= 0.5 {
                // Several folders can have an `index.js`.
                let nearer = f64::from(u8::from(same_end)) + ends as f64 / 1e3;
                candidates.push((share + nearer, true, gone_file, other));
            }
        }
    }
    candidates.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| (a.2, a.3).cmp(&(b.2, b.3))));
    let (mut used, mut taken) = (HashSet::new(), HashSet::new());
    for (_, guessed, before, after) in candidates {
        if !used.contains(before) && !taken.contains(after) {
            used.insert(before);
            taken.insert(after);
            pairs.push(SameFile { before, after, guessed });
        }
    }
    pairs.sort_unstable_by_key(|pair| (pair.before, pair.after));
    pairs
}

/// The names of files without a pair. A bundler may have put their functions into another file.
pub(crate) struct LoneFiles<'n, 'a> {
    before: Vec<&'n BTreeSet<&'a str>>,
    after: Vec<&'n BTreeSet<&'a str>>,
}

impl<'n, 'a> LoneFiles<'n, 'a> {
    pub(crate) fn new(pairs: &[SameFile<'a>], [before, after]: [&'n Names<'a>; 2]) -> Self {
        let paired_before: HashSet<&str> = pairs.iter().map(|pair| pair.before).collect();
        let paired_after: HashSet<&str> = pairs.iter().map(|pair| pair.after).collect();
        let lone = |side: &'n Names<'a>, paired: &HashSet<&str>| {
            let files = side.iter().filter(|(file, _)| !paired.contains(*file));
            files.map(|(_, names)| names).collect()
        };
        Self { before: lone(before, &paired_before), after: lone(after, &paired_after) }
    }

    /// Returns the names in a pair of files that do not show which function is which, because files of the
    /// other side whose functions are in the same file have these names too. `before` and `after` are the
    /// names in the files of the pair.
    pub(crate) fn shared_names(
        &self,
        before: &BTreeSet<&'a str>,
        after: &BTreeSet<&'a str>,
    ) -> BTreeSet<&'a str> {
        let mut shared = BTreeSet::new();
        for (lone, file) in [(&self.before, after), (&self.after, before)] {
            for names in lone {
                let common: Vec<&'a str> = names.intersection(file).copied().collect();
                if common.len() * 2 >= names.len() {
                    shared.extend(common);
                }
            }
        }
        shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_of_bundlers_are_seen_and_names_left_alone() {
        let cases = [
            ("/srv/main.3f9a.js", Some("/srv/main.*.js")),
            ("dist/chunk-ABC123.js", Some("dist/chunk-*.js")),
            ("dist/chunk-4XJ7MYV2.mjs", Some("dist/chunk-*.mjs")),
            ("assets/index-DiwrgTda.js", Some("assets/index-*.js")),
            ("main.8e0d62a03d5c4b1d2f3e.min.js", Some("main.*.min.js")),
            ("/srv/lib/query-builder.js", None),
            ("/srv/lodash-compat.js", None),
            ("/srv/boards.service.js", None),
            ("/srv/sha256.js", None),
            ("/srv/lib/utf-8.js", None),
            ("/srv/es2015.js", None),
            ("node:fs", None),
        ];
        for (file, expected) in cases {
            assert_eq!(without_hash(file).as_deref(), expected, "{file}");
        }
    }

    #[test]
    fn another_install_path_is_found_by_vote() {
        let model: BTreeSet<&str> = [
            "/srv/app/dist/main.js",
            "/srv/app/dist/a/index.js",
            "/srv/app/node_modules/x/index.js",
            "node:fs",
        ]
        .into();
        let files: BTreeSet<&str> = [
            "/builds/7/dist/main.js",
            "/builds/7/dist/a/index.js",
            "/builds/7/node_modules/x/index.js",
            "/builds/7/dist/new.js",
            "node:fs",
        ]
        .into();
        let roots = common_roots(&model, &files);
        assert_eq!(roots, [("/builds/7".to_owned(), "/srv/app".to_owned())]);
        let moved = replaced("/builds/7/dist/new.js", &roots, true);
        assert_eq!(moved.as_deref(), Some("/srv/app/dist/new.js"));
        assert_eq!(replaced("/builds/77/dist/new.js", &roots, true), None);
        assert!(common_roots(&model, &model).is_empty());
        // One file that moved is not another install path.
        let files: BTreeSet<&str> =
            ["/srv/app/dist/b/main.js", "/srv/app/dist/one.js", "/srv/app/dist/two.js"].into();
        assert!(common_roots(&model, &files).is_empty());
    }

    #[test]
    fn files_pair_by_path_hash_and_functions() {
        let side = |files: &[(&'static str, &[&'static str])]| -> Names<'static> {
            files.iter().map(|(file, names)| (*file, names.iter().copied().collect())).collect()
        };
        let before = side(&[
            ("/srv/a.js", &["f"]),
            ("/srv/chunk-AAA111.js", &["p", "q"]),
            ("/srv/chunk-BBB222.js", &["x", "y"]),
            ("/srv/old/parse.js", &["parse", "tokens"]),
            ("/srv/gone.js", &["parse"]),
        ]);
        let after = side(&[
            ("/srv/a.js", &["g"]),
            ("/srv/chunk-CCC333.js", &["x", "y", "z"]),
            ("/srv/chunk-DDD444.js", &["p"]),
            ("/srv/lib/parse.js", &["parse", "tokens"]),
            ("/srv/new.js", &["h"]),
        ]);
        let pairs = pair(&before, &after);
        let found: Vec<_> = pairs.iter().map(|p| (p.before, p.after, p.guessed)).collect();
        let expected = [
            ("/srv/a.js", "/srv/a.js", false),
            ("/srv/chunk-AAA111.js", "/srv/chunk-DDD444.js", false),
            ("/srv/chunk-BBB222.js", "/srv/chunk-CCC333.js", false),
            ("/srv/old/parse.js", "/srv/lib/parse.js", true),
        ];
        assert_eq!(found, expected);
        // The files of a program and of its build, of which two have one name and one function.
        let before = side(&[("src/a/index.ts", &["run"]), ("src/b/index.ts", &["run"])]);
        let after = side(&[("dist/a/index.js", &["run"]), ("dist/b/index.js?t=17", &["run"])]);
        let found: Vec<_> = pair(&before, &after).iter().map(|p| (p.before, p.after)).collect();
        let expected =
            [("src/a/index.ts", "dist/a/index.js"), ("src/b/index.ts", "dist/b/index.js?t=17")];
        assert_eq!(found, expected);
    }
}
