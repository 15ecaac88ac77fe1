//! The prefix that loggers and containers write before the text of a line.

mod behind;

use super::level::{
    Level, bracketed, level_of_postgres, split_label, split_level, split_other_level,
    split_short_level,
};
use super::naming;
use super::outer::{container, heroku, lambda, lambda_end, level_of_priority};
use super::symbols::{logdown, marked, prisma, signale};
use super::time::{self, Stamp};
use behind::{
    LEVEL_MARKS, behind_category, behind_file, behind_names, behind_time, column_level,
    garbled_time, is_behind_service, time_before_level, time_of_day,
};

pub(super) use behind::{behind_place, behind_process, clock, context};

/// A line, split into its prefix and its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub(super) stamp: Option<Stamp>,
    /// The level, which a logger writes at the start of a message; lines of a stack have
    /// none.
    pub(super) level: Option<Level>,
    /// True for NestJS's lines, which no other logger writes.
    pub(super) is_nest: bool,
    /// Name of the container, pod or log stream of the line; empty when there is none. The
    /// lines of several streams may alternate.
    pub(super) stream: &'a str,
    /// The text, with its indentation.
    pub(super) text: &'a str,
    /// The text with the word that was taken for its level, behind the line's time.
    pub(super) with_level: &'a str,
    /// The width of a level that stands alone before the text: no time and no name of a logger is
    /// beside it. A row of a table may begin in this way.
    pub(super) alone: Option<usize>,
    /// True when that level is a label in a column of its own.
    pub(super) is_label: bool,
    /// The level of an error that the priority of syslog shows before the line.
    pub(super) outer: Option<Level>,
}

impl<'a> Line<'a> {
    fn new(stamp: Option<Stamp>, level: Option<Level>, stream: &'a str, text: &'a str) -> Self {
        let with_level = text;
        Self {
            stamp,
            level,
            is_nest: false,
            stream,
            text,
            with_level,
            alone: None,
            is_label: false,
            outer: None,
        }
    }
}

/// The most times that stand before each other at the start of a line: those of a collector, of a
/// container, and of the program.
const MOST_TIMES: u32 = 3;

/// Splits a line that has no escape sequences.
pub(super) fn parse(line: &str) -> Line<'_> {
    let found = parse_behind(line, MOST_TIMES);
    let is_error = found.level == Some(Level::Error) && !found.is_nest;
    let is_service = is_error && is_behind_service(line, found.text);
    let level = if is_service { Some(Level::Other) } else { found.level };
    Line { level, outer: level_of_priority(line), ..found }
}

