//! Metrics whose meaning is known, by their names.

use super::{Unit, parts};

/// A metric of the system that a monitor watched, whose meaning is known from its name.
/// [`Track::metric`](crate::Track::metric) finds it, and [`Track::unit`](crate::Track::unit) has
/// the unit of its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Metric {
    /// CPU use of the machine, database server or container: as a rule, utilisation of all its cores
    /// together. A value whose [`Track::unit`](crate::Track::unit) is plain may be a number of cores.
    Cpu,
    /// CPU use as a part of one core, as `docker stats`, `top` and `pidstat` write it: two busy threads use
    /// 200 %. The number of cores is not known.
    CoreCpu,
    /// Number of CPU credits that a burstable machine has left.
    CpuCredits,
    /// Burst credits that a disk has left, in per cent.
    DiskCredits,
    /// Memory in use, as a part of all memory of the machine, database server or container; as a
    /// rule in per cent.
    Memory,
    /// Amount of free memory.
    FreeMemory,
    /// Amount of memory that is swapped to disk.
    Swap,
    /// Number of open connections to a database.
    Connections,
    /// Number of threads of a database that execute a statement.
    Running,
    /// Number of callers that wait for a connection of a pool.
    PoolWaiting,
    /// Time for which callers wait for a connection of a pool.
    PoolWait,
    /// Number of connections of a pool that are in use.
    PoolUsed,
    /// Number of requests that wait for a disk.
    DiskQueue,
    /// Time that a disk takes for a read, a write or a commit.
    DiskLatency,
    /// Number of reads or writes of a disk a second.
    DiskOperations,
    /// Disk space that a database's binary log takes.
    BinaryLog,
    /// Amount of free disk space.
    FreeSpace,
    /// Mean number of sessions that are active in a database (Performance Insights): of all, or only of
    /// those that use the CPU or wait for something else.
    DatabaseLoad,
    /// Number of waits for a row that another transaction has locked: of those at the moment, or of those
    /// that began.
    RowLocks,
    /// Number of connections that failed to open or were broken off.
    Aborted,
    /// Bytes, or bytes a second, received or sent over the network.
    Network,
    /// Delay of Node's event loop.
    EventLoop,
    /// Share of the time in which Node's event loop did not wait.
    LoopUse,
    /// Number of connections of a pool that nobody uses.
    PoolIdle,
    /// Share of the periods of its CPU limit in which a container was stopped.
    CpuThrottled,
}

