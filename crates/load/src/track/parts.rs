//! Metrics by the words of their names, for names that no list has: `container_cpu_usage_percent`,
//! `db.client.connections.pending_requests`.

use super::{Metric, PER_SECOND};

/// The words of a name, in small letters.
struct Parts(Vec<String>);

/// Words for the part of a whole that is in use.
const USES: &str = "used use usage busy total active load perc pct percent percentage auslastung 사용률 使用率 uso";
/// Words for per cent.
const PER_CENT: &str = "perc pct percent percentage %";
/// Words of a CPU's name that stand for something else than its use, or for a part of it.
const NOT_CPU_USE: &str = "idle iowait wait waiting steal stolen guest nice irq softirq user usr kernel privileged \
    interrupt interrupts io request requests requested reservation reserved quota throttle throttled \
    throttling period periods frequency freq mhz ghz hz clock temp temperature celsius count number \
    num credit credits balance surplus ns ticks jiffies pressure stalled switches info capacity \
    available free unused cache power watts energy joules shares threshold target baseline";
/// Words behind the name of a CPU for times and numbers of cores.
const OF_CORES: &str = "core cores nanocores millicores time seconds second ms milliseconds us micros nanoseconds units \
    avg1 avg5 short 1m 5m 15m limit";
/// Words for memory of another kind than that of a machine.
const NOT_MEMORY: &str = "swap heap nonheap gc limit limits request requests reserved reservation cache cached buffer \
    buffers pool fragmentation pressure shared huge hugepages old eden gpu kernel";
/// Words for a database.
const DATABASES: &str = "db database databases mysql mysqld mariadb pg postgres postgresql rds aurora sql mssql oracle mongodb mongo";
/// Words for libraries whose pools are of connections to a database.
const POOLS: &str =
    "pool pools hikaricp hikari pgbouncer proxysql knex tarn sequelize typeorm prisma connpool";
/// Words for connections.
const CONNECTIONS: &str = "connection connections conn conns backends acquires";
/// Words for pools and connections that have nothing to do with a database.
const OTHER_POOLS: &str = "thread threads threadpool buffer memory mem heap jvm worker workers innodb executor gc storage \
    zfs ceph nginx apache http https httpd haproxy frontend elb alb nlb loadbalancer websocket \
    websockets ws tcp udp socket sockets netstat kafka amqp rabbitmq envoy traefik listener \
    keepalive grpc conntrack ip dhcp object agent string";
/// Words for connections that are not open, or for the number that is allowed.
const NOT_OPEN: &str = "error errors aborted refused failed failures rejected timeout timeouts limit limits allowed idle \
    free available min created creation closed opened closes opens rate new per second reset resets dropped \
    seconds ms time latency percent utilization lifetime age";
/// Words for callers that wait.
const WAITS: &str =
    "waiting wait waits waiters pending queue queued queueing awaiting acquiring enqueued blocked";
/// Words for a length of time.
const TIMES: &str = "time times seconds second sec ms milliseconds millis us micros ns nanoseconds duration latency";
/// Words for disks.
const DISKS: &str = "disk disks volume storage device hdd ssd nvme ebs physicaldisk logicaldisk";

