//! Comparing runs.

use crate::analysis::{Analysis, Assumptions, GroupingResult, analyse_with};
use crate::causes::{Explanation, RowsOfRun, Tables, elsewhere, explained};
use crate::comparison::{ComparedRun, Comparison, Row, Table};
use crate::conditions::shares_while_busy;
use crate::environment::alike;
use crate::error::Error;
use crate::evidence::Evidence;
use crate::exposure::{Exposures, Scale, Views};
use crate::group_causes::group_causes;
use crate::grouping::{
    caller_counts, counts_without, function_counts, group_counts, rows_of_runs, rows_of_sides,
};
use crate::inlining::{Calls, builtins_alone, gone_with_callees};
use crate::levels::GROUPS;
use crate::matching::{
    FunctionPair, Matching, SideFunctions, canonical_files, functions_of, matched,
};
use crate::measure::{Doubt, Verdict};
use crate::order::{Order, is_swapped, overlaps, own_starts};
use crate::other_names::OtherNames;
use crate::pool;
use crate::profile_facts::ProfileFacts;
use crate::recorders::{recorders_that_differ, same_counts};
use crate::regrouped::doubt_regrouped;
use crate::renamed::{Costs, renamed};
use crate::row_calls::{calls_of, calls_with_inlining, is_builtin};
use crate::rows::{Head, doubt_with_causes, function_head, inlined_badges, is_top_level, table};
use crate::run::{Run, RunCounts};
use crate::same_run::same_runs;
use crate::table::{Counts, Grouping, Side, TableRun};
use crate::unlike::{doubt_programs, doubt_recorders};
use crate::waits::{machine_between_runs as least_noise, waits};
use crate::warning::Warning;
use crate::warnings::{ChosenUnit, Sessions, on_other_machines, warnings};
use crate::within::WithinRuns;
use hashbrown::HashMap;
use spikeflame_profile::{Category, GroupBy};

/// Settings of a comparison: how functions are matched, and the facts to assume.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// Prefixes of file paths and their replacements, for the files of all runs. The first prefix in this list
    /// with which a path begins is replaced; it may end within the name of a folder.
    pub path_map: Vec<(String, String)>,
    /// The facts to assume; [`noise_of`](crate::noise_of) measures the noise. A comparison finds
    /// `calls_that_hide_inlining` and `waits` itself, and replaces the values given here.
    pub assumed: Assumptions,
}

