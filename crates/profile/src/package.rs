//! The npm package that a script belongs to, by its path or URL.

use memchr::memmem::Finder;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

/// The folder of packages. It stands for a package whose name the path does not contain.
const FOLDER: &str = "node_modules";

/// The way in which a path spells the name of a package.
#[derive(Clone, Copy)]
enum Spelling {
    /// The scope is a folder, as npm makes it, with the separators of the path: `@scope\name`.
    Plain,
    /// A plus sign stands behind the scope, as in pnpm's folders: `@scope+name`.
    Plus,
    /// Underscores stand for separators, as in the files of packages that Vite bundles: `@scope_name`,
    /// `socket__io`.
    Underscores,
}

/// Returns the name of the npm package that contains a script, taken from its path or URL alone:
/// for example, the folder below the last `node_modules`, or the part with a version in a URL
/// (`https://esm.sh/name@1.0.0/`). The forms of npm, pnpm, cnpm, Yarn, Vite, webpack, Deno and Bun
/// are known.
///
/// A script in `node_modules` whose package is not certain gives `node_modules`. Returns `None` for
/// a script outside of packages.
///
/// ```
/// use spikeflame_profile::package_of;
///
/// let package = |file| package_of(file).map(|name| name.into_owned());
/// assert_eq!(package("/srv/node_modules/@scope/db/lib/index.js").as_deref(), Some("@scope/db"));
/// assert_eq!(package(r"C:\srv\node_modules\@scope\db\index.js").as_deref(), Some("@scope/db"));
/// assert_eq!(package("https://esm.sh/db@1.0.0/es2022/db.mjs").as_deref(), Some("db"));
/// assert_eq!(package("/srv/app.js"), None);
/// ```
pub fn package_of(file: &str) -> Option<Cow<'_, str>> {
    let (text, spelling) = find(file)?;
    match spelling {
        Spelling::Plain if text.contains('\\') => Some(text.replace('\\', "/").into()),
        Spelling::Plus if text.starts_with('@') => Some(text.replacen('+', "/", 1).into()),
        Spelling::Plain | Spelling::Plus => Some(text.into()),
        Spelling::Underscores => of_vite(text),
    }
}

/// Returns the place in a path or URL, in bytes, of the text from which [`package_of`] takes the
/// name of the package. Returns `None` for a script outside of packages.
///
/// ```
/// use spikeflame_profile::package_place;
///
/// let file = "/srv/node_modules/db/index.js";
/// assert_eq!(package_place(file).and_then(|place| file.get(place)), Some("db"));
/// ```
pub fn package_place(file: &str) -> Option<Range<usize>> {
    let (text, _) = find(file)?;
    let start = text.as_ptr().addr().checked_sub(file.as_ptr().addr())?;
    Some(start..start + text.len())
}

fn find(file: &str) -> Option<(&str, Spelling)> {
    let file = match file.starts_with("webpack") {
        true => file.rsplit('!').next().unwrap_or(file),
        false => file,
    };
    let plain = |name| (name, Spelling::Plain);
    in_node_modules(file).or_else(|| {
        in_cache_of_deno(file).or_else(|| in_cache_of_bun(file)).or_else(|| in_url(file)).map(plain)
    })
}

fn is_slash(c: char) -> bool {
    c == '/' || c == '\\'
}

fn in_node_modules(file: &str) -> Option<(&str, Spelling)> {
    static FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(FOLDER));
    let found = FINDER.find_iter(file.as_bytes()).filter(|&at| {
        let before = file.get(..at).unwrap_or("");
        let after = file.get(at + FOLDER.len()..).unwrap_or("");
        (before.is_empty() || before.ends_with(is_slash)) && after.starts_with(is_slash)
    });
    let at = found.last()?;
    let folder = file.get(at..at + FOLDER.len())?;
    let within = file.get(at + FOLDER.len() + 1..)?;
    let below = |folder| within.strip_prefix(folder)?.strip_prefix(is_slash);
    // Sources in the maps of some packages lie outside of the package (TypeORM's in `../../src`), so
    // that a bundle's map has them in the folder of all packages, and in pnpm's folder of a version.
    if let Some(version) = below(".pnpm") {
        let end = version.char_indices().skip(1).find(|&(_, c)| c == '@' || is_slash(c))?.0;
        return version.get(..end).map(|name| (name, Spelling::Plus));
    }
    if let Some(name) = below(".store").and_then(in_store_of_yarn) {
        return Some((name, Spelling::Plain));
    }
    if let Some(name) = below(".vite").and_then(in_bundles_of_vite) {
        // Vite puts code that several packages share into files of their own.
        let is_shared = name.starts_with("chunk-");
        return Some(if is_shared {
            (folder, Spelling::Plain)
        } else {
            (name, Spelling::Underscores)
        });
    }
    if let Some(version) = within.strip_prefix('_').and_then(|name| name.get(1..)?.split_once('@'))
        && let Some((_, name)) = version.1.split_once('@')
    {
        // cnpm makes `_name@1.0.0@name`.
        return name_of_package(name).map(|name| (name, Spelling::Plain));
    }
    match name_of_package(within)? {
        "src" => Some((folder, Spelling::Plain)),
        name => Some((name, Spelling::Plain)),
    }
}

