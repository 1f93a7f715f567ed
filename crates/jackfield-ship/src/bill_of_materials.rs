//! The bill of materials of a program, in the format of CycloneDX.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};
use toml::{Table, Value as TomlValue};

use crate::error::ShipError;
use crate::shipment::{Component, Shipment};

/// Returns the crates that a Cargo.lock lists for a package, the package first. They include crates that are only for tests, for building
/// or for other platforms, because the lock does not distinguish them.
///
/// # Errors
/// Returns an error if the lock is not valid, or does not contain the package.
pub fn components_of_lock(lock: &str, package: &str) -> Result<Vec<Component>, ShipError> {
    let invalid = |why: String| ShipError::InvalidLock(why);
    let table: Table = lock.parse().map_err(|error: toml::de::Error| invalid(error.message().to_owned()))?;
    let listed = table.get("package").and_then(TomlValue::as_array).map(Vec::as_slice).unwrap_or_default();
    let text = |entry: &TomlValue, key: &str| entry.get(key).and_then(TomlValue::as_str).map(str::to_owned);
    let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, entry) in listed.iter().enumerate() {
        let name = text(entry, "name").ok_or_else(|| invalid("a package has no name".to_owned()))?;
        by_name.entry(name).or_default().push(at);
    }
    // A reference to a crate is `name`, `name version` or `name version (source)`: the shortest form that is unambiguous in the lock.
    let find = |reference: &str| {
        let mut words = reference.splitn(3, ' ');
        let (name, version, source) = (words.next()?, words.next(), words.next());
        let source = source.map(|source| source.trim_matches(['(', ')']));
        let fits = |key: &str, wanted: Option<&str>, at: usize| {
            wanted.is_none_or(|wanted| listed[at].get(key).and_then(TomlValue::as_str) == Some(wanted))
        };
        let mut found = by_name.get(name)?.iter().copied();
        found.find(|at| fits("version", version, *at) && fits("source", source, *at))
    };
    let root = find(package).ok_or_else(|| invalid(format!("it has no package {package}")))?;
    let (mut order, mut places) = (vec![root], BTreeMap::from([(root, 0)]));
    let mut waiting = VecDeque::from([root]);
    let mut components = Vec::new();
    while let Some(at) = waiting.pop_front() {
        let entry = &listed[at];
        let named = entry.get("dependencies").and_then(TomlValue::as_array);
        let mut uses = Vec::new();
        for reference in named.into_iter().flatten().filter_map(TomlValue::as_str) {
            let found = find(reference).ok_or_else(|| invalid(format!("it has no package {reference}")))?;
            let place = *places.entry(found).or_insert_with(|| {
                order.push(found);
                waiting.push_back(found);
                order.len() - 1
            });
            uses.push(place);
        }
        components.push(Component {
            name: text(entry, "name").unwrap_or_default(),
            version: text(entry, "version").unwrap_or_default(),
            checksum: text(entry, "checksum"),
            uses,
        });
    }
    Ok(components)
}

/// Returns the bill of materials.
pub(crate) fn bill_of_materials(shipment: &Shipment) -> Value {
    // In a package URL, a plus sign may be decoded as a space, so it is percent-encoded.
    let url = |component: &Component| {
        format!("pkg:cargo/{}@{}", component.name, component.version.replace('+', "%2B"))
    };
    let described = |component: &Component, kind: &str| {
        let mut described = json!({
            "type": kind,
            "bom-ref": url(component),
            "name": component.name,
            "version": component.version,
            "purl": url(component),
        });
        if let Some(checksum) = &component.checksum {
            described["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
        }
        described
    };
    let all = &shipment.components;
    let dependencies = all.iter().map(|component| {
        let uses = component.uses.iter().filter_map(|at| all.get(*at)).map(url);
        json!({ "ref": url(component), "dependsOn": uses.collect::<Vec<_>>() })
    });
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": all.first().map(|component| described(component, "application")) },
        "components": all.iter().skip(1).map(|component| described(component, "library")).collect::<Vec<_>>(),
        "dependencies": dependencies.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
version = 4

[[package]]
name = "shop-mcp"
version = "1.0.0"
dependencies = ["b 2.0.0", "a"]

[[package]]
name = "a"
version = "0.1.0"
source = "registry+https://example.com"
checksum = "00ff"
dependencies = ["b 1.0.0"]

[[package]]
name = "b"
version = "1.0.0"

[[package]]
name = "b"
version = "2.0.0"
dependencies = ["a"]

[[package]]
name = "unused"
version = "9.0.0"
"#;

    #[test]
    fn bill_of_materials_lists_only_the_dependencies_of_the_package() {
        let components = components_of_lock(LOCK, "shop-mcp").expect("the lock is valid");
        let named: Vec<String> =
            components.iter().map(|it| format!("{} {} {:?}", it.name, it.version, it.uses)).collect();
        assert_eq!(named, ["shop-mcp 1.0.0 [1, 2]", "b 2.0.0 [2]", "a 0.1.0 [3]", "b 1.0.0 []"]);
        assert_eq!(components[2].checksum.as_deref(), Some("00ff"));
    }

    #[test]
    fn invalid_lock_is_refused() {
        for (lock, said) in [
            ("[[package]", "Cargo.lock is not valid"),
            ("[[package]]\nversion = \"1\"", "no name"),
            ("", "it has no package shop-mcp"),
            ("[[package]]\nname = \"shop-mcp\"\ndependencies = [\"gone\"]", "it has no package gone"),
        ] {
            let error = components_of_lock(lock, "shop-mcp").expect_err(lock).to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
