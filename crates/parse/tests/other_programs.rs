//! Files of other programs, and formats that the user names.

use crate::sniffing::{assert_folded, read, refused};
use spikeflame_parse::{Error, InputFormat, Options, read_stream};
use spikeflame_profile::{CallTree, Hotspots, Selection};
use std::path::Path;

#[test]
fn files_of_other_engines_of_javascript_are_named() {
    let frames = r#""stackTraces":[{"timestamp":11.1,"stackFrames":[{"sourceID":"5","name":"f","line":3}]}]"#;
    let event = format!(
        r#"{{"method":"ScriptProfiler.trackingComplete","params":{{"samples":{{{frames}}}}}}}"#
    );
    let tree =
        "-----\nSampling CallTree. Recorded 184 samples with period 10ms. Missed 0 samples.\n";
    let cases = [
        (event, "`bun --cpu-prof`"),
        (format!("{{\"samples\":{{{frames}}}}}"), "`bun --cpu-prof`"),
        (
            r#"{"tool":"cpusampler","version":"0.5.0","sample_count":184,"period":10,"gathered_hit_times":false,"#
                .to_owned(),
            "GraalVM",
        ),
        (tree.to_owned(), "GraalVM"),
        (tree.replace("CallTree", "Histogram"), "GraalVM"),
    ];
    for (head, words) in cases {
        let found = refused(head.as_bytes());
        assert!(found.contains(words), "{found}");
    }
}