/// Names of metrics without punctuation, and their meaning. A longer name has the same meaning when one
/// of its words of more than three letters is one of them, or when it ends with one of ten letters or
/// more: `mydb CPUUtilization`, `mysql_global_status_threads_connected`.
const NAMES: [(&str, Metric); 87] = [
    ("cpu", Metric::Cpu),
    ("cpuutilization", Metric::Cpu),
    ("cputotal", Metric::Cpu),
    ("cpuutilizationtotal", Metric::Cpu),
    ("oscpuutilizationtotal", Metric::Cpu),
    ("cpuusage", Metric::Cpu),
    ("cpupercent", Metric::Cpu),
    ("cpuperc", Metric::CoreCpu),
    ("pcpu", Metric::CoreCpu),
    ("cpucreditbalance", Metric::CpuCredits),
    ("burstbalance", Metric::DiskCredits),
    ("ebsiobalance", Metric::DiskCredits),
    ("ebsbytebalance", Metric::DiskCredits),
    ("memoryutilization", Metric::Memory),
    ("memutilization", Metric::Memory),
    ("memusedpercent", Metric::Memory),
    ("freeablememory", Metric::FreeMemory),
    ("freememory", Metric::FreeMemory),
    ("nodememorymemavailablebytes", Metric::FreeMemory),
    ("osmemoryfree", Metric::FreeMemory),
    ("swapusage", Metric::Swap),
    ("databaseconnections", Metric::Connections),
    ("threadsconnected", Metric::Connections),
    ("pgstatactivitycount", Metric::Connections),
    ("numbackends", Metric::Connections),
    ("threadsrunning", Metric::Running),
    ("pendingrequests", Metric::PoolWaiting),
    ("connectionspending", Metric::PoolWaiting),
    ("poolwaiting", Metric::PoolWaiting),
    ("poolpending", Metric::PoolWaiting),
    ("poolqueue", Metric::PoolWaiting),
    ("poolqueuelength", Metric::PoolWaiting),
    ("waitingclients", Metric::PoolWaiting),
    ("waitingcount", Metric::PoolWaiting),
    ("clwaiting", Metric::PoolWaiting),
    ("clientwaitingconnections", Metric::PoolWaiting),
    ("poolwait", Metric::PoolWait),
    ("poolwaittime", Metric::PoolWait),
    ("poolwaitms", Metric::PoolWait),
    ("poolwaitseconds", Metric::PoolWait),
    ("connectionswaittime", Metric::PoolWait),
    ("maxwait", Metric::PoolWait),
    ("clientmaxwaitseconds", Metric::PoolWait),
    ("databaseconnectionsborrowlatency", Metric::PoolWait),
    ("numpendingacquires", Metric::PoolWaiting),
    ("connectionqueue", Metric::PoolWaiting),
    ("numused", Metric::PoolUsed),
    ("databaseconnectionsborrowed", Metric::PoolUsed),
    ("numfree", Metric::PoolIdle),
    ("freeconnections", Metric::PoolIdle),
    ("poolused", Metric::PoolUsed),
    ("poolactive", Metric::PoolUsed),
    ("poolinuse", Metric::PoolUsed),
    ("connectionsactive", Metric::PoolUsed),
    ("connectionsusage", Metric::PoolUsed),
    ("diskqueuedepth", Metric::DiskQueue),
    ("volumequeuelength", Metric::DiskQueue),
    ("osdiskioavgqueuelen", Metric::DiskQueue),
    ("avgqueuelen", Metric::DiskQueue),
    ("readlatency", Metric::DiskLatency),
    ("writelatency", Metric::DiskLatency),
    ("commitlatency", Metric::DiskLatency),
    ("readiops", Metric::DiskOperations),
    ("writeiops", Metric::DiskOperations),
    ("binlogdiskusage", Metric::BinaryLog),
    ("sumbinarylogusage", Metric::BinaryLog),
    ("freestoragespace", Metric::FreeSpace),
    ("freelocalstorage", Metric::FreeSpace),
    ("dbload", Metric::DatabaseLoad),
    ("dbloadcpu", Metric::DatabaseLoad),
    ("dbloadnoncpu", Metric::DatabaseLoad),
    ("dbsampledload", Metric::DatabaseLoad),
    ("innodbrowlockcurrentwaits", Metric::RowLocks),
    ("innodbrowlockwaits", Metric::RowLocks),
    ("rowlockwaits", Metric::RowLocks),
    ("abortedclients", Metric::Aborted),
    ("abortedconnects", Metric::Aborted),
    ("networkin", Metric::Network),
    ("networkout", Metric::Network),
    ("networkreceivethroughput", Metric::Network),
    ("networktransmitthroughput", Metric::Network),
    ("nodejseventlooplagseconds", Metric::EventLoop),
    ("nodejseventlooplagp99seconds", Metric::EventLoop),
    ("eventlooplag", Metric::EventLoop),
    ("eventloopdelay", Metric::EventLoop),
    ("loopdelay", Metric::EventLoop),
    ("looplag", Metric::EventLoop),
];

/// Words after a metric's name that describe how its value was computed.
pub(super) const MADE: [&str; 12] = [
    "average",
    "maximum",
    "minimum",
    "sum",
    "samplecount",
    "avg",
    "max",
    "min",
    "percent",
    "ms",
    "asecond",
    "rate",
];

/// The end of a name that states that 100 % is one core. The table of `docker stats` gets it, because its
/// column `CPU %` has the name of others.
pub(crate) const OF_ONE_CORE: &str = " of one core";

/// Values of labels whose series are not what the metric's name stands for: `cpu{mode="idle"}`.
const NOT_USED: [&str; 4] = ["idle", "iowait", "steal", "guest"];

/// Returns true for statistics of CloudWatch that add up or count the samples of a period. They
/// depend on the number of samples.
fn is_sum_of_samples(name: &str) -> bool {
    let lower = name.trim_end().to_lowercase();
    ["(sum)", "(samplecount)", "(sample count)"].iter().any(|end| lower.contains(end))
}

