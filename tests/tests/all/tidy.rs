//! The rules of this repository that a test can check in manifests and sources.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jackfield_build::model::Code;
use toml::{Table, Value};

use crate::specs::repository;

/// The workspace packages that each package may use, in its code and in its tests. A new dependency changes the architecture: describe it
/// in ARCHITECTURE.md first.
const ARROWS: &[(&str, &[&str], &[&str])] = &[
    ("jackfield-recipe", &[], &[]),
    ("jackfield-model", &["recipe"], &[]),
    ("jackfield-openapi", &["model"], &["surface"]),
    ("jackfield-surface", &["model"], &[]),
    ("jackfield-templates", &[], &[]),
    ("jackfield-codegen", &["mock", "model", "surface", "templates"], &["openapi"]),
    ("jackfield-mock", &["recipe"], &[]),
    ("jackfield-diff", &["model"], &[]),
    ("jackfield-ship", &["clients", "model"], &[]),
    ("jackfield-build", &["codegen", "diff", "model", "openapi", "surface"], &[]),
    ("jackfield-vault", &[], &[]),
    ("jackfield-clients", &[], &[]),
    ("jackfield-runtime", &["clients", "mock", "recipe", "vault"], &[]),
    ("jackfield-cli", &["build", "clients", "runtime", "ship", "templates"], &["testkit"]),
    ("jackfield-registry", &["diff", "recipe", "runtime"], &["testkit"]),
    ("jackfield-gateway", &["cli", "clients", "recipe", "registry", "runtime"], &["testkit"]),
    ("jackfield-testkit", &["mock", "model", "runtime", "vault"], &[]),
    ("jackfield-tests", &["build", "cli", "runtime"], &["build", "testkit"]),
    ("jackfield-suite-servers", &["build", "runtime", "testkit"], &[]),
    ("jackfield-fuzz", &["codegen", "model", "openapi", "runtime", "surface", "vault"], &[]),
    ("xtask", &["build", "cli", "registry", "runtime", "testkit"], &[]),
    ("a connector", &["runtime"], &["testkit"]),
];

/// The packages that may depend on large or often changing crates, or on crates with an unusual API. This
/// includes their tests.
const CHOSEN_BY: &[(&str, &[&str])] = &[
    ("rmcp", &["jackfield-runtime", "jackfield-testkit", "xtask"]),
    ("jsonschema", &["jackfield-runtime", "jackfield-testkit"]),
    ("hyper", &["jackfield-runtime", "jackfield-cli", "jackfield-gateway", "xtask"]),
    // `bench gen` compares the generator with this parser alone.
    ("serde_yaml", &["jackfield-openapi", "xtask"]),
    ("openapiv3", &["jackfield-openapi"]),
    ("quote", &["jackfield-codegen"]),
    ("proc-macro2", &["jackfield-codegen"]),
    ("syn", &["jackfield-codegen"]),
    ("prettyplease", &["jackfield-codegen"]),
    ("clap", &["jackfield-cli", "jackfield-gateway", "xtask"]),
    ("anstream", &["jackfield-cli", "xtask"]),
    // The tables of a document refer to each other, so they are allocated in an arena and freed together.
    ("bumpalo", &["jackfield-cli", "jackfield-gateway"]),
    ("self_cell", &["jackfield-cli", "jackfield-gateway"]),
    // Only the command writes HTML pages.
    ("maud", &["jackfield-cli"]),
    // Code that stores secrets is kept in one crate, so that it can be reviewed.
    ("aes-gcm", &["jackfield-vault"]),
    ("argon2", &["jackfield-vault"]),
    ("getrandom", &["jackfield-vault"]),
    ("keyring-core", &["jackfield-vault"]),
    // Folder descriptors, the user ID of this process, process groups, and pseudo terminals of tests.
    (
        "rustix",
        &["jackfield-vault", "jackfield-runtime", "jackfield-cli", "jackfield-gateway", "jackfield-testkit"],
    ),
];

