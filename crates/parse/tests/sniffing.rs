//! Recognising formats: texts that look like recordings but are not, recordings that look
//! like something else, and files of other programs.

use spikeflame_parse::{Error, InputFormat, Options, read_stream};
use spikeflame_profile::{CallTree, Profile, Selection, folded};
use std::path::Path;

pub(crate) fn read(bytes: &[u8]) -> Result<Profile, Error> {
    read_stream(bytes, Path::new("x"), &Options::default())
}

/// Returns the message for a refused file.
pub(crate) fn refused(bytes: &[u8]) -> String {
    match read(bytes) {
        Err(Error::Unrecognised { found, .. }) => found.to_owned(),
        Err(other) => panic!("{other}"),
        Ok(profile) => {
            let text = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]);
            panic!("read as {}: {text}", profile.sources[0].producer)
        }
    }
}

pub(crate) fn assert_folded(text: &str, total: u64) {
    let start = &text[..text.len().min(100)];
    let profile = read(text.as_bytes()).unwrap_or_else(|error| panic!("{start}: {error}"));
    assert_eq!(profile.sources[0].producer, "folded stacks", "{start}");
    assert_eq!(profile.total(), total, "{start}");
}

#[test]
fn folded_stacks_that_begin_with_a_bracket_are_no_json() {
    for (text, total) in [
        (
            "[main tid=4711];java/lang/Thread.run;App.main;App.work 12\n[GC Thread#0 tid=4713];a 3\n",
            15,
        ),
        ("[unknown];main;work 12\n", 12),
        ("[kernel.kallsyms] 8\n", 8),
        ("[kernel.kallsyms]_[k] 8\n", 8),
        ("[vdso] 1\n[unknown] 2\n", 3),
        ("{closure};main 12\n", 12),
        ("{{closure}};main 12\n", 12),
        ("{};main 12\n", 12),
        ("{main};Foo::bar;{closure#1} 4\n", 4),
        ("[];main 12\n", 12),
        ("[1];main 12\n[2];main 3\n", 15),
        ("[0]\t;x 2\n", 2),
        ("[[vdso]];main 2\n", 2),
        ("[\"a\"];main 2\n", 2),
        ("[true];main 2\n[false];main 3\n", 5),
        ("[null] f;main 2\n", 2),
        ("[native code];main 2\n", 2),
        ("[-1] thread;main 2\n", 2),
        ("{\"x\"};main 2\n", 2),
        ("\u{feff}[unknown];main;work 12\n", 12),
        ("\n\n[unknown];main;work 12\r\n", 12),
        ("[unknown];main;work 12", 12),
    ] {
        assert_folded(text, total);
    }
}

