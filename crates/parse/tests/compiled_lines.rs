//! Signs of code that was compiled while the program ran.

use crate::common;

use crate::source_maps::functions;
use common::root;
use spikeflame_parse::{Options, read, read_stream};
use spikeflame_profile::Profile;
use std::collections::BTreeSet;
use std::path::Path;

/// Returns the line of each named function of `enum.ts`, as a recording gives it.
fn lines_of_enum(profile: &Profile) -> BTreeSet<(String, u32)> {
    let functions = functions(profile).into_iter();
    let own = functions.filter(|(name, file, _)| file == "/srv/app/enum.ts" && !name.is_empty());
    own.map(|(name, _, line)| (name, line)).collect()
}

#[test]
fn runners_that_compile_in_the_process_give_lines_of_the_source() {
    for log in ["tsx-node24.log.zst", "transform-types-node24.log.zst"] {
        let path = root("samples/maps").join(log);
        let profile = read(&[path], &Options::default()).unwrap();
        let lines = lines_of_enum(&profile);
        for (name, line) in [("get", 9), ("fib10", 10), ("busy11", 11)] {
            assert!(lines.contains(&(name.to_owned(), line)), "{log}: {lines:?}");
        }
        assert!(profile.warnings.is_empty(), "{log}: {:?}", profile.warnings);
    }
}

#[test]
fn many_functions_in_one_line_of_typescript_are_compiled_code() {
    let stacks = |file: &str, same: bool| {
        let line = |at| if same { 2 } else { at };
        let text: String = (1..8)
            .map(|at| format!("main;f{at} /srv/{file}:{}:{} 5\n", line(at), at * 9))
            .collect();
        let path = Path::new("x.folded");
        read_stream(text.as_bytes(), path, &Options::default()).unwrap().warnings
    };
    // Three functions are enough when they are in columns that nobody writes: a short recording
    // of tsx.
    let few = |column: u32| {
        let text: String =
            (1..4).map(|at| format!("main;f{at} /srv/a.ts:2:{} 5\n", at * column)).collect();
        read_stream(text.as_bytes(), Path::new("x.folded"), &Options::default())
            .unwrap()
            .warnings
            .len()
    };
    assert_eq!((few(9), few(300)), (0, 1));
    // The error was: with the wrappers that tsx 4.23.15 adds, two functions gave no warning.
    let tsx = "main; /srv/a.ts:1:1; /srv/a.ts:1:36;f /srv/a.ts:2:719 5\n\
               main; /srv/a.ts:1:1; /srv/a.ts:1:36; /srv/a.ts:2:860 5\n";
    let tsx = read_stream(tsx.as_bytes(), Path::new("x.folded"), &Options::default()).unwrap();
    assert!(tsx.warnings.iter().any(|it| it.to_string().contains("2 functions begin in line 2")));
    assert!(stacks("a.ts", true).iter().any(|it| it.to_string().contains("line 2 of /srv/a.ts")));
    assert_eq!(stacks("a.ts", false), []);
    assert_eq!(stacks("a.min.js", true), []);
}

/// The error was: positions of a `.ts` file that swc-node 1.12.1 compiled in several lines were
/// shown as those of the source, although they were behind its end.
#[test]
fn functions_behind_the_end_of_typescript_are_compiled_code() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.ts");
    std::fs::write(&path, "export const a = 1;\nfunction f() {}\nfunction g() {}").unwrap();
    let warnings = |file: &Path, line: u32| {
        let file = file.display();
        let text = format!("main;f {file}:2:1 5\nmain;g {file}:{line}:1 5\n");
        let profile =
            read_stream(text.as_bytes(), Path::new("x.folded"), &Options::default()).unwrap();
        profile.warnings.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(warnings(&path, 3), [""; 0]);
    let told = warnings(&path, 4);
    assert!(
        told.len() == 1 && told[0].contains("1 function begins behind the last line"),
        "{told:?}"
    );
    assert_eq!(warnings(Path::new("/srv/not-here/app.ts"), 4), [""; 0]);
    let script = folder.path().join("app.js");
    std::fs::copy(&path, &script).unwrap();
    assert_eq!(warnings(&script, 4), [""; 0]);
}

/// The error was: positions of files that esbuild-register, ts-node and swc-node compiled in several
/// lines were shown as those of the source, because they were in front of its end.
#[test]
fn names_that_are_not_in_their_lines_show_compiled_code() {
    const SOURCE: &str = "\
interface Order {
  id: number;
}

export class Orders<T> {
  constructor(private readonly all: T[]) {}
  async parse(order: Order): Promise<number> { return order.id; }
  get first(): T { return this.all[0]; }
}
const render = (order: Order) => order.id;
export const list = async <
  T,
>(all: T[]) => all;
";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.ts");
    std::fs::write(&path, SOURCE).unwrap();
    let file = path.display();
    let warnings = |stacks: &[(&str, u32, u32)]| {
        let text: String = stacks
            .iter()
            .map(|(name, line, column)| format!("main;{name} {file}:{line}:{column} 5\n"))
            .collect();
        let profile =
            read_stream(text.as_bytes(), Path::new("x.folded"), &Options::default()).unwrap();
        profile.warnings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let source = [
        ("", 1, 1),
        ("Orders", 6, 14),
        ("Orders.parse", 7, 14),
        ("get first", 8, 12),
        ("render", 10, 16),
        ("list", 13, 2),
        ("(module)", 2, 1),
        ("<instance_members_initializer>", 5, 8),
    ];
    assert_eq!(warnings(&source), "");
    for count in 1..source.len() {
        assert_eq!(warnings(&source[..count]), "");
        assert_eq!(warnings(&source[count..]), "");
    }
    let compiled = [("Orders", 2, 14), ("parse", 3, 14), ("get first", 4, 12), ("render", 6, 16)];
    let told = warnings(&compiled);
    assert!(told.contains("3 functions begin in lines of ") && told.contains("without"), "{told}");
    // No function begins behind the end of a line.
    assert!(warnings(&[("", 10, 90)]).contains("1 function begins in lines of "));
    let runner = "/srv/node_modules/tsm/utils.js";
    let one_of_two = [("parse", 7, 14), ("render", 3, 1)];
    assert_eq!(warnings(&one_of_two), "");
    let text = format!("a {runner}:1:1;parse {file}:7:14 5\nb {runner}:2:1;render {file}:3:1 5\n");
    let profile = read_stream(text.as_bytes(), Path::new("x.folded"), &Options::default()).unwrap();
    assert_eq!(profile.warnings.len(), 1);
}
