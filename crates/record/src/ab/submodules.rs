//! The submodules of a side from git. A clone has empty folders in their places.

use super::git::git;
use std::path::{Path, PathBuf};

/// A submodule as a commit names it.
struct Submodule {
    name: String,
    /// The path within the repository.
    path: String,
    commit: String,
}

/// Checks out the submodules of `side`, and those within them, that are initialised in the repository
/// `from`. Others stay empty, as they are there. Their objects come from the disk where they are
/// there; else git fetches them from the address of the submodule.
///
/// # Errors
///
/// Returns a message that names the submodule.
pub(super) fn check_out(from: &Path, side: &Path) -> Result<(), String> {
    for one in named_in(side)? {
        let Some(local) = local_of(from, &one) else { continue };
        let failed = |why: String| format!("its submodule {}: {why}", one.path);
        let here = side.join(&one.path);
        let has_commit =
            git(Some(&local), &["cat-file", "-e", &format!("{}^{{commit}}", one.commit)]);
        let address = match has_commit {
            Ok(_) => local.display().to_string(),
            Err(_) => address_of(from, &one).map_err(failed)?,
        };
        let key = format!("submodule.{}.url", one.name);
        git(Some(side), &["config", &key, &address]).map_err(failed)?;
        // Git refuses folders as addresses of submodules, because a repository from elsewhere may name
        // any. These are the user's own.
        let update = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "update"];
        let update = [&update[..], &["--no-recommend-shallow", "--", &one.path]].concat();
        git(Some(side), &update).map_err(failed)?;
        check_out(&local, &here).map_err(failed)?;
    }
    Ok(())
}

/// Returns the submodules that the commit of a repository names, and for which it has a commit.
fn named_in(repository: &Path) -> Result<Vec<Submodule>, String> {
    if !repository.join(".gitmodules").is_file() {
        return Ok(Vec::new());
    }
    let list = ["config", "--file", ".gitmodules", "--get-regexp", r"^submodule\..*\.path$"];
    // Without any entry, git ends with an error.
    let entries = git(Some(repository), &list).unwrap_or_default();
    let mut found = Vec::new();
    for line in entries.lines() {
        let Some((key, path)) = line.split_once(' ') else { continue };
        let name = key.strip_prefix("submodule.").and_then(|key| key.strip_suffix(".path"));
        // A line of the index: mode, object, stage, and the path. 160000 is the mode of a submodule.
        let index = git(Some(repository), &["ls-files", "--stage", "--", path])?;
        let mut fields = index.split_whitespace();
        if let (Some(name), Some("160000"), Some(commit)) = (name, fields.next(), fields.next()) {
            let (name, path, commit) = (name.to_owned(), path.to_owned(), commit.to_owned());
            found.push(Submodule { name, path, commit });
        }
    }
    Ok(found)
}

/// Returns the repository of a submodule on this disk: where it is checked out, or where git keeps it
/// while another commit without it is checked out.
fn local_of(from: &Path, one: &Submodule) -> Option<PathBuf> {
    let checked_out = from.join(&one.path);
    if checked_out.join(".git").exists() {
        return Some(checked_out);
    }
    let kept =
        git(Some(from), &["rev-parse", "--git-path", &format!("modules/{}", one.name)]).ok()?;
    Some(from.join(kept)).filter(|kept| kept.is_dir())
}

/// Returns the address from which the user's repository gets a submodule.
fn address_of(from: &Path, one: &Submodule) -> Result<String, String> {
    git(Some(from), &["config", "--get", &format!("submodule.{}.url", one.name)]).map_err(|_| {
        format!(
            "its commit {} is not on this disk: check that commit out once, with `git submodule update`",
            one.commit
        )
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;
    use crate::ab::git::clone;
    use std::fs;

    /// A repository with one commit of a file.
    fn repository(folder: &Path, text: &str) {
        fs::create_dir_all(folder).unwrap();
        run(folder, &["init", "-q"]);
        commit(folder, text);
    }

    fn commit(folder: &Path, text: &str) {
        fs::write(folder.join("text"), text).unwrap();
        run(folder, &["add", "."]);
        run(folder, &["commit", "-qm", "x"]);
    }

    fn run(folder: &Path, arguments: &[&str]) -> String {
        let user = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
        let file = ["-c", "protocol.file.allow=always"];
        git(Some(folder), &[&user[..], &file[..], arguments].concat()).unwrap()
    }

    /// The error was: the folders of submodules were empty in both sides, and the build failed or left
    /// their code out.
    #[test]
    fn a_side_has_the_submodules_of_its_commit() {
        if git(None, &["--version"]).is_err() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let [inner, lib, shop, other] =
            ["inner", "lib", "shop", "other"].map(|name| folder.path().join(name));
        repository(&inner, "inner");
        repository(&other, "other");
        repository(&lib, "first");
        run(&lib, &["submodule", "add", "-q", "../inner", "deep/inner"]);
        run(&lib, &["commit", "-qm", "inner"]);
        repository(&shop, "shop");
        run(&shop, &["submodule", "add", "-q", &lib.display().to_string(), "lib"]);
        run(&shop, &["submodule", "add", "-q", &other.display().to_string(), "other"]);
        run(&shop, &["submodule", "update", "-q", "--init", "--recursive"]);
        run(&shop, &["commit", "-qm", "before"]);
        commit(&shop.join("lib"), "second");
        commit(&shop, "after");
        // Another submodule is not initialised, and its repository is out of reach.
        run(&shop, &["submodule", "deinit", "-q", "-f", "other"]);
        fs::remove_dir_all(shop.join(".git/modules/other")).unwrap();
        fs::remove_dir_all(&other).unwrap();
        fs::remove_dir_all(&inner).unwrap();
        for (commit, text) in [("HEAD~1", "first"), ("HEAD", "second")] {
            let side = folder.path().join(text);
            clone(&shop, &run(&shop, &["rev-parse", commit]), &side).unwrap();
            check_out(&shop, &side).unwrap();
            let read = |path: &str| fs::read_to_string(side.join(path)).unwrap();
            assert_eq!(
                (read("lib/text").as_str(), read("lib/deep/inner/text").as_str()),
                (text, "inner")
            );
            assert!(!side.join("other/text").exists());
        }
        // The user's own checkout is as it was.
        assert_eq!(run(&shop, &["status", "--porcelain"]), "");
        // A commit that is nowhere is named with its submodule.
        run(
            &shop,
            &["update-index", "--cacheinfo", "160000,1111111111111111111111111111111111111111,lib"],
        );
        run(&shop, &["commit", "-qm", "lost"]);
        fs::remove_dir_all(&lib).unwrap();
        let side = folder.path().join("lost");
        clone(&shop, &run(&shop, &["rev-parse", "HEAD"]), &side).unwrap();
        assert!(check_out(&shop, &side).is_err_and(|why| why.starts_with("its submodule lib: ")));
    }
}
