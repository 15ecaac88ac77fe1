//! A change in a package has the name of the function of the application that calls it, and not of
//! one that only passed control on.

use spikeflame_diff::{Comparison, Options, Run, RunCounts, compare_counts};
use spikeflame_profile::{Selection, folded};

const ROUTER: &str = "next %express/router.js:177:16;handle_request %express/layer.js:86:49;";

/// Counts one run; `~` stands for the frames of the framework, `@` and `%` for the folders of the
/// application and of its packages.
fn counted(lines: &[(&str, u32)], run: u32) -> RunCounts {
    let mut text = String::new();
    for (stack, samples) in lines {
        let stack = stack.replace('~', ROUTER).replace('@', "/srv/shop/src/");
        let stack = stack.replace('%', "/srv/shop/node_modules/");
        text += &format!("{stack} {}\n", samples * (100 + run % 3) / 100);
    }
    for n in 0..20 {
        text +=
            &format!("tick node:internal/timers:500:11;g{n} /srv/shop/src/g.js:{}:9 400\n", n + 1);
    }
    let profile = folded::read(&mut text.as_bytes(), "example", None).unwrap();
    let selection = Selection::default();
    let name = format!("run {run}");
    let run =
        Run { requests: Some(1_000.0 + f64::from(run)), ..Run::new(&name, &profile, &selection) };
    RunCounts::count(&Run { interval_ms: Some(1.0), ..run })
}

/// Returns the names of the causes, when the samples of stacks that end in `changed` fall to a fifth.
fn causes(lines: &[(&str, u32)], changed: &str) -> Vec<String> {
    let mut after = lines.to_vec();
    for (stack, samples) in &mut after {
        let last = stack.rsplit([';', '~']).next().unwrap();
        *samples /= if last.starts_with(changed) { 5 } else { 1 };
    }
    let side = |lines: &[(&str, u32)], from: u32| -> Vec<RunCounts> {
        (0..3).map(|n| counted(lines, from + n)).collect()
    };
    let options = Options::default();
    let compared: Comparison = compare_counts(&side(lines, 0), &side(&after, 4), &options).unwrap();
    let rows = compared.functions.rows.iter().filter(|row| row.is_cause());
    rows.map(|row| row.name.clone()).collect()
}

/// The change of a package's middleware had the name of the application's middleware that ran before
/// it and called `next`.
#[test]
fn a_middleware_that_calls_next_does_not_own_the_next_handlers() {
    const LOG: &str = "~log @log.js:4:14";
    let parser = "~log @log.js:4:14;~jsonParser %body-parser/json.js:90:22";
    let lines = [
        (parser, 1_500),
        ("~log @log.js:4:14;~orders @orders.js:8:16", 500),
        ("~log @log.js:4:14;~orders @orders.js:8:16;query %mysql2/connection.js:30:9", 700),
        (LOG, 90),
    ];
    assert_eq!(causes(&lines, "jsonParser"), ["jsonParser"]);
    // The controller calls its package itself.
    assert_eq!(causes(&lines, "query"), ["orders"]);
}