/// The source files that may use each name. A path that ends in `/` includes everything below it.
const NAMED_IN: &[(&str, &[&str])] = &[
    (
        "rmcp::",
        &[
            "crates/jackfield-runtime/src/mcp/",
            "crates/jackfield-testkit/",
            // The plain server with which `bench call` compares a connector.
            "xtask/src/bench/call/",
        ],
    ),
    ("serde_yaml::", &["crates/jackfield-openapi/src/source/", "xtask/src/bench/generate.rs"]),
    ("openapiv3::", &["crates/jackfield-openapi/src/"]),
    // Filters may be hostile, and this module limits them (ADR 0052).
    ("jaq_core::", &["crates/jackfield-runtime/src/reply/jq/"]),
    ("jaq_std::", &["crates/jackfield-runtime/src/reply/jq/"]),
    // Connectors do not link this crate; the runtime's tests compare their own validator with it.
    (
        "jsonschema::",
        &["crates/jackfield-runtime/src/call/validate/differential.rs", "crates/jackfield-testkit/"],
    ),
    (
        "regress::",
        &[
            "crates/jackfield-runtime/src/call/validate/",
            "crates/jackfield-openapi/src/lower/schema/pattern.rs",
            "crates/jackfield-testkit/",
        ],
    ),
    ("quote!", &["crates/jackfield-codegen/src/"]),
    ("quote::", &["crates/jackfield-codegen/src/"]),
    ("syn::", &["crates/jackfield-codegen/src/"]),
    ("clap::", &["crates/jackfield-cli/src/", "crates/jackfield-gateway/src/", "xtask/src/"]),
    (
        "fs::",
        &[
            "crates/jackfield-build/",
            "crates/jackfield-cli/",
            "crates/jackfield-gateway/src/config/file.rs",
            "crates/jackfield-gateway/src/confinement/",
            "crates/jackfield-gateway/tests/",
            "crates/jackfield-testkit/",
            "crates/jackfield-clients/src/disk.rs",
            "crates/jackfield-clients/tests/",
            "crates/jackfield-vault/src/disk.rs",
            "crates/jackfield-vault/src/lock.rs",
            "crates/jackfield-vault/tests/",
            // Files that environment variables name.
            "crates/jackfield-runtime/src/common/secret_text.rs",
            "crates/jackfield-runtime/src/auth/store.rs",
            // The official JSON Schema test suite, if it is installed.
            "crates/jackfield-runtime/src/call/validate/suite.rs",
            // Files that the user allows a model to send and to store, and private copies of them.
            "crates/jackfield-runtime/src/call/files.rs",
            "crates/jackfield-runtime/src/call/files/",
            "crates/jackfield-runtime/src/call/folders.rs",
            "crates/jackfield-runtime/src/call/folders/",
            "crates/jackfield-runtime/src/call/downloads/",
            "crates/jackfield-runtime/src/common/spool.rs",
            "crates/jackfield-runtime/src/engine/api/transfer_tests/",
            "crates/jackfield-runtime/tests/",
            // The socket and the token file of an HTTP server.
            "crates/jackfield-runtime/src/mcp/http/socket.rs",
            "crates/jackfield-runtime/src/mcp/http/token.rs",
            // The certificate of a server, and the check that its state can be written.
            "crates/jackfield-runtime/src/mcp/http/certificate.rs",
            "crates/jackfield-runtime/src/mcp/http/serving_tests.rs",
            "crates/jackfield-runtime/src/control/readiness.rs",
            // The arguments of `call NAME @FILE`.
            "crates/jackfield-runtime/src/app/arguments.rs",
            // The file of `mock --replies FILE`.
            "crates/jackfield-runtime/src/app/mock.rs",
            // Copies of registries, and mirror files.
            "crates/jackfield-registry/src/copy/disk.rs",
            "crates/jackfield-registry/tests/",
            // The sentence encoder of a search, and its cache.
            "crates/jackfield-runtime/src/control/audit/",
            "crates/jackfield-runtime/src/control/store/folder.rs",
            "crates/jackfield-runtime/src/engine/search/encoder/",
            // The terminal, which is opened as a file.
            "crates/jackfield-runtime/src/app/terminal/hidden.rs",
            "crates/jackfield-openapi/tests/",
            "crates/jackfield-codegen/tests/",
            "tests/",
            "xtask/",
        ],
    ),
];

