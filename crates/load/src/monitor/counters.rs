//! Counters of databases that only grow: those of MySQL's `SHOW GLOBAL STATUS` and of PostgreSQL's
//! `pg_stat_database`, and those of Prometheus' clients.

/// The names of the counters, in small letters.
const COUNTERS: [&str; 42] = [
    "aborted_clients",
    "aborted_connects",
    "bytes_received",
    "bytes_sent",
    "created_tmp_disk_tables",
    "created_tmp_files",
    "created_tmp_tables",
    "handler_read_rnd_next",
    "innodb_buffer_pool_read_requests",
    "innodb_buffer_pool_reads",
    "innodb_data_fsyncs",
    "innodb_data_reads",
    "innodb_data_writes",
    "innodb_deadlocks",
    "innodb_log_waits",
    "innodb_log_writes",
    "innodb_row_lock_time",
    "innodb_row_lock_waits",
    "innodb_rows_deleted",
    "innodb_rows_inserted",
    "innodb_rows_read",
    "innodb_rows_updated",
    "queries",
    "questions",
    "select_full_join",
    "select_scan",
    "slow_queries",
    "sort_merge_passes",
    "table_locks_waited",
    "blk_read_time",
    "blk_write_time",
    "blks_hit",
    "blks_read",
    "deadlocks",
    "temp_bytes",
    "temp_files",
    "tup_deleted",
    "tup_fetched",
    "tup_inserted",
    "tup_returned",
    "tup_updated",
    "xact_commit",
];

/// Words of Prometheus' exporters before such a name.
const EXPORTERS: [&str; 2] = ["mysql_global_status_", "pg_stat_database_"];

/// Gauges whose names end as those of counters: three of prom-client, and two of postgres_exporter.
const GAUGES: [&str; 5] = [
    "nodejs_active_handles_total",
    "nodejs_active_requests_total",
    "nodejs_active_resources_total",
    "pg_stat_activity_count",
    "pg_locks_count",
];

/// Words for a number of the moment, which may rise and never fall while a test runs.
const OF_MOMENT: [&str; 8] =
    ["waiting", "pending", "active", "idle", "open", "running", "queued", "inflight"];

/// Fewest values that show whether a counter grows.
const FEWEST_VALUES: usize = 3;

/// Returns true for the values of a counter: its name is known, and they are whole numbers or times that never fall and
/// grow at all. A rate under such a name falls somewhere.
pub(super) fn is_counter(name: &str, points: &[(i64, f64)]) -> bool {
    let bare = name.split(['{', '(', '[']).next().unwrap_or(name).trim().to_lowercase();
    let bare = EXPORTERS.iter().find_map(|words| bare.strip_prefix(words)).unwrap_or(&bare);
    // Prometheus' clients end the names of counters in this way, and Glances that of a per cent.
    let is_total = bare.ends_with("_total") && bare != "cpu_total" && !is_gauge(bare);
    let is_known =
        COUNTERS.contains(&bare) || bare == "xact_rollback" || bare.starts_with("com_") || is_total;
    let is_time = bare.ends_with("_time") || is_total && bare.contains("seconds");
    let is_whole = |value: f64| is_time || value.fract() == 0.0;
    let pairs = || points.iter().zip(points.iter().skip(1));
    is_known
        && points.len() >= FEWEST_VALUES
        && points.iter().all(|point| is_whole(point.1))
        && pairs().all(|(before, after)| after.1 >= before.1)
        && pairs().any(|(before, after)| after.1 > before.1)
}

/// Returns true for the name of a number of the moment that ends like the name of a counter.
pub(super) fn is_gauge(metric: &str) -> bool {
    GAUGES.contains(&metric) || metric.split('_').any(|word| OF_MOMENT.contains(&word))
}
