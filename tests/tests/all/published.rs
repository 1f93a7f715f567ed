//! Checks the manifests of published crates. `cargo xtask package` checks the packages themselves.

use std::fs;

use toml::{Table, Value};

use crate::specs::repository;

#[test]
fn published_crates_have_complete_package_metadata_and_licenses() {
    let workspace = parse("Cargo.toml");
    let shared = &workspace["workspace"]["dependencies"];
    let folders = fs::read_dir(repository().join("crates")).unwrap();
    let folders = folders.map(|entry| format!("crates/{}", entry.unwrap().file_name().to_string_lossy()));
    let folders = folders.filter(|folder| folder.starts_with("crates/jackfield-"));
    let (mut published, mut unpublished) = (Vec::new(), Vec::new());
    for folder in folders.chain(["templates".to_owned()]) {
        let manifest = parse(&format!("{folder}/Cargo.toml"));
        let package = manifest["package"].as_table().unwrap().clone();
        let name = package["name"].as_str().unwrap().to_owned();
        if package.get("publish") == Some(&Value::Boolean(false)) {
            unpublished.push(name);
        } else {
            published.push((name, folder, package));
        }
    }
    assert!(published.len() >= 13, "{} published crates", published.len());
    for (name, folder, package) in &published {
        assert!(package["description"].as_str().is_some_and(|text| text.len() > 20), "{name}");
        for key in ["license", "readme", "keywords", "categories", "rust-version", "version"] {
            assert_eq!(package[key]["workspace"], Value::Boolean(true), "{name}: {key}");
        }
        assert_eq!(package["documentation"].as_str(), Some(format!("https://docs.rs/{name}").as_str()));
        assert!(package.contains_key("include"), "{name} has no `include`, so its tests would be packaged");
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            let of_crate = fs::read(repository().join(folder).join(licence)).unwrap();
            assert_eq!(of_crate, fs::read(repository().join(licence)).unwrap(), "{name}: {licence}");
        }
        let version = &workspace["workspace"]["package"]["version"];
        assert_eq!(
            shared[name.as_str()].get("version"),
            Some(version),
            "the workspace dependency on {name} does not have the version of the workspace"
        );
    }
    for name in &unpublished {
        let dependency = shared.get(name.as_str());
        let has_version = dependency.is_some_and(|dependency| dependency.get("version").is_some());
        assert!(!has_version, "{name} is not published, so a dependency on it must not have a version");
    }
}

fn parse(path: &str) -> Table {
    fs::read_to_string(repository().join(path)).unwrap().parse().unwrap()
}