#[test]
fn files_of_other_programs_are_named_with_what_converts_them() {
    for (head, found) in [
        (&b"FLR\0\0\x02\0\0"[..], "jfrconv"),
        (b"rbspy02\n{\"start_time\":1}\n", "rbspy report"),
        (
            b"           time    cpu  task name                       wait time  sch delay   run time\n",
            "perf sched",
        ),
        (b"Flat profile:\n\nEach sample counts as 0.01 seconds.\n  %   cumulative   self\n", "gprof"),
        (b"Process Name, Display Name, Process, Stack, Module, Function, Address, Thread ID, CPU, Weight, % Weight, Count, TimeStamp\na.exe, a.exe, a.exe (4), [Root]/a.dll!f/a.exe!main, a.exe, main, 0x00000000003f1506, 5104, 0, 1.001237, 0.01, 1, 9.771723102\n", "Windows Performance Analyzer"),
        (b"events: Ticks\nsummary: 12\nfi=~\nfn=<map>\n0 12\n", "callgrind"),
        (b"\x04\x08{\x06:\x09modeI\"\x08cpu\x06:\x06ET", "stackprof --stackcollapse"),
        // The error was: these had no advice, or their periods were taken for threads.
        (b"node 59145.721478: 1000 cpu-clock: \n\t            117c leafy (/srv/leafy)\n\nnode [001] 59145.721478: 1000 cpu-clock: \n\t            117c leafy (/srv/leafy)\n\n", "perf script -F comm,tid"),
        (b"node \n\t7ff2e56a78d0 f+0x1 (/m)\n\t7ff2e56a78d1 main+0x1 (/m)\n\nV8 Worker \n\t7ff2e56a78d1 f+0x1 (/m)\n\n", "perf script -F comm,tid"),
        (b"PERF_RECORD_MMAP2 12/12: [0x301000(0x1000) @ 0 00:1d 22451 1044]: r-xp /a\n\n\t          30179e\n\t          3017f9\n 0x3017cf/0x30179e/P/-/-/0  0x30177f/0x3017c4/P/-/-/0 \n\n", "llvm-profgen"),
        (b"  branches:u:            401310 0x401310/0x4012f0/P/-/-/22//-  0x4012fa/0x4012ff/M/-/-/3//- \n", "llvm-profgen"),
        (b"12 PERF_RECORD_COMM exec: a:12/12\n12 PERF_RECORD_FORK(13:13):(12:12)\n13 PERF_RECORD_EXIT(13:13):(12:12)\n12      5f66b792016a 0x5f66b792016c/0x5f66b792016e/P/-/-/0//- \n", "llvm-profgen"),
        (b"            node  6936 [000] 35599.306866115: \n            node  6936 [000] 35599.313356598: \n", "perf script -F comm,tid"),
        (b"# callgrind format\nversion: 1\n", "callgrind"),
        (b"version: 1\ncreator: callgrind-3.22.0\npid: 7\n", "callgrind"),
        (b"positions: instr line\nevents: cpu(ms)\n\nob=(1) /path\n", "callgrind"),
        (b"version: 1\ncreator: xdebug 3.3.1 (PHP 8.3.0)\ncmd: /a.php\n", "stackcollapse-xdebug"),
        (b"Version: 3.3.1\nFile format: 4\nTRACE START [2026-11-27 10:00:00.0]\n", "xdebug.php makes folded stacks of it"),
        (b"TRACE START [2026-11-27 10:00:00.0]\n    0.0002  393464   -> {main}() /a.php:0\n", "trace_format=1"),
        (b"Analysis of sampling node (pid 7) every 1 millisecond\n", "inferno-collapse-sample"),
        (b"Running Time\tSelf (ms)\t\tSymbol Name\n12.0ms\t0.0\t \tmain\n", "instruments"),
        (b"Weight\tSelf Weight\t\tSymbol Name\n12.0 ms\t0 s\t \tmain\n", "instruments"),
        (b"<?xml version=\"1.0\"?>\n<trace-query-result>\n<node/>", "xctrace"),
        (b"\tSun Aug 13 10:47 2023 Time and Allocation Profiling Report  (Final)\n", "ghcprof"),
        (b"Function Stack,CPU Time:Self,Module\nTotal,0.0,[Unknown]\n", "vtune"),
        (b"Statistical profiling result from isolate-0x1-7-v8.log, (9 ticks).\n", "--preprocess"),
        (b"PeriodType: cpu nanoseconds\nPeriod: 10000000\nSamples:\nsamples/count cpu/nanoseconds\n          1   10000000: 1 2 3 \n          2   20000000: 4 2 3 \nLocations\n     1: 0x46d5c3 M=1 runtime.futex /x.go:1:0 s=0\n", "pprof -raw"),
        (b"Total: 340ms\nROUTINE ======================== main.main in /x.go\n         0      340ms (flat, cum)   100% of Total\n", "go tool pprof"),
        (b"Comment: x\nPeriodType: cpu nanoseconds\nSamples:\nsamples/count cpu/nanoseconds\n          1   10000000: 1 2 3 \n", "pprof -raw"),
        (b"File: x\nType: cpu\nShowing nodes accounting for 1s, 100% of 1s total\n      flat  flat%\n", "go tool pprof"),
        (b"File: x\nType: cpu\nDuration: 10s, Total samples = 1.12s (11.20%)\n-----------+-------------------------------------------------------\n        1s   line1000\n", "go tool pprof"),
        (b"CPU     ID                    FUNCTION:NAME\n  0  1 :tick-60s\n\n\n              libc.so.1`read+0x7\n              node`uv_run+0x1f\n              0x3e00\n                5\n\n", "dtrace"),
        (b"  test`baz\n  test`main\n  1\n", "dtrace"),
        (b"@ CPU_CLK_UNHALTED_CORE [4 samples]\n\n50.00%  [2]   lock_delay @ /boot/kernel\n", "pmc"),
        (b"SIMPLEPERF\x01\0", "simpleperf"),
        (b"Nettrace\x14\0\0\0!FastSerialization.1", "dotnet-trace"),
        (b"<svg width=\"1200\">", "picture"),
        (b"# HELP up Up.\n# TYPE up gauge\nup 1\n", "metrics"),
        (b"# To display the perf.data header info\n#\n# Total Lost Samples: 0\n#\n# Samples: 12  of event 'cycles'\n# Overhead  Command\n#\n    50.00%  node  [.] main\n", "perf report"),
        (b"# To display the perf.data header info\n#\n# Total Lost Samples: 0\n#\n# Samples: 100  of event 'cpu-clock'\n#\n# Children      Self  Command\n#\n   100.00%   100.00%  c  c  [.] leafy\n100.00% _start;main;leafy\n", "perf report"),
        (b"# ========\n# captured on    : Sat Nov 28 06:35:17 2026\n# header version : 1\n", "header"),
        (b" Percent |\tSource code & Disassembly of c for cpu-clock (100 samples)\n----\n         :\n", "perf report"),
        (b"         ? (         ): c/5941  ... [continued]: execve()) = 0\n     1.352 ( 0.023 ms): c/5941 brk() = 0x55b82\n     1.676 ( 0.029 ms): c/5941 mmap(len: 8192) = 0x7ffb9\n", "perf trace"),
        (b"# started on Sat Nov 28\n\n\n Performance counter stats for './c':\n\n 199.82 msec task-clock  #    0.996 CPUs utilized\n", "perf stat"),
        (b"\n -----\n  Task                  |   Runtime ms  | Switches | Avg delay ms    | Max delay ms\n -----\n  c:5945 | 199.139 ms | 9 |\n", "perf sched"),
        (b"\n0x108@c.data [0x50]: event: 69\n.\n. ... raw event: size 80 bytes\n.  0000:  45 00 00 00  E...\n\n0 0x108 [0x50]: PERF_RECORD_ID_INDEX nr: 2\nc 7 1.5: 1 cycles:\n\t1f main+0x1 (/c)\n\n", "perf script -D"),
        (b"59145.721478: cpu-clock: \n\t            117c leafy (/srv/leafy)\n\t           2724a main (/srv/leafy)\n\n59145.723485: cpu-clock: \n\t            1180 leafy (/srv/leafy)\n\t           2724a main (/srv/leafy)\n\n", "perf script -F comm,tid"),
        // perf writes no symbol without the field `ip`.
        (b"               c  5866/5866  59146.821247: cpu-clock: \n               c  5866/5866  59146.823250: cpu-clock: \n", "no `sym` without `ip`"),
        (b"node  5866 59146.821247:    2004008 cpu-clock: \nnode  5866 59146.823250:    2004008 cpu-clock: \n", "perf record -g"),
        (b"            perf  5944 [000] 59151.890057: sched:sched_stat_runtime: comm=perf pid=5944 runtime=61411 [ns]\n            perf  5944 [000] 59151.890062:       sched:sched_waking: comm=migration/0 pid=18\n", "perf record -g"),
        (b"{\n\t\"linux-perf-json-version\": 1,\n\t\"samples\": [\n{\"comm\": \"c\"", "perf data convert"),
        (b" key1: Total 1.12s of 1.12s (  100%)\n          1s (89.29%): tag1\n", "go tool pprof"),
        (b" endpoint: Total 160.0ms\n           160.0ms (  100%): GET /boards\n", "go tool pprof"),
        (b" bytes: Total 103424000B of 103424000B (  100%)\n        65536000B (63.37%): 1638400B\n        32768000B (31.68%): 409600B\n", "go tool pprof"),
        (b"{\n  \"inputs\": {\n    \"src/b.ts\": {\n      \"bytes\": 63,\n      \"imports\": [],", "metafile"),
        (b"[{\"id\":1,\"intrinsicName\":\"any\",\"recursionId\":0,\"flags\":[\"Any\"]},\n", "trace.json"),
        (b"{\"resources\":[],\"frames\":[{\"name\":\"f\"}],\"stacks\":[{\"frameId\":0}],\"samples\":[{\"timestamp\":1.0,\"stackId\":0}]}", "Self-Profiling"),
        (b"{\"profile\":{\"frames\":[{\"function\":\"f\"}],\"stacks\":[[0]],\"samples\":[{\"stack_id\":0}]}}", "Sentry"),
        (b"[[{\"name\":\"__write@@GLIBC_2.2.5\",\"type\":\"CPP\"}],[],[],[{\"name\":\"f /a.js:1:2\",\"type\":\"JS\",\"kind\":\"Opt\"}]]", "clinic flame"),
        // The next two were .cpuprofiles without samples.
        (b"{\n  \"version\": 1,\n  \"flamebearer\": {\n    \"names\": [\"total\"], \"levels\": [[0, 9, 0, 0]]},\n  \"timeline\": {\n    \"samples\": [954]", "Pyroscope"),
        (b"{\n  \"sample_types\": [\n    {\n      \"type\": \"cpu\", \"unit\": \"nanoseconds\"}],\n  \"samples\": [\n    {\"values\": \"239\"", "pprof profile that was written as JSON"),
        // perf's script `flamegraph` and d3-flame-graph write them.
        (b"{\"n\": \"all\", \"l\": \"root\", \"v\": 0, \"c\": [{\"n\": \"node (8595)\", \"l\": \"\", \"v\": 1, \"c\": []}]}", "recording that it was drawn of"),
        (b"{\"name\":\"root\",\"value\":57,\"children\":[{\"name\":\"a\",\"value\":57,\"children\":[]}]}", "recording that it was drawn of"),
        (b"{\"nodeTiming\":{\"name\":\"node\",\"entryType\":\"node\"},\"timeOrigin\":1.5}", "perf_hooks"),
        (b"DTiJ\x01\0\0\0(\0\0\0", "give the perf.data, with this file beside it"),
        (b"18c4000 300 Builtin:DeoptimizationEntry_Eager\n18c4340 304 Builtin:DeoptimizationEntry_Lazy\n", "give the perf.data, with this file beside it"),
        (b"\0asm\x01\0\0\0", "program"),
        (b"{\"dhatFileVersion\":2,\"mode\":\"heap\"}", "DHAT"),
        (b"{\n  \"header\": {\n    \"reportVersion\": 3,", "report"),
        (b"\x7fELF\x02\x01", "program"),
    ] {
        let why = refused(head);
        assert!(why.to_lowercase().contains(&found.to_lowercase()), "{found}: {why}");
    }
}

#[test]
fn a_format_is_what_the_user_says_that_it_is() {
    for name in InputFormat::names() {
        let format: InputFormat = name.parse().unwrap();
        assert_eq!(format.name(), name);
    }
    // When the user names the format, errors are about that format.
    let options = Options { format: "cpuprofile".parse().ok(), ..Options::default() };
    let error = read_stream(&b"a;b 3\n"[..], Path::new("x"), &options).unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
}

#[test]
fn a_count_without_a_frame_is_a_sample_of_the_program() {
    let profile = read(b"main;work 3\n 5\n").unwrap();
    let tree = CallTree::build(&profile, &Selection::default());
    let program = tree.entry_of("(program)").expect("the sample is shown");
    let rows = Hotspots::from_tree(&tree).rows;
    assert_eq!(tree.total(), 8);
    assert_eq!(rows.iter().find(|row| row.entry == program).map(|row| row.self_weight), Some(5));
    // The `;` of a type is part of a name.
    assert_folded("main;<[u8; 32] as Hash>::hash 4\nmain;f 1\n", 5);
}