impl Parts {
    /// Splits a name between letters and other characters, and before a capital that follows a small letter
    /// or begins a word behind an abbreviation: `CPUUtilization`, `cpuPercent`.
    fn new(name: &str) -> Self {
        let chars: Vec<char> = name.chars().collect();
        let mut words = vec![String::new()];
        for (at, char) in chars.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| chars.get(at));
            let is_low = |char: Option<&char>| char.is_some_and(|char| char.is_lowercase());
            let is_high = |char: Option<&char>| char.is_some_and(|char| char.is_uppercase());
            let begins = char.is_uppercase()
                && (is_low(before) || is_high(before) && is_low(chars.get(at + 1)));
            if begins || !char.is_alphanumeric() {
                words.push(String::new());
            }
            match (char.is_alphanumeric(), words.last_mut()) {
                (true, Some(word)) => word.extend(char.to_lowercase()),
                _ if *char == '%' => words.push("%".to_owned()),
                _ => {}
            }
        }
        words.retain(|word| !word.is_empty());
        Self(words)
    }

    /// Returns true when one of the words is among those of `known`, which spaces separate.
    fn has(&self, known: &str) -> bool {
        self.place(known).is_some()
    }

    /// Returns the index of the first word that is one of `known`.
    fn place(&self, known: &str) -> Option<usize> {
        self.0.iter().position(|word| known.split(' ').any(|known| known == word))
    }

    /// Returns true for a word that begins with `start`.
    fn starts(&self, start: &str) -> bool {
        self.0.iter().any(|word| word.starts_with(start))
    }

    /// Returns true for a percentile, a deviation or a bound: its value is not that of the usual moment.
    fn is_extreme(&self) -> bool {
        let is_percentile =
            |word: &String| word.strip_prefix('p').is_some_and(|rest| rest.parse::<u32>().is_ok());
        self.has("stddev min max minimum maximum peak highest") || self.0.iter().any(is_percentile)
    }

    /// Returns the bytes in the unit that is the last word, or the last two: `MBytes` and `MiB` are two words.
    fn bytes(&self) -> Option<f64> {
        const KI: f64 = 1_024.0;
        let last = self.0.last()?;
        let before = self.0.iter().rev().nth(1).filter(|_| ["b", "bytes"].contains(&last.as_str()));
        let prefix =
            before.filter(|word| ["k", "m", "g", "ki", "mi", "gi"].contains(&word.as_str()));
        let unit = prefix.map_or(String::new(), Clone::clone) + last;
        Some(match unit.as_str() {
            "kb" | "kilobytes" => 1e3,
            "kib" | "kbytes" => KI,
            "mb" | "megabytes" => 1e6,
            "mib" | "mbytes" => KI * KI,
            "gb" | "gigabytes" => 1e9,
            "gib" | "gbytes" => KI * KI * KI,
            "bytes" => 1.0,
            _ => return None,
        })
    }

    fn cpu(&self) -> Option<Metric> {
        let at = self.place("cpu cpus processor")?;
        let is_used = self.starts("util") || self.has(USES) || self.has(PER_CENT);
        // `cpu_system` is a part of the use, and `system_cpu` that of the machine.
        let behind = self.0.get(at + 1..).unwrap_or_default();
        let is_part = behind.iter().any(|word| ["system", "sys"].contains(&word.as_str()));
        let is_of_cores = self.has(OF_CORES) && !self.starts("util");
        let is_other = self.has(NOT_CPU_USE) || self.starts("gpu") || self.is_extreme();
        let is_load = self.has("load") && self.has("average avg 1 5 15");
        (is_used && !is_part && !is_of_cores && !is_other && !is_load).then_some(Metric::Cpu)
    }

    fn memory(&self) -> Option<Metric> {
        let is_free = self.has("free available avail freeable");
        let is_share = self.starts("util") || self.has(PER_CENT);
        let is_other = self.has(NOT_MEMORY) && !self.starts("util") || self.is_extreme();
        // Windows calls it `Available MBytes`.
        let is_available =
            || self.bytes().is_some() && self.0.first().is_some_and(|it| it == "available");
        if !self.has("memory mem ram") && !is_available() || is_other || self.starts("swap") {
            return None;
        }
        match (is_free, is_share) {
            (true, false) => Some(Metric::FreeMemory),
            (false, true) => Some(Metric::Memory),
            _ => None,
        }
    }

    /// Finds connections of a database or of a pool, and callers that wait for one.
    fn connections(&self) -> Option<Metric> {
        if self.is_other_pool() || self.has("timeout timeouts error errors") {
            return None;
        }
        let is_pool = self.has(POOLS);
        let is_connection = self.has(CONNECTIONS);
        let is_database = self.has(DATABASES);
        if !(is_pool || is_connection && is_database) {
            return None;
        }
        if self.has("idle free available") {
            let is_number = is_pool
                && !self.has("in transaction min max minimum maximum percent %")
                && !self.has(TIMES);
            return is_number.then_some(Metric::PoolIdle);
        }
        let waits = self.has(WAITS) || self.has("acquire acquires") && self.has(TIMES);
        if waits {
            // `max_wait` is a time too, of the caller that has waited longest.
            let is_time = self.has(TIMES) || self.has("maxwait");
            return Some(if is_time { Metric::PoolWait } else { Metric::PoolWaiting });
        }
        let is_bound = self.is_bound();
        let is_open = self.has("active used using busy borrowed acquired leased open")
            || self
                .0
                .windows(2)
                .any(|pair| matches!(pair, [one, other] if one == "in" && other == "use"));
        if self.has(NOT_OPEN) || is_bound {
            return None;
        }
        match (is_pool, is_open) {
            (true, true) => Some(Metric::PoolUsed),
            (false, _) => Some(Metric::Connections),
            (true, false) => None,
        }
    }

    /// Returns true for the greatest number so far, or for the one that is allowed. A statistic stands behind
    /// the name, and does not count.
    fn is_bound(&self) -> bool {
        let subject = self.place(CONNECTIONS).unwrap_or(0);
        let is_before =
            self.place("max maximum").is_some_and(|at| at < subject || self.0.len() == 2);
        is_before || self.has("peak highest size capacity")
    }

    /// Returns true for connections of a web server, a network or a broker, and for pools of something else.
    fn is_other_pool(&self) -> bool {
        self.has(OTHER_POOLS)
    }

    fn disk(&self) -> Option<Metric> {
        let is_timed = self.has(TIMES) || self.has("await");
        if !self.has(DISKS) || self.is_extreme() || self.has("network net") {
            return None;
        }
        let queues = self.has("queue queues") && !is_timed
            || self.has("pending") && self.has("operations ios io");
        let is_slow = self.has("latency await") || self.starts("respons") && is_timed;
        match (queues, is_slow) {
            (true, _) => Some(Metric::DiskQueue),
            (_, true) => Some(Metric::DiskLatency),
            _ => None,
        }
    }

    /// Finds the share of the periods in which the limit of its CPU stopped a container.
    fn throttling(&self) -> Option<Metric> {
        let is_share = self.has(PER_CENT) || self.has("ratio share");
        let is_cpu = self.has("cpu cfs");
        (self.starts("throttl") && is_cpu && is_share && !self.is_extreme())
            .then_some(Metric::CpuThrottled)
    }

    fn event_loop(&self) -> Option<Metric> {
        let is_loop = self.has("eventloop")
            || self
                .0
                .windows(2)
                .any(|pair| matches!(pair, [one, other] if one == "event" && other == "loop"));
        let is_late = self.has("lag delay latency late blocked");
        let is_bound = self.has("min max stddev minimum maximum count");
        if (is_loop && self.starts("util") || self.has("elu")) && !is_bound {
            return Some(Metric::LoopUse);
        }
        (is_loop && is_late && !is_bound).then_some(Metric::EventLoop)
    }

    fn row_locks(&self) -> Option<Metric> {
        let is_lock = self.has("lock locks") && (self.has("row rows") || self.has(DATABASES));
        (is_lock && self.has("wait waits waiting") && !self.has(TIMES)).then_some(Metric::RowLocks)
    }
}