/// Returns only the letters and digits of a name, in small letters.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Returns true for the name of one thing of several, such as a machine: letters and a digit or a dash. A
/// percentile (`p95`) and the number of a core are none.
fn is_thing(word: &str) -> bool {
    let is_percentile = word.trim_start_matches(['p', 'P']).parse::<f64>().is_ok();
    !is_percentile
        && word.contains(|c: char| c.is_ascii_digit() || c == '-')
        && word.starts_with(|c: char| c.is_alphabetic())
}

impl Metric {
    /// Returns the metric of a name, in any of its spellings: `CPUUtilization (average)`,
    /// `mysql_global_status_threads_connected{instance="a"}`, `os.cpuUtilization.total.avg`.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let (bare, labels) = name.split_once(['{', '[']).unwrap_or((name, ""));
        let is_part = |part: &str| labels.contains(&format!("\"{part}\""));
        // `sadf -d` names the column of interrupts `CPU*`.
        let is_of_each = bare.trim_end().ends_with('*');
        if NOT_USED.iter().any(|part| is_part(part)) || is_sum_of_samples(bare) || is_of_each {
            return None;
        }
        // Performance Insights names the wait of sessions in braces.
        let locks = ["row_lock", "Lock:transactionid", "Lock:tuple", "lock/metadata"];
        if name.starts_with("db.load.avg") && locks.iter().any(|wait| name.contains(wait)) {
            return Some(Self::RowLocks);
        }
        if bare.trim_start().starts_with("%CPU") || bare.trim_end().ends_with(OF_ONE_CORE) {
            return Some(Self::CoreCpu);
        }
        // Windows counts 100 % for each core, except in the total of the machine.
        if bare.trim_end().ends_with("\\% Processor Time") {
            let is_total =
                bare.contains("\\Processor(_Total)\\") || bare.contains("Information(_Total)\\");
            let is_process = bare.contains("\\Process(");
            return is_total.then_some(Self::Cpu).or(is_process.then_some(Self::CoreCpu));
        }
        let whole = plain(bare);
        let mut text = whole.as_str();
        loop {
            if let Some(known) = Self::exactly(text) {
                return Some(known);
            }
            let made = MADE.iter().find_map(|made| text.strip_suffix(made));
            match made.filter(|rest| !rest.is_empty()) {
                Some(rest) => text = rest,
                None => break,
            }
        }
        // The name of the measured thing may stand before the metric or after it: `CPU web-1`.
        let ends = [bare.trim().split_once(' '), bare.trim().rsplit_once(' ').map(|(a, b)| (b, a))];
        let named = ends.into_iter().flatten().filter(|(thing, _)| is_thing(thing));
        if let Some(known) =
            named.map(|(_, rest)| plain(rest)).find_map(|rest| Self::exactly(&rest))
        {
            return Some(known);
        }
        let is_pool =
            |known: &Self| matches!(known, Self::PoolUsed | Self::PoolWaiting | Self::PoolWait);
        let words = bare.split(|char: char| char.is_whitespace() || ":/,()".contains(char));
        words
            .map(plain)
            .filter(|word| word.len() > 3)
            .find_map(|word| Self::exactly(&word))
            .or_else(|| Self::at_end(text))
            .filter(|known| !(is_pool(known) && parts::is_other_pool(bare)))
            .or_else(|| parts::metric(bare))
    }

    /// Returns true for a name of the CPU whose values are a part of all there is:
    /// `CPUUtilization`, `cpu_percent`. Values of a metric named `cpu` may be cores.
    pub(crate) fn is_utilisation(name: &str) -> bool {
        let name = plain(name);
        ["util", "perc", "pct"].iter().any(|word| name.contains(word))
    }

    /// Returns true for a name that ends with `ms`, for milliseconds: `cpu_ms`.
    pub(crate) fn is_in_milliseconds(name: &str) -> bool {
        let bare = name.split(['{', '[']).next().unwrap_or(name);
        plain(bare).ends_with("ms")
    }

    /// Returns true for a name as CloudWatch and Performance Insights write it, where values are per
    /// cent. Other monitors write shares of one under similar names.
    pub(crate) fn is_of_cloudwatch(name: &str) -> bool {
        ["CPUUtilization", "MemoryUtilization", "os.cpuUtilization", "mem_used_percent"]
            .iter()
            .any(|known| name.contains(known))
    }

    pub(super) fn exactly(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, known)| *known)
    }

    /// Returns the metric at the end of a name. Exporters put their own words before it.
    fn at_end(name: &str) -> Option<Self> {
        let ends = |known: &&(&str, Self)| known.0.len() >= 10 && name.ends_with(known.0);
        NAMES.iter().filter(ends).max_by_key(|known| known.0.len()).map(|(_, known)| *known)
    }

    /// Returns the unit of the metric's values, for a file that does not name a unit.
    pub(crate) fn unit(self) -> Unit {
        match self {
            Self::Cpu | Self::CoreCpu | Self::Memory | Self::DiskCredits | Self::CpuThrottled => {
                Unit::Percent
            }
            Self::LoopUse => Unit::Share,
            Self::FreeMemory | Self::Swap | Self::BinaryLog | Self::FreeSpace => Unit::Bytes,
            _ => Unit::Plain,
        }
    }

    /// Returns the metric's identifier in snake case, as views and JSON write it: `cpu`,
    /// `pool_waiting`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::CoreCpu => "core_cpu",
            Self::CpuCredits => "cpu_credits",
            Self::DiskCredits => "disk_credits",
            Self::Memory => "memory",
            Self::FreeMemory => "free_memory",
            Self::Swap => "swap",
            Self::Connections => "connections",
            Self::Running => "running",
            Self::PoolWaiting => "pool_waiting",
            Self::PoolWait => "pool_wait",
            Self::PoolUsed => "pool_used",
            Self::DiskQueue => "disk_queue",
            Self::DiskLatency => "disk_latency",
            Self::DiskOperations => "disk_operations",
            Self::BinaryLog => "binary_log",
            Self::FreeSpace => "free_space",
            Self::DatabaseLoad => "database_load",
            Self::RowLocks => "row_locks",
            Self::Aborted => "aborted",
            Self::Network => "network",
            Self::EventLoop => "event_loop",
            Self::LoopUse => "event_loop_use",
            Self::PoolIdle => "pool_idle",
            Self::CpuThrottled => "cpu_throttled",
        }
    }

    /// Returns true for a metric that only a database has.
    pub(super) fn is_of_database(self) -> bool {
        matches!(
            self,
            Self::Connections
                | Self::Running
                | Self::BinaryLog
                | Self::DatabaseLoad
                | Self::RowLocks
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_known_however_they_are_written() {
        for (name, known) in [
            ("CPUUtilization", Metric::Cpu),
            ("CPUUtilization (average)", Metric::Cpu),
            ("mydb CPUUtilization", Metric::Cpu),
            ("AWS/RDS CPUUtilization mydb Average", Metric::Cpu),
            ("os.cpuUtilization.total.avg", Metric::Cpu),
            ("mysql_global_status_threads_connected{instance=\"a\"}", Metric::Connections),
            ("DatabaseConnections (maximum)", Metric::Connections),
            ("db.load.avg {io/table/sql/handler}", Metric::DatabaseLoad),
            ("EBSIOBalance%", Metric::DiskCredits),
            ("hikaricp_connections_pending", Metric::PoolWaiting),
            ("pool wait (ms)", Metric::PoolWait),
            ("CPU (average)", Metric::Cpu),
            ("CPU web-1", Metric::Cpu),
            ("\\\\WEB\\Processor(_Total)\\% Processor Time", Metric::Cpu),
            ("\\\\WEB\\Process(node)\\% Processor Time", Metric::CoreCpu),
            ("cl_waiting {shop}", Metric::PoolWaiting),
            ("pgbouncer_pools_client_maxwait_seconds{database=\"a\"}", Metric::PoolWait),
            ("cpu_total", Metric::Cpu),
            ("CPUPerc {web}", Metric::CoreCpu),
            ("%CPU {node}", Metric::CoreCpu),
            ("CPU % of one core {web}", Metric::CoreCpu),
            ("db1 threads connected", Metric::Connections),
            ("BinLogDiskUsage", Metric::BinaryLog),
            ("Threads_running", Metric::Running),
        ] {
            assert_eq!(Metric::from_name(name), Some(known), "{name}");
        }
        for name in [
            "",
            "value",
            "http_requests_total",
            "max",
            "average",
            "in",
            "node cpu frequency",
            "cpu p95",
        ] {
            assert_eq!(Metric::from_name(name), None, "{name}");
        }
    }
}
