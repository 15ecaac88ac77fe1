//! The answer at the top: the hottest function of the application's own code, its heaviest path,
//! and the hottest dependency.

use hashbrown::HashMap;
use spikeflame_profile::{
    CALLER_NOT_LOGGED, Category, FrameId, Function, FunctionId, Kind, Profile, Selection, StackId,
    Tier, display_name, package_of, write_label,
};
use std::borrow::Cow;

/// Largest number of steps in a path.
const LONGEST_PATH: usize = 6;

/// A function of the application's own code, with everything that it calls outside
/// of that code.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnFunction {
    /// The label: `name file:line:column`.
    pub label: String,
    /// The name of the function, as people read it.
    pub name: String,
    /// The name of the nearest caller that has one, in own code or in a package, for a function
    /// without a name. `None` for other functions, and without such a caller.
    pub(crate) called_by: Option<String>,
    /// The path of the source file.
    pub file: String,
    /// The line at which the function begins, from 1; 0 when it is not known.
    pub line: u32,
    /// Weight of the samples in which this function is the innermost one of own code.
    pub weight: u64,
    /// Weight of the samples that end in this function, or in functions below it that are hidden.
    pub(crate) self_weight: u64,
    /// The heaviest path of calls below this function, outside of own code, outermost first. It
    /// ends where no step has a large part of `weight`, and may be empty.
    pub(crate) path: Vec<Step>,
}

/// A function on the heaviest path below a function of own code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// The label: `name file:line:column`.
    pub(crate) label: String,
    /// The name of the function, as people read it.
    pub(crate) name: String,
    /// The path of the source file; empty for code other than JavaScript.
    pub(crate) file: String,
    /// The line at which the function begins, from 1; 0 when it is not known, and for other code.
    pub(crate) line: u32,
    /// Weight of the samples that pass through the path down to here.
    pub(crate) weight: u64,
}

/// An npm package, with its own cost. Code of Node, V8 and native libraries counts for the package
/// that calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HotPackage {
    /// The name of the package, such as `typeorm` or `@nestjs/core`.
    pub name: String,
    /// Weight of the samples whose innermost function of any npm package or of the application is
    /// one of this package.
    pub weight: u64,
}

/// The hottest functions and packages of a selection.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// Weight of all samples that the selection keeps.
    pub total: u64,
    /// Functions of the application's own code, at most five, the hottest first.
    pub own: Vec<OwnFunction>,
    /// Packages, at most five, the hottest first.
    pub packages: Vec<HotPackage>,
    /// Weight of the samples whose innermost function of own code or of a package may be a caller that
    /// V8 did not log. They count for no function and no package.
    pub not_logged: u64,
    /// True when the recording has a JavaScript function with a file. Without one, it is not known
    /// which functions are the application's own.
    pub names_files: bool,
}

/// The sentence, without its full stop, for a recording in which no function has a file.
pub(crate) const OWNER_UNKNOWN: &str = "It is not known which functions are your own: this recording has no JavaScript function with a \
     file";

/// The sentence, without its full stop, for the packages of such a recording.
pub(crate) const PACKAGES_UNKNOWN: &str = "It is not known which functions are of npm packages: this recording has no JavaScript function \
     with a file";

impl Answer {
    /// Finds the five heaviest functions of own code and the five heaviest packages among the
    /// samples that the selection keeps. Functions that the selection hides count for those that
    /// call them.
    ///
    /// ```
    /// use spikeflame_profile::{Profile, Selection};
    /// use spikeflame_render::report::Answer;
    ///
    /// let answer = Answer::new(&Profile::default(), &Selection::default());
    /// assert_eq!(answer.total, 0);
    /// ```
    pub fn new(profile: &Profile, selection: &Selection) -> Self {
        let mut weights = vec![0_u64; profile.stacks.len()];
        profile.visit(selection, |_, sample, weight| {
            if let Some(slot) = weights.get_mut(sample.stack.index()) {
                *slot = slot.saturating_add(weight);
            }
        });
        let is_hidden = hidden(profile, selection);
        let mut of_file = HashMap::new();
        let rooms: Vec<Room<'_>> = profile
            .frames
            .functions()
            .map(|(id, function)| match (is_hidden(id), function.kind) {
                (true, _) => Room::Machine,
                (false, Kind::Js) => of_file
                    .entry(function.owner())
                    .or_insert_with(|| room(profile, function))
                    .clone(),
                (false, _) => room(profile, function),
            })
            .collect();
        let owners = owners(profile, &rooms);
        let (mut own, mut packages) = (HashMap::new(), HashMap::new());
        let mut not_logged = 0_u64;
        for (owner, &weight) in owners.iter().zip(&weights).filter(|(_, weight)| **weight > 0) {
            if let Some((_, function)) = owner.own {
                *own.entry(function).or_insert(0_u64) += weight;
            }
            if let Some(package) = owner.package {
                *packages.entry(package).or_insert(0_u64) += weight;
            }
            not_logged += if owner.is_not_logged { weight } else { 0 };
        }
        let mut own: Vec<(FunctionId, u64)> = own.into_iter().collect();
        own.sort_unstable_by_key(|&(function, weight)| (std::cmp::Reverse(weight), function));
        own.truncate(HOT);
        let mut packages: Vec<(&str, u64)> = packages.into_iter().collect();
        packages.sort_unstable_by_key(|&(name, weight)| (std::cmp::Reverse(weight), name));
        packages.truncate(HOT);
        let strings = profile.frames.strings();
        let has_file = |of: &Function| of.kind == Kind::Js && !strings.get(of.file).is_empty();
        Self {
            names_files: profile.frames.functions().any(|(_, function)| has_file(function)),
            total: weights.iter().sum(),
            not_logged,
            own: own
                .into_iter()
                .map(|(function, weight)| {
                    hot(profile, (function, weight), &owners, &weights, &is_hidden)
                })
                .collect(),
            packages: packages
                .into_iter()
                .map(|(name, weight)| HotPackage { name: name.to_owned(), weight })
                .collect(),
        }
    }
}