/// The error was: tables, settings and code with `;` were drawn when their lines end in a number.
#[test]
fn tables_and_code_with_semicolons_are_no_stacks() {
    for text in [
        "Produkt;Anzahl\nA1;Schraube M4 20\nA2;Schraube M5 25\n",
        "id;name;note\n1;Anna;Klasse 4\n2;Bert;Klasse 5\n",
        "ELO;Player;Rating\nx;Carlsen, Magnus;NOR 2830\ny;Caruana, Fabiano;USA 2805\n",
        "Meier;Berlin;10115 030123\nSchulz;Hamburg;20095 040456\n",
        "Berlin;3 769 495\nHamburg;1 899 160\n",
        "1;Anna Maria 33\n2;Bert Otto 44\n",
        "host;600;1700000000;all;1.00 98\nhost;600;1700000600;all;1.20 97\n",
        "2026-11-28;08:00;Frankfurt 12\n2026-11-28;09:00;Mainz 13\n",
        "0041;LATIN CAPITAL LETTER A;Lu;0;L 65\n",
        "SELECT a FROM t;SELECT b FROM u LIMIT 10\nDELETE FROM t;INSERT INTO u SELECT 1\n",
        "a{color:red;margin:0;padding:0 10\nb{margin:0;width:5 4\n",
        "int a = 1;int b = 2\nint c = 3;int d = 4\n",
        "for(i=0;i<10;i++) x += 1\nwhile(1);x = 3\n",
        "C:\\Windows;C:\\Windows\\System32;C:\\Program Files\\nodejs 12\n",
        "lib/a.jar;lib/b.jar 3\n",
        "text/html;charset=utf-8 200\ntext/css;charset=utf-8 12\n",
        "Cookie: a=1;b=2 3\n",
        "disk.used;datacenter=dc1;server=web01 42\n",
        "chr1\tgene\tID=a;Name=b\t100\n",
        "&lt;div&gt; 12\n&amp;x;y 13\n",
    ] {
        let found = refused(text.as_bytes());
        assert!(found.contains("--input-format") || found.contains("stack"), "{text}: {found}");
    }
    for (text, total) in [
        ("4711;main;work 3\n4711;main 2\n", 5),
        ("4711;main 3\n4712;main 2\n", 5),
        ("4711;main 3\n", 3),
        ("App#run;User#name= 3\nApp#run;Integer#== 2\n", 5),
        ("main;A::operator= 3\nmain;A::operator== 2\nmain;f(int a=1) 1\n", 6),
        ("main;<T as Iterator<Item=u8>>::next 3\n", 3),
        ("C:\\srv\\app.js;C:\\srv\\lib.js 3\n", 3),
        ("/usr/bin/node;/usr/lib/libc.so.6 3\n", 3),
        ("worker pool=2;main loop;run 3\n", 3),
        ("std::vector<int>::push(int&&);f 3\n", 3),
        ("{main};Foo::bar 3\n{{closure}};x 1\n", 4),
        ("worker1;run 5\nworker2;loop 7\n", 12),
    ] {
        assert_folded(text, total);
    }
}

/// The error was: lists of `uniq -c` and `wc` were drawn as text of perf.
#[test]
fn lists_with_counts_in_front_are_no_text_of_perf() {
    for text in [
        "     39 \n      6       \n      3     $ \n      9     --\n      3     ..\n",
        "      2 # a\n      1 by 12 \n      4 x y\n      5 add 7\n",
        "      1 node 12 \n     22 abc\n    310 def\n",
        "   3    6   49 /etc/hosts\n  25   33 1277 /etc/passwd\n  28   39 1326 total\n",
        "node 12\n     22 abc\n    310 def\n",
    ] {
        let found = read(text.as_bytes());
        assert!(found.is_err(), "{text}: {:?}", found.map(|profile| profile.total()));
        assert!(!refused(text.as_bytes()).contains("perf"), "{text}");
    }
}

/// The error was: a frame without a name made a row without one.
#[test]
fn a_frame_without_a_name_is_shown_and_written_back() {
    for text in ["a; 1\n", "a;;b 2\n", "a; 1\na;;b 2\n"] {
        let profile = read(text.as_bytes()).unwrap();
        let tree = CallTree::build(&profile, &Selection::default());
        let labels: Vec<&str> = tree.entries().iter().map(|entry| entry.label.as_str()).collect();
        assert!(labels.contains(&"(nameless)") && !labels.contains(&""), "{labels:?}");
        let mut back = Vec::new();
        folded::write(&tree, &mut back).unwrap();
        assert_eq!(String::from_utf8(back).unwrap(), text);
    }
}

/// The error was: where a `;` ends every stack, all samples were `(nameless)`.
#[test]
fn a_sign_at_the_end_of_every_stack_is_no_frame() {
    let profile = read(b"main;work;parse; 500\nmain;work;fmt; 300\nmain; 200\n").unwrap();
    let mut text = Vec::new();
    folded::write(&CallTree::build(&profile, &Selection::default()), &mut text).unwrap();
    let expected = "main 200\nmain;work;fmt 300\nmain;work;parse 500\n";
    assert_eq!(String::from_utf8(text).unwrap(), expected);
}

/// The error was: the message said nothing that helps.
#[test]
fn counts_in_front_of_stacks_are_named() {
    let found = refused(b"    500 main;work;parse\n     30 main;work;fmt\n      2 main;rest\n");
    assert!(found.contains("counts in front") && found.contains("sed -E"), "{found}");
    assert!(!refused(b"    500 one; two\n     30 two; three\n").contains("counts in front"));
}

