//! Tests how files are replaced if links, permissions or other programs interfere.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use jackfield_clients::{Client, ClientFile, Entry, Place, Server, Start, Undone, entry};

fn built() -> Entry {
    let start = Start::Stdio { command: "bookshop-mcp".to_owned(), args: Vec::new(), variables: Vec::new() };
    entry(Client::Cursor, &Server { name: "bookshop".to_owned(), start }).unwrap()
}

fn find(place: &Place, folder: &Path) -> Result<ClientFile, String> {
    ClientFile::find(place, folder.join("state")).map_err(|error| error.to_string())
}

#[test]
fn written_file_keeps_its_permissions_and_its_backup_is_private() {
    let folder = tempfile::tempdir().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for kept in [0o600, 0o640, 0o644, 0o664] {
        let path = folder.path().join(format!("{kept:o}.json"));
        fs::write(&path, "{}").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(kept)).unwrap();
        let file = find(&Place::named(&path), folder.path()).unwrap();
        let jackfield_clients::Written::Added { backup } = file.write(&built(), false).unwrap() else {
            panic!()
        };
        assert_eq!(mode(&path), kept);
        // The file may contain tokens that other programs wrote into it.
        assert_eq!((mode(&backup), mode(backup.parent().unwrap())), (0o600, 0o700));
        file.undo(Client::Cursor, "bookshop").unwrap();
        assert_eq!(mode(&path), kept);
    }
    let path = folder.path().join("new/folder/mcp.json");
    let file = find(&Place::named(&path), folder.path()).unwrap();
    assert!(!file.has_folder());
    file.write(&built(), false).unwrap();
    assert_eq!(mode(&path), 0o600);
    let left: Vec<_> =
        fs::read_dir(path.parent().unwrap()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(left, ["mcp.json"]);
}

#[test]
fn writing_to_a_read_only_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mcp.json");
    fs::write(&path, "{}").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let error = find(&Place::named(&path), folder.path()).unwrap().write(&built(), false).unwrap_err();
    assert!(error.to_string().contains("read-only"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "{}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no unfinished file is left");
}

#[test]
fn symbolic_link_to_the_client_file_is_followed_and_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("dotfiles.json"), folder.path().join("mcp.json"));
    fs::write(&real, "{}").unwrap();
    symlink(&real, &link).unwrap();
    let file = find(&Place::named(&link), folder.path()).unwrap();
    assert!(file.is_linked());
    assert_eq!(file.path(), real.canonicalize().unwrap());
    file.write(&built(), false).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&real).unwrap().contains("bookshop"));
    // The path without the link leads to the same record.
    let direct = find(&Place::named(&real), folder.path()).unwrap();
    assert_eq!(direct.undo(Client::Cursor, "bookshop").unwrap(), Undone::Restored);
}

#[test]
fn link_that_leaves_the_project_or_leads_to_no_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let (project, outside) = (root.join("project"), root.join("outside"));
    fs::create_dir_all(&project).unwrap();
    fs::create_dir_all(outside.join("cursor")).unwrap();
    fs::write(outside.join("cursor/mcp.json"), "{}").unwrap();
    let within = |file: &str| Place { file: project.join(file), within: Some(project.clone()) };
    symlink(outside.join("cursor"), project.join(".cursor")).unwrap();
    symlink(outside.join("cursor/mcp.json"), project.join("file.json")).unwrap();
    symlink(project.join("nothing"), project.join("dangling.json")).unwrap();
    fs::create_dir(project.join("folder.json")).unwrap();
    for (file, problem) in [
        (".cursor/mcp.json", "a link leads out of this folder, to"),
        (".cursor/new.json", "a link leads out of this folder, to"),
        ("file.json", "name it with --file"),
        ("dangling.json", "follow the link"),
        ("folder.json", "this is not a file"),
        ("dangling.json/x.json", "this link has no target"),
    ] {
        let error = find(&within(file), &root).unwrap_err();
        assert!(error.contains(problem), "{file}: {error}");
    }
    assert_eq!(fs::read_to_string(outside.join("cursor/mcp.json")).unwrap(), "{}");
    assert!(find(&within("plain.json"), &root).is_ok());
}

#[test]
fn undo_of_a_removed_file_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mcp.json");
    fs::write(&path, "{}").unwrap();
    let file = find(&Place::named(&path), folder.path()).unwrap();
    file.write(&built(), false).unwrap();
    fs::remove_file(&path).unwrap();
    assert_eq!(file.undo(Client::Cursor, "bookshop").unwrap(), Undone::Absent);
    assert!(!path.exists());
}