/// Returns the first part of a path within a folder of packages, or the first two when the
/// first is a scope.
fn name_of_package(within: &str) -> Option<&str> {
    let mut slashes = within.match_indices(is_slash).map(|(at, _)| at);
    let end = slashes.nth(usize::from(within.starts_with('@')))?;
    within.get(..end).filter(|name| !name.is_empty())
}

/// Returns the package of a folder such as `name-npm-1.0.0-hash`, which Yarn's `nodeLinker: pnpm` makes.
fn in_store_of_yarn(within: &str) -> Option<&str> {
    const SOURCES: [&str; 4] = ["-npm-", "-virtual-", "-patch-", "-https-"];
    let (folder, _) = within.split_once(is_slash)?;
    let ends = SOURCES.iter().filter_map(|source| folder.rfind(source));
    folder.get(..ends.max()?).filter(|name| !name.is_empty())
}

/// Returns the name without its ending of a file in a folder of Vite: `deps`, `deps_ssr`, ...
fn in_bundles_of_vite(within: &str) -> Option<&str> {
    let (folders, name) = within.rsplit_once(is_slash)?;
    let folder = folders.rsplit(is_slash).next()?;
    let name = name.split(['.', '?']).next().filter(|name| !name.is_empty())?;
    folder.starts_with("deps").then_some(name)
}

/// Returns the package of a name that Vite wrote for the request of a module: `_` stands for `/`, `__`
/// for a dot, and `___` for ` > ` between a package and one within it.
fn of_vite(name: &str) -> Option<Cow<'static, str>> {
    let request = name.replace("___", ">").replace("__", ".").replace('_', "/") + "/";
    let (_, request) = request.rsplit_once('>').unwrap_or(("", &request));
    name_of_package(request).map(|package| package.to_owned().into())
}

fn in_cache_of_deno(file: &str) -> Option<&str> {
    static FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("npm"));
    FINDER.find_iter(file.as_bytes()).find_map(|at| {
        let folder = file.get(..at)?.strip_suffix(is_slash)?;
        let within = file.get(at + "npm".len()..)?.strip_prefix(is_slash)?;
        let (host, package) = within.split_once(is_slash)?;
        let is_cache = folder.rsplit(is_slash).next() == Some("deno") && host.contains('.');
        is_cache.then(|| name_of_package(package))?
    })
}