/// Splits a line that follows other times; `left` is the number of further times that may follow.
fn parse_behind(line: &str, left: u32) -> Line<'_> {
    let (mut stamp, mut stream) = (None, "");
    let mut text = line;
    // Containers, and programs that collect their logs, write the outermost prefix.
    for _ in 0..4 {
        let Some((time, name, rest)) = container(text) else { break };
        stamp = best(stamp, time);
        stream = if name.is_empty() { stream } else { name };
        text = rest;
    }
    if let Some((time, level, text)) = lambda(text) {
        let stamp = Some(time);
        return Line::new(stamp, Some(level), stream, text);
    }
    if let Some(text) = lambda_end(text) {
        return Line::new(stamp, Some(Level::Error), stream, text);
    }
    if let Some((level, text)) = heroku(stream, text) {
        return Line::new(stamp, Some(level), stream, text);
    }
    if let Some((time, level, rest)) = old_nest_winston(text) {
        let (stamp, text) = (best(stamp, Some(time)), context(rest));
        return Line { is_nest: true, ..Line::new(stamp, Some(level), stream, text) };
    }
    if let Some((time, rest)) = nest(text) {
        let rest = rest.trim_start();
        let stamp = best(stamp, time);
        if let Some((level, rest)) = split_level(rest) {
            let text = context(rest);
            return Line { is_nest: true, ..Line::new(stamp, Some(level), stream, text) };
        }
        // NestJS 6 and 7 write no level: only a stack below the line makes it an error.
        if time.is_some() {
            let text = context(rest);
            return Line { is_nest: true, ..Line::new(stamp, Some(Level::Other), stream, text) };
        }
    }
    if let Some(text) = text.strip_prefix(" ⨯ ").or_else(|| text.strip_prefix("⨯ ")) {
        // Next.js writes this sign before an error.
        return sign(Line::new(stamp, Some(Level::Error), stream, text));
    }
    if let Some((time, level, text)) = marked(text) {
        return Line::new(best(stamp, time), Some(level), stream, context(text));
    }
    if let Some((time, level, text)) = signale(text) {
        let line = Line::new(best(stamp, time), Some(level), stream, text);
        return if time.is_none() { sign(line) } else { line };
    }
    if let Some((level, text)) = prisma(text) {
        return Line::new(stamp, Some(level), stream, text);
    }
    if let Some((level, text)) = logdown(text) {
        return sign(Line::new(stamp, Some(level), stream, text));
    }
    if let Some((level, behind)) = split_label(text) {
        let alone = Some(text.len() - behind.len());
        let is_other = naming::is_only_named(behind, true) || behind.starts_with('|');
        let level = Some(if is_other { Level::Other } else { level });
        return Line { alone, is_label: true, ..Line::new(stamp, level, stream, behind) };
    }
    // log4js writes `[2026-11-24T09:30:00.123] [ERROR] app - text`.
    let (text_of_line, plain) = (text, text.trim_start());
    let indented = plain.len() != text.len();
    let open = plain.strip_prefix('[').unwrap_or(plain);
    let (time, rest) = match time::take(open) {
        Some((time, rest)) if open.len() != plain.len() => {
            (Some(time), rest.strip_prefix(']').unwrap_or(rest))
        }
        Some((time, rest)) => (Some(time), rest),
        None => {
            let rest = time_before_level(plain).or_else(|| time_of_day(plain));
            (None, rest.or_else(|| garbled_time(plain)).unwrap_or(plain))
        }
    };
    let behind = rest.trim_start_matches(LEVEL_MARKS);
    // The log of Go's web server has no levels, and `http` is one of winston's.
    if behind.starts_with("http: panic serving ") {
        return Line::new(best(stamp, time), Some(Level::Error), stream, behind);
    }
    let has_time = time.or(stamp).is_some();
    let first = column_level(rest).filter(|_| has_time).or_else(|| split_level(behind));
    let named = if has_time && first.is_none() { behind_names(behind) } else { None };
    let behind = named.unwrap_or(behind);
    let found = (first.or_else(|| split_level(named?)))
        .or_else(|| split_other_level(behind).filter(|_| has_time))
        .or_else(|| split_short_level(behind).filter(|_| has_time || rest.len() < open.len()))
        .or_else(|| level_of_postgres(rest).filter(|_| has_time));
    match found {
        // The start of Nest's line may be cut off: ` ERROR [Filter] ...`.
        Some((level, behind_level))
            if !indented
                || time.is_some()
                || behind.starts_with("ERROR [")
                || is_badge(text_of_line, behind, behind_level) =>
        {
            let text = behind_level;
            // pino-pretty with the level first: `ERROR [2026-11-27 20:54:54 +0900] (7): x`.
            let (behind_time, text) = match bracketed(text.trim_start()) {
                Some((within, rest)) => match time::take(within) {
                    Some((time, "")) => (Some(time), rest),
                    // logback's pattern may be `%level [%thread] %date %file:%line - %msg`.
                    _ => match time::take(rest.trim_start()).filter(|_| time.is_none()) {
                        Some((time, rest)) => (Some(time), behind_file(rest)),
                        None => (None, time_of_day(text.trim_start()).unwrap_or(text)),
                    },
                },
                // winston's printf may be `[${level}] ${timestamp} ${message}`, or with marks between them.
                None if time.is_none() => match time::take(text.trim_start_matches(LEVEL_MARKS)) {
                    Some((time, rest)) => (Some(time), rest),
                    None => (None, text),
                },
                None => (None, text),
            };
            let is_log4js = open.len() + 1 == plain.len()
                && plain.as_bytes().get(11) == Some(&b'T')
                && plain.as_bytes().get(24) == Some(&b']')
                && behind.starts_with('[');
            let text = if is_log4js { behind_category(text) } else { text };
            let text = context(behind_place(behind_process(text)));
            // Nothing but marks stands between the two, and nothing was taken off before them.
            let is_alone = time.is_none()
                && rest.len() == plain.len()
                && !has_own_time(line, text_of_line)
                && text.len() == behind_level.trim_start_matches(LEVEL_MARKS).len();
            let stamp = best(stamp, time.or(behind_time));
            let alone = is_alone.then(|| plain.len() - text.len());
            let with_level = rest.strip_prefix([' ', '\t']).unwrap_or(rest);
            let line = Line { alone, with_level, ..Line::new(stamp, Some(level), stream, text) };
            let is_row = is_alone && plain.starts_with('|');
            let is_apart = text.len() == behind_level.trim_start_matches([' ', '\t']).len();
            let is_named = is_alone && naming::is_only_named(text, is_apart);
            match is_row || is_named || naming::is_summary(text) {
                true => Line { level: Some(Level::Other), ..line },
                false => line,
            }
        }
        _ if time.is_some() => {
            // A line after a container's time keeps its own indentation.
            // PM2 writes a colon between the two.
            let text = rest.strip_prefix(": ").or_else(|| rest.strip_prefix(' ')).unwrap_or(rest);
            // `aws logs tail --format short` writes a time without a zone before a logger's line.
            if left > 0 && !text.starts_with([' ', '\t']) {
                let inner = parse_behind(text, left - 1);
                if inner.level.is_some() {
                    let stamp = best(best(stamp, time), inner.stamp);
                    let stream = if inner.stream.is_empty() { stream } else { inner.stream };
                    return Line { stamp, stream, ..inner };
                }
            }
            Line::new(best(stamp, time), None, stream, text)
        }
        _ => Line::new(stamp, None, stream, text),
    }
}

