//! Packages that their own managers fetch: published ones, and hostile ones from registries of these tests.

use std::fs;
use std::path::Path;
use std::process::Command;

use jackfield_gateway::package::source::{Manager, PackageSource};
use serde_json::json;

use crate::file_server::FileServer;
use crate::workshop::{Workshop, can_confine, has, source, sum, tools};

#[test]
fn npm_package_is_fetched_quarantined_and_started() {
    if !has("npm", "--version") || !can_confine() {
        return;
    }
    let workshop = Workshop::new();
    let everything = source(Manager::Npm, "@modelcontextprotocol/server-everything", "2026.8.31");
    let fetched = workshop.fetch(everything).unwrap();
    assert_eq!(fetched.installed.scripts, []);
    let seen = workshop.quarantine(&fetched, 60).unwrap();
    assert!(tools(&seen).contains(&"echo"), "{:?}", tools(&seen));
    assert_eq!(seen.differences, [] as [&str; 0]);
    workshop.attach(fetched, "timeout = 60\n");
    let told = workshop.site.serve().told("own_echo", json!({ "message": "hi" }));
    assert_eq!(told, "Echo: hi");
}

#[test]
fn python_package_is_fetched_quarantined_and_started() {
    if !has("python3", "--version") || !can_confine() {
        return;
    }
    let workshop = Workshop::new();
    let fetched = workshop.fetch(source(Manager::Pypi, "mcp-server-time", "2026.10.19")).unwrap();
    let seen = workshop.quarantine_with(&fetched, 60, &["--local-timezone", "UTC"], &[]).unwrap();
    assert_eq!(tools(&seen), ["get_current_time", "convert_time"]);
    assert_eq!(seen.differences, [] as [&str; 0]);
    let digest = fetched.installed.digest.clone();
    workshop.attach(fetched, "args = [\"--local-timezone\", \"UTC\"]\ntimeout = 60\n");
    let times = json!({ "source_timezone": "UTC", "time": "12:30", "target_timezone": "Asia/Tokyo" });
    let told = workshop.site.serve().told("own_convert_time", times);
    assert!(told.contains("21:30"), "{told}");
    // The start has changed nothing, so the package starts again, and a second fetch gives the same digest.
    let (code, text) = workshop.site.run(&["test", "own"]);
    assert!(code == 0, "{text}");
    let again = workshop.fetch(source(Manager::Pypi, "mcp-server-time", "2026.10.19")).unwrap();
    assert_eq!(again.installed.digest, digest);
}

#[test]
fn crate_is_fetched_compiled_in_quarantine_and_started() {
    if !has("cargo", "--version") || !can_confine() {
        return;
    }
    let workshop = Workshop::new();
    let fetched = workshop.fetch(source(Manager::Cargo, "time-mcp", "1.1.1")).unwrap();
    assert!(fetched.installed.notes[0].contains("in quarantine"), "{:?}", fetched.installed.notes);
    let seen = workshop.quarantine(&fetched, 60).unwrap();
    assert_eq!(tools(&seen), ["current_time"]);
    workshop.attach(fetched, "timeout = 60\n");
    let result = workshop.site.serve().call("own_current_time", json!({}));
    assert_eq!(result["isError"], false, "{result}");
}

#[test]
fn description_that_a_manager_could_read_otherwise_reaches_no_manager() {
    let mut workshop = Workshop::new();
    // Without PATH, each manager would be missing.
    workshop.settings.environment = jackfield_runtime::Environment::of::<String, String>([]);
    for (manager, identifier, version, expected) in [
        (Manager::Npm, "--registry=http://a", "1.0.0", "cannot be the name"),
        (Manager::Npm, "a", "^1.0.0", "is not one exact version"),
        (Manager::Npm, "../a", "1.0.0", "cannot be the name"),
        (Manager::Pypi, "a; rm -rf x", "1.0.0", "cannot be the name"),
        (Manager::Pypi, "a", "1.*", "is not one exact version"),
        (Manager::Cargo, "a\" }", "1.0.0", "cannot be the name"),
        (
            Manager::Npm,
            "a",
            "1.0.0",
            "there is no `npm` on PATH, which fetches this package: install Node.js",
        ),
        (
            Manager::Pypi,
            "a",
            "1.0.0",
            "there is no `python3` on PATH, which runs this package: install Python",
        ),
        (
            Manager::Cargo,
            "a",
            "1.0.0",
            "there is no `cargo` on PATH, which fetches and compiles this package: install Rust",
        ),
    ] {
        let error = workshop.fetch(source(manager, identifier, version)).err().unwrap().to_string();
        assert!(error.contains(expected), "{identifier}@{version}: {error}");
    }
}

