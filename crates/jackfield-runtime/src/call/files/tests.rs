use super::*;
use std::fs;

/// A temporary folder for one test, removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("jackfield-files-{}-{name}", std::process::id()));
        fs::create_dir_all(path.join("allowed/inner")).unwrap();
        fs::write(path.join("allowed/inner/cover ü.png"), b"\x89PNG").unwrap();
        fs::write(path.join("secret.txt"), b"secret").unwrap();
        Self(path)
    }

    fn address(&self, below: &str) -> String {
        format!("//{}", self.0.join(below).display())
    }

    fn files(&self, limit: &str) -> Files {
        let allowed = self.0.join("allowed").display().to_string();
        Files::of(
            "book-shop",
            &Environment::of([("BOOK_SHOP_FILES", allowed.as_str()), ("BOOK_SHOP_FILES_LIMIT", limit)]),
        )
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn problem(files: &Files, rest: &str) -> String {
    match files.read(rest) {
        Ok(_) => panic!("{rest} was read"),
        Err(problem) => problem.to_string(),
    }
}

#[test]
fn file_in_an_allowed_folder_is_read_with_its_type_and_name() {
    let folder = Folder::new("read");
    let address = folder.address("allowed/inner/cover%20%C3%BC.png");
    let given = folder.files("").read(&address).unwrap();
    assert_eq!(given.bytes, b"\x89PNG");
    assert_eq!(given.media_type, "image/png");
    assert_eq!(given.file_name.as_deref(), Some("cover ü.png"));
    assert!(folder.files("").read(&address.replacen("//", "//localhost", 1)).is_ok());
    assert!(folder.files("").read(&address.replacen("//", "", 1)).is_ok());
}

#[test]
fn file_outside_the_allowed_folders_is_refused() {
    let folder = Folder::new("outside");
    let files = folder.files("");
    for below in ["secret.txt", "allowed-too/x", "gone.txt"] {
        let problem = problem(&files, &folder.address(below));
        assert!(
            problem.starts_with("names a file outside the folders that the user has allowed: "),
            "{below}: {problem}"
        );
    }
    for climbing in ["allowed/../secret.txt", "allowed/%2e%2e/secret.txt"] {
        assert!(
            problem(&files, &folder.address(climbing)).contains("contains `..` in its path"),
            "{climbing}"
        );
    }
    for elsewhere in ["//server/share/x", "allowed/x", "", "//"] {
        assert!(problem(&files, elsewhere).contains("absolute path on this machine"), "{elsewhere}");
    }
    assert!(problem(&files, "///a%00").contains("character"));
    assert!(problem(&files, "///a%4").contains("escape"));
}

#[cfg(unix)]
#[test]
fn symbolic_link_that_leads_out_of_the_allowed_folder_is_refused() {
    let folder = Folder::new("links");
    let files = folder.files("");
    std::os::unix::fs::symlink(folder.0.join("secret.txt"), folder.0.join("allowed/link.txt")).unwrap();
    std::os::unix::fs::symlink(folder.0.join("allowed/inner"), folder.0.join("allowed/near")).unwrap();
    assert!(problem(&files, &folder.address("allowed/link.txt")).contains("outside"));
    std::os::unix::fs::symlink(&folder.0, folder.0.join("allowed/out")).unwrap();
    for behind in ["allowed/out/secret.txt", "allowed/out/gone.txt", "allowed/out/gone/x.txt"] {
        assert!(problem(&files, &folder.address(behind)).contains("outside"), "{behind}");
    }
    assert!(files.read(&folder.address("allowed/near/cover%20%C3%BC.png")).is_ok());
    assert_eq!(
        problem(&files, &folder.address("allowed/inner")),
        "names a folder, pipe or device instead of a file"
    );
    assert_eq!(problem(&files, &folder.address("allowed/gone.png")), "names a file that does not exist");
}

#[test]
fn error_about_a_refused_file_names_the_variable_to_set() {
    let folder = Folder::new("limits");
    let address = folder.address("allowed/inner/cover%20%C3%BC.png");
    assert!(
        problem(&folder.files("3"), &address)
            .contains("more than 3 bytes, which is the limit in BOOK_SHOP_FILES_LIMIT")
    );
    assert!(problem(&folder.files("a lot"), &address).contains("BOOK_SHOP_FILES_LIMIT is \"a lot\""));
    assert!(folder.files("4").read(&address).is_ok());
    let nothing = Files::of("book-shop", &Environment::of::<&str, &str>([]));
    assert!(problem(&nothing, &address).contains("set BOOK_SHOP_FILES to the folders"));
    assert_eq!(nothing.advice(), None);
    assert!(folder.files("").advice().is_some());
}

#[cfg(unix)]
#[test]
fn symbolic_link_within_the_allowed_folder_is_followed_in_every_spelling() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new("inside");
    let allowed = folder.0.join("allowed");
    symlink("inner/cover ü.png", allowed.join("relative.png")).unwrap();
    symlink("../allowed/inner/cover ü.png", allowed.join("climbs-out-and-back.png")).unwrap();
    symlink("../relative.png", allowed.join("inner/up.png")).unwrap();
    symlink(allowed.join("inner/up.png"), allowed.join("whole.png")).unwrap();
    symlink("../secret.txt", allowed.join("out.txt")).unwrap();
    symlink("../../../../../../../../../../etc/hostname", allowed.join("far-out.txt")).unwrap();
    symlink("circle.png", allowed.join("circle.png")).unwrap();
    let files = folder.files("");
    for below in ["relative.png", "climbs-out-and-back.png", "inner/up.png", "whole.png"] {
        let given = files
            .read(&folder.address(&format!("allowed/{below}")))
            .unwrap_or_else(|it| panic!("{below}: {it}"));
        assert_eq!(given.bytes, b"\x89PNG");
        assert_eq!(given.file_name.as_deref(), Some("cover ü.png"));
    }
    for below in ["out.txt", "far-out.txt"] {
        assert!(problem(&files, &folder.address(&format!("allowed/{below}"))).contains("outside"), "{below}");
    }
    assert!(problem(&files, &folder.address("allowed/circle.png")).contains("cannot be read"));
}

