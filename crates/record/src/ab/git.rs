//! Runs git, and clones the repository of a side.

use std::path::Path;
use std::process::Command;

/// Runs git. Returns its output, or its error message.
pub(super) fn git(directory: Option<&Path>, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new("git");
    if let Some(directory) = directory {
        command.current_dir(directory);
    }
    let output = command.args(arguments).output().map_err(|why| format!("git: {why}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned());
    }
    let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(if message.is_empty() { "git does not know it".to_owned() } else { message })
}

/// Clones a repository with the objects that it has, and checks out a commit.
///
/// # Errors
///
/// Returns git's message, also when a file of the commit could not be checked out: git itself
/// succeeds without the files whose objects are missing.
pub(super) fn clone(from: &Path, commit: &str, to: &Path) -> Result<(), String> {
    let [path, place] = [from, to].map(|path| path.display().to_string());
    git(None, &["clone", "--quiet", "--shared", "--no-checkout", &path, &place])?;
    if let Some(address) = promisor(from) {
        // A partial clone (`--filter`) gets objects when they are needed, and so does its clone.
        for (key, value) in [
            ("core.repositoryFormatVersion", "1"),
            ("extensions.partialClone", "origin"),
            ("remote.origin.promisor", "true"),
            ("remote.origin.url", &address),
        ] {
            git(Some(to), &["config", key, value])?;
        }
    }
    git(Some(to), &["checkout", "--quiet", "--detach", commit])?;
    let missing = git(Some(to), &["ls-files", "--deleted"])?;
    match missing.lines().next() {
        None => Ok(()),
        Some(first) => Err(format!(
            "{} of its files are not in the repository, among them {first}: check the commit out there \
             once, so that git gets them",
            missing.lines().count()
        )),
    }
}

/// Returns the address from which a partial clone gets its missing objects; `None` for other
/// repositories.
fn promisor(repository: &Path) -> Option<String> {
    let list = ["config", "--get-regexp", r"^remote\..*\.promisor$", "true"];
    let found = git(Some(repository), &list).ok()?;
    let name = found.lines().next()?.strip_prefix("remote.")?.strip_suffix(".promisor true")?;
    git(Some(repository), &["remote", "get-url", name]).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;
    use std::fs;

    /// The error was: git checked a commit out without the files that a partial clone did not have, and
    /// succeeded. The run of this side was that of a program that could not start.
    #[test]
    fn a_partial_clone_has_all_files_in_its_sides() {
        if git(None, &["--version"]).is_err() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let [origin, partial, lost] =
            ["origin", "partial", "lost"].map(|name| folder.path().join(name));
        let run = |folder: &Path, arguments: &[&str]| {
            let user = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
            git(Some(folder), &[&user[..], arguments].concat()).unwrap()
        };
        fs::create_dir(&origin).unwrap();
        run(&origin, &["init", "-q"]);
        run(&origin, &["config", "uploadpack.allowFilter", "true"]);
        run(&origin, &["config", "uploadpack.allowAnySHA1InWant", "true"]);
        for text in ["first", "second"] {
            fs::write(origin.join("text"), text).unwrap();
            run(&origin, &["add", "."]);
            run(&origin, &["commit", "-qm", text]);
        }
        let address = format!("file://{}", origin.display());
        let to = partial.display().to_string();
        git(None, &["clone", "-q", "--filter=blob:none", &address, &to]).unwrap();
        let commit = run(&partial, &["rev-parse", "HEAD~1"]);
        // Without the origin, the files cannot be had.
        let away = folder.path().join("away");
        fs::rename(&origin, &away).unwrap();
        assert!(clone(&partial, &commit, &lost).is_err());
        fs::rename(&away, &origin).unwrap();
        let side = folder.path().join("side");
        clone(&partial, &commit, &side).unwrap();
        assert_eq!(fs::read_to_string(side.join("text")).unwrap(), "first");
    }
}
