//! Packages of npm, PyPI and crates.io, each from the search to the removal.

use serde_json::{Value, json};

use crate::entries::{entry, package};
use crate::place::Place;

/// A published package with two versions.
struct Story {
    kind: &'static str,
    identifier: &'static str,
    versions: [&'static str; 2],
    /// The versions of the package, if they are not those of the server.
    packages: Option<[&'static str; 2]>,
    /// Further members of the package in its entry.
    more: Value,
    /// Further arguments of `add`.
    add: Vec<String>,
    tool: &'static str,
    arguments: Value,
    /// A text in the answer of the call.
    expected: &'static str,
    /// The programs that the story needs.
    programs: &'static [&'static str],
}

/// Runs the whole story of a package.
fn tell(story: &Story) {
    let has = |program: &&str| {
        std::process::Command::new(program).arg("--version").output().is_ok_and(|it| it.status.success())
    };
    if let Some(missing) = story.programs.iter().find(|program| !has(program)) {
        jackfield_testkit::skipped(&format!(
            "{missing} is not installed, so {} is not fetched",
            story.identifier
        ));
        return;
    }
    let name = "io.github.ada/mcp-server-story";
    let items = story.versions.iter().enumerate().map(|(at, version)| {
        let package_version = story.packages.map_or(*version, |packages| packages[at]);
        let mut package = package(story.kind, story.identifier, package_version);
        for (member, value) in story.more.as_object().unwrap() {
            package[member] = value.clone();
        }
        entry(name, version, at == 1, &json!({ "packages": [package] }))
    });
    let place = Place::of(items);
    let [old, new] = story.versions;
    let found = place.done(&["find", "server", "of", "tests"]);
    assert!(found.contains(name) && found.contains(new), "{found}");
    let shown = place.done(&["show", &format!("{name}@{old}")]);
    for text in ["the GitHub account ada", story.identifier, "there is a newer version"] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    assert!(place.packages().is_empty());

    let reference = format!("{name}@{old}");
    let mut words = vec!["add", &reference, "--yes", "--effect", "*=read"];
    words.extend(story.add.iter().map(String::as_str));
    let added = place.done(&words);
    assert!(added.contains("in quarantine") && added.contains("sha256:"), "{added}");
    let config = place.config();
    assert!(config.contains("[connectors.story]") && config.contains("digest = \"sha256:"), "{config}");
    let answer = place.call(&format!("story_{}", story.tool), &story.arguments);
    assert!(answer["result"].to_string().contains(story.expected), "{answer}");

    let (code, outdated) = place.run(&["outdated"]);
    assert!(code == 1 && outdated.contains(&format!("{reference} → {new}")), "{outdated}");
    let updated = place.done(&["update", "story", "--yes"]);
    assert!(updated.contains(&format!("`story` is {new} now")), "{updated}");
    assert_eq!(place.packages().len(), 1, "the earlier version is removed");
    let answer = place.call(&format!("story_{}", story.tool), &story.arguments);
    assert!(answer["result"].to_string().contains(story.expected), "{answer}");
    assert_eq!(place.run(&["outdated"]).0, 0);

    place.done(&["remove", "story"]);
    assert!(place.packages().is_empty() && !place.config().contains("registry = \"io"), "{}", place.config());
}

#[test]
fn npm_package_with_every_feature_is_found_added_called_updated_and_removed() {
    tell(&Story {
        kind: "npm",
        identifier: "@modelcontextprotocol/server-everything",
        versions: ["2026.8.18", "2026.8.31"],
        packages: None,
        more: json!({ "runtimeHint": "npx", "runtimeArguments": [{ "type": "positional", "value": "-y" }] }),
        add: Vec::new(),
        tool: "echo",
        arguments: json!({ "message": "hello" }),
        expected: "Echo: hello",
        programs: &["node", "npm"],
    });
}

#[test]
fn npm_package_with_a_variable_is_found_added_called_updated_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("memory.jsonl").display().to_string();
    let known = json!({ "type": "entity", "name": "Ada", "entityType": "person", "observations": ["reads"] });
    std::fs::write(&file, format!("{known}\n")).unwrap();
    tell(&Story {
        kind: "npm",
        identifier: "@modelcontextprotocol/server-memory",
        versions: ["2026.7.4", "2026.8.31"],
        packages: None,
        more: json!({ "environmentVariables": [
            { "name": "MEMORY_FILE_PATH", "description": "Where it remembers", "isRequired": true, "format": "filepath" },
        ] }),
        add: vec!["--set".to_owned(), format!("MEMORY_FILE_PATH={file}")],
        tool: "read_graph",
        arguments: json!({}),
        expected: "Ada",
        programs: &["node", "npm"],
    });
}

#[test]
fn pypi_package_with_an_argument_is_found_added_called_updated_and_removed() {
    tell(&Story {
        kind: "pypi",
        identifier: "mcp-server-time",
        versions: ["2026.10.10", "2026.10.19"],
        packages: None,
        more: json!({ "packageArguments": [
            { "type": "named", "name": "--local-timezone", "isRequired": true, "description": "Your time zone" },
        ] }),
        add: vec!["--set".to_owned(), "local-timezone=Europe/Berlin".to_owned()],
        tool: "get_current_time",
        arguments: json!({ "timezone": "Europe/Berlin" }),
        expected: "Europe/Berlin",
        programs: &["python3"],
    });
}

#[test]
fn pypi_package_that_starts_git_is_found_added_called_updated_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let made = std::process::Command::new("git").arg("init").arg("-q").arg(folder.path()).status();
    let repository = folder.path().display().to_string();
    tell(&Story {
        kind: "pypi",
        identifier: "mcp-server-git",
        versions: ["2026.10.10", "2026.10.19"],
        packages: None,
        more: json!({}),
        add: Vec::new(),
        tool: "git_status",
        arguments: json!({ "repo_path": repository }),
        expected: "branch",
        programs: if made.is_ok_and(|it| it.success()) { &["python3", "git"] } else { &["git"] },
    });
}

#[test]
fn crate_is_found_added_called_updated_and_removed() {
    tell(&Story {
        kind: "cargo",
        identifier: "time-mcp",
        versions: ["1.0.0", "1.0.1"],
        packages: Some(["1.1.1", "1.1.1"]),
        more: json!({}),
        add: Vec::new(),
        tool: "current_time",
        arguments: json!({}),
        expected: "result",
        programs: &["cargo"],
    });
}