/// Number of functions and of packages that an answer keeps.
const HOT: usize = 5;

/// The function and the package to which a stack's own samples belong.
#[derive(Clone, Copy, Default)]
struct Owner<'a> {
    /// The innermost function of own code, and the stack that ends with it.
    own: Option<(StackId, FunctionId)>,
    /// The package of the innermost function of a package. It is `None` when own code is further
    /// inside.
    package: Option<&'a str>,
    /// True when the callers that V8 did not log are further inside.
    is_not_logged: bool,
}

fn owners<'a>(profile: &Profile, rooms: &'a [Room<'_>]) -> Vec<Owner<'a>> {
    let mut owners = vec![Owner::default(); profile.stacks.len()];
    for (stack, parent, frame) in profile.stacks.nodes() {
        let above = owners.get(parent.index()).copied().unwrap_or_default();
        let function = profile.frames.get(frame).function;
        let owner = match rooms.get(function.index()) {
            Some(Room::Own) => Owner { own: Some((stack, function)), ..Owner::default() },
            Some(Room::Package(package)) => {
                Owner { package: package.as_deref(), is_not_logged: false, ..above }
            }
            Some(Room::NotLogged) => Owner { is_not_logged: true, ..Owner::default() },
            _ => above,
        };
        if let Some(slot) = owners.get_mut(stack.index()) {
            *slot = owner;
        }
    }
    owners
}

/// The code to which a function belongs.
#[derive(Clone)]
enum Room<'a> {
    /// The application's own code.
    Own,
    /// An npm package, with its name.
    Package(Option<Cow<'a, str>>),
    /// Functions that V8 left out, and that are not known.
    NotLogged,
    /// Node, V8 or native code.
    Machine,
}

fn room<'a>(profile: &'a Profile, function: &Function) -> Room<'a> {
    let strings = profile.frames.strings();
    match (function.kind, Category::classify(function, strings)) {
        (Kind::Js, Category::App) => Room::Own,
        (Kind::Js, Category::Dependency) => {
            Room::Package(package_of(strings.get(function.owner())))
        }
        (Kind::Native, _) if strings.get(function.name) == CALLER_NOT_LOGGED => Room::NotLogged,
        (Kind::Native, _) => match package_of(strings.get(function.owner())) {
            Some(package) if is_addon(strings.get(function.owner())) => {
                Room::Package(Some(package))
            }
            _ => Room::Machine,
        },
        _ => Room::Machine,
    }
}

/// Returns true for the file of an addon or of a library. An npm package can also hold Node itself.
fn is_addon(file: &str) -> bool {
    file.ends_with(".node") || file.ends_with(".so") || file.contains(".so.")
}

/// Returns the test whether the selection hides a function.
fn hidden(profile: &Profile, selection: &Selection) -> impl Fn(FunctionId) -> bool {
    let mut label = String::new();
    let mut matches = |function: &Function| {
        label.clear();
        write_label(&mut label, profile.frames.strings(), function, Tier::None);
        selection.hide.as_ref().is_some_and(|hide| hide.is_match(&label))
    };
    let functions = profile.frames.functions().filter(|_| selection.hide.is_some());
    let hidden: Vec<bool> = functions.map(|(_, function)| matches(function)).collect();
    move |id| hidden.get(id.index()).copied().unwrap_or(false)
}

