//! Names texts that are no table of measurements, with what would do.

use super::cells::is_time_of_day;

/// The first bytes of a data file of sar (`sar -o`, /var/log/sysstat), on machines with little-endian numbers.
const SAR_MAGIC: &[u8] = b"\x96\xd5";

/// Returns true for the text, the table and the YAML that the command line of AWS writes.
fn is_text_of_aws(text: &[u8]) -> bool {
    let start = text.get(..text.len().min(64 * 1024)).unwrap_or_default();
    let words: [&[u8]; 4] =
        [b"METRICDATARESULTS", b"DATAPOINTS", b"Datapoints:", b"MetricDataResults:"];
    start.split(|&byte| byte == b'\n').any(|line| {
        let line = line.trim_ascii_start();
        words.iter().any(|word| line.starts_with(word))
            || line.starts_with(b"|") && line.windows(9).any(|part| part == b"GetMetric")
    })
}

/// Returns the first line of a text.
fn first_line(text: &[u8]) -> &[u8] {
    text.split(|&byte| byte == b'\n').next().unwrap_or_default().trim_ascii_end()
}

/// Returns true for InfluxDB's line protocol: `cpu,host=web usage=97.1 1796040000000000000`.
fn is_line_protocol(text: &[u8]) -> bool {
    let line = String::from_utf8_lossy(first_line(text));
    let mut words = line.split(' ');
    let (Some(_), Some(fields), Some(time), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return false;
    };
    fields.contains('=') && time.len() == 19 && time.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns true for Graphite's `format=raw`: the name, two times and a step, and the values behind a bar.
fn is_raw_graphite(text: &[u8]) -> bool {
    let line = String::from_utf8_lossy(first_line(text));
    let numbers = line.split('|').next().unwrap_or_default().rsplit(',').take(3);
    let is_number = |cell: &str| !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit());
    line.contains('|') && numbers.clone().count() == 3 && numbers.map(str::trim).all(is_number)
}

/// Returns true when the first lines of a text contain a word.
fn has_word(text: &[u8], word: &[u8]) -> bool {
    text.get(..text.len().min(4_000)).is_some_and(|head| memchr::memmem::find(head, word).is_some())
}

/// Returns true for a table whose second line begins with a time of day.
fn has_times_of_day(text: &[u8]) -> bool {
    let line = text.split(|&byte| byte == b'\n').nth(1).map(String::from_utf8_lossy);
    let first = line.as_deref().and_then(|line| line.split([',', ';', '\t']).next());
    first.is_some_and(|cell| is_time_of_day(cell.trim_matches(['"', ' '])))
}

/// Returns true for a table that psql or the client of MySQL draws: a line of dashes is the second or the first one.
fn is_of_client(text: &[u8]) -> bool {
    let mut lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let is_rule = |line: &[u8]| {
        line.len() > 4
            && line.contains(&b'+')
            && line.iter().all(|byte| matches!(byte, b'-' | b'+'))
    };
    let (first, second) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    is_rule(first) && second.starts_with(b"|") || is_rule(second) && first.contains(&b'|')
}