#[cfg(target_os = "linux")]
#[test]
fn named_pipe_is_refused_without_blocking() {
    let folder = Folder::new("pipe");
    let pipe = folder.0.join("allowed/pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0)
        .unwrap();
    assert_eq!(
        problem(&folder.files(""), &folder.address("allowed/pipe")),
        "names a folder, pipe or device instead of a file"
    );
}

#[cfg(unix)]
#[test]
fn files_are_not_read_if_a_link_has_replaced_the_allowed_folder() {
    let folder = Folder::new("replaced");
    let files = folder.files("");
    fs::write(folder.0.join("cover ü.png"), b"secret").unwrap();
    fs::rename(folder.0.join("allowed"), folder.0.join("moved")).unwrap();
    std::os::unix::fs::symlink(&folder.0, folder.0.join("allowed")).unwrap();
    assert_eq!(
        problem(&files, &folder.address("allowed/cover%20%C3%BC.png")),
        "names a file that does not exist"
    );
    assert!(files.read(&folder.address("allowed/inner/cover%20%C3%BC.png")).is_ok());
}

/// One thread replaces a folder and a file by links that lead out of the allowed folder. The other thread reads through these paths.
#[cfg(unix)]
#[test]
fn link_that_replaces_a_file_during_a_read_does_not_leave_the_folder() {
    use std::os::unix::fs::symlink;
    use std::sync::atomic::{AtomicBool, Ordering};
    let folder = Folder::new("race");
    let allowed = folder.0.join("allowed");
    let secrets = folder.0.join("secrets");
    fs::create_dir_all(&secrets).unwrap();
    fs::write(secrets.join("x.txt"), b"secret").unwrap();
    fs::create_dir_all(allowed.join("real")).unwrap();
    fs::write(allowed.join("real/x.txt"), b"open").unwrap();
    let files = folder.files("");
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (path, next) = (allowed.join("real"), allowed.join("next"));
            let kept = allowed.join("kept");
            for _ in 0..500 {
                // The folder is replaced by a link to the folder with the secrets, and then restored.
                fs::rename(&path, &kept).unwrap();
                symlink(&secrets, &path).unwrap();
                fs::remove_file(&path).unwrap();
                fs::rename(&kept, &path).unwrap();
                // The file is replaced by a link, and then restored.
                symlink(secrets.join("x.txt"), &next).unwrap();
                fs::rename(&next, path.join("x.txt")).unwrap();
                fs::write(&next, b"open").unwrap();
                fs::rename(&next, path.join("x.txt")).unwrap();
            }
            is_over.store(true, Ordering::Release);
        });
        let address = folder.address("allowed/real/x.txt");
        let mut read = 0_u32;
        while !is_over.load(Ordering::Acquire) {
            if let Ok(given) = files.read(&address) {
                assert_eq!(given.bytes, b"open");
                read += 1;
            }
        }
        assert!(files.read(&address).is_ok() && read > 0);
    });
}

