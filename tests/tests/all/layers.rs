//! The modules of the runtime depend on each other only as ARCHITECTURE.md shows.

use std::collections::BTreeSet;

use crate::circles::{Crate, Edges, edges_of};
use crate::specs::repository;

/// The modules that each module may use. Files in the root folder, such as `v1.rs`, may use all modules.
const LAYERS: &[(&str, &[&str])] = &[
    ("common", &[]),
    ("call", &["common"]),
    ("transport", &["call", "common"]),
    ("auth", &["call", "common", "transport"]),
    ("reply", &["call", "common", "transport"]),
    ("engine", &["auth", "call", "common", "reply", "transport"]),
    ("inbound", &["auth", "call", "common", "transport"]),
    ("control", &["common", "engine", "inbound"]),
    ("mcp", &["auth", "common", "engine", "inbound", "reply"]),
    ("mock", &["auth", "call", "common", "engine", "reply"]),
    ("app", &["auth", "call", "common", "control", "engine", "inbound", "mcp", "mock", "transport"]),
];

/// Returns the dependencies that `LAYERS` does not allow, and the entries of `LAYERS` that no file needs.
fn problems(edges: &Edges) -> Vec<String> {
    let mut problems = Vec::new();
    let mut needed = BTreeSet::new();
    for (from, targets) in edges {
        let Some((module, _)) = from.split_once('/') else { continue };
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == module) else {
            problems.push(format!("{from}: `{module}` is not in `LAYERS`"));
            continue;
        };
        for (to, line) in targets {
            let target = to.split_once('/').map_or("the root", |(target, _)| target);
            if target != module {
                needed.insert((module.to_owned(), target.to_owned()));
                if !allowed.contains(&target) {
                    problems
                        .push(format!("{from}:{line} names {to}, and `{module}` may not name `{target}`"));
                }
            }
        }
    }
    for (module, allowed) in LAYERS {
        let unused =
            allowed.iter().filter(|target| !needed.contains(&((*module).to_owned(), (**target).to_owned())));
        problems.extend(unused.map(|target| {
            format!("`{module}` does not use `{target}`: remove it from the entry in `LAYERS`")
        }));
    }
    problems
}

#[test]
fn tidy_runtime_module_dependencies_match_the_architecture_page() {
    let edges = Crate::read(&repository().join("crates/jackfield-runtime/src")).edges();
    assert_eq!(problems(&edges), [] as [String; 0]);
}

#[test]
fn tidy_upward_dependency_is_detected() {
    let edges = edges_of(&[
        ("lib.rs", "mod call;\nmod engine;"),
        ("call/mod.rs", "mod args;"),
        ("call/args.rs", "use crate::engine::caller::Caller;"),
        ("engine/mod.rs", "pub mod caller;"),
        ("engine/caller.rs", "pub struct Caller;"),
    ]);
    let found = problems(&edges);
    let expected = "call/args.rs:1 names engine/caller.rs, and `call` may not name `engine`";
    assert!(found.iter().any(|problem| problem == expected), "{found:?}");
}

#[test]
fn tidy_architecture_page_lists_the_module_dependencies() {
    let page = std::fs::read_to_string(repository().join("ARCHITECTURE.md")).unwrap();
    for (module, allowed) in LAYERS {
        let drawn = format!("{module} -> {{{}}}", allowed.join(", "));
        assert!(page.contains(&drawn), "ARCHITECTURE.md does not have `{drawn}`");
    }
}
