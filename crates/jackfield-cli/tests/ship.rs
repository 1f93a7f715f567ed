//! `jackfield ship`: what it writes, refuses and leaves alone, and that its packages serve.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use jackfield_testkit::{Answer, Authority, Client, Clients, Upstream, Validity, skipped};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A desk with a served folder, and a program that is only a header: enough for a package.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let document = repository().join("specs/bookshop.yaml");
        let made =
            jackfield(folder.path(), &["new", &document.display().to_string(), "--out", "shop", "--yes"]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let mut program = vec![0; 120];
        program[..6].copy_from_slice(b"\x7fELF\x02\x01");
        (program[18], program[32], program[54], program[56], program[64]) = (62, 64, 56, 1, 1);
        fs::write(folder.path().join("program"), program).unwrap();
        Self { folder }
    }

    fn ship(&self, words: &[&str]) -> Output {
        let program = if words.contains(&"--binary") || words.contains(&"--target") {
            &[][..]
        } else {
            &["--binary", "program"]
        };
        jackfield(self.folder.path(), &[&["ship", "shop"], program, words].concat())
    }

    fn shipped(&self, words: &[&str]) -> String {
        let output = self.ship(words);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn jackfield(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jackfield"));
    command.args(words).current_dir(folder).env("BOOKSHOP_TOKEN", "canary-of-the-till");
    command.output().unwrap()
}

/// Every file below a folder with its content.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

#[test]
fn two_runs_write_the_same_bytes_and_no_secret() {
    let desk = Desk::new();
    let all = ["--registry-name", "io.github.acme/shop", "--image", "ghcr.io/acme/shop:0.1.0"];
    let printed = desk.shipped(&all);
    assert!(printed.contains("Nothing was uploaded."), "{printed}");
    desk.shipped(&[&all[..], &["--out", "other"]].concat());
    let made = files(&desk.path("dist"));
    assert_eq!(made, files(&desk.path("other")));
    for (name, bytes) in &made {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("canary-of-the-till"), "{name} has the token");
        assert!(!text.contains(&*desk.path("").to_string_lossy()), "{name} has a folder of this machine");
    }
    let named = [
        "server.json",
        "image/index.json",
        "plugin/.mcp.json",
        "bookshop-0.1.0-linux-amd64.mcpb",
        "bookshop-0.1.0-linux-amd64.tar.gz",
    ];
    for name in named {
        assert!(made.contains_key(name), "{name} is missing: {:?}", made.keys());
    }
}