/// Returns the line without the level of an error, when a sign stands before a text that only names one:
/// `❌  0 failed`, `❌  Cache disabled`.
fn sign(line: Line<'_>) -> Line<'_> {
    match naming::is_only_named(line.text, false) || naming::is_off(line.text) {
        true => Line { level: Some(Level::Other), ..line },
        false => line,
    }
}

/// Returns true when the time before `text` is one that a logger wrote: JavaScript's own form, or that of access
/// logs. Containers write nanoseconds or an offset.
fn has_own_time(line: &str, text: &str) -> bool {
    let is_of_access_log =
        line.as_bytes().get(2) == Some(&b'/') && line.as_bytes().get(6) == Some(&b'/');
    is_of_access_log
        || line.len() == text.len() + "2026-11-29T06:28:40.123Z ".len()
            && line.as_bytes().get("2026-11-29T06:28:40.123".len()) == Some(&b'Z')
}

/// Splits the text after a prefix that only this log has. `outer` is the line with the prefix, and
/// `name` the name of its stream when the outer line has none.
pub(super) fn within<'a>(outer: Line<'a>, name: &'a str, text: &'a str) -> Line<'a> {
    let inner = parse(text);
    let streams = [inner.stream, outer.stream, name];
    let stream = streams.into_iter().find(|stream| !stream.is_empty()).unwrap_or_default();
    Line { stamp: best(outer.stamp, inner.stamp), stream, ..inner }
}

/// Chooses between a container's time and the line's own: the own time, unless only the
/// outer one has a time zone.
pub(super) fn best(outer: Option<Stamp>, own: Option<Stamp>) -> Option<Stamp> {
    let zoned = |stamp: &Stamp| stamp.zoned;
    own.filter(zoned).or(outer.filter(zoned)).or(own).or(outer)
}