/// Returns the metric that the words of a name stand for; `None` where they may stand for another one.
pub(super) fn metric(name: &str) -> Option<Metric> {
    let parts = Parts::new(without_statistic(name));
    if is_core_seconds(name) {
        return Some(Metric::CoreCpu);
    }
    parts
        .cpu()
        .or_else(|| parts.event_loop())
        .or_else(|| parts.throttling())
        .or_else(|| parts.disk())
        .or_else(|| parts.row_locks())
        .or_else(|| parts.connections())
        .or_else(|| parts.memory())
}

/// Removes a statistic in brackets from the end of a name: `db cpu usage % (maximum)`.
fn without_statistic(name: &str) -> &str {
    const STATISTICS: &str = "average avg mean maximum max minimum min";
    let split = name.trim_end().strip_suffix(')').and_then(|name| name.rsplit_once('('));
    let is_known =
        |statistic: &str| STATISTICS.split(' ').any(|known| known.eq_ignore_ascii_case(statistic));
    let found = split.filter(|(_, statistic)| is_known(statistic));
    found.map_or(name, |(name, _)| name)
}

/// Returns true for the seconds of CPU that a process or a container uses in a second, as the growth of such
/// a counter or a rate of Prometheus: 1 is one core.
pub(crate) fn is_core_seconds(name: &str) -> bool {
    let parts = Parts::new(name);
    let is_rate = name.ends_with(PER_SECOND) || parts.has("rate irate");
    is_rate
        && parts.has("cpu")
        && parts.has("seconds")
        && parts.has("process container pod")
        && !parts.has("idle iowait steal guest user system nice throttled")
}

/// Returns true for a name under which its program always writes a share of one: the normalised fields of Elastic
/// (`system.cpu.total.norm.pct`), the CPU of Micrometer (`process_cpu_usage`), that of Java, and OpenTelemetry's
/// (`system.cpu.utilization`).
pub(crate) fn is_share(name: &str) -> bool {
    const PROGRAMS: [&str; 4] =
        ["system cpu usage", "process cpu usage", "system cpu load", "process cpu load"];
    const TELEMETRY: [&str; 3] =
        ["system.cpu.utilization", "process.cpu.utilization", "system.memory.utilization"];
    let bare = name.split(['{', '[']).next().unwrap_or(name).trim();
    let of_memory = bare.contains("memory.") && bare.ends_with(".pct");
    let is_elastic = [".norm.pct", ".node.pct", ".limit.pct"].iter().any(|end| bare.ends_with(end));
    of_memory
        || is_elastic
        || TELEMETRY.contains(&bare)
        || PROGRAMS.contains(&Parts::new(bare).0.join(" ").as_str())
}

