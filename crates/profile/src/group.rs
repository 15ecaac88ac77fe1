//! Groups of functions: category and npm package.

use crate::frame::{Function, Kind};
use crate::package::package_of;
use crate::selection::GroupBy;
use crate::strings::Strings;
use memchr::memmem::Finder;
use std::borrow::Cow;
use std::sync::LazyLock;

/// The group of code that a function belongs to, by its owner or by the kind of work. Views group
/// and colour functions by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Category {
    /// JavaScript of the application: all that is not known to be of a package or of the runtime,
    /// so also a function without a file.
    App,
    /// JavaScript of an npm package, as [`package_of`] finds it from the path.
    Dependency,
    /// JavaScript that is part of the runtime (Node's `node:fs`, Deno, Bun, Electron, Cloudflare's
    /// workers), and the script of Spikeflame's recorder.
    NodeCore,
    /// WebAssembly functions.
    Wasm,
    /// V8's builtins, bytecode handlers and compiled regular expressions.
    Builtin,
    /// Native code ([`Kind::Native`]): mostly machine code of the program and its shared libraries.
    Native,
    /// Functions of the operating system's kernel.
    Kernel,
    /// The state in which V8 collects garbage.
    Gc,
    /// The state in which V8 compiles JavaScript.
    Compiler,
    /// The state in which a thread waits for something to do.
    Idle,
    /// Code of an unknown owner, such as addresses without a known function.
    Unresolved,
    /// Errors of an application's log.
    Error,
}

impl Category {
    /// All categories, each once, in the order in which the legends of SVGs list them.
    pub const ALL: [Self; 12] = [
        Self::App,
        Self::Dependency,
        Self::NodeCore,
        Self::Wasm,
        Self::Builtin,
        Self::Native,
        Self::Kernel,
        Self::Gc,
        Self::Compiler,
        Self::Idle,
        Self::Unresolved,
        Self::Error,
    ];

    /// Returns the category's name in labels, tables and JSON, in lower case: `app`, `dependency`,
    /// `node core`, `wasm`, `builtin`, `native`, `kernel`, `gc`, `compiler`, `idle`, `unresolved`
    /// or `error`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Dependency => "dependency",
            Self::NodeCore => "node core",
            Self::Wasm => "wasm",
            Self::Builtin => "builtin",
            Self::Native => "native",
            Self::Kernel => "kernel",
            Self::Gc => "gc",
            Self::Compiler => "compiler",
            Self::Idle => "idle",
            Self::Unresolved => "unresolved",
            Self::Error => "error",
        }
    }

    /// Returns the category of a function. For JavaScript it depends on the path that
    /// [`Function::owner`] returns, and for other code on the kind alone. `strings` must be the
    /// table that the function's ids refer to.
    pub fn classify(function: &Function, strings: &Strings) -> Self {
        Self::of_kind(function.kind, strings.get(function.owner()))
    }

    fn of_kind(kind: Kind, file: &str) -> Self {
        match kind {
            Kind::Js => Self::of_file(file),
            Kind::Wasm => Self::Wasm,
            Kind::Builtin | Kind::BytecodeHandler | Kind::RegExp => Self::Builtin,
            Kind::Native => Self::Native,
            Kind::Kernel => Self::Kernel,
            Kind::Gc => Self::Gc,
            Kind::Compiler => Self::Compiler,
            Kind::Idle => Self::Idle,
            Kind::Program | Kind::Hidden | Kind::Unresolved => Self::Unresolved,
            Kind::Error => Self::Error,
        }
    }

    fn of_file(file: &str) -> Self {
        if is_of_runtime(file) {
            Self::NodeCore
        } else if package_of(file).is_some() {
            Self::Dependency
        } else {
            Self::App
        }
    }
}

/// Returns true for a script that is part of Node, Deno (`ext:core/01_core.js`), Bun
/// (`internal:fs/streams`), Electron or a browser (`chrome://resources/`), and for the module that our recorder
/// loads into the program. They are not code of the application.
fn is_of_runtime(file: &str) -> bool {
    const STARTS: [&str; 11] = [
        "node:",
        "internal/",
        "ext:",
        "internal:",
        "bun:",
        "builtin:",
        "cloudflare:",
        "deno:",
        "electron/js2c/",
        "chrome://",
        "devtools://",
    ];
    STARTS.iter().any(|start| file.starts_with(start)) || is_of_recorder(file)
}

/// Returns true for a path that contains `/.spikeflame/`: the script that Spikeflame's recorder loads into
/// a program lies in the folder `.spikeflame` of a run.
///
/// ```
/// use spikeflame_profile::is_of_recorder;
///
/// assert!(is_of_recorder("/srv/runs/before-1/.spikeflame/preload.cjs"));
/// assert!(!is_of_recorder("/srv/spikeflame/preload.cjs"));
/// ```
pub fn is_of_recorder(file: &str) -> bool {
    static FOLDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("/.spikeflame/"));
    FOLDER.find(file.as_bytes()).is_some()
}

/// Returns the group of a function; `None` when functions are not grouped.
pub(crate) fn label(by: GroupBy, function: &Function, strings: &Strings) -> Option<String> {
    let file = if by == GroupBy::File { function.source() } else { function.owner() };
    group_of(by, function.kind, strings.get(file))
}

/// Returns true when functions of this kind are grouped by their paths, so that all functions of a
/// group are of one package, or of none.
pub(crate) fn has_owner(by: GroupBy, kind: Kind) -> bool {
    match by {
        GroupBy::Function | GroupBy::Line | GroupBy::Category => false,
        GroupBy::File => matches!(kind, Kind::Js | Kind::Native),
        GroupBy::Package => kind == Kind::Js,
    }
}

/// Returns the label of the group to which a function of this kind belongs. `file` is its source file or
/// library, and by package or category its [`Function::owner`]. Returns `None` for [`GroupBy::Function`]
/// and [`GroupBy::Line`], which do not group.
///
/// Code without such a group has the label of its state, such as `(idle)`, or of its category in
/// parentheses, such as `(app)`.
pub fn group_of(by: GroupBy, kind: Kind, file: &str) -> Option<String> {
    let category = Category::of_kind(kind, file).word();
    let named = match (by, kind) {
        (GroupBy::Function | GroupBy::Line, _) => return None,
        // Hidden frames may be of any category.
        (GroupBy::Category, Kind::Hidden) => "".into(),
        (GroupBy::Category, _) => return Some(category.to_owned()),
        (GroupBy::File, Kind::Js | Kind::Native) => Cow::Borrowed(file),
        (GroupBy::Package, Kind::Js) => package_of(file).unwrap_or_default(),
        (GroupBy::File | GroupBy::Package, _) => "".into(),
    };
    Some(match (named.as_ref(), kind.state_label()) {
        ("", Some(state)) => state.to_owned(),
        ("", None) => format!("({category})"),
        _ => named.into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_of_other_runtimes_are_not_the_applications() {
        for file in [
            "ext:core/01_core.js",
            "/srv/runs/before-1/.spikeflame/preload.cjs",
            "ext:deno_node/_events.mjs",
            "internal:fs/streams",
            "bun:sqlite",
            "electron/js2c/browser_init",
            "builtin://bun/main",
            "node:fs",
            "internal/timers.js",
            "chrome://resources/js/load_time_data.js",
        ] {
            assert_eq!(Category::of_kind(Kind::Js, file), Category::NodeCore, "{file}");
        }
        for file in ["/srv/ext/core.js", "/srv/internal/x.js", "extra.js", "bunny.js", ""] {
            assert_eq!(Category::of_kind(Kind::Js, file), Category::App, "{file}");
        }
    }
}