/// Splits the prefix `[Nest] 4242  - TIME` and its variants from the text; returns the time
/// and the text. nest-winston writes no dash, and leaves out the name or the process id on
/// request.
fn nest(text: &str) -> Option<(Option<Stamp>, &str)> {
    let named = bracketed(text).map(|(_, rest)| rest.trim_start());
    let rest = named.unwrap_or(text);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let behind = rest.get(digits..)?.trim_start();
    if let Some(rest) = behind.strip_prefix("- ").filter(|_| named.is_some() && digits > 0) {
        let (stamp, behind) = time::take(rest.trim_start()).unzip();
        return Some((stamp, behind.or_else(|| behind_time(rest)).unwrap_or_default()));
    }
    // Without the dash, a time is needed, and a level in capitals after spaces.
    let at = if time::take(rest).is_some() { rest } else { behind };
    let (stamp, rest) = time::take(at).filter(|_| named.is_some() || at.len() < text.len())?;
    let level = rest.strip_prefix(' ')?.trim_start();
    let is_upper =
        level.len() + 1 < rest.len() && level.starts_with(|c: char| c.is_ascii_uppercase());
    is_upper.then_some((Some(stamp), rest))
}

/// Splits a line as nest-winston up to 1.4 writes it: `[Nest] Error\t11/27/2026, 9:30:03 AM [Ctx] x`.
fn old_nest_winston(text: &str) -> Option<(Stamp, Level, &str)> {
    let (_, rest) = bracketed(text)?;
    let rest =
        rest.strip_prefix(' ').filter(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))?;
    let end = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (word, rest) = rest.split_at_checked(end)?;
    let (level, _) =
        split_level(&format!("{}: ", word.to_ascii_lowercase())).map(|(level, _)| (level, ()))?;
    let (stamp, rest) = time::take(rest.trim_start_matches(['\t', ' ']))?;
    Some((stamp, level, rest))
}

