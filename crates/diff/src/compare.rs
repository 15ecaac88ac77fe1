//! Comparing runs.

use crate::analysis::{Analysis, Assumed, TableResult, analyse};
use crate::causes::{Explained, RowsOfRun, Tables, explained};
use crate::comparison::{Badge, ComparedRun, Comparison, Row, Table};
use crate::error::Error;
use crate::matching::{Matched, Matching, SideFunctions, canonical_files, functions_of, matched};
use crate::measure::{Doubt, Measure, Verdict};
use crate::order::{Order, starts};
use crate::run::{GROUPS, Run, RunCounts};
use crate::table::{Counts, Side, TableRun};
use crate::warnings::{same_runs, warnings};
use hashbrown::{HashMap, HashSet};
use spikeflame_profile::GroupBy;
use std::borrow::Cow;

/// Options of a comparison.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// Prefixes of file paths and their replacements, for both sides. The first prefix that
    /// fits is replaced.
    pub path_map: Vec<(String, String)>,
    /// The facts to assume; [`noise_of`](crate::noise_of) measures the noise.
    pub assumed: Assumed,
}

/// Compares runs whose profiles are all in memory. For many runs, count each with
/// [`RunCounts::of`] and use [`compare_counts`].
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
/// When a side has no runs, a run has no samples, two runs are the same recording, or a
/// number is not finite or not positive.
pub fn compare(
    before: &[Run<'_>],
    after: &[Run<'_>],
    options: &Options,
) -> Result<Comparison, Error> {
    let counts = |runs: &[Run<'_>]| runs.iter().map(RunCounts::of).collect::<Vec<_>>();
    compare_counts(&counts(before), &counts(after), options)
}

/// Compares runs that were counted one at a time, so that only one profile has to be in
/// memory.
///
/// # Errors
///
/// When a side has no runs, a run has no samples, two runs are the same recording, or a
/// number is not finite or not positive.
pub fn compare_counts(
    before: &[RunCounts],
    after: &[RunCounts],
    options: &Options,
) -> Result<Comparison, Error> {
    let runs: Vec<&RunCounts> = before.iter().chain(after).collect();
    let sides = std::iter::repeat_n(Side::Before, before.len())
        .chain(std::iter::repeat_n(Side::After, after.len()));
    let sided: Vec<(Side, &RunCounts)> = sides.zip(runs.iter().copied()).collect();
    let files = canonical_files(&runs, &options.path_map);
    let (Some(runs_of), Some(files_of)) =
        (runs.split_at_checked(before.len()), files.split_at_checked(before.len()))
    else {
        return Err(Error::Counts);
    };
    let own = functions_of(runs_of.0, files_of.0);
    let other = functions_of(runs_of.1, files_of.1);
    let matching = matched(&own, &other);
    let functions = function_counts(&matching, &own, &other, &sided);
    let groups = GROUPS.map(|by| group_counts(by, &sided, &files, &matching));
    let mut tables: Vec<Counts> = functions.tables.into();
    let group_labels = groups.map(|group| {
        tables.extend(group.tables);
        group.labels
    });
    let started = sided.iter().zip(starts(&runs));
    let table_runs: Vec<TableRun> =
        started.map(|((side, run), began)| table_run(*side, run, began)).collect();
    if let [own, total, ..] = tables.as_slice() {
        same_runs(&sided, [own, total])?;
    }
    let trading = runs.iter().any(|run| run.hides_inlining);
    let trading = trading.then(|| calls_of(&matching.rows, [&own, &other]));
    let assumed = Assumed { trading, ..options.assumed.clone() };
    let analysis = analyse(&table_runs, &tables, &assumed)?;
    let separated = (analysis.order == Order::Separated).then_some(analysis.sessions.code);
    let said = tables.first().map_or_else(Vec::new, |own| {
        warnings(&sided, analysis.evidence, analysis.unit, separated, own)
    });
    let compared = sided.iter().zip(analysis.factors.iter().zip(&analysis.exposures));
    let compared = compared.map(|((side, run), (&factor, &exposure))| ComparedRun {
        name: run.name.clone(),
        side: *side,
        samples: run.samples,
        requests: run.requests,
        interval_ms: run.interval_ms,
        seconds: run.seconds,
        environment: run.environment,
        around_ms: run.around_ms,
        producer: run.producer.clone(),
        factor,
        exposure,
    });
    let mut machine_shares: std::vec::IntoIter<Vec<f64>> =
        tables.iter().step_by(2).map(Counts::machine).collect::<Vec<_>>().into_iter();
    let inlined = badges(&matching.rows, [&own, &other], &analysis.tables);
    let causes = causes(&analysis, &tables, &sided, &matching, [&own, &other], &assumed);
    let mut results = analysis.tables.into_iter();
    let mut next = || results.next().zip(results.next()).ok_or(Error::Counts);
    let (self_result, total_result) = next()?;
    let heads = matching.rows.iter().zip(inlined).map(|(row, badges)| {
        let mut head = function_head(row, &own, &other);
        head.badges = badges;
        head
    });
    let shares = machine_shares.next().unwrap_or_default();
    let heads = heads.collect();
    let (mut functions, order) =
        table(GroupBy::Function, heads, self_result, total_result, &shares);
    for (at, explained) in causes.into_iter().enumerate() {
        let place = |row: usize| order.get(row).copied();
        let row = place(at).and_then(|place| functions.rows.get_mut(place));
        if let (Some(row), Some(Explained { by, through })) = (row, explained) {
            row.explained = place(by).map(|by| Explained { by, through });
        }
    }
    let mut groups = GROUPS.into_iter().zip(group_labels).map(|(by, labels)| {
        let (self_result, total_result) = next()?;
        let heads = labels.into_iter().map(Head::of_group).collect();
        let shares = machine_shares.next().unwrap_or_default();
        Ok(table(by, heads, self_result, total_result, &shares).0)
    });
    let mut group = || groups.next().unwrap_or(Err(Error::Counts));
    Ok(Comparison {
        unit: analysis.unit,
        evidence: analysis.evidence,
        order: analysis.order,
        sessions: analysis.sessions,
        runs: compared.collect(),
        totals: analysis.totals,
        shift: analysis.shift,
        functions,
        files: group()?,
        packages: group()?,
        categories: group()?,
        warnings: said,
        labels: labels(&matching.rows, &order, [(&own, runs_of.0), (&other, runs_of.1)]),
    })
}

fn table_run(side: Side, run: &RunCounts, began_us: Option<i64>) -> TableRun {
    let &RunCounts { ref name, interval_ms, requests, seconds, .. } = run;
    TableRun { name: name.clone(), side, interval_ms, requests, seconds, began_us }
}

/// Self and total counts of rows, by run.
struct Counted {
    tables: [Counts; 2],
    labels: Vec<String>,
}

fn function_counts(
    matching: &Matching<'_>,
    own: &SideFunctions<'_>,
    other: &SideFunctions<'_>,
    runs: &[(Side, &RunCounts)],
) -> Counted {
    let rows = matching.rows.len();
    let mut tables = [Counts::zeros(rows, runs.len()), Counts::zeros(rows, runs.len())];
    let mut machine = [vec![0.0; rows], vec![0.0; rows]];
    let row_of = [
        rows_by_id(&matching.rows, own.functions.len(), |row| row.before),
        rows_by_id(&matching.rows, other.functions.len(), |row| row.after),
    ];
    let ids = own.of_run.iter().chain(&other.of_run);
    for (column, ((side, run), ids)) in runs.iter().zip(ids).enumerate() {
        let [before, after] = &row_of;
        let row_of = if *side == Side::Before { before } else { after };
        for (function, id) in run.functions.iter().zip(ids) {
            let Some(&row) = row_of.get(*id) else { continue };
            let [own, total] = &mut tables;
            own.add(row, column, function.self_count);
            total.add(row, column, function.total_count);
            let of_self = if function.is_machine { function.self_count } else { 0.0 };
            add_to(&mut machine, row, [of_self, function.machine_count]);
        }
    }
    Counted { tables: with_machine(tables, machine), labels: Vec::new() }
}

fn add_to(sums: &mut [Vec<f64>; 2], row: usize, counts: [f64; 2]) {
    for (sums, count) in sums.iter_mut().zip(counts) {
        if let Some(sum) = sums.get_mut(row) {
            *sum += count;
        }
    }
}

/// Adds the machine's share of each row to self and total counts.
fn with_machine(tables: [Counts; 2], machine: [Vec<f64>; 2]) -> [Counts; 2] {
    let [own, total] = tables;
    let [of_own, of_total] = machine;
    [(own, of_own), (total, of_total)].map(|(counts, machine)| {
        let share = |(row, machine): (&[f64], f64)| machine / row.iter().sum::<f64>().max(1e-9);
        let shares = counts.rows().zip(machine).map(share).collect();
        counts.with_machine(shares)
    })
}

/// Returns the row of each function of one side.
fn rows_by_id(rows: &[Matched], len: usize, id: fn(&Matched) -> Option<usize>) -> Vec<usize> {
    let mut places = vec![0; len];
    for (at, row) in rows.iter().enumerate() {
        if let Some(slot) = id(row).and_then(|id| places.get_mut(id)) {
            *slot = at;
        }
    }
    places
}

fn group_counts(
    by: GroupBy,
    runs: &[(Side, &RunCounts)],
    files: &[HashMap<&str, Cow<'_, str>>],
    matching: &Matching<'_>,
) -> Counted {
    let place = GROUPS.iter().position(|of| *of == by).unwrap_or(0);
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut labels = Vec::new();
    let mut cells = Vec::new();
    for (column, ((side, run), files)) in runs.iter().zip(files).enumerate() {
        for group in run.groups.get(place).into_iter().flatten() {
            let mut label = group.label.as_str();
            if group.is_file {
                label = files.get(label).map_or(label, Cow::as_ref);
                if *side == Side::Before {
                    label = matching.files.get(label).copied().unwrap_or(label);
                }
            }
            let row = *known.entry_ref(label).or_insert_with(|| {
                labels.push(label.to_owned());
                labels.len() - 1
            });
            let machine = [group.machine_self, group.machine_count];
            cells.push((row, column, group.self_count, group.total_count, machine));
        }
    }
    let zeros = || Counts::zeros(labels.len(), runs.len());
    let mut tables = [zeros(), zeros()];
    let mut machine = [vec![0.0; labels.len()], vec![0.0; labels.len()]];
    for (row, column, self_count, total_count, of_machine) in cells {
        let [own, total] = &mut tables;
        own.add(row, column, self_count);
        total.add(row, column, total_count);
        add_to(&mut machine, row, of_machine);
    }
    Counted { tables: with_machine(tables, machine), labels }
}

/// A row without its costs.
#[derive(Default)]
struct Head {
    label: String,
    name: String,
    file: String,
    kind: Option<spikeflame_profile::Kind>,
    category: Option<spikeflame_profile::Category>,
    line_before: Option<u32>,
    line_after: Option<u32>,
    guessed: bool,
    badges: Vec<Badge>,
}

impl Head {
    fn of_group(label: String) -> Self {
        Self { name: label.clone(), label, ..Self::default() }
    }
}

fn function_head(row: &Matched, own: &SideFunctions<'_>, other: &SideFunctions<'_>) -> Head {
    let before = row.before.and_then(|id| own.functions.get(id)).map(|f| f.count);
    let after = row.after.and_then(|id| other.functions.get(id)).map(|f| f.count);
    let Some(shown) = after.or(before) else { return Head::default() };
    let line = |of: Option<&crate::run::FunctionCount>| of.map(|f| f.line).filter(|line| *line > 0);
    Head {
        label: shown.label.clone(),
        name: shown.name.clone(),
        file: shown.file.clone(),
        kind: Some(shown.kind),
        category: Some(shown.category),
        line_before: line(before),
        line_after: line(after),
        guessed: row.guessed,
        badges: Vec::new(),
    }
}

/// Joins heads and costs, the largest change first. Also returns the new index of each row.
fn table(
    by: GroupBy,
    heads: Vec<Head>,
    self_result: TableResult,
    total_result: TableResult,
    machine_shares: &[f64],
) -> (Table, Vec<usize>) {
    let costs = self_result.measures.into_iter().zip(total_result.measures);
    let costs = costs.zip(machine_shares);
    let rows =
        heads.into_iter().zip(costs).map(|(head, ((mut self_cost, mut total_cost), share))| {
            let mut badges = head.badges;
            // The top level of a script runs once in each process. When the load begins
            // while modules are still read, it differs without a change of the code,
            // whatever the window.
            if head.label.starts_with("<anonymous> ") && head.label.ends_with(":1:1") {
                for cost in [&mut self_cost, &mut total_cost] {
                    if cost.verdict == Verdict::Changed {
                        cost.doubted(Doubt::StartUp);
                    }
                }
            }
            if [&self_cost, &total_cost].iter().any(|cost| cost.doubt == Some(Doubt::StartUp)) {
                badges.push(Badge::StartUp);
            }
            // The row has no samples at all, neither of its own nor of what it calls.
            if total_cost.samples_after == 0.0 && total_cost.samples_before > 0.0 {
                badges.push(Badge::Gone);
            }
            if total_cost.samples_before == 0.0 && total_cost.samples_after > 0.0 {
                badges.push(Badge::New);
            }
            Row {
                label: head.label,
                name: head.name,
                file: head.file,
                kind: head.kind,
                category: head.category,
                line_before: head.line_before,
                line_after: head.line_after,
                guessed: head.guessed,
                self_cost,
                total_cost,
                badges,
                is_machine: *share > 0.5,
                explained: None,
            }
        });
    let mut rows: Vec<(usize, Row)> = rows.enumerate().collect();
    rows.sort_by(|(_, a), (_, b)| {
        let size = |measure: &Measure| measure.change.abs();
        (size(&b.self_cost).total_cmp(&size(&a.self_cost)))
            .then_with(|| size(&b.total_cost).total_cmp(&size(&a.total_cost)))
            .then_with(|| a.label.cmp(&b.label))
    });
    let mut order = vec![0; rows.len()];
    for (place, (at, _)) in rows.iter().enumerate() {
        if let Some(slot) = order.get_mut(*at) {
            *slot = place;
        }
    }
    let rows = rows.into_iter().map(|(_, row)| row).collect();
    let (self_trend, total_trend) = (self_result.trend, total_result.trend);
    let plans = [self_result.plan, total_result.plan];
    (Table { by, rows, self_trend, total_trend, plans }, order)
}

/// Returns the explanation of each row's change.
fn causes(
    analysis: &Analysis,
    tables: &[Counts],
    runs: &[(Side, &RunCounts)],
    matching: &Matching<'_>,
    [own, other]: [&SideFunctions<'_>; 2],
    assumed: &Assumed,
) -> Vec<Option<Explained>> {
    let (Some([own_counts, total_counts, ..]), [own_result, total_result, ..]) =
        (tables.get(..2), analysis.tables.as_slice())
    else {
        return Vec::new();
    };
    let sides: Vec<Side> = runs.iter().map(|(side, _)| *side).collect();
    let design = analysis.design(&sides, assumed.noise_cv);
    let row_of = [
        rows_by_id(&matching.rows, own.functions.len(), |row| row.before),
        rows_by_id(&matching.rows, other.functions.len(), |row| row.after),
    ];
    let ids = own.of_run.iter().chain(&other.of_run);
    let rows_of_run = runs.iter().zip(ids).map(|((side, run), ids)| {
        let [before, after] = &row_of;
        let row_of = if *side == Side::Before { before } else { after };
        let rows = ids.iter().map(|id| row_of.get(*id).copied().unwrap_or(usize::MAX));
        (*run, rows.collect())
    });
    let rows_of_run: Vec<RowsOfRun<'_>> = rows_of_run.collect();
    let tables = Tables {
        design: &design,
        own: (own_counts, &own_result.measures, &own_result.trend),
        total: (total_counts, &total_result.measures, &total_result.trend),
    };
    explained(&tables, &rows_of_run)
}

/// Returns the pairs of caller and callee, as rows, in order.
fn calls_of(rows: &[Matched], sides: [&SideFunctions<'_>; 2]) -> Vec<(u32, u32)> {
    let [before, after] = sides;
    let row_of = [
        rows_by_id(rows, before.functions.len(), |row| row.before),
        rows_by_id(rows, after.functions.len(), |row| row.after),
    ];
    let mut calls: Vec<(u32, u32)> = Vec::new();
    for (side, row_of) in sides.into_iter().zip(&row_of) {
        let row = |id: usize| row_of.get(id).map(|row| *row as u32);
        calls.extend(side.calls.iter().filter_map(|&(from, to)| row(from).zip(row(to))));
    }
    calls.sort_unstable();
    calls.dedup();
    calls
}

/// Marks rows `INLINED?`: self cost moved between a function and a caller of it whose total
/// did not change.
fn badges(
    rows: &[Matched],
    sides: [&SideFunctions<'_>; 2],
    tables: &[TableResult],
) -> Vec<Vec<Badge>> {
    let mut inlined = vec![Vec::new(); rows.len()];
    let [own, total, ..] = tables else { return inlined };
    let [before, after] = sides;
    let row_of = [
        rows_by_id(rows, before.functions.len(), |row| row.before),
        rows_by_id(rows, after.functions.len(), |row| row.after),
    ];
    let mut calls: HashSet<(usize, usize)> = HashSet::new();
    for (side, row_of) in sides.into_iter().zip(&row_of) {
        let row = |id: usize| row_of.get(id).copied();
        let changed = |row: &usize| is_changed(own.measures.get(*row));
        let rows = side.calls.iter().filter_map(|&(caller, callee)| row(caller).zip(row(callee)));
        calls.extend(rows.filter(|(caller, callee)| changed(caller) && changed(callee)));
    }
    for (caller, callee) in calls {
        let change = |row: usize| own.measures.get(row).map_or(0.0, |cost| cost.change);
        let moved = change(caller) * change(callee) < 0.0;
        if !moved || is_changed(total.measures.get(caller)) {
            continue;
        }
        for row in [caller, callee] {
            if let Some(badges) = inlined.get_mut(row).filter(|badges| badges.is_empty()) {
                badges.push(Badge::Inlined);
            }
        }
    }
    for (at, badges) in inlined.iter_mut().enumerate() {
        let doubted = [own, total].into_iter().filter_map(|table| table.measures.get(at));
        if badges.is_empty() && doubted.into_iter().any(|m| m.doubt == Some(Doubt::Inlined)) {
            badges.push(Badge::Inlined);
        }
    }
    inlined
}

fn is_changed(measure: Option<&Measure>) -> bool {
    measure.is_some_and(|measure| measure.verdict == Verdict::Changed)
}

/// Returns the row of each label, by side.
fn labels(
    rows: &[Matched],
    order: &[usize],
    [before, after]: [(&SideFunctions<'_>, &[&RunCounts]); 2],
) -> [HashMap<String, usize>; 2] {
    type Id = fn(&Matched) -> Option<usize>;
    let ids: [Id; 2] = [|row| row.before, |row| row.after];
    let sides = [(before, ids[0]), (after, ids[1])];
    sides.map(|((side, runs), id)| {
        let row_of = rows_by_id(rows, side.functions.len(), id);
        let mut labels = HashMap::new();
        for (run, ids) in runs.iter().zip(&side.of_run) {
            for (function, id) in run.functions.iter().zip(ids) {
                let place = row_of.get(*id).and_then(|row| order.get(*row));
                labels.entry_ref(function.label.as_str()).or_insert(place.copied().unwrap_or(0));
            }
        }
        labels
    })
}