#[test]
fn files_of_other_people_are_neither_replaced_nor_removed() {
    let desk = Desk::new();
    desk.shipped(&["--only", "mcpb,plugin"]);
    fs::write(desk.path("dist/notes.txt"), "mine").unwrap();
    desk.shipped(&["--only", "bundle", "--version", "2.0.0"]);
    let names: Vec<String> = files(&desk.path("dist")).into_keys().collect();
    assert_eq!(names, ["SHA256SUMS", "bookshop-2.0.0-linux-amd64.tar.gz", "notes.txt"]);
    fs::write(desk.path("dist/bookshop-2.0.0-linux-amd64.tar.gz"), "mine").unwrap();
    let refused = desk.ship(&["--only", "bundle", "--version", "2.0.0"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(2) && said.contains("is not replaced"), "{said}");
    assert_eq!(fs::read(desk.path("dist/bookshop-2.0.0-linux-amd64.tar.gz")).unwrap(), b"mine");
}

#[cfg(unix)]
#[test]
fn link_in_the_folder_of_the_packages_leads_nowhere() {
    use std::os::unix::fs::symlink;
    let desk = Desk::new();
    fs::create_dir_all(desk.path("dist")).unwrap();
    fs::create_dir(desk.path("elsewhere")).unwrap();
    fs::write(desk.path("kept"), "mine").unwrap();
    symlink(desk.path("elsewhere"), desk.path("dist/plugin")).unwrap();
    symlink(desk.path("kept"), desk.path("dist/SHA256SUMS.part")).unwrap();
    let refused = desk.ship(&["--only", "plugin"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(2) && said.contains("is a link"), "{said}");
    assert_eq!(files(&desk.path("elsewhere")).len(), 0);
    fs::remove_file(desk.path("dist/plugin")).unwrap();
    desk.shipped(&["--only", "plugin"]);
    assert_eq!(fs::read(desk.path("kept")).unwrap(), b"mine");
}

#[test]
fn what_cannot_be_shipped_is_refused_with_a_remedy() {
    let desk = Desk::new();
    fs::write(desk.path("script"), "#!/bin/sh\n").unwrap();
    for (words, said) in [
        (&["--only", "server-json"][..], "--registry-name io.github.acme/bookshop"),
        (&["--only", "server-json", "--registry-name", "io.github.acme/shop"], "--image REFERENCE"),
        (&["--registry-name", "shop"], "a namespace and a name"),
        (&["--image", "ghcr.io/acme/shop:latest"], "a tag or digest"),
        (&["--version", "^1.2.3"], "three numbers"),
        (&["--crate"], "jackfield gen"),
        (&["--out", "script"], "is not a folder"),
        (&["--target", "x", "--binary", "program"], "cannot be used with"),
    ] {
        let refused = desk.ship(words);
        let text = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(refused.status.code() == Some(2) && text.contains(said), "{words:?}\n{text}");
        assert!(!desk.path("dist").exists(), "{words:?} wrote something");
    }
    let refused = jackfield(desk.folder.path(), &["ship", "shop", "--binary", "script"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("is not a program"));
    // Tools that nobody has accepted are not shipped.
    let document = desk.path("shop/bookshop.yaml");
    let text = fs::read_to_string(&document).unwrap().replace("Look at one book", "Look at two books");
    fs::write(&document, text).unwrap();
    let refused = desk.ship(&[]);
    let text = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(2) && text.contains("differs from jackfield.lock"), "{text}");
}

#[test]
fn dynamic_program_gets_no_image() {
    let desk = Desk::new();
    let mut program = fs::read(desk.path("program")).unwrap();
    program[64] = 3;
    fs::write(desk.path("program"), program).unwrap();
    let output = desk.ship(&[]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() && said.contains("no container image") && said.contains("crt-static"),
        "{said}"
    );
    assert!(!desk.path("dist/image").exists());
    assert_eq!(desk.ship(&["--only", "oci"]).status.code(), Some(2));
}

/// The published schemas are not in this repository, so their facts are checked where they are.
#[test]
fn packages_fit_the_published_schemas() {
    let shared =
        std::env::var_os("JACKFIELD_SHARED").map_or_else(|| repository().join("../shared"), PathBuf::from);
    let read = |name: &str| -> Option<Value> {
        serde_json::from_slice(&fs::read(shared.join("formats").join(name)).ok()?).ok()
    };
    let (Some(registry), Some(bundle)) = (read("server.schema.json"), read("mcpb-manifest-v0.3.schema.json"))
    else {
        return skipped("the published schemas of packages are not there (JACKFIELD_SHARED)");
    };
    let desk = Desk::new();
    let url = "https://github.com/acme/shop/releases/download/v0.1.0/shop.mcpb";
    desk.shipped(&[
        "--registry-name",
        "io.github.acme/shop",
        "--image",
        "ghcr.io/acme/shop:0.1.0",
        "--bundle-url",
        url,
    ]);
    let entry: Value = serde_json::from_slice(&fs::read(desk.path("dist/server.json")).unwrap()).unwrap();
    let unzipped = Command::new("python3")
        .args(["-c", "import sys,zipfile;print(zipfile.ZipFile(sys.argv[1]).read('manifest.json').decode())"])
        .arg(desk.path("dist/bookshop-0.1.0-linux-amd64.mcpb"))
        .output();
    let Ok(unzipped) = unzipped else { return skipped("python3 is not there") };
    let manifest: Value = serde_json::from_slice(&unzipped.stdout).unwrap();
    assert_eq!(jackfield_testkit::schema_problems(&registry, &entry), Vec::<String>::new());
    assert_eq!(jackfield_testkit::schema_problems(&bundle, &manifest), Vec::<String>::new());
    // The check can fail.
    let wrong = json!({ "name": "shop", "description": "", "version": "1" });
    assert_ne!(jackfield_testkit::schema_problems(&registry, &wrong), Vec::<String>::new());
}

/// Serves from that program, lists tools, and makes a call over HTTPS to a server with a private authority.
async fn check_serving(command: &[&str], root: &Path, in_root: &str) {
    let authority = Authority::new().unwrap();
    let certified = authority.certify("localhost", Validity::Now).unwrap();
    let upstream =
        Upstream::start_tls(&certified, Clients::Anybody, |_| Answer::text(200, "[]")).await.unwrap();
    fs::write(root.join("ca.pem"), authority.pem()).unwrap();
    let base = upstream.base_url_of("localhost");
    let authorities = format!("{in_root}/ca.pem");
    let variables = [("BOOKSHOP_BASE_URL", base.as_str()), ("SSL_CERT_FILE", authorities.as_str())];
    let mut client = Client::spawn(Path::new(command[0]), &command[1..], &variables).await.unwrap();
    let tools = client.tools().await.unwrap();
    assert_eq!(tools.len(), 15, "{}", client.stderr());
    let result = client.call("list_books", json!({})).await.unwrap();
    assert_ne!(result.is_error, Some(true), "{result:?}\n{}", client.stderr());
    assert_eq!(upstream.requests().len(), 1);
    client.close().await.unwrap();
}

#[tokio::test]
async fn unpacked_archive_serves_and_calls_over_https() {
    let desk = Desk::new();
    desk.shipped(&["--only", "bundle", "--binary", env!("CARGO_BIN_EXE_jackfield")]);
    let archive = files(&desk.path("dist")).into_keys().find(|name| name.ends_with(".tar.gz")).unwrap();
    let unpacked = Command::new("tar")
        .arg("-xzf")
        .arg(desk.path("dist").join(archive))
        .arg("-C")
        .arg(desk.path(""))
        .status();
    assert!(unpacked.unwrap().success());
    let root = desk.path("bookshop-0.1.0");
    let (program, connector) = (root.join("jackfield"), root.join("connector"));
    let command = [&*program.to_string_lossy(), "serve", &*connector.to_string_lossy()];
    check_serving(&command, &root, &root.to_string_lossy()).await;
}

/// A program without a dynamic linker takes a build of its own, so `.ci/run` makes it.
#[tokio::test]
async fn image_serves_and_calls_over_https_in_an_empty_root() {
    let Some(program) = std::env::var_os("JACKFIELD_STATIC_PROGRAM") else {
        return skipped("no statically linked jackfield is there (JACKFIELD_STATIC_PROGRAM)");
    };
    if !Command::new("unshare").args(["-r", "chroot", "/", "/bin/true"]).status().is_ok_and(|it| it.success())
    {
        return skipped("`unshare -r chroot` is not possible here");
    }
    let desk = Desk::new();
    desk.shipped(&["--only", "oci", "--binary", &program.to_string_lossy()]);
    let made = files(&desk.path("dist/image/blobs/sha256"));
    let (layer, bytes) = made.iter().max_by_key(|(_, bytes)| bytes.len()).unwrap();
    assert!(bytes.len() <= 15_000_000, "the layer has {} bytes", bytes.len());
    let root = desk.path("root");
    fs::create_dir(&root).unwrap();
    let layer = desk.path("dist/image/blobs/sha256").join(layer);
    assert!(Command::new("tar").arg("-xzf").arg(layer).arg("-C").arg(&root).status().unwrap().success());
    // Container runtimes write this file.
    fs::write(root.join("etc/hosts"), "127.0.0.1 localhost\n").unwrap();
    let shown = root.to_string_lossy();
    let command = ["/usr/bin/unshare", "-r", "chroot", &*shown, "/app/jackfield", "serve", "/app/connector"];
    check_serving(&command, &root, "").await;
}
