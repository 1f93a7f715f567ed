//! MCP bundles (.mcpb) at a loopback server.

use jackfield_gateway::package::source::{Manager, PackageSource};
use serde_json::{Value, json};

use crate::file_server::FileServer;
use crate::support::child_script;
use crate::workshop::{Fetched, Workshop, can_confine, files, source, sum, tools};
use crate::zip::{Packed, zip};

fn manifest(config: &Value) -> Packed {
    let server = json!({ "type": "binary", "entry_point": "server.sh", "mcp_config": config });
    let text = json!({ "manifest_version": "0.3", "name": "own", "version": "1.0.0", "server": server });
    Packed::new("manifest.json", text.to_string())
}

/// Returns the files of a bundle whose program is a shell script with the tool `run`.
fn bundle() -> Vec<Packed> {
    let tools = json!([{ "name": "run", "inputSchema": { "type": "object" } }]);
    let script = format!("#!/bin/sh\n{}", child_script(&tools, "read d\nanswer 3 \"$KIND $1\"\nread e"));
    let config = json!({
        "command": "${__dirname}/bin/server.sh", "args": ["first"],
        "env": { "KIND": "bundle", "KEY": "${user_config.key}" }
    });
    vec![
        manifest(&config),
        Packed { mode: 0o040_755, ..Packed::new("bin/", "") },
        Packed::new("bin/server.sh", script).deflated(),
        Packed::new("data/notes.txt", "x".repeat(100_000)).deflated(),
    ]
}

fn at(url: &str, sum: &str) -> PackageSource {
    PackageSource { sha256: Some(sum.to_owned()), ..source(Manager::Mcpb, url, "") }
}

/// Fetches an archive with its right checksum. Returns the error.
fn fetched(workshop: &Workshop, archive: Vec<u8>) -> Result<Fetched, String> {
    let (server, sum) = (FileServer::start(), sum(&archive));
    let url = server.add("/own.mcpb", archive);
    workshop.fetch(at(&url, &sum)).map_err(|fault| fault.to_string())
}

#[test]
fn bundle_is_fetched_quarantined_and_started() {
    if !can_confine() {
        return;
    }
    let (workshop, server) = (Workshop::new(), FileServer::start());
    let mut archive = zip(&bundle());
    // Signatures of bundles are behind the archive.
    archive.extend_from_slice(b"MCPB_SIG_V1\0\0\0\0MCPB_SIG_END");
    let sum = sum(&archive);
    let file = server.add("/files/own.mcpb", archive);
    let url = server.add("/own.mcpb", file);
    let fetched = workshop.fetch(at(&url, &sum)).unwrap();
    assert_eq!(fetched.installed.asked, ["KEY"]);
    let seen = workshop.quarantine_with(&fetched, 20, &[], &["KEY"]).unwrap();
    assert_eq!(tools(&seen), ["run"]);
    workshop.attach(fetched, "env = { KEY = \"k\" }\n");
    assert_eq!(workshop.site.serve().told("own_run", json!({})), "bundle first");
}

#[test]
fn bundle_with_another_checksum_is_not_unpacked() {
    let (workshop, server) = (Workshop::new(), FileServer::start());
    let url = server.add("/own.mcpb", zip(&bundle()));
    let error = workshop.fetch(at(&url, &"0".repeat(64))).err().unwrap().to_string();
    assert!(error.contains("it is not the file that was published"), "{error}");
    assert_eq!(packages(&workshop), [] as [&str; 0]);
    // A redirect to another kind of server is not followed.
    let url = server.add("/moved.mcpb", "http://192.0.2.1/own.mcpb");
    let error = workshop.fetch(at(&url, &"0".repeat(64))).err().unwrap().to_string();
    assert!(error.contains("which is not protected by TLS"), "{error}");
}

/// Returns the files in the store, except its lock.
fn packages(workshop: &Workshop) -> Vec<String> {
    files(workshop.store.folder()).into_iter().filter(|file| !file.ends_with(".lock")).collect()
}

