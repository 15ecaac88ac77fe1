//! Real spikes: the same code must differ in nothing, changed code in what was
//! changed.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail"
)]

mod common;

use common::{changed, compared, count, line, shared, spike, splits};
use spikeflame_diff::RunCounts;
use spikeflame_profile::Inlined;

#[test]
fn explore() {
    for inlined in [Inlined::Expand, Inlined::Collapse] {
        let before = spike("before", inlined);
        let after = spike("after", inlined);
        if before.is_empty() {
            return;
        }
        for runs in [&before, &after] {
            for (a, b) in splits(runs) {
                let c = compared(&a, &b);
                let [s, t] = changed(&c.functions);
                println!(
                    "A/A {inlined:?} {}v{} self {} total {} trend {:?} {:?} tot {:?} shift {:?} factors {:?}",
                    a.len(),
                    b.len(),
                    s.len(),
                    t.len(),
                    c.functions.self_trend,
                    c.functions.total_trend,
                    c.totals,
                    c.shift,
                    c.runs.iter().map(|r| r.factor).collect::<Vec<_>>()
                );
                for row in s.iter().chain(&t).take(6) {
                    println!("   {}", line(row));
                }
                for t in [&c.files, &c.packages, &c.categories] {
                    let [s, tt] = changed(t);
                    if s.len() + tt.len() > 0 {
                        println!("  {:?} self {} total {}", t.by, s.len(), tt.len());
                        for row in s.iter().chain(&tt).take(4) {
                            println!("   {}", line(row));
                        }
                    }
                }
            }
        }
        let c = compared(&before, &after);
        println!("A/B {inlined:?} {:?} {:?} {:?} {:?}", c.unit, c.evidence, c.totals, c.shift);
        for w in &c.warnings {
            println!("  WARN {w}");
        }
        for t in [&c.functions, &c.files, &c.packages, &c.categories] {
            let [s, tt] = changed(t);
            println!(
                "  {:?} rows {} self {} total {}  trends {:?} {:?}",
                t.by,
                t.rows.len(),
                s.len(),
                tt.len(),
                t.self_trend,
                t.total_trend
            );
        }
        for row in c.packages.rows.iter().take(12) {
            println!("  P {}", line(row));
        }
        for row in &c.categories.rows {
            println!("  C {}", line(row));
        }
        let untouched = ["/moment/", "text.js", "deepClone", "/typeorm/", "/mysql2/"];
        let is_untouched = |l: &str| untouched.iter().any(|u| l.contains(u));
        let rows: Vec<_> = c.functions.rows.iter().filter(|r| is_untouched(&r.label)).collect();
        let ts = rows.iter().filter(|r| r.self_cost.p.is_some()).count();
        let tt = rows.iter().filter(|r| r.total_cost.p.is_some()).count();
        let [s, t] = changed(&c.functions);
        let s: Vec<_> = s.into_iter().filter(|r| is_untouched(&r.label)).collect();
        let t: Vec<_> = t.into_iter().filter(|r| is_untouched(&r.label)).collect();
        println!("  UNTOUCHED self {} of {ts}, total {} of {tt}", s.len(), t.len());
        for row in s {
            println!("   s {}", line(row));
        }
        for row in t {
            println!("   t {}", line(row));
        }
        for row in c.functions.rows.iter().filter(|r| {
            ["bcryptjs", "class-transformer", "serialise"].iter().any(|n| r.label.contains(n))
        }) {
            println!("  {}", line(row));
        }
        println!("guessed {}", c.functions.rows.iter().filter(|r| r.guessed).count());
        for row in c.functions.rows.iter().filter(|r| r.guessed).take(20) {
            println!("  G {}", line(row));
        }
    }
    let Some(noise) = shared("noise") else { return };
    let runs: Vec<RunCounts> = (1..=5)
        .map(|n| count(&noise.join(format!("same-code-{n}.cpuprofile.zst")), Inlined::Expand, None))
        .collect();
    for (a, b) in splits(&runs) {
        let c = compared(&a, &b);
        for table in [&c.functions, &c.files, &c.packages, &c.categories] {
            let [s, t] = changed(table);
            if s.len() + t.len() > 0 {
                println!(
                    "NOISE {}v{} {:?} self {} total {}",
                    a.len(),
                    b.len(),
                    table.by,
                    s.len(),
                    t.len()
                );
                for row in s.iter().chain(&t).take(6) {
                    println!("   {}", line(row));
                }
            }
        }
    }
    let c = compared(&runs[..2], &runs[2..]);
    println!("NOISE {:?} {:?}", c.functions.self_trend, c.warnings);
}
#[test]
fn noise_counts() {
    let Some(noise) = shared("noise") else { return };
    let runs: Vec<RunCounts> = (1..=5)
        .map(|n| count(&noise.join(format!("same-code-{n}.cpuprofile.zst")), Inlined::Expand, None))
        .collect();
    for a in 0..5 {
        for b in 0..5 {
            if a < b {
                let c = compared(&runs[a..=a], &runs[b..=b]);
                if a == 0 {
                    for name in [
                        "server.js:11:20",
                        "_key",
                        "lib.js:19:23",
                        "_encipher",
                        "(garbage collector)",
                        "(program)",
                    ] {
                        let r = c.functions.rows.iter().find(|r| r.label.contains(name)).unwrap();
                        println!(
                            "CNT {a}{b} {name} {} {} / {} {}  tot {} {}",
                            r.self_cost.samples_before,
                            r.self_cost.samples_after,
                            r.total_cost.samples_before,
                            r.total_cost.samples_after,
                            c.runs[0].samples,
                            c.runs[1].samples
                        );
                    }
                }
            }
        }
    }
}