/// Returns true for the name of a CPU whose values may be a number of cores, or of thousandths or less of one,
/// as Kubernetes has them.
pub(crate) fn may_be_cores(name: &str) -> bool {
    let parts = Parts::new(name);
    let is_share = parts.has(PER_CENT) || parts.starts("util");
    // Glances calls the use of the whole machine so.
    let is_of_machine = parts.0 == ["cpu", "total"];
    !is_share && !is_of_machine && parts.has("container kubernetes k8s kube pod total")
}

/// Returns the seconds in the unit of time that a name has, such as 0.001 for `event_loop_lag_ms` and for the
/// waits of iostat.
pub(crate) fn seconds_in(name: &str) -> Option<f64> {
    const UNITS: [(&str, f64); 14] = [
        ("seconds", 1.0),
        ("ms", 1e-3),
        ("msec", 1e-3),
        ("msecs", 1e-3),
        ("millis", 1e-3),
        ("millisecond", 1e-3),
        ("milliseconds", 1e-3),
        ("await", 1e-3),
        ("us", 1e-6),
        ("micros", 1e-6),
        ("microseconds", 1e-6),
        ("ns", 1e-9),
        ("nanos", 1e-9),
        ("nanoseconds", 1e-9),
    ];
    let parts = Parts::new(name.split(['{', '[']).next().unwrap_or(name));
    UNITS.iter().find(|(unit, _)| parts.has(unit)).map(|(_, seconds)| *seconds)
}

/// Returns the bytes in the unit of an amount of memory that is the last word of a name, such as 1,048,576 for
/// `free_memory_mib` and for the `Available MBytes` of Windows.
pub(crate) fn bytes_in(name: &str) -> Option<f64> {
    Parts::new(name.split(['{', '[']).next().unwrap_or(name)).bytes()
}

/// Returns true for the number of connections that a database or a pool allows: `max_connections`, `pool_size`. CloudWatch's
/// `DatabaseConnections (maximum)` is the largest of the samples of a period.
pub(crate) fn is_allowed(name: &str) -> bool {
    let parts = Parts::new(name);
    let is_subject = parts.has(CONNECTIONS) || parts.has(POOLS);
    let is_statistic =
        parts.0.last().is_some_and(|word| word == "maximum") || name.contains("(max");
    is_subject
        && !is_statistic
        && parts.has("max maximum limit size")
        && !parts.has("used reached wait error errors")
        && !parts.is_other_pool()
}

/// Returns true for the name of a state of a database's sessions, or of all of them, in a table of these states.
pub(crate) fn is_in_use(name: &str) -> bool {
    let states = ["active", "used", "busy", "total", "connections", "open"];
    matches!(&*Parts::new(name).0, [word] if states.contains(&word.as_str()))
}