#[test]
fn json_is_no_folded_text_even_if_it_is_damaged() {
    for text in [
        "[1, 2, 3]",
        "{\"a\": 1}",
        "{\"a\": \"x;y 3\"}",
        "[\n1,\n2\n]\n",
        "{\n\"a\":\n{ \"b\": 1 },",
        "{\"a;b\": 3\n",
    ] {
        assert_eq!(refused(text.as_bytes()), "JSON, but no recording", "{text}");
    }
    // A .cpuprofile is recognised even when it breaks early.
    let error = read(b"{\"nodes\":[{\"id\":1,\"callFrame\":{]").unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
}

#[test]
fn a_first_line_longer_than_what_is_looked_at_is_read() {
    let deep = |depth: usize| (0..depth).map(|at| format!("function{at};")).collect::<String>();
    for depth in [1_300, 12_000, 120_000] {
        let first = deep(depth);
        assert_folded(&format!("{first}leaf 7\na;b 2\n"), 9);
        // The second line is long too, or is the only one.
        assert_folded(&format!("{first}leaf 7\n{first}leaf 2\n"), 9);
        assert_folded(&format!("{first}leaf 7"), 7);
        assert_folded(&format!("# made by x\n{first}leaf 7\n"), 7);
        assert_folded(&format!("[{first}leaf 7\n"), 7);
    }
    // These logs have a long first line, of text and of JSON.
    let long = "x".repeat(40_000);
    let trace = "Error: y\n    at f (/a.js:1:2)\n    at g (/a.js:3:4)\n";
    let log = format!("{long}\n{trace}");
    assert_eq!(read(log.as_bytes()).unwrap().total(), 1);
    let error = "\"err\":{\"type\":\"Error\",\"message\":\"y\",\"stack\":\"Error: y\\n    at f (/a.js:1:2)\"}";
    let line =
        |msg: &str| format!("{{\"level\":50,\"time\":1795480210390,\"msg\":\"{msg}\",{error}}}\n");
    let log = format!("{}{}", line(&long), line("short"));
    assert_eq!(read(log.as_bytes()).unwrap().total(), 2);
    // Keys of a recording may come late.
    let late = format!(
        "{{\"comment\":\"{long}\",\"nodes\":[{{\"id\":1,\"callFrame\":{{\"functionName\":\"f\"}}}}],\
         \"samples\":[1,1],\"timeDeltas\":[1,1]}}"
    );
    assert_eq!(read(late.as_bytes()).unwrap().total(), 2);
}

#[test]
fn logs_whose_lines_end_in_a_number_are_no_stacks() {
    let agent = "\"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36\"";
    for line in [
        "10.0.0.1 - - [27/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 1234".to_owned(),
        format!(
            "10.0.0.1 - - [27/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 12 \"-\" {agent} 0.123"
        ),
        format!(
            "::1 - bob [27/Nov/2026:10:00:00 +0000] \"GET /a;b HTTP/2.0\" 200 12 \"-\" {agent} 7"
        ),
        "2026-11-27T10:00:00.123Z GET /boards;v=1 200 12".to_owned(),
        "2026-11-27 10:00:00,123 request took; ms 12".to_owned(),
        "[10:00:00] cache; hits 12".to_owned(),
        "Nov 27 10:00:00 host app[7]: pool; free 3".to_owned(),
        "{\"time\":\"2026-11-27T10:00:00Z\"} GET /; 12".to_owned(),
        "GET /boards;x=1 HTTP/1.1 200 34".to_owned(),
        "27/Nov/2026:10:00:00 a;b 5".to_owned(),
        "I1127 10:00:00.123456 7 x.cc:9] a;b 5".to_owned(),
    ] {
        let text = format!("{line}\n").repeat(3);
        assert!(refused(text.as_bytes()).contains("log"), "{text}");
    }
    // Functions at places, and threads with numbers, are not times.
    assert_folded("f /a.js:10:20;g /b.js:11:22 3\nf /a.js:10:20 4\n", 7);
    assert_folded("worker-10:20;g 3\n", 3);
}