#[test]
fn hostile_archive_writes_nothing() {
    let workshop = Workshop::new();
    let evil = |name: &str| Packed::new(name, "evil");
    let bomb = Packed::new("bomb", vec![0; 40 << 20]).deflated();
    let stretched = |size: u32| Packed { size: Some(size), ..bomb.clone() };
    let with = |more: Vec<Packed>| zip(&[bundle(), more].concat());
    for (archive, expected) in [
        (with(vec![evil("../evil")]), "could lead out"),
        (with(vec![evil("/tmp/evil")]), "could lead out"),
        (with(vec![evil("a\\..\\..\\evil")]), "could lead out"),
        (with(vec![evil("C:evil")]), "could lead out"),
        (with(vec![Packed { local_name: Some("../evil".to_owned()), ..evil("own/evil") }]), "has two names"),
        (
            with(vec![Packed { mode: 0o120_777, ..Packed::new("link", "/etc/passwd") }]),
            "is a link or a device",
        ),
        (with(vec![Packed { mode: 0o020_644, ..evil("device") }]), "is a link or a device"),
        (with(vec![Packed { flags: 1, ..evil("a") }]), "is encrypted"),
        (with(vec![Packed { method: 14, ..evil("a") }]), "compressed in an unknown way"),
        (with(vec![evil("BIN/server.sh")]), "two files at"),
        (with(vec![evil("bin/server.sh")]), "two files at"),
        (with(vec![evil("bin/server.sh/x")]), "two files at"),
        (with(vec![Packed { offset: Some(0), ..evil("manifest.json") }]), "two files at"),
        (with(vec![Packed { offset: Some(0), local_name: None, ..bundle()[0].clone() }]), "two files at"),
        // The content is not what the directory says.
        (with(vec![stretched(1)]), "says something else"),
        (with(vec![stretched(41 << 20)]), "says something else"),
        (with(vec![Packed { crc: Some(1), ..evil("a") }]), "says something else"),
        // 2 GB in few bytes.
        (
            with(
                (0..3)
                    .map(|at| Packed { name: format!("bomb{at}"), size: Some(700 << 20), ..bomb.clone() })
                    .collect(),
            ),
            "would take more than",
        ),
        (zip(&bundle())[..400].to_vec(), "is not a ZIP archive"),
        (b"PK\x05\x06".to_vec(), "is not a ZIP archive"),
        (Vec::new(), "is not a ZIP archive"),
        (zip(&[]), "manifest.json"),
        (zip(&[Packed::new("manifest.json", "{")]), "manifest.json"),
        (zip(&[manifest(&json!({ "command": "sh", "args": ["-c", "id"] }))]), "neither part of it"),
        (zip(&[manifest(&json!({ "command": "${__dirname}/../../../bin/sh" }))]), "outside of it"),
        (zip(&[manifest(&json!({ "command": "${__dirname}/none" }))]), "none"),
        (
            zip(&[manifest(&json!({ "command": "${__dirname}/x", "args": ["${HOME}"] }))]),
            "cannot replace a placeholder",
        ),
    ] {
        let error = fetched(&workshop, archive).err().unwrap_or_default();
        assert!(error.contains(expected), "{expected}: {error}");
        assert_eq!(packages(&workshop), [] as [&str; 0], "{expected}");
    }
}

#[test]
fn files_of_an_archive_that_share_bytes_are_refused() {
    let workshop = Workshop::new();
    let one = Packed::new("aa", "content");
    let mut archive = zip(&[bundle(), vec![one, Packed::new("ab", "content")]].concat());
    // Both entries name the first copy of the bytes, under the name `aa`.
    let places: Vec<usize> = archive
        .windows(6)
        .enumerate()
        .filter(|(_, it)| it.starts_with(b"PK\x03\x04"))
        .map(|(at, _)| at)
        .collect();
    let [.., first, _] = places[..] else { panic!("{places:?}") };
    let end = archive.len() - 22;
    let last = archive[..end].windows(4).rposition(|it| it == b"PK\x01\x02").unwrap();
    archive[last + 42..last + 46].copy_from_slice(&u32::try_from(first).unwrap().to_le_bytes());
    let error = fetched(&workshop, archive.clone()).err().unwrap_or_default();
    assert!(error.contains("has two names"), "{error}");
    // With an equal name, the paths are equal, too.
    archive[last + 46..last + 48].copy_from_slice(b"aa");
    let error = fetched(&workshop, archive).err().unwrap_or_default();
    assert!(error.contains("two files at `aa`"), "{error}");
}