fn in_cache_of_bun(file: &str) -> Option<&str> {
    static UNIX: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("/.bun/install/cache/"));
    static WINDOWS: LazyLock<Finder<'static>> =
        LazyLock::new(|| Finder::new(r"\.bun\install\cache\"));
    let at = UNIX.find(file.as_bytes()).or_else(|| WINDOWS.find(file.as_bytes()))?;
    with_version(file.get(at + "/.bun/install/cache/".len()..)?)
}

fn in_url(file: &str) -> Option<&str> {
    for registry in ["npm:", "jsr:"] {
        if let Some(package) = file.strip_prefix(registry) {
            let package = package.trim_start_matches('/');
            return with_version(package).or_else(|| name_of_package(package));
        }
    }
    let rest = file.strip_prefix("https://").or_else(|| file.strip_prefix("http://"))?;
    let (host, path) = rest.split_once('/')?;
    with_version(path).or_else(|| name_of_package(path).filter(|_| host == "jsr.io"))
}

/// Returns the name in the first part of a path that has one and a version: `npm:@scope/name@1.0.0`.
fn with_version(path: &str) -> Option<&str> {
    let is_version = |text: &str| {
        text.trim_start_matches(['v', '^', '~']).starts_with(|c: char| c.is_ascii_digit())
    };
    let mut start = 0;
    let mut scope = None;
    for part in path.split(is_slash) {
        let prefix =
            ["npm:", "jsr:"].iter().find(|it| part.starts_with(**it)).map_or(0, |it| it.len());
        let (begin, name) = (start + prefix, part.get(prefix..)?);
        start += part.len() + 1;
        if let Some((name, version)) = name.split_once('@').filter(|(name, _)| !name.is_empty())
            && is_version(version)
        {
            return path.get(scope.unwrap_or(begin)..begin + name.len());
        }
        scope = name.starts_with('@').then_some(begin);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_found_in_the_folders_of_each_package_manager_and_bundler() {
        let cases = [
            ("/srv/app/node_modules/moment/moment.js", "moment"),
            ("/srv/app/node_modules/@nestjs/core/router/x.js", "@nestjs/core"),
            ("/usr/lib/node_modules/npm/lib/npm.js", "npm"),
            ("/a/node_modules/.pnpm/ms@2/node_modules/ms/index.js", "ms"),
            ("/a/node_modules/.pnpm/@s+x@1.2.3/node_modules/@s/x/i.js", "@s/x"),
            (r"C:\a\node_modules\@nestjs\core\x.js", "@nestjs/core"),
            (r"\\host\share\node_modules\ms\x.js", "ms"),
            ("/a/.yarn/cache/ms-npm-2.0.0-abc.zip/node_modules/ms/i.js", "ms"),
            ("/a/node_modules/.store/ms-npm-2.0.0-6382/package/i.js", "ms"),
            ("/a/node_modules/.store/ms-virtual-6382/package/i.js", "ms"),
            ("/a/node_modules/.store/ms@2.0.0/node_modules/ms/i.js", "ms"),
            ("/a/node_modules/_@s_x@1.0.0@@s/x/i.js", "@s/x"),
            ("/a/node_modules/_ms@2.0.0@ms/i.js", "ms"),
            ("/a/node_modules/.vite/deps/react.js", "react"),
            ("http://localhost:5173/node_modules/.vite/deps/@s_x.js?v=1a", "@s/x"),
            ("/a/node_modules/.vite/deps_ssr/react_jsx-runtime.js", "react"),
            ("/a/node_modules/.vite/deps/socket__io-client.js", "socket.io-client"),
            ("/a/node_modules/.vite/deps/a___b.js", "b"),
            ("/a/node_modules/.vite/deps/chunk-ABCD.js", "node_modules"),
            ("webpack:///./node_modules/@s/x/i.js", "@s/x"),
            ("webpack-internal:///(rsc)/./node_modules/ms/i.js", "ms"),
            ("webpack:///./node_modules/l/i.js??ref--1!./node_modules/ms/i.js", "ms"),
            ("turbopack:///[project]/node_modules/ms/i.js", "ms"),
            // A bundle's map leads out of the package.
            ("/srv/node_modules/src/driver/x.ts", "node_modules"),
            ("/srv/node_modules/.pnpm/typeorm@1.1.1_mysql2@3/src/x.ts", "typeorm"),
            ("/srv/node_modules/.pnpm/@nestjs+core@11/src/x.ts", "@nestjs/core"),
        ];
        for (file, package) in cases {
            assert_eq!(package_of(file).as_deref(), Some(package), "{file}");
        }
    }

    #[test]
    fn packages_are_found_in_caches_and_in_urls_of_registries() {
        let cases = [
            ("/srv/.cache/deno/npm/registry.test/ms/2.1.3/index.js", "ms"),
            (r"C:\d\deno\npm\registry.test\@nestjs\core\11.0.1\x.js", "@nestjs/core"),
            ("/home/u/.bun/install/cache/ms@2.1.3@@@1/index.js", "ms"),
            (r"C:\u\.bun\install\cache\@s\x@2.1.3@@@1\index.js", "@s/x"),
            ("https://ga.jspm.io/npm:react@18.2.0/index.js", "react"),
            ("https://ga.jspm.io/npm:@s/x@1.0.0/x.js", "@s/x"),
            ("https://cdn.jsdelivr.net/npm/@s/x@1.0.0/x.js", "@s/x"),
            ("https://esm.sh/v135/react@18.2.0/es2022/react.mjs", "react"),
            ("https://deno.land/x/oak@v12.6.1/mod.ts", "oak"),
            ("https://jsr.io/@std/path/1.0.8/join.ts", "@std/path"),
            ("npm:chalk@5.3.0/index.js", "chalk"),
            ("jsr:/@std/path@^1.0.8/join.ts", "@std/path"),
        ];
        for (file, package) in cases {
            assert_eq!(package_of(file).as_deref(), Some(package), "{file}");
        }
    }

    #[test]
    fn scripts_outside_of_packages_have_none() {
        for file in [
            "/srv/node_modules/.pnpm/lock.yaml",
            "/srv/app/src/main.js",
            "/srv/not_node_modules/x/y.js",
            "/srv/node_modules/",
            "/srv/npm/registry.test/ms/2.1.3/index.js",
            "/srv/npm/x.js",
            "/srv/user@1.2.3/app.js",
            "https://user@1.2.3.4/app.js",
            "https://example.test/@me/app.js",
            "webpack:///./node_modules/l/i.js??ref--1!./src/App.vue?vue&type=script",
            "node:fs",
        ] {
            assert_eq!(package_of(file), None, "{file}");
        }
    }
}
