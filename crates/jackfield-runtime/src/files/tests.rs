use super::*;
use std::fs;

/// A folder of its own for each test, removed at its end.
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
        Err(problem) => problem,
    }
}

#[test]
fn a_file_in_an_allowed_folder_is_read_and_says_what_it_is() {
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
fn nothing_outside_is_read() {
    let folder = Folder::new("outside");
    let files = folder.files("");
    for below in ["secret.txt", "allowed-too/x", "gone.txt"] {
        let problem = problem(&files, &folder.address(below));
        assert!(
            problem.starts_with("names a file outside of what the user has allowed: "),
            "{below}: {problem}"
        );
    }
    for climbing in ["allowed/../secret.txt", "allowed/%2e%2e/secret.txt"] {
        assert!(problem(&files, &folder.address(climbing)).contains("climbs"), "{climbing}");
    }
    for elsewhere in ["//server/share/x", "allowed/x", "", "//"] {
        assert!(problem(&files, elsewhere).contains("does not begin at its root"), "{elsewhere}");
    }
    assert!(problem(&files, "///a%00").contains("character"));
    assert!(problem(&files, "///a%4").contains("escape"));
}

#[cfg(unix)]
#[test]
fn no_link_leads_out_and_only_files_are_files() {
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
    assert_eq!(problem(&files, &folder.address("allowed/inner")), "names something that is no file");
    assert_eq!(problem(&files, &folder.address("allowed/gone.png")), "names a file that is not there");
}

#[test]
fn what_is_not_allowed_names_the_variable() {
    let folder = Folder::new("limits");
    let address = folder.address("allowed/inner/cover%20%C3%BC.png");
    assert!(
        problem(&folder.files("3"), &address)
            .contains("more than 3 bytes, which is what BOOK_SHOP_FILES_LIMIT")
    );
    assert!(problem(&folder.files("a lot"), &address).contains("BOOK_SHOP_FILES_LIMIT is \"a lot\""));
    assert!(folder.files("4").read(&address).is_ok());
    let nothing = Files::of("book-shop", &Environment::of::<&str, &str>([]));
    assert!(problem(&nothing, &address).contains("BOOK_SHOP_FILES names such folders"));
    assert_eq!(nothing.advice(), None);
    assert!(folder.files("").advice().is_some());
}