/// Returns true for the badge that consola writes before a message: ` ERROR  text`.
fn is_badge(line: &str, badge: &str, text: &str) -> bool {
    line.len() == badge.len() + 1 && text.starts_with("  ") && !text.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_a_text_is_taken_off() {
        let (error, other) = (Some(Level::Error), Some(Level::Other));
        let cases = [
            ("[Nest] 42  - 11/24/2026, 9:30:03 AM   ERROR [Ctx] no way", error, "no way"),
            ("[Nest] 42  - 11/24/2026, 9:30:03 AM     LOG [Ctx] {/a}: +2ms", other, "{/a}: +2ms"),
            ("2026-11-23T01:24:47.1Z stderr F     at f (/a.js:1:2)", None, "    at f (/a.js:1:2)"),
            ("2026-11-23T01:24:47.1Z     at f (/a.js:1:2)", None, "    at f (/a.js:1:2)"),
            ("2026-11-23T01:24:47+0000 web node[7]: Error: x", None, "Error: x"),
            ("Nov 23 01:24:47 web node[7]:     at f (/a.js:1:2)", None, "    at f (/a.js:1:2)"),
            ("web-1  | Error: x", None, "Error: x"),
            ("web-1  | 2026-11-23T01:24:47Z ERROR x", error, "x"),
            ("[2026-11-24T09:30:00.123] [ERROR] app - x - y", error, "x - y"),
            ("[2026-11-24T09:30:00.123] [ERROR] out of memory - x", error, "out of memory - x"),
            ("[2026-11-24 09:30:00] [ERROR] retry - failed", error, "retry - failed"),
            ("2026-11-29 13:12:36 root.ERROR: x", error, "x"),
            ("[2026-11-29 13:12:36] shop.db.CRITICAL: x", error, "x"),
            ("[2026-11-29 13:12:36] www.example.com: x", None, "www.example.com: x"),
            ("2026-11-29T13:12:45+0000 <error> a.js:17 (Object.f) x", error, "x"),
            ("2026-11-29T13:12:45+0000 <fatal> x (y) z", error, "x (y) z"),
            ("2026-11-29T13:12:45+0000 <b> x", None, "<b> x"),
            ("[2026-11-29T13:12:33.354Z] ERROR (root): x", error, "x"),
            ("emergency: x", error, "x"),
            (" ⨯ x", error, "x"),
            ("ERR! web no way", None, "no way"),
            ("shop ERR! web     at f (/a.js:1:2)", None, "    at f (/a.js:1:2)"),
            ("npm ERR! code ELIFECYCLE", None, "npm ERR! code ELIFECYCLE"),
            ("2026-11-24 09:30:00 error: x", error, "x"),
            ("2026-11-30 05:53:18.123 UTC [42] shop@shop ERROR:  x", error, "x"),
            ("2026-11-30 05:53:18.123 UTC [42] shop@shop LOG:  x", other, "x"),
            ("2026-11-24 09:30:00 [main] ERROR - x", error, "x"),
            ("2026-11-24T09:30:00Z [main] x", None, "[main] x"),
            (" ERROR [Filter] Exception: x", error, "Exception: x"),
            ("2026-11-27T11:05:01.123Z\t8b2f-1\tERROR\tInvoke Error", error, "Invoke Error"),
            ("2026-11-27T11:05:01.123Z\tundefined\tINFO\tx", other, "x"),
            ("2026-11-27 11:00:01 4711 [ERROR] x", error, "x"),
            ("2026-11-27T11:00:01.123456Z 0 [ERROR] [MY-010119] Aborting", error, "Aborting"),
            ("2026-11-27 11:00:01 12 [ERROR] lines", None, "12 [ERROR] lines"),
            ("2026-11-27T11:00:01.123Z\tERROR\tx", error, "x"),
            ("2026-11-27T11:00:01.123Z\terror\tx", error, "x"),
            ("2026-11-27T11:00:01.123Z\tERROR\tdb/pool.go:12\tx y\t{\"try\": 1}", error, "x y"),
            ("2026-11-27T11:00:01.123Z,ERROR,shop,x", error, "shop,x"),
            ("2026-11-27T11:00:01.123Z,error,12,3.4", None, ",error,12,3.4"),
            ("2026-11-27T11:00:01.123Z; ERROR; x", error, "x"),
            ("2026-11-27T11:00:01.123Z (ERROR) x", error, "x"),
            ("30/Nov/2026:18:57:51 +0000 | ERROR    | shop | x", error, "shop | x"),
            ("30/Nov/2026:18:57:51 +0000 | CRIT     | x", error, "x"),
            ("ERROR [main] 2026-11-27 11:00:01,123 File.java:1 - x", error, "x"),
            ("✘ [ERROR] Could not resolve", error, "Could not resolve"),
            ("E1127 11:00:01.123456       1 reflector.go:138] x: y", error, "x: y"),
            ("I1127 11:00:01.123456       1 server.go:1] x", other, "x"),
            ("E1127 is a code", None, "E1127 is a code"),
            ("E, [2026-11-27T11:00:01.123456 #77] ERROR -- : x", error, "x"),
            ("I, [2026-11-27T11:00:01.123456 #77]  INFO -- shop: x", other, "x"),
            (
                "2026.11.27 11:00:01.123456 [ 77 ] {} <Error> executeQuery: x",
                error,
                "executeQuery: x",
            ),
            ("✗ error [shop] x", error, "x"),
            ("[Nest] Error\t11/27/2026, 11:55:58 AM [Ctx] x", error, "x"),
            ("[Shop] Error  11/27/2026, 11:55:58 AM [Ctx] x", error, "x"),
            ("2026-11-27T11:54:54.360Z error [api]: boom", error, "boom"),
            ("[Shop] 7  11/27/2026, 11:55:58 AM   ERROR [Ctx] x", error, "x"),
            ("[Shop] 11/27/2026, 11:55:58 AM   ERROR [Ctx] x", error, "x"),
            ("7  11/27/2026, 11:55:58 AM   ERROR [Ctx] x", error, "x"),
            ("[Nest] 7   - 11/27/2026, 2:43:25 PM   [Ctx] bad +1ms", other, "bad +1ms"),
            ("[11:54:54.360] ERROR (27186): x", error, "x"),
            ("ERROR [11:54:54.360] (7): x", error, "x"),
            ("ERROR [2026-11-27 20:54:54.360 +0900] (7): x", error, "x"),
            ("[11:54:54.360] FATAL (web/27186 on host): x", error, "x"),
            ("[2026-11-27 20:54:54.360 +0900] ERROR (7): x", error, "x"),
            ("2026-11-27T11:05:01.123000+00:00 ecs/web/0a Error: x", None, "Error: x"),
            (
                "2026-11-27T11:05:01+00:00 2026/11/27/[$LATEST]0a     at f (/a.js:1:2)",
                None,
                "    at f (/a.js:1:2)",
            ),
            ("2026-11-27T11:05:01.123000+00:00 i-0123abcd ERROR x", error, "x"),
            ("2026-11-27T11:05:01.123Z read/write failed", None, "read/write failed"),
            ("Nov 27, 2026 @ 11:05:01.123 ERROR x", error, "x"),
            ("error: Error: x", error, "Error: x"),
            ("FATAL ERROR: Reached heap limit", error, "Reached heap limit"),
            ("Error: x", None, "Error: x"),
            ("ERRORS are here", None, "ERRORS are here"),
            ("error in line 3", None, "error in line 3"),
            ("log in | or out", None, "log in | or out"),
            // Ten tools put a prefix of their own before a line.
            ("2026-11-29T15:28:40: [Nest] 7  - 11/29/2026, 3:28:40 PM   ERROR [Ctx] x", error, "x"),
            ("2026-11-29 15:28:40 +09:00: Error: x", None, "Error: x"),
            ("2026-11-29T06:28:40 [Nest] 7  - 11/29/2026, 3:28:40 PM   ERROR [Ctx] x", error, "x"),
            (
                "2026-11-29T06:28:40.1+00:00 app[web.1]:     at f (/a.js:1:2)",
                None,
                "    at f (/a.js:1:2)",
            ),
            ("2026-11-29T06:28:40Z app[3d8d9a] nrt [info] Error: x", None, "Error: x"),
            ("2026-11-29T15:28:40+09:00 {app=\"web\"} Error: x", None, "Error: x"),
            ("<14>1 2026-11-29T06:28:40.123456Z ip-1 node 42 - - Error: x", None, "Error: x"),
            ("<14>1 2026-11-29T06:28:40Z ip-1 node 42 - [a b=\"c\"] Error: x", None, "Error: x"),
            ("<14>Nov 29 15:28:40 ip-1 node[42]: Error: x", None, "Error: x"),
            ("Nov 29 15:28:40.123456 ip-1 node[42]: Error: x", None, "Error: x"),
            ("Sun 2026-11-29 15:28:40 KST ip-1 node[42]: Error: x", None, "Error: x"),
            ("1795933739.984123 ip-1 node[42]: Error: x", None, "Error: x"),
            ("[i44+0000DaaeAi11e] ERROR (42): x", error, "x"),
            ("[2026-11-29_06:30:42] INFO (42): x", other, "x"),
            ("[2026-11-29 15:29:46.464] error - x", error, "x"),
            ("[error] 2026-11-29T06:29:46.715Z x", error, "x"),
            ("ERROR | 2026-11-29T06:29:46.715Z | x", error, "x"),
            ("error: Nov-29-2026 06:29:46: x", error, "x"),
            ("[29/Nov/2026:06:29:46 +0000] error [shop] x", error, "x"),
            ("29 11 2026 06:29:46.715 [web] ERROR: x", error, "x"),
            // Loggers whose level is no word behind a time.
            ("error   x", error, "x"),
            ("warn    Error: x", other, "Error: x"),
            (" Alert      x", error, "x"),
            (" Fail       x", other, "x"),
            ("error  x", None, "error  x"),
            ("error   x of a table", error, "x of a table"),
            ("errors  x", None, "errors  x"),
            ("❌  web x", error, "web x"),
            ("ℹ\u{fe0f}  web x", other, "web x"),
            ("❌ x", None, "❌ x"),
            ("16:30:17.276 ERR web x", error, "web x"),
            ("16:30:17.276 WRN web Error: x", other, "web Error: x"),
            ("2026-11-29 16:30:17.276 +00:00 [FTL] x", error, "x"),
            ("2026-11-29 16:30:17.276 +00:00 [INF] x", other, "x"),
            ("2026-11-29T16:30:17.276Z [api] [OrderService] [ERROR] x", error, "x"),
            ("2026-11-29T16:30:17.276Z [api] [7] [Order] ERROR x", error, "x"),
            ("2026-11-29T16:30:17.276Z [api] [ERR] x", error, "x"),
            ("2026-11-29T16:30:17.276Z [api] [Order] no ERROR x", None, "[api] [Order] no ERROR x"),
            ("Nov 29 15:28:40 shop app/web.1: Error: x", None, "Error: x"),
            ("Nov 29 15:28:40 shop node: 2026-11-29T06:28:40.123Z error: x", error, "x"),
            ("Nov 29 15:28:40 Request failed: x", None, "Nov 29 15:28:40 Request failed: x"),
            (
                "1\t2026-11-29T15:28:40+09:00\t2026-11-29T06:28:40Z\t31\tshop\t10.0.0.1\tUser\tInfo\tapp/web.1\t    at f (/a.js:1:2)",
                None,
                "    at f (/a.js:1:2)",
            ),
            ("ERR x", None, "ERR x"),
            ("[16:30:15.962]       info  @web: x", other, "@web: x"),
            ("[16:30:15.962]   0ms error @web: x", error, "@web: x"),
            ("error @ noon", None, "error @ noon"),
            ("prisma:error ", error, ""),
            ("prisma:warn Error: x", other, "Error: x"),
            ("prisma:errors", None, "prisma:errors"),
            // Services that run a program write lines of their own.
            (
                "2026-11-29T06:28:40.123Z 8b2f-1 Task timed out after 3.01 seconds",
                error,
                "Task timed out after 3.01 seconds",
            ),
            ("RequestId: 8b2f-1 Error: Runtime exited", error, "Error: Runtime exited"),
            ("RequestId: 8b2f-1 x", None, "RequestId: 8b2f-1 x"),
            (
                "2026-11-29T06:28:40.1+00:00 heroku[router]: at=error code=H12 desc=\"Request timeout\" method=GET",
                error,
                "code=H12",
            ),
            (
                "2026-11-29T06:28:40.1+00:00 heroku[router]: at=info method=GET",
                other,
                "at=info method=GET",
            ),
            (
                "2026-11-29T06:28:40.1+00:00 heroku[web.1]: Error R14 (Memory quota exceeded)",
                error,
                "Error R14 (Memory quota exceeded)",
            ),
            (
                "2026-11-29T06:28:40.1+00:00 app[web.1]: at=error code=H12",
                None,
                "at=error code=H12",
            ),
            ("<190>1 2026-11-29T06:28:40.1+00:00 host app web.1 - Error: x", None, "Error: x"),
            (
                "83 <190>1 2026-11-29T06:28:40.1+00:00 host app web.1 -     at f (/a.js:1:2)",
                None,
                "    at f (/a.js:1:2)",
            ),
            (
                "<158>1 2026-11-29T06:28:40.1+00:00 host heroku router - at=error code=H10 desc=\"App crashed\" x",
                error,
                "code=H10",
            ),
        ];
        for (line, level, text) in cases {
            let parsed = parse(line);
            assert_eq!((parsed.level, parsed.text), (level, text), "{line}");
        }
    }
}