/// Returns true for the name of a pool or of connections that are not of a database: `nginx_connections_active`.
pub(super) fn is_other_pool(name: &str) -> bool {
    Parts::new(name).is_other_pool()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error was: only names of a list had a meaning, so that a CPU at 97 % beside a plateau showed
    /// nothing.
    #[test]
    fn names_of_exporters_and_agents_have_a_meaning_by_their_words() {
        for (known, names) in [
            (
                Metric::Cpu,
                "process_cpu_percent;container_cpu_usage_percent;node_cpu_usage_percent;system.cpu.usage;\
                 process.cpu.usage;cpuPercent;Percentage CPU;SystemCpuLoad;system.cpu.utilization;\
                 pod_cpu_utilization_over_pod_limit;docker.cpu.total.pct;EngineCPUUtilization;cpu_usage_active;\
                 cpu % used;builtin:host.cpu.usage;azure.vm.percentage_cpu;db CPU usage % (maximum);\
                 database/cpu/utilization;cpuUsagePercent;cpu_busy;netdata.system.cpu.percentage;CPU-Auslastung;CPU 사용률(%)",
            ),
            (
                Metric::CoreCpu,
                "process_cpu_seconds_total (a second);rate(process_cpu_seconds_total;\
                 container_cpu_usage_seconds_total (a second)",
            ),
            (
                Metric::Memory,
                "memory_used_percent;container_memory_usage_percent;system.memory.utilization;memoryUsedPercent;\
                 Memory %;kubernetes.memory.usage_pct",
            ),
            (
                Metric::FreeMemory,
                "Available MBytes;memory.available.bytes;node_memory_MemFree_bytes;mem_free",
            ),
            (
                Metric::Connections,
                "mysql.net.connections;pg_connections;db_connections;postgresql.connections;\
                 postgres_active_connections;mysql_conns;mongodb_connections_current",
            ),
            (
                Metric::PoolUsed,
                "app_db_pool_in_use;hikaricp.connections.active;pgbouncer_pools_server_active_connections;\
                 prisma_pool_connections_busy;pool.borrowed;knex_pool_used;proxysql_connection_pool_conn_used",
            ),
            (
                Metric::PoolWaiting,
                "db.client.connections.pending_requests;numPendingAcquires pool;prisma_client_queries_wait;\
                 knex_pool_pending;pg_pool_waiting_count;pgbouncer_pools_client_waiting_connections",
            ),
            (
                Metric::PoolWait,
                "db.client.connections.wait_time;hikaricp_connections_acquire_seconds;pool_acquire_ms",
            ),
            (
                Metric::DiskQueue,
                "disk_queue_length;PhysicalDisk(_Total) Current Disk Queue Length;OS Disk Queue Depth;\
                 system.disk.pending_operations;EBS volume queue length",
            ),
            (Metric::DiskLatency, "disk_read_latency_ms;volume await;azure disk write latency"),
            (
                Metric::EventLoop,
                "event_loop_lag_ms;nodejs_eventloop_lag_p50_seconds;runtime.node.event_loop.delay.avg;\
                 nodejs.eventLoop.delay.avg.ms",
            ),
            (Metric::LoopUse, "eventLoopUtilization;elu.utilization;nodejs_event_loop_utilization"),
            (
                Metric::PoolIdle,
                "db_pool_idle;hikaricp_connections_idle;pool_free_connections;pgPool.idleCount",
            ),
            (Metric::CpuThrottled, "cpu_throttled_percent;container_cpu_throttling_ratio"),
            (Metric::RowLocks, "db_lock_waits;pg_locks_waiting;innodb row lock waiting"),
        ] {
            for name in names.split(';') {
                assert_eq!(Metric::from_name(name), Some(known), "{name}");
            }
        }
    }

    /// The error was: the connections of nginx stood still "as max_connections does".
    #[test]
    fn parts_of_another_quantity_have_no_meaning() {
        let names = "nginx_connections_active;tcp_connections_active;thread_pool_active;http_pool_waiting;\
             cpu_idle_percent;system.cpu.idle;cpu_iowait_percent;cpu_steal;cpu_limit;cpu_requests;cpu_count;\
             cpu_temp_percent;cpu_mhz;cpu_quota_percent;process_cpu_seconds_total;\
             kubernetes.cpu.usage.nanocores;cpu_usage_p95;CPUReservation;cpu_load_avg_5;cpu_cores_used;\
             gpu_utilization;cpu_user_percent;cpu_system_percent;Max_used_connections;max_connections;\
             db_connections_idle;mysql_connection_errors_total;db_connections_per_second;\
             jvm_memory_pool_used;innodb_buffer_pool_wait;heap_memory_percent;memory_limit_percent;\
             swap_free_percent;memory_free_percent;nodejs_eventloop_lag_max_seconds;\
             disk_used_percent;disk_queue_time;network_latency;pool_size;db_latency;row_lock_time;\
             innodb_row_lock_time_avg;connections;sessions;node_cpu_seconds_total (a second);queue_length;\
             worker_pool_pending;ip_pool_used;websocket_connections_active;mysql_connections_total (a second)";
        for name in names.split(';') {
            assert_eq!(Metric::from_name(name), None, "{name}");
        }
    }

    #[test]
    fn units_are_the_words_of_a_name() {
        assert_eq!(seconds_in("nodejs.eventLoop.delay.avg.ms"), Some(1e-3));
        assert_eq!(seconds_in("w_await"), Some(1e-3));
        assert_eq!(seconds_in("event_loop_lag"), None);
        assert_eq!(bytes_in("Available MBytes"), Some(1_048_576.0));
        assert_eq!(bytes_in("memory_free {web}"), None);
        assert!(is_share("Average of system.cpu.total.norm.pct") && is_share("system_cpu_usage"));
        assert!(is_share("system.memory.used.pct") && !is_share("system.cpu.total.pct"));
        assert!(!is_share("cpu_percent") && !is_share("system_cpu_utilization"));
        assert!(
            may_be_cores("kubernetes.pod.cpu.usage")
                && !may_be_cores("cpu_total")
                && !may_be_cores("container_cpu_usage_percent")
        );
    }
}