/// Returns true for a line of `kubectl top --no-headers`, also behind a time: a name, `980m` and `300Mi`.
fn is_of_kubectl(line: &[u8]) -> bool {
    let line = String::from_utf8_lossy(line);
    let has_unit = |word: &str, units: &[&str]| {
        let number = units.iter().find_map(|unit| word.strip_suffix(unit));
        number.is_some_and(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let mut words = line.split_whitespace().rev();
    let (memory, cpu) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    has_unit(memory, &["Ki", "Mi", "Gi"]) && has_unit(cpu, &["m"]) && words.next().is_some()
}

/// Returns true for texts of programs whose lines look like rows of a table.
pub(super) fn is_of_program(text: &[u8]) -> bool {
    is_text_of_aws(text) || is_line_protocol(text) || is_raw_graphite(text)
}

/// Returns the content of a text that is no table.
pub(super) fn found(text: &[u8]) -> &'static str {
    let starts = |with: &[u8]| text.trim_ascii_start().starts_with(with);
    match () {
        () if text.trim_ascii().is_empty() => "the file is empty",
        () if is_text_of_aws(text) => {
            "text of the AWS command line (`--output json` writes what is read)"
        }
        () if is_line_protocol(text) => {
            "InfluxDB's line protocol, which is not read (`influx query --raw`, or `influx -format csv` of \
             version 1, writes a table that is)"
        }
        () if is_raw_graphite(text) => {
            "Graphite's raw format, which is not read (`format=csv` or `format=json` gives what is)"
        }
        () if first_line(text).ends_with(b"} =>") => {
            "the text of promtool (`promtool query range -o json` writes what is read)"
        }
        () if starts(b"# HELP") || starts(b"# TYPE") => {
            "metrics of one moment, as Prometheus scrapes them (its /api/v1/query_range has them \
             over time)"
        }
        () if starts(b"AAA,progname,") => {
            "what nmon writes, which is no table (`awk -F, '/^ZZZZ/{t=$4\" \"$3} /^CPU_ALL,T/{print \
             t\",\"$3+$4}' nmon.csv`, with a line `time,cpu_percent` above it, makes one)"
        }
        () if starts(b"RESET\n") => {
            "what `atop -P` writes, which is no table (`sar -o FILE` and `sadf -d FILE` write one)"
        }
        () if starts(b"Linux ") && has_word(text, b" Command") => {
            "the output of pidstat, whose columns are no table (`pidstat -h -H -u 1 | awk \
             'BEGIN{print \"time,command,pid,%CPU\"} $1~/^[0-9]+$/{print $1\",\"$NF\",\"$3\",\"$8}'` writes one)"
        }
        () if starts(b"top - ") => {
            "what `top -b` prints, which is no table (`pidstat -h -H -u 1 | awk 'BEGIN{print \"time,command,pid,%CPU\"} \
             $1~/^[0-9]+$/{print $1\",\"$NF\",\"$3\",\"$8}'` writes one)"
        }
        () if starts(b"CONTAINER ID ") && has_word(text, b"MEM USAGE / LIMIT") => {
            "the output of `docker stats`, which has no times (`while sleep 1; do docker stats --no-stream --format json \
             | ts '%FT%T%z'; done` writes what is read)"
        }
        () if starts(b"procs ") || starts(b"Linux ") => {
            "the output of vmstat, pidstat, iostat or sar, whose columns are no table (`sadf -d` writes \
             one)"
        }
        () if has_word(text, b"CPU(cores)\x20")
            || has_word(text, b"CPU(cores)\t")
            || is_of_kubectl(first_line(text)) =>
        {
            "the output of `kubectl top`, which is not read (a CSV table with a column `time` is: `echo \
             time,pod,CPUPerc,memory_mib; while sleep 5; do kubectl top pod --no-headers | awk -v t=$(date +%s) \
             '{print t\",\"$1\",\"($2+0)/10\",\"$3+0}'; done` writes one)"
        }
        () if text.windows(17).take(4_000).any(|part| part == b"| Variable_name  ") => {
            "the output of `mysqladmin extended-status`, which has no times (a CSV table with a column \
             `time` is read: `echo time,Threads_running; while sleep 1; do echo $(date +%s),$(mysql -N -e \
             \"SHOW GLOBAL STATUS LIKE 'Threads_running'\" | cut -f2); done` writes one)"
        }
        () if has_word(text, b" (every ") && has_word(text, b"-+-") => {
            "what `\\watch` of psql prints, which is no table (`echo time,numbackends; while sleep 5; do psql --csv -t -c \
             \"SELECT now(), numbackends FROM pg_stat_database WHERE datname = current_database()\"; done` writes one)"
        }
        () if is_of_client(text) => {
            "a table as the clients of databases draw it (`psql --csv -c QUERY` and `mysql -B -e QUERY` write what is \
             read)"
        }
        () if has_word(text, b",msec,task-clock,") || has_word(text, b",task-clock,") => {
            "the counters of `perf stat`, whose times count from its start (`S_TIME_FORMAT=ISO mpstat -o JSON 1` \
             measures the CPU with times of a clock)"
        }
        () if has_times_of_day(text) => {
            "a table whose times have no date (write the date before each time, or Unix time)"
        }
        () if text.starts_with(SAR_MAGIC) => {
            "the data file of sar, which is not read (`sadf -d FILE -- -A` writes what is)"
        }
        () if starts(b"<") && has_word(text, b"<sysstat") => {
            "XML of sadf, which is not read (`sadf -d FILE -- -A` writes what is)"
        }
        () if starts(b"<") => "a page or XML",
        () if text.contains(&0) => "a binary file",
        () => "a text without a column of times",
    }
}