fn hot(
    profile: &Profile,
    (function, weight): (FunctionId, u64),
    owners: &[Owner<'_>],
    weights: &[u64],
    is_hidden: &dyn Fn(FunctionId) -> bool,
) -> OwnFunction {
    let frames = &profile.frames;
    let data = frames.get_function(function);
    let mut label = String::new();
    write_label(&mut label, frames.strings(), data, Tier::None);
    let text = |id| frames.strings().get(id).to_owned();
    let mut paths: Vec<(Vec<FrameId>, u64)> = Vec::new();
    let mut self_weight = 0;
    let mut callers: HashMap<FunctionId, u64> = HashMap::new();
    for (stack, ..) in profile.stacks.nodes() {
        let weight = weights.get(stack.index()).copied().unwrap_or(0);
        let owner = owners.get(stack.index()).and_then(|owner| owner.own);
        let Some((root, _)) = owner.filter(|(_, of)| *of == function && weight > 0) else {
            continue;
        };
        if data.name == Default::default()
            && let Some(caller) = named_caller(profile, root, is_hidden)
        {
            *callers.entry(caller).or_default() += weight;
        }
        let mut path = below(profile, stack, root);
        path.retain(|frame| !is_hidden(frames.get(*frame).function));
        if path.is_empty() {
            self_weight += weight;
        }
        paths.push((path, weight));
    }
    OwnFunction {
        label,
        name: if data.name == Default::default() {
            "<anonymous>".to_owned()
        } else {
            text(data.name)
        },
        called_by: callers
            .into_iter()
            .max_by_key(|&(id, weight)| (weight, std::cmp::Reverse(id)))
            .map(|(id, _)| text(frames.get_function(id).name)),
        file: text(data.file),
        line: data.line,
        weight,
        self_weight,
        path: heaviest(profile, &paths, weight),
    }
}

/// Returns the nearest caller of a stack's innermost function that has a name, in own code or in a
/// package.
fn named_caller(
    profile: &Profile,
    stack: StackId,
    is_hidden: &dyn Fn(FunctionId) -> bool,
) -> Option<FunctionId> {
    let (mut above, _) = profile.stacks.get(stack)?;
    let strings = profile.frames.strings();
    while let Some((parent, frame)) = profile.stacks.get(above) {
        let id = profile.frames.get(frame).function;
        let function = profile.frames.get_function(id);
        let is_named = function.kind == Kind::Js && function.name != Default::default();
        let category = Category::classify(function, strings);
        if is_named && matches!(category, Category::App | Category::Dependency) && !is_hidden(id) {
            return Some(id);
        }
        above = parent;
    }
    None
}

/// Returns the frames of a stack below one of its callers, outermost first.
fn below(profile: &Profile, mut stack: StackId, root: StackId) -> Vec<FrameId> {
    let mut frames = Vec::new();
    while stack != root {
        let Some((parent, frame)) = profile.stacks.get(stack) else { break };
        frames.push(frame);
        stack = parent;
    }
    frames.reverse();
    frames
}

/// Follows the heaviest callee while it holds at least a third of the function's weight.
fn heaviest(profile: &Profile, paths: &[(Vec<FrameId>, u64)], whole: u64) -> Vec<Step> {
    let mut path = Vec::new();
    let mut within: Vec<&(Vec<FrameId>, u64)> = paths.iter().collect();
    while path.len() < LONGEST_PATH {
        let depth = path.len();
        let mut callees: HashMap<FunctionId, u64> = HashMap::new();
        let callee =
            |frames: &[FrameId]| frames.get(depth).map(|&id| profile.frames.get(id).function);
        for (frames, weight) in &within {
            if let Some(function) = callee(frames) {
                *callees.entry(function).or_default() += weight;
            }
        }
        let most = callees.into_iter().max_by_key(|&(id, weight)| (weight, std::cmp::Reverse(id)));
        let Some((function, weight)) = most.filter(|(_, weight)| weight * 3 >= whole) else {
            break;
        };
        path.push(step(profile, function, weight));
        within.retain(|(frames, _)| callee(frames) == Some(function));
    }
    path
}

fn step(profile: &Profile, function: FunctionId, weight: u64) -> Step {
    let (strings, data) = (profile.frames.strings(), profile.frames.get_function(function));
    let mut label = String::new();
    write_label(&mut label, strings, data, Tier::None);
    let (file, line) = match data.kind {
        Kind::Js => (strings.get(data.file).to_owned(), data.line),
        _ => (String::new(), 0),
    };
    Step { name: display_name(strings, data), label, file, line, weight }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeflame_profile::{Sample, Samples, Thread, VmState, folded};

    /// The error was: the C++ code of an addon such as better-sqlite3 was of no package, also where it was the hottest.
    #[test]
    fn the_code_of_an_addon_is_of_its_package() {
        let mut profile = folded::read(&mut "run /srv/a.js:1:1 1\n".as_bytes(), "a", None).unwrap();
        let mut samples = Samples::default();
        for (file, weight) in [
            ("/srv/node_modules/better-sqlite3/build/Release/better_sqlite3.node", 9),
            ("/srv/node_modules/node/bin/node", 5),
        ] {
            let frame = profile.frames.labelled(file);
            let id = profile.frames.get(frame).function;
            let file = profile.frames.intern(file);
            let function = *profile.frames.get_function(id);
            profile.frames.set_function(id, Function { file, kind: Kind::Native, ..function });
            let stack = profile.stacks.child(StackId::ROOT, frame);
            samples.push_weighted(Sample { time_us: 0, stack, state: VmState::JS }, weight);
        }
        profile.threads.push(Thread { name: "b".to_owned(), samples, source: 0 });
        let answer = Answer::new(&profile, &Selection::default());
        let packages: Vec<_> = answer.packages.iter().map(|one| (&*one.name, one.weight)).collect();
        assert_eq!(packages, [("better-sqlite3", 9)]);
    }
}