#[test]
fn only_the_user_who_runs_the_connector_can_send_files() {
    use crate::common::caller::{Caller, Channel, Principal};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cover.txt");
    std::fs::write(&path, "secret").unwrap();
    let files = Files::of("shop", &Environment::of([("SHOP_FILES", folder.path().display().to_string())]));
    let local = files.of_caller(&Caller::local(Channel::Http));
    assert!(local.read(&format!("//{}", path.display())).is_ok());
    let ada = files.of_caller(&Caller::new(Principal::Token("ada".to_owned()), Channel::Http));
    let refused = ada.read(&format!("//{}", path.display()));
    assert_eq!(refused.err(), Some(FileError::OfOtherCaller));
    // A file name in the arguments of another caller is refused before the file is read, as fast as a call without files.
    let arguments = serde_json::json!({ "body": "file:///etc/hosts" }).as_object().cloned().unwrap();
    assert!(local.are_named_in(&arguments) && !ada.are_named_in(&arguments));
}

#[test]
fn large_file_is_copied_to_disk_instead_of_memory() {
    use crate::common::budget::Budget;
    let folder = Folder::new("large");
    let content = vec![b'x'; usize::try_from(IN_MEMORY).unwrap() + 1];
    fs::write(folder.0.join("allowed/large.bin"), &content).unwrap();
    fs::create_dir_all(folder.0.join("spool")).unwrap();
    let allowed = folder.0.join("allowed").display().to_string();
    let spool = folder.0.join("spool").display().to_string();
    let files = |spool: &str| {
        let variables = [("BOOK_SHOP_FILES", allowed.as_str()), ("BOOK_SHOP_SPOOL", spool)];
        Files::of("book-shop", &Environment::of(variables))
    };
    let budget = Budget::of("book-shop", &Environment::of([("BOOK_SHOP_MAX_BYTES", "1000")])).unwrap();
    let scope = budget.scope();
    let address = folder.address("allowed/large.bin");
    let given = files(&spool).counted_in(&scope).read(&address).unwrap();
    let ContentBytes::Spooled(copy) = given.bytes else { panic!("the file is in memory") };
    fs::write(folder.0.join("allowed/large.bin"), b"changed").unwrap();
    assert_eq!(copy.read_at(0, usize::MAX).unwrap(), content);
    assert_eq!(budget.held(), 0);
    fs::write(folder.0.join("allowed/large.bin"), &content).unwrap();
    let problem = problem(&files("/nowhere"), &address);
    assert!(
        problem.contains("cannot be copied to /nowhere") && problem.contains("BOOK_SHOP_SPOOL"),
        "{problem}"
    );
    let stop = scope.stop_at_end();
    drop(stop);
    assert_eq!(files(&spool).counted_in(&scope).read(&address).err(), Some(FileError::Stopped));
}
