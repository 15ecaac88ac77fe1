//! Source maps of modules that `eval` runs, within the bundle that webpack makes of them with
//! `devtool: 'eval-source-map'`.

use crate::source_maps::App;
use spikeflame_profile::warning::MapTally;

const MAP: &str = "eyJ2ZXJzaW9uIjozLCJmaWxlIjoiNzI5LmpzIiwibWFwcGluZ3MiOiJBQUFBLFlBQVksUU\
    FBUSw2QkFBNkIiLCJzb3VyY2VzIjpbIndlYnBhY2s6Ly8vLi9ub2RlX21vZHVsZXMvQGFjbWUvdXRpbC9saWIvaS5q\
    cz9hOWMwIl19";

const CODE: &str = "exports.slow=(ms)=>{const e=performance.now()+ms;while(performance.now()<e);}";

/// The bundle's function with the module, and a function of the module.
const RECORDING: &str =
    "729 /srv/app/dist/main.js:1:34;exports.slow webpack-internal:///729:1:15 1\n";

/// Returns a bundle as webpack writes it, with the string of its only module in these quotes.
fn bundle(before: &str, code: &str, map: &str, after: &str) -> String {
    let head = "(()=>{var __webpack_modules__={729";
    let url = "//# sourceURL=";
    let comments = format!("//# sourceMappingURL=data:application/json;charset=utf-8;base64,{map}");
    format!(
        "{head}(e,exports){{{before}{code}\\n{url}[module]\\n{comments}\\n\
         {url}webpack-internal:///729\\n{after}}}}}}})();"
    )
}

fn resolved(bundle: &str) -> (String, Option<MapTally>) {
    App::new(&[("dist/main.js", bundle.as_bytes())]).labels(RECORDING)
}

/// The error was: no map was found for the bundle, and the advice was to do what was done.
#[test]
fn modules_that_eval_runs_have_the_maps_in_their_text() {
    for (before, after) in [
        ("eval(\"{", "\\n}\")"),
        ("eval('{", "\\n}')"),
        ("eval(__webpack_require__.ts(\"{", "\\n}\"))"),
    ] {
        let (labels, tally) = resolved(&bundle(before, CODE, MAP, after));
        let expected = "729 /srv/app/dist/main.js:1:34;\
                        exports.slow node_modules/@acme/util/lib/i.js:1:13";
        assert_eq!((labels.as_str(), tally), (expected, None), "{before}");
    }
}

#[test]
fn a_module_of_another_build_or_with_a_damaged_map_is_told() {
    let other = format!("/*!*/ {CODE}");
    let (labels, tally) = resolved(&bundle("eval(\"{", &other, MAP, "\\n}\")"));
    assert_eq!(labels, RECORDING.trim_end_matches(" 1\n"));
    assert_eq!(tally.unwrap().other_build, ["webpack-internal:///729"]);
    let tally = resolved(&bundle("eval(\"{", CODE, "e3", "\\n}\")")).1.unwrap();
    assert!(tally.unusable[0].starts_with("the map of webpack-internal:///729 cannot be used"));
    // `devtool: 'eval'` writes no maps.
    let without = bundle("eval(\"{", CODE, MAP, "\\n}\")").replace("sourceMappingURL", "x");
    assert_eq!(resolved(&without).1.unwrap().without_map, ["/srv/app/dist/main.js"]);
}