/// Compares runs whose profiles are all in memory. For many runs, count each with
/// [`RunCounts::count`] and use [`compare_counts`].
///
/// ```
/// use spikeflame_diff::{Evidence, Options, Run, Unit, compare};
/// use spikeflame_profile::{Selection, folded};
///
/// let read = |mut text: &[u8]| folded::read(&mut text, "example", None);
/// let before = read(b"main;parse 400\nmain;write 600\n")?;
/// let after = read(b"main;parse 90\nmain;write 610\n")?;
/// let all = Selection::default();
/// let comparison = compare(
///     &[Run { requests: Some(100.0), interval_ms: Some(1.0), ..Run::new("a", &before, &all) }],
///     &[Run { requests: Some(100.0), interval_ms: Some(1.0), ..Run::new("b", &after, &all) }],
///     &Options::default(),
/// )?;
/// assert_eq!(comparison.unit, Unit::CpuMsPerRequest);
/// assert_eq!(comparison.evidence, Evidence::Provisional);
/// assert_eq!(comparison.functions.rows[0].name, "parse");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Returns an error when the runs cannot be compared, for example when a side has no runs or when
/// two runs are the same recording.
pub fn compare(
    before: &[Run<'_>],
    after: &[Run<'_>],
    options: &Options,
) -> Result<Comparison, Error> {
    let counts = |runs: &[Run<'_>]| runs.iter().map(RunCounts::count).collect::<Vec<_>>();
    compare_counts(&counts(before), &counts(after), options)
}

/// Compares runs that were counted one at a time, so that only one profile has to be in
/// memory.
///
/// # Errors
///
/// Returns an error when the runs cannot be compared, for example when a side has no runs or when
/// two runs are the same recording.
pub fn compare_counts(
    before: &[RunCounts],
    after: &[RunCounts],
    options: &Options,
) -> Result<Comparison, Error> {
    let runs: Vec<&RunCounts> = before.iter().chain(after).collect();
    same_counts(runs.iter().copied())?;
    let sides = std::iter::repeat_n(Side::Before, before.len())
        .chain(std::iter::repeat_n(Side::After, after.len()));
    let sided: Vec<(Side, &RunCounts)> = sides.zip(runs.iter().copied()).collect();
    let files = canonical_files(&runs, &options.path_map);
    let (Some((runs_before, runs_after)), Some((files_before, files_after))) =
        (runs.split_at_checked(before.len()), files.split_at_checked(before.len()))
    else {
        return Err(Error::Counts);
    };
    let functions_before = functions_of(runs_before, files_before);
    let functions_after = functions_of(runs_after, files_after);
    let sides = [&functions_before, &functions_after];
    let mut matching = matched(sides[0], sides[1]);
    let mut counts = FunctionCounts::count(&matching, sides, &sided);
    same_runs(&sided, [&counts.functions.self_counts, &counts.functions.total_counts])?;
    let one_recorder = recorders_that_differ(&sided).is_none();
    let are_scripts =
        options.assumed.with_start_up && !runs.iter().any(|run| run.serves_requests());
    let table_runs = table_runs(&sided, &own_starts(&runs));
    // Costs that were recorded in different ways are not alike, even for the same function.
    if one_recorder {
        let scale = Scale::evened(options.assumed.unit, are_scripts);
        let renamed = renamed_rows(&matching, sides, &table_runs, &counts, scale)?;
        if !renamed.is_empty() {
            matching.join(&renamed);
            counts = FunctionCounts::count(&matching, sides, &sided);
        }
    }
    let FunctionCounts { functions, callers, without } = counts;
    let mut groupings = vec![functions];
    let mut rows_of_runs = vec![rows_of_runs(&matching, sides, &sided)];
    let group_labels = GROUPS.map(|by| {
        let group = group_counts(by, &sided, &files, &matching);
        groupings.push(group.grouping);
        rows_of_runs.push(group.rows);
        group.labels
    });
    let lengths: Vec<usize> = groupings.iter().map(|of| of.self_counts.rows().len()).collect();
    let hides_inlining = runs.iter().any(|run| run.hides_inlining);
    let calls = calls_with_inlining(&matching.rows, sides, hides_inlining);
    let calls_that_hide_inlining = (hides_inlining || !calls.is_empty()).then_some(calls);
    let order = RunOrder::detect(&table_runs, &sided, options.assumed.order);
    let other_names = OtherNames::find(&matching, sides, &sided, groupings.first());
    let assumed = Assumptions {
        calls_that_hide_inlining,
        order: order.assumed,
        waits: waits(&sided),
        ..options.assumed.clone()
    };
    let found = ProfileFacts {
        machine_between_runs: least_noise(&sided),
        are_scripts,
        callers: Some(callers),
        beside_large: without,
        one_recorder,
        other_names: other_names.rows().to_vec(),
        within: Some(WithinRuns::new(&sided, &rows_of_runs, &lengths)),
    };
    let mut analysis = analyse_with(&table_runs, &groupings, &assumed, &found)?;
    let mut gone = Vec::new();
    if let Some(functions) = analysis.groupings.first_mut() {
        let calls = Calls::new(&calls_of(&matching.rows, sides));
        gone = doubt_inlined(functions, &calls, &matching.rows, sides);
    }
    if !one_recorder {
        doubt_recorders(&mut analysis);
    }
    let of_runs: Vec<Side> = sided.iter().map(|(side, _)| *side).collect();
    if let Some(counts) = groupings.first() {
        other_names.doubt(&mut analysis, (&of_runs, counts), options.assumed.noise_cv);
    }
    let separated = (analysis.order == Order::Separated).then_some(analysis.sessions.code);
    let sessions = Sessions { separated, in_turn: order.in_turn };
    let of_program: Vec<bool> = matching.rows.iter().map(|row| is_of_program(row, sides)).collect();
    let mut warnings = groupings.first().map_or_else(Vec::new, |functions| {
        let Analysis { evidence, unit, equal_work, .. } = analysis;
        let unit = ChosenUnit { unit, asked: options.assumed.unit, equal_work };
        warnings(&sided, evidence, unit, sessions, (&functions.self_counts, &of_program))
    });
    doubt_programs(&mut analysis, &warnings);
    warnings.extend(other_names.into_warnings());
    warnings.extend(doubt_regrouped(&mut analysis, &matching, sides, &group_labels));
    let compared = compared_runs(&sided, &analysis);
    let (mut causes, moved) = causes(&analysis, &groupings, &sided, &matching, sides, &assumed);
    let of_groups =
        group_causes(&analysis, (&groupings, &group_labels), &sided, &rows_of_runs).into_iter();
    let mut results = groupings.iter().zip(analysis.groupings);
    let (counts, mut result) = results.next().ok_or(Error::Counts)?;
    let mut badges = inlined_badges(&matching.rows, sides, &result, &gone);
    doubt_moved(&mut result, &moved, &mut causes);
    // Without a load test, the script itself is the work.
    let with_load = runs.iter().all(|run| run.requests.is_some());
    // Whole runs have all of the start, and the costs per run and per second show its change.
    let in_part = with_load && !options.assumed.with_start_up;
    let start_up = |row| in_part && is_top_level(row, sides);
    let start_up: Vec<bool> = matching.rows.iter().map(start_up).collect();
    doubt_with_causes(&mut result, &mut badges, &start_up, &mut causes);
    let heads = matching.rows.iter().zip(badges);
    let heads = heads.map(|(row, badges)| function_head(row, sides, badges)).collect();
    let shares = counts.self_counts.machine();
    let (mut functions, places) = table(GroupBy::Function, heads, result, &shares);
    explain(&mut functions, &places, causes);
    if analysis.order == Order::Unknown && runs.len() > 2 && functions.rows.iter().any(is_changed) {
        warnings.insert(0, Warning::OrderUnknown);
    }
    if let Some(warning) = order.contradiction(runs.len()) {
        warnings.insert(0, warning);
    }
    if analysis.evidence == Evidence::Strong && warnings.iter().any(Warning::weakens) {
        analysis.evidence = Evidence::Weak;
    }
    warnings.extend(pool::moved(&functions.rows, &sided, analysis.unit));
    warnings.extend(order_warnings(&table_runs));
    let mut groups = results.zip(GROUPS).zip(group_labels).zip(of_groups).map(
        |((((counts, result), by), labels), causes)| {
            let heads = labels.into_iter().map(Head::of_group).collect();
            let (mut table, places) = table(by, heads, result, &counts.self_counts.machine());
            explain(&mut table, &places, causes);
            table
        },
    );
    let mut group = || groups.next().ok_or(Error::Counts);
    Ok(Comparison {
        unit: analysis.unit,
        equal_work: analysis.equal_work,
        two_scales: analysis.two_scales,
        without_waits: analysis.without_waits,
        evidence: analysis.evidence,
        order: analysis.order,
        sessions: analysis.sessions,
        runs: compared,
        totals: analysis.totals,
        shift: analysis.shift,
        functions,
        files: group()?,
        packages: group()?,
        categories: group()?,
        warnings,
        labels: labels(&matching.rows, &places, [(sides[0], runs_before), (sides[1], runs_after)]),
    })
}

/// The counts of the functions of a matching.
struct FunctionCounts {
    functions: Grouping,
    callers: Counts,
    without: Vec<Counts>,
}

impl FunctionCounts {
    fn count(
        matching: &Matching<'_>,
        sides: [&SideFunctions<'_>; 2],
        runs: &[(Side, &RunCounts)],
    ) -> Self {
        let functions = function_counts(matching, sides, runs);
        let callers = caller_counts(matching, sides, runs);
        let without = counts_without(matching, sides, runs, &functions);
        Self { functions, callers, without }
    }
}

/// The order in which the runs of both sides were recorded.
struct RunOrder {
    /// The order that the user gave.
    given: Option<Order>,
    by_clocks: Order,
    other_machine: bool,
    in_turn: bool,
    /// The order that is not left to the clocks.
    assumed: Option<Order>,
}

impl RunOrder {
    fn detect(table_runs: &[TableRun], runs: &[(Side, &RunCounts)], given: Option<Order>) -> Self {
        let by_clocks = Order::detect(table_runs);
        let in_turn = given.unwrap_or(by_clocks) == Order::InTurn;
        // Another machine is another session, whatever the time, and so is a machine that other
        // programs use.
        let other_machine = on_other_machines(runs);
        let apart = other_machine || in_turn && shares_while_busy(runs).is_some();
        let assumed = given.or(apart.then_some(Order::Separated));
        Self { given, by_clocks, other_machine, in_turn, assumed }
    }

    /// Returns the warning for runs that were not recorded in turn, although the user stated it.
    fn contradiction(&self, runs: usize) -> Option<Warning> {
        let separated = self.by_clocks == Order::Separated && runs > 2;
        (self.given == Some(Order::InTurn) && (self.other_machine || separated))
            .then_some(Warning::NotInTurn { other_machine: self.other_machine })
    }
}

/// Returns warnings about runs at one time, and about sides that may be swapped.
fn order_warnings(runs: &[TableRun]) -> Vec<Warning> {
    let overlaps = overlaps(runs);
    let at_one_time = overlaps.first().map(|pair| Warning::AtOneTime {
        runs: pair.map(|run| run.name.clone()),
        others: overlaps.len() - 1,
    });
    at_one_time.into_iter().chain(is_swapped(runs).then_some(Warning::Swapped)).collect()
}

fn is_changed(row: &Row) -> bool {
    [&row.self_cost, &row.total_cost].iter().any(|cost| cost.verdict == Verdict::Changed)
}

pub(crate) fn table_runs(runs: &[(Side, &RunCounts)], starts: &[Option<i64>]) -> Vec<TableRun> {
    let table_run = |(&(side, run), &began_us): (&(Side, &RunCounts), &Option<i64>)| {
        let &RunCounts { ref name, interval_ms, requests, seconds, .. } = run;
        TableRun { name: name.clone(), side, interval_ms, requests, seconds, began_us }
    };
    runs.iter().zip(starts).map(table_run).collect()
}

fn compared_runs(runs: &[(Side, &RunCounts)], analysis: &Analysis) -> Vec<ComparedRun> {
    let environments = alike(runs.iter().map(|(_, run)| &run.environment));
    let compared = runs.iter().zip(environments);
    let compared = compared.zip(analysis.factors.iter().zip(&analysis.exposures));
    let compared = compared.map(|(((side, run), environment), (&factor, &exposure))| ComparedRun {
        name: run.name.clone(),
        side: *side,
        samples: run.samples,
        requests: run.requests,
        interval_ms: run.interval_ms,
        seconds: run.seconds,
        environment,
        settings: run.settings.clone(),
        around_ms: run.around_ms,
        producer: run.producer.clone(),
        factor,
        exposure,
    });
    compared.collect()
}

/// Returns the pairs of rows that are probably one function under two names.
fn renamed_rows(
    matching: &Matching<'_>,
    sides: [&SideFunctions<'_>; 2],
    runs: &[TableRun],
    counts: &FunctionCounts,
    scale: Scale<'_>,
) -> Result<Vec<(usize, usize)>, Error> {
    let lacks =
        |id: fn(&FunctionPair) -> Option<usize>| matching.rows.iter().any(|row| id(row).is_none());
    if !lacks(|row| row.before) || !lacks(|row| row.after) {
        return Ok(Vec::new());
    }
    let FunctionCounts { functions: Grouping { self_counts, total_counts }, callers, without } =
        counts;
    let views = Views { functions: self_counts, callers: Some(callers), without };
    let exposures = Exposures::new(runs, &views, scale, 0.0)?.evened();
    let of_runs: Vec<Side> = runs.iter().map(|run| run.side).collect();
    let costs =
        Costs { tables: [self_counts, total_counts], sides: &of_runs, exposures: &exposures };
    Ok(renamed(matching, sides, &rows_of_sides(&matching.rows, sides), &costs))
}

/// Adds the explanations to the rows; `order` is the index of each row in the table.
fn explain(functions: &mut Table, order: &[usize], causes: Vec<Option<Explanation>>) {
    for (at, explanation) in causes.into_iter().enumerate() {
        let place = |row: usize| order.get(row).copied();
        let row = place(at).and_then(|place| functions.rows.get_mut(place));
        if let (Some(row), Some(Explanation { by, relation })) = (row, explanation) {
            row.explained = place(by).map(|by| Explanation { by, relation });
        }
    }
}

/// Withdraws the verdict "changed" from rows whose total cost moved from or to other callers.
fn doubt_moved(
    GroupingResult { total_result, .. }: &mut GroupingResult,
    moved: &[usize],
    causes: &mut [Option<Explanation>],
) {
    for row in moved {
        if let Some(measure) = total_result.measures.get_mut(*row) {
            measure.doubted(Doubt::Moved);
        }
    }
    for (row, cause) in causes.iter_mut().enumerate() {
        let of = |row| moved.binary_search(&row).is_ok();
        *cause = cause.filter(|cause| !of(row) && !of(cause.by));
    }
}

/// Returns the explanation of each row's change, and the rows whose cost moved from or to other
/// callers.
fn causes(
    analysis: &Analysis,
    groupings: &[Grouping],
    runs: &[(Side, &RunCounts)],
    matching: &Matching<'_>,
    [before, after]: [&SideFunctions<'_>; 2],
    assumed: &Assumptions,
) -> (Vec<Option<Explanation>>, Vec<usize>) {
    let (Some(counts), Some(results)) = (groupings.first(), analysis.groupings.first()) else {
        return (Vec::new(), Vec::new());
    };
    let sides: Vec<Side> = runs.iter().map(|(side, _)| *side).collect();
    let design = analysis.design(&sides, assumed.noise_cv);
    let rows = rows_of_runs(matching, [before, after], runs);
    let rows_of_run = runs.iter().zip(rows).map(|((_, run), rows)| (*run, rows));
    let rows_of_run: Vec<RowsOfRun<'_>> = rows_of_run.collect();
    let GroupingResult { self_result, total_result } = results;
    let own: Vec<bool> = matching.rows.iter().map(|row| is_own(row, [before, after])).collect();
    let is_dependency = |row: &FunctionPair| {
        categories(row, [before, after]).any(|category| category == Category::Dependency)
    };
    let dependencies: Vec<bool> = matching.rows.iter().map(is_dependency).collect();
    let tables = Tables {
        design: &design,
        self_table: (&counts.self_counts, &self_result.measures, &self_result.trend),
        total_table: (&counts.total_counts, &total_result.measures, &total_result.trend),
        own: &own,
        dependencies: &dependencies,
        named: &[],
    };
    (explained(&tables, &rows_of_run), elsewhere(&tables, &rows_of_run))
}

/// Returns the categories of a row's functions.
fn categories<'a>(
    row: &'a FunctionPair,
    sides: [&'a SideFunctions<'_>; 2],
) -> impl Iterator<Item = Category> + 'a {
    let ids = [row.before, row.after].into_iter().zip(sides);
    ids.filter_map(|(id, side)| Some(side.functions.get(id?)?.count.category))
}

/// Returns true for a function of the application itself.
fn is_own(row: &FunctionPair, sides: [&SideFunctions<'_>; 2]) -> bool {
    categories(row, sides).any(|of| of == Category::App)
}

/// Returns true for a function of the application or its packages, and not of the engine.
fn is_of_program(row: &FunctionPair, sides: [&SideFunctions<'_>; 2]) -> bool {
    let of_program = [Category::App, Category::Dependency, Category::Wasm];
    categories(row, sides).any(|of| of_program.contains(&of))
}

/// Withdraws the verdict "changed" from builtins whose callers did not change. Gives the verdict
/// back to functions that disappeared together with their callees, and returns these functions.
fn doubt_inlined(
    GroupingResult { self_result, total_result }: &mut GroupingResult,
    calls: &Calls,
    rows: &[FunctionPair],
    sides: [&SideFunctions<'_>; 2],
) -> Vec<usize> {
    let is_builtin: Vec<bool> = rows.iter().map(|row| is_builtin(row, sides)).collect();
    let may_show: Vec<bool> = is_builtin.iter().map(|is_builtin| !is_builtin).collect();
    let measures = [&mut self_result.measures[..], &mut total_result.measures[..]];
    let gone = gone_with_callees(calls, &may_show, measures);
    let measures = [&self_result.measures[..], &total_result.measures[..]];
    for row in builtins_alone(calls, &is_builtin, measures) {
        for result in [&mut *self_result, &mut *total_result] {
            let measure = result.measures.get_mut(row);
            if let Some(measure) = measure.filter(|m| m.verdict == Verdict::Changed) {
                measure.doubted(Doubt::Inlined);
            }
        }
    }
    gone
}

/// Returns the row of each label, by side.
fn labels(
    rows: &[FunctionPair],
    order: &[usize],
    [(before, runs_before), (after, runs_after)]: [(&SideFunctions<'_>, &[&RunCounts]); 2],
) -> [HashMap<String, usize>; 2] {
    let [rows_before, rows_after] = rows_of_sides(rows, [before, after]);
    let sides = [(before, runs_before, rows_before), (after, runs_after, rows_after)];
    sides.map(|(side, runs, rows)| {
        let mut labels = HashMap::new();
        // A function has the same label in most runs.
        let mut last = vec![""; side.functions.len()];
        for (run, ids) in runs.iter().zip(&side.of_run) {
            for (function, id) in run.functions.iter().zip(ids) {
                match last.get_mut(*id) {
                    Some(last) if *last == function.label => continue,
                    Some(last) => *last = &function.label,
                    None => {}
                }
                let place = rows.get(*id).and_then(|row| order.get(*row));
                labels.entry_ref(function.label.as_str()).or_insert(place.copied().unwrap_or(0));
            }
        }
        labels
    })
}
