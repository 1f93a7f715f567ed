//! Packages that are kept, and compared with their digest before each start.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use jackfield_gateway::package::digest::{package_digest, tree_digest};
use jackfield_gateway::package::installed::PackageStart;
use jackfield_gateway::package::record::PackageRecord;
use serde_json::{Value, json};

use crate::support::child_script;
use crate::workshop::{Fetched, Workshop, can_confine};

/// Returns a script of a server with the tool `run`, which runs `after` and answers with `$found`.
fn server(after: &str) -> String {
    let tools = json!([{ "name": "run", "inputSchema": { "type": "object" } }]);
    child_script(&tools, &format!("read d\nfound=\n{after}\nanswer 3 \"$found.\"\nread e"))
}

fn package(workshop: &Workshop, after: &str) -> Fetched {
    let fetching = workshop.store.begin().unwrap();
    let tree = fetching.tree();
    fs::write(tree.join("server.sh"), server(after)).unwrap();
    fs::create_dir(tree.join("lib")).unwrap();
    fs::write(tree.join("lib/data"), "data").unwrap();
    symlink("lib/data", tree.join("link")).unwrap();
    workshop.own(fetching, "/bin/sh", &["${tree}/server.sh"])
}

#[test]
fn digest_depends_on_every_file_and_on_nothing_else() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let make = |root: &Path| {
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::write(root.join("a/b/x"), "x").unwrap();
        fs::write(root.join("a/y"), "").unwrap();
        symlink("b/x", root.join("a/link")).unwrap();
    };
    let digest = |root: &Path| tree_digest(root).unwrap().sum;
    make(one.path());
    make(other.path());
    let before = digest(one.path());
    assert_eq!(digest(other.path()), before);
    let root = other.path();
    // Each change is undone by the next function.
    type Change = (&'static str, fn(&Path), fn(&Path));
    let changes: [Change; 8] = [
        (
            "content",
            |it| fs::write(it.join("a/b/x"), "z").unwrap(),
            |it| fs::write(it.join("a/b/x"), "x").unwrap(),
        ),
        (
            "name",
            |it| fs::rename(it.join("a/y"), it.join("a/z")).unwrap(),
            |it| fs::rename(it.join("a/z"), it.join("a/y")).unwrap(),
        ),
        ("folder", |it| fs::create_dir(it.join("c")).unwrap(), |it| fs::remove_dir(it.join("c")).unwrap()),
        (
            "removed",
            |it| fs::remove_file(it.join("a/y")).unwrap(),
            |it| fs::write(it.join("a/y"), "").unwrap(),
        ),
        (
            "kind",
            |it| {
                fs::remove_file(it.join("a/y")).unwrap();
                fs::create_dir(it.join("a/y")).unwrap();
            },
            |it| {
                fs::remove_dir(it.join("a/y")).unwrap();
                fs::write(it.join("a/y"), "").unwrap();
            },
        ),
        (
            "link",
            |it| {
                fs::remove_file(it.join("a/link")).unwrap();
                symlink("y", it.join("a/link")).unwrap();
            },
            |it| {
                fs::remove_file(it.join("a/link")).unwrap();
                symlink("b/x", it.join("a/link")).unwrap();
            },
        ),
        (
            "link to file",
            |it| {
                fs::remove_file(it.join("a/link")).unwrap();
                fs::write(it.join("a/link"), "b/x").unwrap();
            },
            |it| {
                fs::remove_file(it.join("a/link")).unwrap();
                symlink("b/x", it.join("a/link")).unwrap();
            },
        ),
        (
            "executable",
            |it| fs::set_permissions(it.join("a/y"), fs::Permissions::from_mode(0o755)).unwrap(),
            |it| fs::set_permissions(it.join("a/y"), fs::Permissions::from_mode(0o644)).unwrap(),
        ),
    ];
    for (what, change, undo) in changes {
        change(root);
        assert_ne!(digest(root), before, "{what}");
        undo(root);
        assert_eq!(digest(root), before, "{what} undone");
    }
    // Times and the rights of other users are not part of it.
    let old = fs::File::options().write(true).open(root.join("a/y")).unwrap();
    old.set_modified(std::time::UNIX_EPOCH).unwrap();
    fs::set_permissions(root.join("a/y"), fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(digest(root), before);
    symlink("/etc/passwd", root.join("outside")).unwrap();
    let error = tree_digest(root).unwrap_err().to_string();
    assert!(
        error.contains("outside: it is a link to /etc/passwd, which is outside of the package"),
        "{error}"
    );
    fs::remove_file(root.join("outside")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
    assert!(tree_digest(root).unwrap_err().to_string().contains("neither a file"));
}

#[test]
fn command_of_a_package_is_part_of_its_digest() {
    let folder = tempfile::tempdir().unwrap();
    let tree = tree_digest(folder.path()).unwrap();
    let start = |program: &str, arguments: &[&str], variables: &[(&str, &str)]| {
        let arguments = arguments.iter().map(|word| (*word).to_owned()).collect();
        let variables =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        package_digest(&tree, &PackageStart { program: program.to_owned(), arguments, variables })
    };
    let all = [
        start("a", &["b"], &[]),
        start("a", &["b", ""], &[]),
        start("a", &[], &[("b", "")]),
        start("ab", &[], &[]),
        start("a", &["b"], &[("LD_PRELOAD", "x")]),
    ];
    let different: std::collections::BTreeSet<&String> = all.iter().collect();
    assert_eq!(different.len(), all.len());
}

#[test]
fn package_that_has_changed_is_not_started() {
    if !can_confine() {
        return;
    }
    let workshop = Workshop::new();
    let kept = workshop.attach(package(&workshop, ""), "");
    let (code, text) = workshop.site.run(&["test", "own"]);
    assert!(code == 0 && text.contains("own answers: 1 tools"), "{text}");
    let changed =
        "own does not work: the files of io.github.x/own@1.0.0 have changed since they were checked";
    let changed = changed.replacen("own ", "`own` ", 1);
    let refuse = |what: &str| {
        let (code, text) = workshop.site.run(&["test", "own"]);
        assert!(code == 1 && text.contains(&changed), "{what}: {text}");
        assert!(
            text.contains("so it is not started: `jackfield gateway add io.github.x/own@1.0.0`"),
            "{text}"
        );
        let (code, text) = workshop.site.run(&["check"]);
        assert!(code == 1 && text.contains("own: the files of io.github.x/own@1.0.0 have changed"), "{text}");
    };
    let script = kept.tree.join("server.sh");
    let text = fs::read_to_string(&script).unwrap();
    fs::write(&script, format!("{text} ")).unwrap();
    refuse("content");
    fs::write(&script, &text).unwrap();
    fs::write(kept.tree.join("new"), "").unwrap();
    refuse("new file");
    fs::remove_file(kept.tree.join("new")).unwrap();
    fs::rename(kept.tree.join("lib"), kept.tree.join("lib2")).unwrap();
    refuse("renamed folder");
    fs::rename(kept.tree.join("lib2"), kept.tree.join("lib")).unwrap();
    symlink("/", kept.tree.join("root")).unwrap();
    refuse("link to elsewhere");
    fs::remove_file(kept.tree.join("root")).unwrap();
    // The record says which program is started.
    let record = kept.folder.join("package.json");
    let written = fs::read_to_string(&record).unwrap();
    let mut json: Value = serde_json::from_str(&written).unwrap();
    json["start"]["arguments"] = json!(["-c", "echo stolen"]);
    fs::write(&record, json.to_string()).unwrap();
    refuse("other command");
    fs::write(&record, written).unwrap();
    let (code, text) = workshop.site.run(&["test", "own"]);
    assert!(code == 0, "{text}");
    fs::remove_file(record).unwrap();
    let (code, text) = workshop.site.run(&["test", "own"]);
    assert!(
        code == 1 && text.contains("the package of io.github.x/own@1.0.0 with this `digest` is not in"),
        "{text}"
    );
}

#[test]
fn package_that_changes_between_quarantine_and_start_is_not_kept() {
    let workshop = Workshop::new();
    let fetched = package(&workshop, "");
    let record = PackageRecord::new(&fetched.source, &fetched.installed);
    fs::write(fetched.installed.tree.join("lib/data"), "other").unwrap();
    let error = workshop.store.keep(fetched.fetching, "own", &record).unwrap_err().to_string();
    assert!(error.contains("have changed since it was fetched"), "{error}");
    assert_eq!(workshop.store.find(&record.digest).unwrap(), None);
}

#[test]
fn program_of_a_package_can_neither_change_it_nor_read_the_state() {
    if !can_confine() {
        return;
    }
    let workshop = Workshop::new();
    let after = r#"
tree=$(dirname "$0")
try() { if eval "$2" 2>/dev/null; then found="$found $1"; fi; }
try run 'cat "$tree/lib/data" | grep -q data'
try write 'echo x >> "$tree/server.sh"'
try create 'echo x > "$tree/new"'
try delete 'rm "$tree/lib/data"'
try rename 'mv "$tree/lib" "$tree/lib2"'
try move 'mv "$tree" elsewhere'
try chmod-record 'echo {} > "$tree/../package.json"'
try record 'cat "$tree/../package.json" | grep -q digest'
try state 'cat "$tree/../../../state.sqlite3" | grep -qa .'
try packages 'ls "$tree/../.." | grep -q own'
"#;
    let kept = workshop.attach(package(&workshop, after), "");
    assert_eq!(workshop.site.serve().told("own_run", json!({})), " run.");
    // `unconfined` shows that the script can find these things.
    workshop.site.configure(&format!(
        "[connectors.own]\nregistry = \"io.github.x/own@1.0.0\"\ndigest = \"{}\"\nunconfined = true\n",
        kept.record.digest
    ));
    let told = workshop.site.serve().told("own_run", json!({}));
    assert!(told.contains("write") && told.contains("state"), "{told}");
}

#[test]
fn interrupted_fetch_is_removed_and_two_do_not_meet() {
    let workshop = Workshop::new();
    let kept = workshop.attach(package(&workshop, ""), "");
    let folder = workshop.store.folder();
    // A command that was killed before it wrote the record.
    fs::create_dir_all(folder.join("own-0123456789ab/tree/x")).unwrap();
    fs::create_dir_all(folder.join(".fetching/tree")).unwrap();
    fs::write(folder.join(".fetching/tree/half"), "half").unwrap();
    let fetching = workshop.store.begin().unwrap();
    assert_eq!(fs::read_dir(fetching.tree()).unwrap().count(), 0);
    assert!(!folder.join("own-0123456789ab").exists() && kept.tree.exists());
    let error = workshop.store.begin().unwrap_err().to_string();
    assert!(error.contains("another command is fetching a package"), "{error}");
    drop(fetching);
    assert!(!folder.join(".fetching").exists());
    workshop.store.begin().unwrap();
}

#[test]
fn packages_of_a_connector_are_removed_and_those_of_others_stay() {
    let workshop = Workshop::new();
    let keep = |connector: &str, after: &str| {
        let fetched = package(&workshop, after);
        let record = PackageRecord::new(&fetched.source, &fetched.installed);
        workshop.store.keep(fetched.fetching, connector, &record).unwrap()
    };
    let (one, two, other) = (keep("own", "a"), keep("own", "b"), keep("own-b", "c"));
    assert_eq!(workshop.store.of_connector("own").unwrap().len(), 2);
    assert_eq!(workshop.store.remove("own", Some(&two.record.digest)), Ok(1));
    assert!(!one.folder.exists() && two.folder.exists() && other.folder.exists());
    assert_eq!(workshop.store.remove("own", None), Ok(1));
    assert_eq!(workshop.store.find(&other.record.digest).unwrap(), Some(other));
}

#[test]
fn list_and_check_name_the_published_server() {
    let workshop = Workshop::new();
    workshop.attach(package(&workshop, ""), "");
    let (_, text) = workshop.site.run(&["list"]);
    assert!(text.contains("own: `io.github.x/own@1.0.0` of the registry, starts a package"), "{text}");
    workshop.site.configure(
        "[connectors.docs]\nregistry = \"com.example/docs@1.0.0\"\nurl = \"https://docs.example.com/mcp\"\n",
    );
    let (_, text) = workshop.site.run(&["list"]);
    assert!(
        text.contains("docs: `com.example/docs@1.0.0` of the registry, https://docs.example.com/mcp"),
        "{text}"
    );
}