#[test]
fn metrics_are_no_stacks() {
    for text in [
        "# HELP http_requests_total Requests.\n# TYPE http_requests_total counter\nhttp_requests_total 3\n",
        "http_requests_total{method=\"post\",code=\"200\"} 1027\nhttp_requests_total{method=\"get\"} 3\n",
        "a{agent=\"x; y\"} 3\n",
        "a{agent=\"x; y\"} 3 1395066363000\nb_total 4\n",
        "node_memory_MemFree_bytes 12\nnode_load1 0.21\n",
        "up{job=\"a;b\"} 1\n",
    ] {
        assert!(refused(text.as_bytes()).contains("metrics"), "{text}");
    }
}

#[test]
fn texts_whose_lines_end_in_a_number_are_not_believed_to_be_stacks() {
    for text in [
        "a.js 12\nb.js 40\nTotal 52\n",
        "main 3\n",
        "# made by x\nmain 3\n",
        "src/a.js\t12\nsrc/b.js\t40\n",
        "Alice 30\nBob 41\n",
        "the answer is 42\n",
        "MemTotal: 16384\nMemFree: 12\n",
        "2026-11-27 12\n2026-11-28 14\n",
        "10.0.0.1 12\n::1 4\n",
        "eth0 1500\nlo 65536\n",
        "GET 200\nPOST 201\n",
        "cpu 1.5\ncpu0 0.7\n",
        "Error: retries 3\n",
        "text/html; charset=utf-8 200\napplication/json; charset=utf-8 12\n",
        "Mozilla/5.0 (X11; Linux x86_64) 120\nMozilla/5.0 (Windows NT 10.0; Win64; x64) 9\n",
        "SELECT * FROM a; SELECT 1\n",
        "for (let i = 0; i < 10; i++) x 1\n",
        "Seed; seed@host.example 1795796148\n",
        "12;34 5\n56;78 9\n",
    ] {
        let error = read(text.as_bytes()).unwrap_err();
        assert_eq!(error.may_be().map(InputFormat::name), Some("folded"), "{text}: {error}");
        let options = Options { format: "folded".parse().ok(), ..Options::default() };
        assert!(read_stream(text.as_bytes(), Path::new("x"), &options).is_ok(), "{text}");
    }
    // These forms occur only in frames.
    for text in [
        "(garbage collector) 3\n",
        "f /a.js:1:2 3\n",
        "Builtin: ArrayMap 3\n(program) 2\n",
        "[unknown] 2\n",
        "std::vec::Vec::push 4\n",
        "main() 4\n",
        "f_[j] 3\n",
        "app 3\nnode core 2\n",
    ] {
        let total = read(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}")).total();
        assert!(total > 0, "{text}");
    }
}

/// The error was: a list of times of requests was taken for a report of pprof.
#[test]
fn lists_of_totals_are_no_reports() {
    for text in ["cart: Total 12.50 of 3 items, paid\nx\n", "a: Total cost of ownership 5 %\n"] {
        assert_eq!(refused(text.as_bytes()), "not a recording that Spikeflame knows", "{text}");
    }
}

