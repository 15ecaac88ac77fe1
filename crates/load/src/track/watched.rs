//! The kind of system that each series of a monitor's file measured.

use super::Metric;
use super::metric::{MADE, plain};
use std::collections::{BTreeMap, BTreeSet};

/// The kind of system that a monitor measured, concluded from the names of its series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WatchedSystem {
    /// A database server.
    Database,
    /// A container, or a service that consists of containers.
    Container,
    /// A machine, or a system whose kind the names do not show.
    #[default]
    Unknown,
}

/// Beginnings of words that name a database.
const DATABASES: [&str; 7] =
    ["rds", "aurora", "mysql", "mariadb", "postgres", "database", "dbinstance"];

/// Words that name a container or a service.
const CONTAINERS: [&str; 6] = ["ecs", "container", "service", "task", "pod", "fargate"];

/// Metrics that only RDS has, without punctuation.
const RDS_METRICS: [&str; 2] = ["freeablememory", "diskqueuedepth"];

impl WatchedSystem {
    /// Returns the kind of system for each series of a file, from pairs of name and identifier. One
    /// file may have series of several systems, as CloudWatch's `get-metric-data` writes them. A series
    /// without evidence of its own is therefore of the kind of another series only when both names are
    /// equal but for the metric. An identifier, such as `m1`, is not part of the name.
    pub(crate) fn from_names(names: &[(&str, &str)]) -> Vec<Self> {
        let own: Vec<Self> =
            names.iter().map(|(name, id)| Self::from_name(&format!("{name} {id}"))).collect();
        // The kind of all series with a subject, or unknown where they differ.
        let mut kinds: BTreeMap<BTreeSet<String>, Self> = BTreeMap::new();
        for ((name, _), own) in names.iter().zip(&own).filter(|(_, own)| **own != Self::Unknown) {
            let kind = kinds.entry(subject(name)).or_insert(*own);
            if kind != own {
                *kind = Self::Unknown;
            }
        }
        let each = names.iter().zip(own);
        each.map(|((name, _), own)| match own {
            Self::Unknown if Metric::is_of_cloudwatch(name) => {
                kinds.get(&subject(name)).copied().unwrap_or_default()
            }
            own => own,
        })
        .collect()
    }

    /// Returns the kind of system that a name alone shows.
    fn from_name(name: &str) -> Self {
        let words: Vec<String> = words(name).collect();
        let is_database = |word: &String| {
            word == "db" || DATABASES.iter().any(|database| word.starts_with(database))
        };
        let plain = plain(name);
        if words.iter().any(is_database)
            || Metric::from_name(name).is_some_and(Metric::is_of_database)
            || RDS_METRICS.iter().any(|metric| plain.contains(metric))
            // Performance Insights names the metrics of a database's machine so.
            || name.starts_with("os.")
        {
            Self::Database
        } else if words.iter().any(|word| CONTAINERS.contains(&word.as_str()))
            || plain.contains("memoryutilization")
        {
            Self::Container
        } else {
            Self::Unknown
        }
    }
}

/// Returns the words of a name, in small letters.
fn words(name: &str) -> impl Iterator<Item = String> + '_ {
    let parts = name.split(|char: char| !char.is_alphanumeric());
    parts.filter(|part| !part.is_empty()).map(str::to_lowercase)
}

/// Returns the words of a name that are neither a metric nor a statistic: they name the measured thing.
pub(crate) fn subject(name: &str) -> BTreeSet<String> {
    let is_metric = |word: &str| {
        Metric::exactly(word).is_some() || RDS_METRICS.contains(&word) || MADE.contains(&word)
    };
    words(name).filter(|word| !is_metric(word)).collect()
}

#[cfg(test)]
mod tests {
    use super::WatchedSystem::{Container, Database, Unknown};
    use super::*;

    #[test]
    fn each_series_has_the_system_that_its_name_shows() {
        for (names, kinds) in [
            // The files of one system.
            (&["CPUUtilization", "DiskQueueDepth", "FreeableMemory"][..], &[Database; 3][..]),
            (&["CPUUtilization (average)", "DatabaseConnections (maximum)"], &[Database; 2]),
            (&["prod-1 CPUUtilization", "prod-1 DatabaseConnections"], &[Database; 2]),
            (&["os.cpuUtilization.total.avg", "db.load.avg"], &[Database; 2]),
            (&["CPUUtilization", "MemoryUtilization"], &[Container; 2]),
            (&["CPUUtilization", "NetworkIn"], &[Unknown; 2]),
            // A service beside its database in one file.
            (
                &[
                    "shop-web CPUUtilization",
                    "shop-db CPUUtilization",
                    "shop-db DatabaseConnections",
                ],
                &[Unknown, Database, Database],
            ),
            (&["CPUUtilization (ECS web)", "DatabaseConnections"], &[Container, Database]),
            (
                &["CPUUtilization (m1)", "CPUUtilization (m2)", "BinLogDiskUsage"],
                &[Unknown, Unknown, Database],
            ),
            (&["cpu {web}", "cpu {db}"], &[Unknown, Database]),
            (&["cpu %", "db_conns"], &[Unknown, Database]),
            (&["cpu_percent", "postgres_backends"], &[Unknown, Database]),
            // Nothing shows whether the CPU is that of the service or of the database.
            (
                &["CPUUtilization", "MemoryUtilization", "DatabaseConnections"],
                &[Unknown, Container, Database],
            ),
        ] {
            let pairs: Vec<(&str, &str)> = names.iter().map(|name| (*name, "")).collect();
            assert_eq!(WatchedSystem::from_names(&pairs), kinds, "{names:?}");
        }
        let (cpu, connections) = ("CPUUtilization", "DatabaseConnections");
        for (ids, kinds) in
            [(["ecs_cpu", "rds_conn"], [Container, Database]), (["m1", "m2"], [Database; 2])]
        {
            let pairs = [(cpu, ids[0]), (connections, ids[1])];
            assert_eq!(WatchedSystem::from_names(&pairs), kinds, "{ids:?}");
        }
    }
}
