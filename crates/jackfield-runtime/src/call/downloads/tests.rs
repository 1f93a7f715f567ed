use std::fs;

use super::*;
use crate::common::caller::Channel;
use jackfield_recipe::Effect;

const TOOL: Tool<'_> = Tool::new("get_file", "GET", "/file", |_, _| Ok(())).effect(Effect::Read);

fn downloads(folder: &Path, limit: &str) -> Downloads {
    let folder = folder.display().to_string();
    let variables = [("SHOP_DOWNLOADS", folder.as_str()), ("SHOP_DOWNLOADS_LIMIT", limit)];
    Downloads::of("shop", &Environment::of(variables)).of_caller(&Caller::local(Channel::Stdio))
}

fn take(downloads: &Downloads, arguments: Value) -> Result<Option<SaveTarget>, String> {
    let mut arguments = arguments.as_object().cloned().unwrap();
    let taken = downloads.take(&TOOL, &mut arguments).map_err(|error| error.to_string());
    assert!(arguments.keys().all(|name| !name.starts_with("save")) || taken.is_err());
    taken
}

/// Creates the target of a new file in a folder.
pub(super) fn target(folder: &Path, name: &str) -> SaveTarget {
    take(&downloads(folder, ""), json!({ "save_to": name })).unwrap().unwrap()
}

fn store(target: &SaveTarget, bytes: &[u8]) -> Result<SavedFile, SaveProblem> {
    let mut file = PartialFile::create(target)?;
    file.write(target, bytes)?;
    file.finish(target)
}

#[test]
fn reply_is_stored_below_an_allowed_folder() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    let absolute = folder.path().join("in/c.bin").display().to_string();
    for (spelled, name) in [
        ("a.bin".to_owned(), "a.bin"),
        ("in/b.bin".to_owned(), "in/b.bin"),
        (absolute.clone(), "in/c.bin"),
        (format!("file://{}", absolute.replace("c.bin", "d%20e.bin")), "in/d e.bin"),
    ] {
        let saved = store(&target(folder.path(), &spelled), b"abc").unwrap();
        assert_eq!(saved.path, folder.path().join(name));
        assert_eq!((saved.length, &saved.sha256[..8]), (3, "ba7816bf"));
        assert_eq!(fs::read(&saved.path).unwrap(), b"abc");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no temporary file is left");
    assert!(take(&downloads(folder.path(), ""), json!({ "save_to": null, "x": 1 })).unwrap().is_none());
}

#[test]
fn download_path_outside_the_allowed_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    fs::create_dir_all(inner.join("deep")).unwrap();
    let downloads = downloads(&inner, "");
    let outside = folder.path().join("x").display().to_string();
    for (path, reason) in [
        (json!("../x"), "contains `..` in its path"),
        (json!("deep/../../x"), "contains `..` in its path"),
        (json!("file:///a/%2e%2e/x"), "contains `..` in its path"),
        (json!(outside), "outside the folders that the user has allowed"),
        (json!("/etc/passwd"), "outside the folders"),
        (json!(".bashrc"), "begins with a dot"),
        (json!("deep/.ssh"), "begins with a dot"),
        (json!("deep/"), "names a folder"),
        (json!("deep"), "names a folder, link or device"),
        (json!("gone/x"), "which does not exist, is a link or is not a folder"),
        (json!("a\u{0}b"), "control character"),
        (json!("a\nb"), "control character"),
        (json!(""), ""),
        (json!(3), "must be a string"),
    ] {
        let problem = take(&downloads, json!({ "save_to": path })).unwrap_err();
        assert!(problem.contains(reason) && problem.starts_with("`save_to` "), "{path}: {problem}");
    }
}