/// The error was: lists of changes, and source code of many languages, were drawn as text of perf,
/// because a word such as `add` or `def` below a line with a number looks like a frame.
#[test]
fn source_code_and_lists_of_changes_are_no_text_of_perf() {
    for text in [
        "commit c2c4a2cd1947e559718acdba19ef6e7db731dbeb\nAuthor: A B <a@b.example>\n\
         Date:   Tue May 3 15:09:54 2022 -0700\n\n    Add a test\n    \n    Signed-off-by: A B\n\n\
         commit ddafdba11f6919e6fcf977c09c78b06f94de47aa\nAuthor: C <c@b.example>\n\
         Date:   Sat Jan 15 02:32:04 2022 +0900\n\n    fee\n\n",
        "import sys\n\nclass Counter:\n    LIMIT = 3\n    def __init__(self):\n        self.n = 0\n\n\
         \x20   def add(self, by):\n        for i in range(0, 3):\n            add(i)\n",
        "package main\n\nfunc main() {\n\tc1 := make(chan int, 1)\n\tc1 <- 42\n\tx := <-c1\n\
         \tif x != 42 {\n\t\tprintln(\"BUG:\", x, \"!= 42\")\n\t}\n}\n",
        ".align 5\nchacha:\n\tcmp x2, 64\n\tb.lt 1\n\tadd x1, x1, 16\n\tsub sp, sp, 96\n\
         1:\n\tadd v0, v0, v4\n\teor v12, v12, v0\n",
        "PID    COMM         NETNS        PROTO  BACKLOG  ADDR                 PORT\n\
         3643   nc           4026531957   TCPv4  1        0.0.0.0              4242\n\
         3659   nc           4026531957   TCPv6  1        2001:f0d0:1002:51::4 4242\n\
         4221   redis-server 4026532165   TCPv6  128      ::                   6379\n\
         6067   nginx        4026531957   TCPv6  128      ::                   80\n",
        // Tables of constants end in numbers.
        "// System calls for Linux; see\n#define SYS_exit   1\n#define SYS_read   3\n\
         f(a;b)\n#define SYS_write  4\n",
    ] {
        assert_eq!(refused(text.as_bytes()), "not a recording that Spikeflame knows", "{text}");
    }
    // Messages of the program that was recorded may come before the samples.
    let sample = "node 7 1.000001: 1 cycles: \n\t1 f (/m)\n\n";
    let text = format!("{}{sample}", "server is listening\n".repeat(10));
    assert_eq!(read(text.as_bytes()).unwrap().total(), 1);
}

/// The error was: of profiles in one file, the first was read, or the error named no way on.
#[test]
fn several_cpu_profiles_in_one_file_are_named_with_what_splits_them() {
    let one = "{\"nodes\":[{\"id\":1,\"callFrame\":{\"functionName\":\"f\",\"scriptId\":\"1\",\"url\":\"\",\
               \"lineNumber\":0,\"columnNumber\":0}}],\"startTime\":0,\"endTime\":9,\"samples\":[1,1],\
               \"timeDeltas\":[1,1]}";
    for text in [format!("[{one},{one}]"), format!("{{\"profiles\": [{one},\n{one}]}}")] {
        assert!(refused(text.as_bytes()).contains("split -l 1"), "{text}");
    }
    for text in [format!("{one}{one}"), format!("{one}\n{one}\n")] {
        let profile = read(text.as_bytes()).unwrap();
        assert!(profile.warnings[0].to_string().contains("split -l 1"), "{:?}", profile.warnings);
    }
    let reply =
        format!("{{\"id\":1,\"result\":{{}}}}\n{{\"id\":2,\"result\":{{\"profile\":{one}}}}}\n");
    assert!(read(reply.as_bytes()).unwrap_err().to_string().contains("split -l 1"));
}

/// Source code, documents and settings, of which this repository has hundreds, are no recordings.
#[test]
fn no_source_file_of_this_repository_is_drawn() {
    let mut folders: Vec<_> =
        ["crates", "docs", "findings", "fuzz/fuzz_targets", "packaging", "tests", "web"]
            .map(|folder| Path::new("../..").join(folder))
            .to_vec();
    let endings = ["rs", "md", "toml", "sh", "py", "mjs", "ts", "css", "yml"];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let (path, name) = (entry.path(), entry.file_name());
            if path.is_dir() {
                let skipped = name == "node_modules" || name == "target" || name == "golden";
                folders.extend((!skipped).then_some(path));
            } else if path.extension().is_some_and(|end| endings.iter().any(|it| end == *it)) {
                let found = read(&std::fs::read(&path).unwrap());
                let is_drawn = found.is_ok_and(|it| it.sources[0].producer != "application log");
                assert!(!is_drawn, "{}", path.display());
                files += 1;
            }
        }
    }
    assert!(files > 300, "{files}");
}

