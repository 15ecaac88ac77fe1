//! Rules that hold for all counts.

use proptest::prelude::*;
use spikeflame_diff::{Assumptions, Counts, Error, Grouping, Side, TableRun, Verdict, analyse};

fn runs(sides: [usize; 2], requests: Option<f64>) -> Vec<TableRun> {
    let side = |side: Side, count| {
        (0..count).map(move |n| TableRun {
            name: format!("{}-{n}", side.word()),
            side,
            interval_ms: Some(1.0),
            requests: requests.map(|requests| requests + n as f64),
            seconds: None,
            began_us: None,
        })
    };
    side(Side::Before, sides[0]).chain(side(Side::After, sides[1])).collect()
}

fn counts() -> impl Strategy<Value = (usize, usize, Vec<Vec<f64>>)> {
    (1usize..4, 1usize..4).prop_flat_map(|(before, after)| {
        let cell = prop_oneof![2 => Just(0.0), 3 => (0u32..40).prop_map(f64::from),
            1 => (0u32..100_000).prop_map(f64::from)];
        let row = prop::collection::vec(cell, before + after);
        (Just(before), Just(after), prop::collection::vec(row, 1..80))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn costs_add_up_intervals_hold_them_and_sides_mirror(
        (before, after, rows) in counts(),
        requests in prop::option::of(1.0..1e6f64),
    ) {
        let width = before + after;
        let mut table = Counts::new(width);
        let mut turned = Counts::new(width);
        for row in &rows {
            table.push(row);
            let (own, other) = row.split_at(before);
            turned.push(&[other, own].concat());
        }
        let mut mirror_runs = runs([before, after], requests);
        let forward = mirror_runs.clone();
        mirror_runs.rotate_left(before);
        for run in &mut mirror_runs {
            run.side = if run.side == Side::Before { Side::After } else { Side::Before };
        }
        let analysis = match analyse(&forward, &[Grouping::without_totals(width, table)], &Assumptions::default()) {
            Ok(analysis) => analysis,
            Err(error) => {
                prop_assert!(matches!(error, Error::EmptyRun { .. }), "{error}");
                return Ok(());
            }
        };
        let totals = analysis.totals;
        let measures = &analysis.groupings[0].self_result.measures;
        prop_assert_eq!(measures.len(), rows.len());
        let scale = totals.before.max(totals.after);
        let sum: f64 = measures.iter().map(|measure| measure.change).sum();
        prop_assert!((totals.before + sum - totals.after).abs() <= 1e-9 * scale);
        prop_assert!(totals.ci.0 <= totals.ratio && totals.ratio <= totals.ci.1);
        let mirror = analyse(&mirror_runs, &[Grouping::without_totals(width, turned)], &Assumptions::default()).unwrap();
        for (measure, other) in measures.iter().zip(&mirror.groupings[0].self_result.measures) {
            let ratio = measure.ratio.unwrap_or(f64::INFINITY);
            if measure.samples_before + measure.samples_after > 0.0 {
                prop_assert!(measure.ci.0 <= ratio && ratio <= measure.ci.1, "{measure:?}");
            }
            prop_assert!(measure.change_ci.0 <= measure.change_ci.1, "{measure:?}");
            prop_assert!(measure.q.is_none_or(|q| (0.0..=1.0).contains(&q)), "{measure:?}");
            prop_assert!(measure.standard_error.is_finite(), "{measure:?}");
            prop_assert!(measure.more_runs.is_none() || measure.verdict == Verdict::NotResolved);
            prop_assert!((measure.log_ratio + other.log_ratio).abs() < 1e-6, "{measure:?} {other:?}");
            prop_assert_eq!(measure.verdict, other.verdict, "{:?} {:?}", measure, other);
        }
    }
}