#[cfg(unix)]
#[test]
fn download_path_through_a_link_is_refused() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    fs::create_dir_all(inner.join("real")).unwrap();
    symlink(folder.path(), inner.join("out")).unwrap();
    symlink(inner.join("real"), inner.join("near")).unwrap();
    symlink(folder.path().join("victim"), inner.join("link")).unwrap();
    let downloads = downloads(&inner, "");
    for path in ["out/x", "near/x", "link"] {
        for replaces in [false, true] {
            let problem = take(&downloads, json!({ "save_to": path, "save_over": replaces })).unwrap_err();
            assert!(
                problem.contains("link") || problem.contains("names a folder, link or device"),
                "{path}: {problem}"
            );
        }
    }
    // A link that is created after the target was opened does not change where the file is stored.
    let early = target(&inner, "real/a");
    fs::rename(inner.join("real"), inner.join("moved")).unwrap();
    symlink(folder.path(), inner.join("real")).unwrap();
    store(&early, b"abc").unwrap();
    assert!(inner.join("moved/a").is_file() && !folder.path().join("a").exists());
    let late = target(&inner, "late");
    symlink(folder.path().join("victim"), inner.join("late")).unwrap();
    assert!(matches!(store(&late, b"abc"), Err(SaveProblem::Exists(_))));
    assert!(!folder.path().join("victim").exists());
}

#[test]
fn file_is_replaced_only_if_the_call_allows_it() {
    let folder = tempfile::tempdir().unwrap();
    let downloads = downloads(folder.path(), "");
    let early = target(folder.path(), "a");
    fs::write(folder.path().join("a"), "old").unwrap();
    assert!(
        matches!(store(&early, b"new"), Err(SaveProblem::Exists(_))),
        "the file was created in the meantime"
    );
    let problem = take(&downloads, json!({ "save_to": "a" })).unwrap_err();
    assert!(problem.contains("`save_over: true`"), "{problem}");
    assert_eq!(fs::read(folder.path().join("a")).unwrap(), b"old");
    let over = take(&downloads, json!({ "save_to": "a", "save_over": true })).unwrap().unwrap();
    store(&over, b"new").unwrap();
    assert_eq!(fs::read(folder.path().join("a")).unwrap(), b"new");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn file_beyond_the_limit_is_not_stored() {
    let folder = tempfile::tempdir().unwrap();
    let limited = downloads(folder.path(), "3");
    let target = take(&limited, json!({ "save_to": "a" })).unwrap().unwrap();
    let problem = store(&target, b"abcd").unwrap_err().to_string();
    assert!(problem.contains("more than 3 bytes, which is the limit in SHOP_DOWNLOADS_LIMIT"), "{problem}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let problem = take(&downloads(folder.path(), "a lot"), json!({ "save_to": "a" })).unwrap_err();
    assert!(problem.contains("SHOP_DOWNLOADS_LIMIT is \"a lot\""), "{problem}");
}

#[test]
fn download_arguments_are_offered_only_to_the_local_user() {
    let folder = tempfile::tempdir().unwrap();
    let downloads = downloads(folder.path(), "");
    assert_eq!(downloads.arguments(&TOOL), Some(ARGUMENTS[0]));
    let nothing = Downloads::of("shop", &Environment::of::<&str, &str>([]));
    assert_eq!(nothing.of_caller(&Caller::local(Channel::Stdio)).arguments(&TOOL), None);
    assert_eq!(Downloads { is_of_local_user: false, ..downloads.clone() }.arguments(&TOOL), None);
    let own = Tool { input: r#"{"properties":{"save_to":{}}}"#, ..TOOL };
    assert_eq!(downloads.arguments(&own), Some(ARGUMENTS[1]));
    let schema = Tool { output: "{}", ..TOOL };
    assert_eq!(downloads.arguments(&schema), None);
    let write = |accept| Tool { effect: Effect::Write, accept, ..TOOL };
    assert_eq!(downloads.arguments(&write("application/json, */*")), None);
    assert!(downloads.arguments(&write("application/json, application/pdf")).is_some());
    let mut input = Map::new();
    downloads.describe(ARGUMENTS[0], &mut input);
    let text = Value::Object(input).to_string();
    assert!(text.contains("save_to") && text.contains(&folder.path().display().to_string()), "{text}");
}
