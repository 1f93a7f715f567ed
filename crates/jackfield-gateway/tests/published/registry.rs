//! The registry: searches, statuses, and copies for machines without network.

use serde_json::json;

use crate::entries::{entry, package, status};
use crate::place::Place;

fn items() -> Vec<jackfield_testkit::RegistryItem> {
    let npm = |identifier: &str, version: &str| json!({ "packages": [package("npm", identifier, version)] });
    vec![
        entry("io.github.ada/weather", "1.0.0", false, &npm("weather", "1.0.0")),
        entry("io.github.ada/weather", "2.0.0", true, &npm("weather", "2.0.0")),
        status("com.example/old-weather", "1.0.0", true, "deprecated", &npm("old", "1.0.0")),
        status("com.example/gone-weather", "1.0.0", true, "deleted", &npm("gone", "1.0.0")),
    ]
}

#[test]
fn find_leaves_out_deprecated_and_deleted_servers_unless_asked() {
    let place = Place::of(items());
    let found = place.done(&["find", "weather", "--json"]);
    assert!(found.contains("io.github.ada/weather") && found.contains("\"version\":\"2.0.0\""), "{found}");
    assert!(!found.contains("old-weather") && !found.contains("gone-weather"), "{found}");
    let all = place.done(&["find", "weather", "--all"]);
    assert!(
        all.contains("old-weather") && all.contains("(deprecated)") && all.contains("gone-weather"),
        "{all}"
    );
    let (code, none) = place.run(&["find", "zzzzqqqq"]);
    assert!(code == 1 && none.contains("0 of"), "{none}");
}

#[test]
fn registry_is_asked_once_an_hour_unless_refreshed() {
    let place = Place::of(items());
    place.done(&["find", "weather"]);
    assert!(!place.registry.take_targets().is_empty());
    place.done(&["find", "weather"]);
    place.done(&["show", "io.github.ada/weather"]);
    assert_eq!(place.registry.take_targets(), [] as [String; 0]);
    place.registry.publish(entry(
        "com.example/wind",
        "1.0.0",
        true,
        &json!({ "packages": [package("npm", "wind", "1.0.0")] }),
    ));
    let found = place.done(&["find", "wind", "--refresh"]);
    assert!(found.contains("com.example/wind"), "{found}");
}

#[test]
fn mirror_file_replaces_the_registry() {
    let place = Place::of(items());
    place.done(&["mirror", "servers.jsonl"]);
    let other = Place::of([]);
    let file = place.site.path().join("servers.jsonl").display().to_string();
    let found = other.done(&["find", "weather", "--mirror", &file]);
    assert!(found.contains("io.github.ada/weather"), "{found}");
    assert_eq!(other.registry.take_targets(), [] as [String; 0]);
}

#[test]
fn withdrawn_server_cannot_be_added_and_is_reported_as_outdated() {
    let place = Place::of(items());
    let (code, text) = place.run(&["add", "com.example/gone-weather@1.0.0", "--yes"]);
    assert!(code == 2 && text.contains("was withdrawn"), "{text}");
    place.site.configure(&format!(
        "registry = \"{}\"\n[connectors.weather]\nregistry = \"com.example/old-weather@1.0.0\"\ndigest = \"sha256:{}\"\n",
        place.registry.address(),
        "0".repeat(64)
    ));
    let (code, text) = place.run(&["outdated"]);
    assert!(code == 1 && text.contains("this version is deprecated: it was replaced"), "{text}");
}

#[test]
fn server_or_version_that_does_not_exist_is_refused_with_the_nearest() {
    let place = Place::of(items());
    let (code, text) = place.run(&["show", "io.github.ada/wether"]);
    assert!(code == 2 && text.contains("did you mean `io.github.ada/weather`?"), "{text}");
    let (code, text) = place.run(&["show", "io.github.ada/weather@3.0.0"]);
    assert!(code == 2 && text.contains("has no version 3.0.0; its newest is 2.0.0"), "{text}");
    let (code, text) = place.run(&["add", "io.github.ada/weather", "--yes"]);
    assert!(code == 2 && text.contains("add io.github.ada/weather@2.0.0"), "{text}");
}

#[test]
fn unreachable_registry_is_an_error_only_without_a_copy() {
    let place = Place::of(items());
    place.done(&["find", "weather"]);
    let address = place.registry.address();
    let Place { site, registry, runtime } = place;
    drop((registry, runtime));
    let (code, text) = site.run(&["find", "weather", "--refresh"]);
    assert!(code == 0 && text.contains("the servers are those of the last time"), "{text}");
    let other = crate::support::Site::of(&format!("registry = \"{address}\"\n[connectors]\n"));
    let (code, text) = other.run(&["find", "weather"]);
    assert!(code == 2 && text.contains("--mirror FILE"), "{text}");
}
