//! The limits of the control groups that the recorder, and so the program, runs in.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder at which control groups are mounted.
const MOUNT: &str = "/sys/fs/cgroup";
/// Limits of memory from this one on are none: version 1 writes a number near 2^63 for "no limit".
const NO_LIMIT_BYTES: u64 = 1 << 60;

/// The tightest limits of a process's control group and of those around it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Microseconds of CPU and of the period, as in the file `cpu.max`: `50000 100000`, or
    /// `max 100000` without a limit. `None` when the system does not show it.
    pub(crate) cpu: Option<String>,
    /// Bytes of memory, or `max` without a limit. `None` when the system does not show it.
    pub(crate) memory: Option<String>,
}

impl Limits {
    /// Returns the limits of this process.
    pub(crate) fn of_this_process() -> Self {
        Self::read(&fs::read_to_string("/proc/self/cgroup").unwrap_or_default(), Path::new(MOUNT))
    }

    /// Reads the limits of the groups in `/proc/PID/cgroup`, whose lines are `NUMBER:CONTROLLERS:PATH`.
    /// Version 2 has one line without controllers.
    fn read(groups: &str, mount: &Path) -> Self {
        let mut limits = Self::default();
        for line in groups.lines() {
            let mut fields = line.splitn(3, ':').skip(1);
            let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else { continue };
            let has = |name: &str| controllers.split(',').any(|one| one == name);
            let around = |folder: &str| around(&mount.join(folder), path);
            if controllers.is_empty() {
                let found = around("");
                limits.cpu = limits.cpu.or(tightest(found.iter().filter_map(|at| cpu_max(at))));
                limits.memory =
                    limits.memory.or(least(found.iter().filter_map(|at| text(at, "memory.max"))));
            }
            if has("cpu") {
                limits.cpu = limits.cpu.or(tightest(around("cpu").iter().filter_map(|at| cfs(at))));
            }
            if has("memory") {
                let found = around("memory");
                let all = found.iter().filter_map(|at| text(at, "memory.limit_in_bytes"));
                limits.memory = limits.memory.or(least(all));
            }
        }
        limits
    }
}

/// Returns the folders of a group and of all groups around it. Within a container, the path can be
/// that of the host, where only the outermost folder is there.
fn around(mount: &Path, path: &str) -> Vec<PathBuf> {
    let group = mount.join(path.trim_start_matches('/'));
    group.ancestors().take_while(|folder| folder.starts_with(mount)).map(Path::to_owned).collect()
}

fn text(folder: &Path, name: &str) -> Option<String> {
    let text = fs::read_to_string(folder.join(name)).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn cpu_max(folder: &Path) -> Option<String> {
    text(folder, "cpu.max")
}

/// Returns the limit of a group of version 1, in the form of version 2.
fn cfs(folder: &Path) -> Option<String> {
    let quota = text(folder, "cpu.cfs_quota_us")?;
    let period = text(folder, "cpu.cfs_period_us")?;
    Some(if quota.starts_with('-') { format!("max {period}") } else { format!("{quota} {period}") })
}

/// Returns the limit with the smallest share of CPU, or one without a limit when there is no other.
fn tightest(all: impl Iterator<Item = String>) -> Option<String> {
    all.min_by(|a, b| {
        let [a, b] = [a, b].map(|limit| share(limit).unwrap_or(f64::INFINITY));
        a.total_cmp(&b)
    })
}

/// Returns the number of cores of a limit; `None` for `max`.
fn share(limit: &str) -> Option<f64> {
    let (quota, period) = limit.split_once(' ')?;
    Some(quota.parse::<f64>().ok()? / period.parse::<f64>().ok()?)
}

/// Returns the smallest number of bytes, or `max` when there is no limit.
fn least(all: impl Iterator<Item = String>) -> Option<String> {
    let bytes = all.map(|limit| limit.parse::<u64>().unwrap_or(u64::MAX));
    let least = bytes.min()?;
    Some(if least < NO_LIMIT_BYTES { least.to_string() } else { "max".to_owned() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    fn read(groups: &str, files: &[(&str, &str)]) -> [Option<String>; 2] {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, format!("{text}\n")).unwrap();
        }
        let limits = Limits::read(groups, folder.path());
        [limits.cpu, limits.memory]
    }

    /// The error was: only the limits at the mount were read, which a container with groups of version 2
    /// has. Slices of systemd and groups of version 1 had none.
    #[test]
    fn limits_are_those_of_the_group_and_of_all_around_it() {
        let some = |cpu: &str, memory: &str| [Some(cpu.to_owned()), Some(memory.to_owned())];
        let slice = "0::/system.slice/shop.service\n";
        let files = [
            ("system.slice/shop.service/cpu.max", "max 100000"),
            ("system.slice/shop.service/memory.max", "1073741824"),
            ("system.slice/cpu.max", "50000 100000"),
            ("system.slice/memory.max", "max"),
        ];
        assert_eq!(read(slice, &files), some("50000 100000", "1073741824"));
        let container = [("cpu.max", "max 100000"), ("memory.max", "max")];
        assert_eq!(read("0::/\n", &container), some("max 100000", "max"));
        // Version 1 within a container: the path is that of the host.
        let first =
            "5:memory:/docker/1f\n4:cpu,cpuacct:/docker/1f\n1:name=systemd:/docker/1f\n0::/\n";
        let files = [
            ("cpu/cpu.cfs_quota_us", "150000"),
            ("cpu/cpu.cfs_period_us", "100000"),
            ("memory/memory.limit_in_bytes", "9223372036854771712"),
        ];
        assert_eq!(read(first, &files), some("150000 100000", "max"));
        let none = [("cpu/cpu.cfs_quota_us", "-1"), ("cpu/cpu.cfs_period_us", "100000")];
        assert_eq!(read(first, &none), [Some("max 100000".to_owned()), None]);
        assert_eq!(read("", &[]), [None, None]);
    }
}