/// Packs a folder as npm and PyPI do, with `prefix` before each path.
fn packed(folder: &Path, prefix: &str) -> Vec<u8> {
    let output = Command::new("tar")
        .args(["-czf", "-", "--owner=0", "--group=0", &format!("--transform=s,^\\.,{prefix},"), "-C"])
        .arg(folder)
        .arg(".")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Publishes a package at a registry of npm.
fn publish(server: &FileServer, description: &serde_json::Value, files: &[(&str, &str)]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("package.json"), description.to_string()).unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let archive = packed(folder.path(), "package");
    let (name, version) = (description["name"].as_str().unwrap(), description["version"].as_str().unwrap());
    let url = server.add(&format!("/files/{name}-{version}.tgz"), archive.clone());
    let mut whole = description.clone();
    whole["dist"] = json!({ "tarball": url });
    let mut versions = serde_json::Map::new();
    versions.insert(version.to_owned(), whole);
    let all = json!({ "name": name, "dist-tags": { "latest": version }, "versions": versions });
    server.add(&format!("/{name}"), all.to_string());
    archive
}

#[test]
fn scripts_of_npm_packages_do_not_run_and_are_named() {
    if !has("npm", "--version") {
        return;
    }
    let (mut workshop, server) = (Workshop::new(), FileServer::start());
    let canary = workshop.site.home().join("canary");
    let evil = format!("touch {}", canary.display());
    let archive = publish(
        &server,
        &json!({ "name": "own", "version": "1.0.0", "bin": "cli.js", "dependencies": { "inner": "1.0.0" },
                 "scripts": { "preinstall": evil, "prepare": evil } }),
        &[("cli.js", "")],
    );
    publish(&server, &json!({ "name": "inner", "version": "1.0.0" }), &[("binding.gyp", "{}"), ("x.js", "")]);
    workshop.settings.environment = workshop.settings.environment.with("npm_config_registry", &server.origin);
    let fetched = workshop.fetch(source(Manager::Npm, "own", "1.0.0")).unwrap();
    let scripts: Vec<String> = fetched
        .installed
        .scripts
        .iter()
        .map(|it| format!("{} {} {}", it.package, it.name, it.command))
        .collect();
    assert_eq!(
        scripts,
        ["inner@1.0.0 install node-gyp rebuild".to_owned(), format!("own@1.0.0 preinstall {evil}")]
    );
    drop(fetched);
    // The file that the registry of servers names.
    let with = |sum: String| PackageSource { sha256: Some(sum), ..source(Manager::Npm, "own", "1.0.0") };
    drop(workshop.fetch(with(sum(&archive))).unwrap());
    let error = workshop.fetch(with("0".repeat(64))).err().unwrap().to_string();
    assert!(error.contains("it is not the file that was published"), "{error}");
    // A package from git could bring a configuration of npm, which names programs.
    let git = tempfile::tempdir().unwrap();
    for words in [
        &["init", "-q"][..],
        &["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "--allow-empty", "-m", "a"],
    ] {
        let _ = Command::new("git").args(words).current_dir(git.path()).output();
    }
    let from = format!("git+file://{}", git.path().display());
    publish(
        &server,
        &json!({ "name": "gitty", "version": "1.0.0", "bin": "cli.js", "dependencies": { "inner": from } }),
        &[("cli.js", "")],
    );
    let error = workshop.fetch(source(Manager::Npm, "gitty", "1.0.0")).err().unwrap().to_string();
    assert!(error.contains("npm has failed"), "{error}");
    assert!(!canary.exists());
}

#[test]
fn source_distribution_of_python_is_refused_and_its_setup_script_does_not_run() {
    if !has("python3", "--version") {
        return;
    }
    let (mut workshop, server) = (Workshop::new(), FileServer::start());
    let canary = workshop.site.home().join("canary");
    let folder = tempfile::tempdir().unwrap();
    let script =
        format!("open({canary:?}, 'w')\nfrom setuptools import setup\nsetup(name='own', version='1.0.0')\n");
    fs::write(folder.path().join("setup.py"), script).unwrap();
    fs::write(folder.path().join("PKG-INFO"), "Metadata-Version: 2.1\nName: own\nVersion: 1.0.0\n").unwrap();
    let url = server.add("/files/own-1.0.0.tar.gz", packed(folder.path(), "own-1.0.0"));
    server.add("/simple/own/", format!("<a href=\"{url}\">own-1.0.0.tar.gz</a>"));
    let index = format!("{}/simple/", server.origin);
    workshop.settings.environment = workshop.settings.environment.with("PIP_INDEX_URL", index);
    let error = workshop.fetch(source(Manager::Pypi, "own", "1.0.0")).err().unwrap().to_string();
    assert!(error.contains("its setup script would run at the installation"), "{error}");
    assert!(!canary.exists());
}

/// A build script that tells what it can reach. `TEST` is the folder of the test, and `PORT` the port of its server.
const BUILD_SCRIPT: &str = r#"
fn main() {
    let mut found = String::from("found");
    let mut tell = |what: &str, is_so: bool| if is_so { found.push('-'); found.push_str(what) };
    tell("home", std::fs::read("TEST/home/secret").is_ok());
    tell("names", std::fs::read_dir("TEST/home").is_ok());
    tell("state", std::fs::read_dir("TEST/state/gateway").is_ok());
    tell("write", std::fs::write("TEST/home/canary", "x").is_ok());
    tell("network", std::net::TcpStream::connect("127.0.0.1:PORT").is_ok());
    tell("variables", std::env::vars().any(|(name, _)| name == "CANARY"));
    tell("ran", true);
    println!("cargo:rustc-env=FOUND={found}");
}
"#;

/// A server that lists what the build script has found.
const SERVER: &str = r##"
use std::io::BufRead as _;
fn main() {
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let Some(id) = line.split("\"id\":").nth(1).map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>()) else { continue };
        let result = if line.contains("\"initialize\"") {
            r#"{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"own","version":"1"}}"#.to_owned()
        } else if line.contains("\"tools/list\"") {
            format!(r#"{{"tools":[{{"name":"{}","inputSchema":{{"type":"object"}}}}]}}"#, env!("FOUND"))
        } else {
            println!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-32601,"message":"unknown"}}}}"#);
            continue;
        };
        println!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#);
    }
}
"##;