/// The error was: of lines that end in a carriage return alone, the first stacks became the name of
/// the last one, without a warning.
#[test]
fn a_carriage_return_alone_ends_a_line() {
    for text in [
        "main;a 3\rmain;b 4\r",
        "main;a 3\rmain;b 4",
        "main;a 3\rmain;b 4\nmain;c 0\n",
        "main;a 3\r\rmain;b 4\r\n",
        "\u{feff}main;a 3\rmain;b 4\r",
    ] {
        let profile = read(text.as_bytes()).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        let tree = CallTree::build(&profile, &Selection::default());
        let mut out = Vec::new();
        assert!(folded::write(&tree, &mut out).is_ok());
        assert_eq!(String::from_utf8_lossy(&out), "main;a 3\nmain;b 4\n", "{text:?}");
    }
    let perf =
        "node 1/1 [0] 1.5:   7 cycles: \n\t  7f00 b+0x1 (/bin/x)\n\t  7e00 a+0x1 (/bin/x)\n\n";
    let texts = [
        perf.repeat(3),
        "v8-version,11,3,244,8,-node.57,0\nprofiler,begin,1000\ntick,0x1,2,0,0x0,0\n".to_owned(),
    ];
    for text in texts {
        let returns = text.replace('\n', "\r");
        let totals = [&text, &returns].map(|text| read(text.as_bytes()).map(|p| p.total()).ok());
        assert!(totals[0].is_some() && totals[0] == totals[1], "{totals:?} {text}");
    }
    // A carriage return within a name is no end of a line.
    assert_eq!(read(b"main;RegExp: a\rb 3\nmain 1\n").map(|p| p.total()).ok(), Some(4));
}

#[test]
fn lists_of_recordings_are_named_with_the_command_that_splits_them() {
    let firefox = r#"{"meta":{"preprocessedProfileVersion":48},"threads":[{"frameTable":{},"funcTable":{}}]}"#;
    let speedscope =
        r#"{"$schema":"https://www.speedscope.app/file-format-schema.json","shared":{}}"#;
    let otlp = r#"{"resourceProfiles":[]}"#;
    for one in [firefox, speedscope, otlp] {
        for list in [format!("[{one},{one}]"), format!("[\n  {one}\n]")] {
            let found = refused(list.as_bytes());
            assert!(found.contains("jq -c '.[]' FILE | split -l 1"), "{found}");
        }
    }
}

#[test]
fn json_of_bpftrace_is_named() {
    let text = "{\"type\": \"attached_probes\", \"data\": {\"probes\": 1}}\n\
                {\"type\": \"map\", \"data\": {\"@\": {\"\\n    f+10\\n,node,12\": 7}}}\n";
    assert!(refused(text.as_bytes()).contains("`-f json`"));
}

#[test]
fn files_of_profilers_of_python_are_named() {
    let svg = b"<?xml version=\"1.0\" standalone=\"no\"?><!DOCTYPE svg><svg version=\"1.1\" width=\"12\">\n";
    let cases: [(&[u8], &str); 6] = [
        (svg, "a picture"),
        (
            b"version: 1\ncreator: yappi\npid: 7\ncmd:  ../work.py\npart: 1\n\nevents: Ticks\n",
            "callgrind",
        ),
        (b"{\"start_time\": 1.5,\"duration\": 1.7,\"sample_count\": 372,\"root_frame\": {\"function\": \"run\",", "pyinstrument -r speedscope"),
        (b"\xfb)\x03\xfa\x0a../work.py\xe9\x07\0\0\0\xda\x03run)\x05\xe9\x02\0\0\0", "cProfile"),
        (b"\x04\x22\x4d\x18\x40\x40\xc0\x99\x41\0\0\xfa\x04memray\0\x0d\0", "memray"),
        (b"\x04\x22\x4d\x18\x40\x40\xc0\x99\x41\0\0\xfa\x04a;b 3", "packed by lz4"),
    ];
    for (head, words) in cases {
        let found = refused(head);
        assert!(found.contains(words), "{found}");
    }
}

