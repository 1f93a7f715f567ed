//! Checks that the files of a crate have no dependency cycle, according to their `use` lines and paths.

mod source;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::specs::repository;
use source::Source;
pub(crate) use source::code_of;

/// The modules of a crate, by path from its root.
pub(crate) struct Crate {
    modules: BTreeMap<Vec<String>, Module>,
}

pub(crate) struct Module {
    file: String,
    source: Source,
}

/// The files that a file depends on, each with the line of the dependency.
pub(crate) type Edges = BTreeMap<String, BTreeMap<String, usize>>;

impl Crate {
    pub(crate) fn read(folder: &Path) -> Self {
        let mut files = Vec::new();
        collect(folder, &mut files);
        let modules = files.into_iter().map(|path| {
            let text = fs::read_to_string(folder.join(&path)).unwrap();
            (module_of(&path), Module { file: path, source: Source::of(&text) })
        });
        Self::of(modules.collect())
    }

    /// Omits modules that only tests use.
    pub(crate) fn of(mut modules: BTreeMap<Vec<String>, Module>) -> Self {
        let tests: Vec<Vec<String>> = modules
            .iter()
            .flat_map(|(path, module)| {
                let own = |name: &String| [path.clone(), vec![name.clone()]].concat();
                module.source.test_modules.iter().map(own).collect::<Vec<_>>()
            })
            .collect();
        modules.retain(|path, _| !tests.iter().any(|test| path.starts_with(test)));
        Self { modules }
    }

    /// Returns the files, except those that only tests use.
    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        self.modules.values().map(|module| module.file.as_str())
    }

    pub(crate) fn edges(&self) -> Edges {
        let mut edges = Edges::new();
        for (path, module) in &self.modules {
            for named in &module.source.named {
                let found = self.resolve(path, &named.path, named.alias.is_some(), 0);
                if let Some(file) = found.filter(|file| *file != module.file) {
                    let of_file = edges.entry(module.file.clone()).or_default();
                    of_file.entry(file.to_owned()).or_insert(named.line);
                }
            }
        }
        edges
    }

    /// Returns the file that defines the item of a path, if it is in this crate.
    fn resolve(&self, from: &[String], path: &[String], is_use: bool, depth: usize) -> Option<&str> {
        if depth > 8 {
            return None;
        }
        let mut module = from.to_vec();
        let mut rest = path;
        match path.first().map(String::as_str)? {
            "crate" => {
                module.clear();
                rest = &rest[1..];
            }
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|word| word == "super") {
                    module.pop()?;
                    rest = &rest[1..];
                }
            }
            first => {
                let child = [from, &[first.to_owned()]].concat();
                if !self.modules.contains_key(&child) {
                    // If the imported name is not a module, its `use` line has already been counted.
                    let brought =
                        self.modules[from].source.named.iter().find(|it| it.alias.as_deref() == Some(first));
                    let brought = brought.filter(|_| !is_use)?;
                    let whole = [&brought.path[..], &path[1..]].concat();
                    return self.resolve(from, &whole, true, depth + 1);
                }
            }
        }
        while let Some((first, remaining)) = rest.split_first() {
            let child = [&module[..], std::slice::from_ref(first)].concat();
            if self.modules.contains_key(&child) {
                module = child;
                rest = remaining;
                continue;
            }
            let source = &self.modules.get(&module)?.source;
            if source.items.contains(first) {
                break;
            }
            // The name is re-exported directly or with a glob.
            if let Some(again) = source.named.iter().find(|it| it.alias.as_ref() == Some(first)) {
                let whole = [&again.path[..], remaining].concat();
                return self.resolve(&module, &whole, true, depth + 1);
            }
            let globs = source.named.iter().filter(|it| it.alias.as_deref() == Some("*"));
            for glob in globs {
                let parent = &glob.path[..glob.path.len() - 1];
                let whole = [parent, rest].concat();
                if let Some(file) = self.resolve(&module, &whole, true, depth + 1) {
                    let defines = self.modules.values().find(|it| it.file == file);
                    if defines.is_some_and(|it| it.source.items.contains(first)) {
                        return Some(file);
                    }
                }
            }
            break;
        }
        self.modules.get(&module).map(|module| module.file.as_str())
    }
}

/// Returns the groups of files that depend on each other.
fn cycles(edges: &Edges) -> Vec<Vec<String>> {
    let reached = |from: &str| {
        let mut seen = BTreeSet::new();
        let mut queue = VecDeque::from([from]);
        while let Some(file) = queue.pop_front() {
            for next in edges.get(file).into_iter().flat_map(BTreeMap::keys) {
                if seen.insert(next.clone()) {
                    queue.push_back(next);
                }
            }
        }
        seen
    };
    let reach: BTreeMap<&String, BTreeSet<String>> = edges.keys().map(|file| (file, reached(file))).collect();
    let mut groups = BTreeSet::new();
    for (file, others) in &reach {
        if others.contains(*file) {
            let mutual = |other: &&String| reach.get(*other).is_some_and(|back| back.contains(*file));
            groups.insert(others.iter().filter(mutual).cloned().collect::<Vec<_>>());
        }
    }
    groups.into_iter().collect()
}