/// The maximum number of lines of a file. A longer file contains more than one concept.
const MOST_LINES: usize = 450;

#[test]
fn tidy_crate_dependencies_match_the_architecture_page() {
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for manifest in manifests() {
        let name =
            package(&manifest).unwrap_or_else(|| panic!("{} has no `package.name`", manifest.0.display()));
        let key = if manifest.0.starts_with("crates/connectors") { "a connector" } else { name.as_str() };
        let Some((_, code, tests)) = ARROWS.iter().find(|(known, ..)| *known == key) else {
            problems.push(format!("{name} is a new package: add it to `ARROWS`"));
            continue;
        };
        seen.insert(key.to_owned());
        for (section, own) in
            [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)]
        {
            for dependency in dependencies(&manifest.1, section) {
                let Some(room) = dependency.strip_prefix("jackfield-") else { continue };
                if !(code.contains(&room) || own && tests.contains(&room)) {
                    problems.push(format!("{name} -> {dependency} in its {section}"));
                }
            }
        }
    }
    for (known, ..) in ARROWS {
        assert!(seen.contains(*known), "{known} is no longer a package: remove it from `ARROWS`");
    }
    assert!(problems.is_empty(), "dependencies that `ARROWS` does not allow:\n{}", problems.join("\n"));
}

#[test]
fn tidy_dependencies_are_used_only_by_their_owners() {
    for manifest in manifests() {
        let name = package(&manifest).unwrap_or_default();
        for section in ["dependencies", "build-dependencies", "dev-dependencies"] {
            for dependency in dependencies(&manifest.1, section) {
                if let Some((_, places)) = CHOSEN_BY.iter().find(|(known, _)| *known == dependency) {
                    assert!(
                        places.contains(&name.as_str()),
                        "{name} depends on {dependency}; only {places:?} may"
                    );
                }
            }
        }
    }
}

#[test]
fn tidy_every_dependency_has_a_reason() {
    let text = read("Cargo.toml");
    let section = text.split("[workspace.dependencies]\n").nth(1).and_then(|rest| rest.split("\n[").next());
    let mut alone = 0;
    for (at, line) in section.expect("the workspace has dependencies").lines().enumerate() {
        match line {
            "" => alone = 4,
            line if line.starts_with('#') => alone = 0,
            line if line.starts_with("jackfield-") && alone < 4 => {}
            // One reason may cover three dependencies that belong together.
            line => {
                alone += 1;
                assert!(alone < 4, "line {at} of the dependencies has no reason above it: {line}");
            }
        }
    }
}

