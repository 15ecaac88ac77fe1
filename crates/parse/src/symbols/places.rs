//! The paths at which a binary, and its debug file, may lie.

use super::stubs::Binary;
use object::Object;
use std::path::{Path, PathBuf};

/// Returns the other places of a binary: its path, and its name, in each folder.
pub(super) fn beside(logged: &Path, folders: &[PathBuf]) -> Vec<PathBuf> {
    // The log may be from Windows.
    let text = logged.to_string_lossy().replace('\\', "/");
    let drive = text.get(1..2) == Some(":");
    let relative = text.get(if drive { 2 } else { 0 }..).unwrap_or("").trim_start_matches('/');
    let name = text.rsplit('/').next().unwrap_or("");
    let safe = |path: &&str| !path.is_empty() && !path.split('/').any(|part| part == "..");
    let names: Vec<&str> = [relative, name].into_iter().filter(safe).collect();
    folders.iter().flat_map(|folder| names.iter().map(|name| folder.join(name))).collect()
}

/// Returns `FOLDER/.build-id/ab/cdef...` with each of the endings, in each folder.
pub(crate) fn by_build_id(id: &[u8], folders: &[PathBuf], endings: &[&str]) -> Vec<PathBuf> {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let Some((first, rest)) = id.split_at_checked(1) else { return Vec::new() };
    let stem = format!(".build-id/{}/{}", hex(first), hex(rest));
    let paths = |folder: &PathBuf| {
        endings.iter().map(|ending| folder.join(format!("{stem}{ending}"))).collect::<Vec<_>>()
    };
    folders.iter().flat_map(paths).collect()
}

/// Returns the possible paths of a stripped binary's debug information, or of a copy from
/// before stripping (perf's cache).
pub(super) fn debug_files<'a>(file: &Binary<'a>, path: &Path, folders: &[PathBuf]) -> Vec<PathBuf> {
    let system = Path::new("/usr/lib/debug");
    let mut paths = Vec::new();
    if let Ok(Some(id)) = file.build_id() {
        paths.extend(by_build_id(id, &[system.to_owned()], &[".debug"]));
        paths.extend(by_build_id(id, folders, &[".debug", "/debug", "/elf"]));
    }
    if let Ok(Some((name, _))) = file.gnu_debuglink() {
        let name = PathBuf::from(String::from_utf8_lossy(name).into_owned());
        let plain = name.components().count() == 1;
        let parent = path.parent().filter(|_| plain).unwrap_or(Path::new(""));
        paths.push(parent.join(&name));
        paths.push(parent.join(".debug").join(&name));
        paths.push(system.join(parent.strip_prefix("/").unwrap_or(parent)).join(&name));
        paths.extend(folders.iter().map(|folder| folder.join(&name)));
    }
    paths
}

/// Returns the checksum by which a binary identifies its debug file.
pub(super) fn checksum(path: &Path) -> Option<u32> {
    let mut sum = flate2::CrcReader::new(std::fs::File::open(path).ok()?);
    std::io::copy(&mut sum, &mut std::io::sink()).ok()?;
    Some(sum.crc().sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binaries_are_looked_for_by_path_and_by_name_and_never_outside() {
        let folders = [PathBuf::from("s")];
        let looked = |path: &str| beside(Path::new(path), &folders);
        assert_eq!(looked("/opt/bin/node"), [PathBuf::from("s/opt/bin/node"), "s/node".into()]);
        assert_eq!(looked(r"C:\x\node.exe"), [PathBuf::from("s/x/node.exe"), "s/node.exe".into()]);
        assert_eq!(looked("/a/../../etc/x"), [PathBuf::from("s/x")]);
    }
}