/// Chromium 156 writes this form also into a file called `trace.json`.
#[test]
fn binary_traces_of_perfetto_are_named() {
    let mark = b"\x82\x47\x7a\x76\xb2\x8d\x42\xba\x81\xdc\x33\x32\x6d\x57\xa0\x79";
    let clocks = b"\x0a\x0f\x32\x08\x0a\x06\x08\x06\x10\x9f\xd6\xb1\x50\x01\xd0\x03\x06";
    let text = [&clocks[..], b"\x0a\x13\xa2\x02\x10", mark].concat();
    assert!(refused(&text).contains("--trace-startup-format=json"));
}

/// A list of DevTools' messages, a table of file endings, and the description of a service have keys of
/// traces and of preprocessed logs, and are neither.
#[test]
fn json_with_the_keys_of_other_things_is_no_trace() {
    let texts = [
        r#"[{"method":"Page.frame","params":{"args":[],"name":"commit"}}]"#,
        r#"{"pgf":["tex"],"ph":["perl"],"cat":["c"],"ts":["typescript"]}"#,
        r#"{"swagger":"2.0","responses":{"code":{"name":"a","type":"string"}}}"#,
    ];
    for text in texts {
        let error = read_stream(text.as_bytes(), Path::new("x.json"), &Options::default());
        let error = error.unwrap_err().to_string();
        assert!(error.contains("JSON, but no recording"), "{error}");
    }
}

/// The error was: the lines that JMeter prints were drawn as text of perf.
#[test]
fn what_jmeter_prints_is_no_text_of_perf() {
    let line = |at: u64| {
        format!(
            "summary +   {at:>4} in 00:00:30 =    4.1/s Avg:   240 Min:    20 Max:  1200 Err:     0 \
             (0.00%) Active: 10 Started: 10 Finished: 0\nsummary = {at:>6} in 00:00:{at:02} = \
             4.1/s Avg:   240 Min:    20 Max:  1200 Err:     0 (0.00%)\n"
        )
    };
    let head = "Creating summariser <summary>\nCreated the tree successfully using spike.jmx\n";
    let lines: String = (10..40).map(line).collect();
    for text in [format!("{head}{lines}"), lines] {
        assert!(refused(text.as_bytes()).contains("JMeter prints"), "{text}");
    }
}

/// The error was: these texts, in which a number follows the last `;`, were drawn as folded stacks.
#[test]
fn commands_moves_and_rows_without_anything_in_common_are_no_stacks() {
    let texts = [
        "mov r0,1;load 1\nadd r0,2;add 2\njmp l;jump 3\n",
        "mov r0,1;load 1\nmov r1,2;load 2\nmov r2, [r1];load 3\n",
        "e4;e5;Nf3 1\nd4;d5;c4 2\n",
        "e4;e5;Nf3;Nc6 12\ne4;c5;Nf3;d6 20\ne4;e5;Bc4;Nf6 4\n",
        "G1 X10;move 10\nG1 Y20;move 20\n",
        "G0 Z-1.5;move 10\nG1 X10 Y20;cut 20\nM3 S1000;spin 3\n",
        "A1;Schraube M4 20\nA2;Mutter M5 25\n",
        "10 users;5 items 20\n11 users;6 items 30\n",
        "gcc -O2 a.c;./a.out 1\nmake;make install 2\ncd /tmp;ls 5\n",
        "let a=1;let b= 2\nlet c=3;let d= 4\n",
        "sp|P1;ATP synthase;Homo sapiens 9606\nsp|P2;Kinase;Mus musculus 10090\n",
    ];
    for text in texts {
        refused(text.as_bytes());
    }
    assert_folded("main;parse 3\nmain;write 1\n", 4);
    assert_folded("a;work 3\nb;work 1\n", 4);
    assert_folded("one;f /a.js:1:1 3\nother;g /a.js:2:1 1\n", 4);
    assert_folded("java;read_[k] 3\nnode;v8::Call 1\n", 4);
    assert_folded("java;read;write 3\n", 3);
    assert_folded("gcc -O2 a.c;cc1;parse 3\ngcc -O2 b.c;cc1;emit 4\n", 7);
}