#[test]
fn build_script_of_a_crate_runs_in_quarantine() {
    if !has("cargo", "--version") || !can_confine() {
        return;
    }
    let mut workshop = Workshop::new();
    let folder = workshop.site.home().parent().unwrap().to_owned();
    fs::write(folder.join("home/secret"), "secret").unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    // A mirror in a folder, as `cargo vendor` makes it.
    let mirror = folder.join("mirror/own-1.0.0");
    fs::create_dir_all(mirror.join("src")).unwrap();
    let script = BUILD_SCRIPT.replace("TEST", &folder.display().to_string()).replace("PORT", &port);
    fs::write(mirror.join("build.rs"), script).unwrap();
    fs::write(mirror.join("src/main.rs"), SERVER).unwrap();
    fs::write(
        mirror.join("Cargo.toml"),
        "[package]\nname = \"own\"\nversion = \"1.0.0\"\nedition = \"2021\"\n",
    )
    .unwrap();
    let checksum = json!({ "files": {}, "package": "0".repeat(64) });
    fs::write(mirror.join(".cargo-checksum.json"), checksum.to_string()).unwrap();
    let home = folder.join("cargo");
    fs::create_dir(&home).unwrap();
    let config = format!(
        "[source.crates-io]\nreplace-with = \"mirror\"\n[source.mirror]\ndirectory = {:?}\n",
        folder.join("mirror")
    );
    fs::write(home.join("config.toml"), config).unwrap();
    let environment = workshop.settings.environment.clone().with("CARGO_HOME", home.display().to_string());
    workshop.settings.environment = environment.with("CANARY", "secret");
    let with =
        |sum: &str| PackageSource { sha256: Some(sum.repeat(64)), ..source(Manager::Cargo, "own", "1.0.0") };
    let error = workshop.fetch(with("1")).err().unwrap().to_string();
    assert!(error.contains("it is not the file that was published"), "{error}");
    let fetched = workshop.fetch(with("0")).unwrap();
    let seen = workshop.quarantine(&fetched, 30).unwrap();
    assert_eq!(tools(&seen), ["found-ran"]);
    assert!(!folder.join("home/canary").exists());
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "the build script has connected");
}
