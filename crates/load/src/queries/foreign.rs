//! Names the statements that other programs log, which are not read.

/// Marks of such logs, which all have to be in the first bytes, and the name of the log.
const LOGS: [(&[&str], &str); 33] = [
    (&["Executing (", "): "], SEQUELIZE),
    (&["Executed (", "): "], SEQUELIZE),
    (
        &["prisma:query "],
        "Prisma's statements, which have no durations in this form (the slow query log of the database has them)",
    ),
    (
        &["\"target\":\"quaint::connector::metrics\""],
        "Prisma's `query` events, which are not read (the slow query log of the database has the same statements)",
    ),
    (
        &["Query: ", " -- params: ["],
        "Drizzle's statements, which have no durations (the slow query log of the database has them)",
    ),
    (
        &["knex:query "],
        "Knex's statements, which have no durations (the slow query log of the database has them)",
    ),
    (
        &["Query: ", "Params: ", "Duration: "],
        "Prisma's `query` events, which are not read (the slow query log of the database has the same statements)",
    ),
    (
        &["query: ", " -- PARAMETERS: ["],
        "TypeORM's statements without durations (`maxQueryExecutionTime: 100` adds the lines `query is slow`)",
    ),
    (&["\"msg\":\"Slow query\"", "\"durationMillis\":"], MONGODB),
    (
        &["\"hostgroup_id\":", "\"duration_us\":"],
        "ProxySQL's log of queries, which is not read (its table `stats_mysql_query_digest` adds up statements, and the slow \
         query log of the database has them)",
    ),
    (&[" COMMAND ", "planSummary: "], MONGODB),
    (
        &["\"millis\"", "\"ns\"", "\"op\""],
        "the profile of MongoDB, which is not read (`db.system.profile.find().sort({ millis: -1 })` lists its slowest \
         commands)",
    ),
    (&["\t", " Query\t"], GENERAL),
    (&["\"EventType\":\"slow_query\""], COCKROACH),
    (&["util/log/exec_log.go:"], COCKROACH),
    (&["util/log/event_log.go:"], COCKROACH),
    (&["1) 1) (integer) ", "3) (integer) "], REDIS),
    (&["sql_batch_completed"], SQL_SERVER),
    (&["rpc_completed"], SQL_SERVER),
    (&["sql_statement_completed"], SQL_SERVER),
    (&[" spid", "Microsoft SQL Server "], SQL_SERVER),
    (
        &["execution_count", "total_elapsed_time"],
        "totals of SQL Server's `sys.dm_exec_query_stats`, which hold no single statements and no times of them \
         (`ORDER BY total_elapsed_time DESC` in the query brings the slowest first)",
    ),
    (&["DIGEST_TEXT", "COUNT_STAR"], DIGESTS),
    (&["digest_text", "count_star"], DIGESTS),
    (
        &["query", "exec_count", "total_latency"],
        "totals of MySQL's schema `sys`, which hold no single statements (its slow query log has them)",
    ),
    (
        &["db.sql", ".statement", "\"Total\""],
        "the top statements of Performance Insights, which hold no single statements (the slow query log of the \
         instance has them)",
    ),
    (&["took_millis["], ELASTIC),
    (&["elasticsearch.slowlog.took"], ELASTIC),
    (
        &["operations were slow in the last "],
        "the log of Cassandra, whose slow operations are not read (`nodetool tablehistograms` shows their latencies)",
    ),
    (&["} <Debug> executeQuery: "], CLICKHOUSE),
    (&["> executeQuery: Read "], CLICKHOUSE),
    (
        &["msg=\"Detected slow query\""],
        "the log of InfluxDB, whose slow queries are not read (each line has its `duration`)",
    ),
    (&["PARSING IN CURSOR #"], "a trace of Oracle, which is not read (`tkprof` adds it up)"),
];

const SEQUELIZE: &str = "Sequelize's statements without durations (`benchmark: true` and `logging: console.log` add them)";
const MONGODB: &str =
    "MongoDB's log, which is not read (`mlogfilter` and `mloginfo --queries` of mtools read it)";
const GENERAL: &str = "the general query log of MySQL, which has no durations (`SET GLOBAL slow_query_log = 1` writes \
    them)";
const COCKROACH: &str = "CockroachDB's log, which is not read (the page \"SQL Activity\" of its console adds up \
    statements)";
const REDIS: &str = "Redis' SLOWLOG, which is not read (the third number of an entry is its duration in microseconds)";
const SQL_SERVER: &str = "a log or events of SQL Server, which are not read (its Query Store adds up statements, and \
    `sys.dm_exec_query_stats` has their totals)";
const DIGESTS: &str = "totals of MySQL's performance_schema, which hold no single statements and no times of them (its \
    slow query log has both)";
const ELASTIC: &str =
    "the slow log of Elasticsearch or OpenSearch, which is not read (each line has its `took`)";
const CLICKHOUSE: &str =
    "ClickHouse's log, which is not read (its table `system.query_log` has the durations)";

/// Returns the name of the log that begins with these bytes; `None` for any other file.
pub(super) fn named(head: &[u8]) -> Option<&'static str> {
    // Some writers of JSON put a blank behind a colon.
    let close: Vec<u8> = head
        .iter()
        .zip(std::iter::once(&b' ').chain(head))
        .filter(|(byte, before)| (**byte, **before) != (b' ', b':'))
        .map(|(byte, _)| *byte)
        .collect();
    let has = |mark: &&str| {
        let found = |text: &[u8]| memchr::memmem::find(text, mark.as_bytes()).is_some();
        found(head) || mark.starts_with('"') && found(&close)
    };
    LOGS.iter().find(|(marks, _)| marks.iter().all(has)).map(|(_, name)| *name)
}