/// Returns the shortest path from a file through other files back to itself, with the lines of the dependencies.
fn shortest(edges: &Edges, group: &[String]) -> String {
    let mut best: Option<Vec<&str>> = None;
    for start in group {
        let mut queue = VecDeque::from([vec![start.as_str()]]);
        let mut seen = BTreeSet::new();
        while let Some(way) = queue.pop_front() {
            let last = way[way.len() - 1];
            let mut is_closed = false;
            for next in edges.get(last).into_iter().flat_map(BTreeMap::keys).filter(|it| group.contains(it)) {
                if next == start {
                    is_closed = true;
                } else if seen.insert(next.as_str()) {
                    queue.push_back([&way[..], &[next.as_str()]].concat());
                }
            }
            if is_closed {
                if best.as_ref().is_none_or(|best| way.len() < best.len()) {
                    best = Some(way);
                }
                break;
            }
        }
    }
    let way = best.unwrap_or_default();
    let next = |at: usize| way[(at + 1) % way.len()];
    let steps = (0..way.len()).map(|at| format!("{}:{} -> {}", way[at], edges[way[at]][next(at)], next(at)));
    steps.collect::<Vec<_>>().join(", ")
}

/// `call/args.rs` is `call::args`, and so is `call/args/mod.rs`.
pub(crate) fn module_of(path: &str) -> Vec<String> {
    let stem = path.trim_end_matches(".rs");
    let mut parts: Vec<String> = stem.split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        parts.pop();
    }
    parts
}

fn collect(folder: &Path, found: &mut Vec<String>) {
    let mut folders = vec![String::new()];
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(folder.join(&below)).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{below}{}", entry.file_name().to_string_lossy());
            let is_main = path == "main.rs" && folder.join("lib.rs").is_file();
            if entry.file_type().unwrap().is_dir() {
                folders.push(format!("{path}/"));
            } else if path.ends_with(".rs") && !is_main && !path.starts_with("bin/") {
                found.push(path);
            }
        }
    }
    found.sort();
}

#[test]
fn tidy_files_of_a_crate_have_no_dependency_cycle() {
    let crates = fs::read_dir(repository().join("crates")).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> =
        crates.chain([repository().join("xtask")]).map(|path| path.join("src")).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    let mut found = String::new();
    for folder in folders {
        let name = folder.parent().and_then(Path::file_name).unwrap().to_string_lossy().into_owned();
        let edges = Crate::read(&folder).edges();
        for group in cycles(&edges) {
            let _ = writeln!(found, "{name}: {} files, such as {}", group.len(), shortest(&edges, &group));
        }
    }
    assert!(found.is_empty(), "files that depend on each other in a cycle:\n{found}");
}

/// Returns the dependencies between these files of a crate, each as text.
pub(crate) fn edges_of(files: &[(&str, &str)]) -> Edges {
    let modules = files
        .iter()
        .map(|(file, text)| (module_of(file), Module { file: (*file).to_owned(), source: Source::of(text) }));
    Crate::of(modules.collect()).edges()
}

fn cycles_of(files: &[(&str, &str)]) -> Vec<Vec<String>> {
    cycles(&edges_of(files))
}

#[test]
fn tidy_module_dependency_cycle_is_detected() {
    let lib = ("lib.rs", "mod a;\nmod b;\n");
    for (case, a, b) in [
        ("use lines", "use crate::b::B;\npub struct A;", "use crate::a::A;\npub struct B;"),
        (
            "a tree over lines",
            "use crate::{\n    b::{self, B},\n};\npub struct A;",
            "use super::a::A;\npub struct B;",
        ),
        ("paths in code", "pub fn a() { crate::b::b() }", "pub fn b() { super::a::a() }"),
        (
            "a module that was brought",
            "use crate::b;\npub fn a() { b::b() }",
            "use crate::a;\npub fn b() { a::a() }",
        ),
    ] {
        let found = cycles_of(&[lib, ("a.rs", a), ("b.rs", b)]);
        assert_eq!(found, [["a.rs", "b.rs"]], "{case}");
    }
    let found = cycles_of(&[
        ("lib.rs", "mod a;\npub struct L;\nfn l() { a::a() }"),
        ("a.rs", "use crate::L;\npub fn a() {}"),
    ]);
    assert_eq!(found, [["a.rs", "lib.rs"]], "a module that uses an item of its parent depends on it");
}

#[test]
fn tidy_does_not_count_reexports_tests_and_comments_as_dependencies() {
    let lib = ("lib.rs", "mod a;\nmod b;\npub use a::A;\npub use b::*;\n");
    let a = (
        "a.rs",
        "pub struct A;\n// use crate::b::B;\n#[cfg(test)]\nmod tests {\n    use super::*;\n    use crate::b::B;\n\n    fn of() { crate::b::b() }\n}\n",
    );
    let b = ("b.rs", "use crate::A;\npub struct B;\n");
    assert!(cycles_of(&[lib, a, b]).is_empty());
    let c = ("a.rs", "use crate::B;\npub struct A;\n");
    assert_eq!(cycles_of(&[lib, c, b]), [["a.rs", "b.rs"]], "a dependency through a re-export is found");
}
