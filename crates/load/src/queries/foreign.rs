//! Names the statements that other programs log, which are not read.

/// Marks of such logs, which all have to be in the first bytes, and the name of the log.
const LOGS: [(&[&str], &str); 8] = [
    (
        &["Executing (", "): "],
        "Sequelize's statements, which are not read (the slow query log of the database has them with their times)",
    ),
    (
        &["Executed (", "): "],
        "Sequelize's statements, which are not read (the slow query log of the database has them with their times)",
    ),
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
        &["[query] ", " [took "],
        "MikroORM's statements, which are not read (the slow query log of the database has them)",
    ),
    (
        &["\"msg\":\"Slow query\"", "\"durationMillis\":"],
        "MongoDB's log, which is not read (`mlogfilter` and `mloginfo --queries` of mtools read it)",
    ),
    (
        &["\t", " Query\t"],
        "the general query log of MySQL, which has no durations (`SET GLOBAL slow_query_log = 1` writes them)",
    ),
];

/// Returns the name of the log that begins with these bytes; `None` for any other file.
pub(super) fn named(head: &[u8]) -> Option<&'static str> {
    let has = |mark: &&str| memchr::memmem::find(head, mark.as_bytes()).is_some();
    LOGS.iter().find(|(marks, _)| marks.iter().all(has)).map(|(_, name)| *name)
}