#[test]
fn tidy_restricted_names_stay_in_their_modules() {
    let mut problems = Vec::new();
    for path in sources() {
        let shown = path.to_string_lossy().replace('\\', "/");
        // This file is skipped, because it contains all of the names.
        if shown.ends_with("all/tidy.rs") || is_generated(&path) {
            continue;
        }
        for (at, line) in read(&path).lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for (word, places) in NAMED_IN {
                let allowed = places.iter().any(|place| {
                    if place.ends_with('/') { shown.starts_with(place) } else { shown == *place }
                });
                if !allowed && names(line, word) {
                    problems.push(format!("{shown}:{}: `{word}` may be used only in {places:?}", at + 1));
                }
            }
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

/// Whether the line contains the word, but not as the end of a longer word.
fn names(line: &str, word: &str) -> bool {
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
}

#[test]
fn tidy_no_file_is_too_long() {
    for path in sources() {
        let is_ours = path.starts_with("crates") || path.starts_with("xtask") || path.starts_with("tests");
        if is_ours && !is_generated(&path) {
            let lines = read(&path).lines().count();
            assert!(lines <= MOST_LINES, "{} has {lines} lines: split it by concept", path.display());
        }
    }
}

#[test]
fn tidy_every_exception_has_a_reason() {
    for path in sources() {
        let text = read(&path);
        for word in ["#[allow(", "#![allow(", "#[expect(", "#![expect("] {
            // The text is split, so that this line does not match itself.
            for (at, _) in text.match_indices(word).filter(|(at, _)| !text[..*at].ends_with('"')) {
                let attribute = text[at..].split(")]").next().unwrap_or_default();
                let line = text[..at].matches('\n').count() + 1;
                assert!(
                    attribute.contains("reason"),
                    "{}:{line}: an exception without a reason",
                    path.display()
                );
            }
        }
    }
}

/// Every finding code is documented once, and every documented code exists.
#[test]
fn tidy_every_finding_code_is_documented() {
    let text = format!("{}\n{}", read("docs/diagnostics.md"), read("docs/lint.md"));
    let mut explained: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("## ")).map(str::trim).collect();
    let mut codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    explained.sort_unstable();
    codes.sort_unstable();
    assert_eq!(explained, codes, "docs/diagnostics.md and docs/lint.md must have one heading for each code");
}

/// Files contain nothing that depends on the author's machine.
#[test]
fn tidy_files_contain_no_machine_paths() {
    // The text is split, so that this file does not match itself.
    let words = [("/ho", "me/"), ("/ro", "ot/"), ("/wo", "rk/"), ("/Use", "rs/"), ("C:\\Use", "rs")];
    let words = words.map(|(start, end)| format!("{start}{end}"));
    for path in files() {
        let Ok(text) = fs::read_to_string(repository().join(&path)) else { continue };
        for (at, line) in text.lines().enumerate() {
            if let Some(word) = words.iter().find(|word| line.contains(*word)) {
                panic!("{}:{}: `{word}` is a path on the author's machine", path.display(), at + 1);
            }
        }
    }
    for line in read("Cargo.lock").lines().filter(|line| line.starts_with("source = ")) {
        let official = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
        assert_eq!(line, official, "a dependency does not come from crates.io");
    }
}

/// Every document in specs/ has a line in the table of its README, and every line has a document.
#[test]
fn tidy_every_spec_is_listed_in_its_readme() {
    let table = read("specs/README.md");
    let listed: BTreeSet<&str> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| [")?.split_once("](")?.1.split(')').next())
        .collect();
    let there: BTreeSet<&str> = jackfield_tests::SPECS.iter().map(|spec| spec.file).collect();
    assert_eq!(listed, there, "the table of specs/README.md does not list the documents in specs/");
}

/// Folders that builds and installers create.
const LEFT_BEHIND: [&str; 4] = ["target", "node_modules", "venv", "__pycache__"];

/// Returns every file of the repository, as a relative path, sorted; without the folders above.
fn files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(Path::new(""), &mut found);
    found.sort();
    assert!(found.len() > 100, "the repository was not found");
    found
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(repository().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().to_string_lossy().into_owned();
        // In a second worktree of a repository, `.git` is a file.
        if name == ".git" {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            if !LEFT_BEHIND.contains(&name.as_str()) {
                walk(&folder.join(name), found);
            }
        } else if !name.ends_with(".snap.new") {
            found.push(folder.join(name));
        }
    }
}

fn sources() -> Vec<PathBuf> {
    files().into_iter().filter(|path| path.extension().is_some_and(|it| it == "rs")).collect()
}

fn is_generated(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "generated")
}

fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns every manifest of a package, with its path.
fn manifests() -> Vec<(PathBuf, Table)> {
    let manifests =
        files().into_iter().filter(|path| path.file_name().is_some_and(|name| name == "Cargo.toml"));
    let parsed = manifests.map(|path| {
        let table = read(&path).parse::<Table>();
        let table = table.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path, table)
    });
    parsed.filter(|(_, table)| table.contains_key("package")).collect()
}

fn package((_, table): &(PathBuf, Table)) -> Option<String> {
    table.get("package")?.get("name")?.as_str().map(str::to_owned)
}

/// Returns the keys in a section, including its variants for single platforms.
fn dependencies(table: &Table, section: &str) -> Vec<String> {
    let targets = table.get("target").and_then(Value::as_table).into_iter().flatten();
    let sections = targets.filter_map(|(_, target)| target.get(section)).chain(table.get(section));
    sections.filter_map(Value::as_table).flat_map(|table| table.keys().cloned()).collect()
}
