//! The kinds of code that rows stand for, and the calls between rows.

use crate::grouping::rows_of_sides;
use crate::matching::{FunctionPair, SideFunctions};
use spikeflame_profile::Kind;

/// Returns true when a row is a builtin or a bytecode handler on one of the sides.
pub(crate) fn is_builtin(row: &FunctionPair, sides: [&SideFunctions<'_>; 2]) -> bool {
    kinds(row, sides).any(|kind| matches!(kind, Kind::Builtin | Kind::BytecodeHandler))
}

/// Returns true when a row is a function of WebAssembly.
fn is_wasm(row: &FunctionPair, sides: [&SideFunctions<'_>; 2]) -> bool {
    kinds(row, sides).any(|kind| kind == Kind::Wasm)
}

/// Returns true when a row is a function of JavaScript or of WebAssembly.
fn is_script(row: &FunctionPair, sides: [&SideFunctions<'_>; 2]) -> bool {
    kinds(row, sides).any(|kind| matches!(kind, Kind::Js | Kind::Wasm))
}

/// Returns the kinds of a row's functions.
fn kinds<'a>(
    row: &'a FunctionPair,
    sides: [&'a SideFunctions<'_>; 2],
) -> impl Iterator<Item = Kind> + 'a {
    let ids = [row.before, row.after].into_iter().zip(sides);
    ids.filter_map(|(id, side)| Some(side.functions.get(id?)?.count.kind))
}

/// Returns the pairs of caller and callee, as rows, in order.
pub(crate) fn calls_of(rows: &[FunctionPair], sides: [&SideFunctions<'_>; 2]) -> Vec<(u32, u32)> {
    let rows_of_side = rows_of_sides(rows, sides);
    let mut calls: Vec<(u32, u32)> = Vec::new();
    for (side, rows) in sides.into_iter().zip(&rows_of_side) {
        let row = |id: usize| rows.get(id).map(|row| *row as u32);
        calls.extend(side.calls.iter().filter_map(|&(from, to)| row(from).zip(row(to))));
    }
    calls.sort_unstable();
    calls.dedup();
    calls
}

/// Returns the calls in which the engine's compiler may put the callee into the caller without a trace. It
/// compiles JavaScript, WebAssembly and builtins, and no native code. When `hides_inlining` is false, the
/// recordings show it for JavaScript, and no recording shows it for WebAssembly.
pub(crate) fn calls_with_inlining(
    rows: &[FunctionPair],
    sides: [&SideFunctions<'_>; 2],
    hides_inlining: bool,
) -> Vec<(u32, u32)> {
    let is_compiled = |row: &FunctionPair| match hides_inlining {
        true => is_builtin(row, sides) || is_script(row, sides),
        false => is_wasm(row, sides),
    };
    let compiled: Vec<bool> = rows.iter().map(is_compiled).collect();
    let is_compiled = |row: u32| compiled.get(row as usize) == Some(&true);
    let mut calls = calls_of(rows, sides);
    calls.retain(|&(caller, callee)| is_compiled(caller) && is_compiled(callee));
    calls
}
