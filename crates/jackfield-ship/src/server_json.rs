//! `server.json`, with which a server is published in the MCP Registry.

use jackfield_model::text::shorten;
use serde_json::{Map, Value, json};

use crate::shipment::{Published, Shipment, Variable};

const SCHEMA: &str = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json";
/// The maximum number of characters of a title and a description.
const MOST: usize = 100;

/// Returns the entry of the registry. Returns None if the connector has no name in the registry.
///
/// `bundle_digest` is the SHA-256 of the MCP bundle of this run in hexadecimal digits.
pub(crate) fn server_json(shipment: &Shipment, bundle_digest: &str) -> Option<Value> {
    let mut entry = Map::new();
    entry.insert("$schema".to_owned(), SCHEMA.into());
    entry.insert("name".to_owned(), shipment.registry_name.clone()?.into());
    entry.insert("title".to_owned(), shorten(&shipment.title, MOST).into());
    entry.insert("description".to_owned(), shorten(&shipment.description, MOST).into());
    entry.insert("version".to_owned(), shipment.version.clone().into());
    if let Some(url) = &shipment.repository
        && let Some(source) = forge(url)
    {
        entry.insert("repository".to_owned(), json!({ "url": url, "source": source }));
    }
    if let Some(url) = &shipment.homepage {
        entry.insert("websiteUrl".to_owned(), url.clone().into());
    }
    let variables: Vec<Value> = shipment.variables.iter().map(variable).collect();
    let packages = shipment.published.iter().map(|published| {
        let mut package = match published {
            Published::Crate(name) => {
                json!({ "registryType": "cargo", "identifier": name, "version": shipment.version })
            }
            // The reference of an image contains the version, and the registry refuses a separate version.
            Published::Image(reference) => json!({ "registryType": "oci", "identifier": reference }),
            Published::Bundle(url) => {
                json!({ "registryType": "mcpb", "identifier": url, "fileSha256": bundle_digest })
            }
        };
        package["transport"] = json!({ "type": "stdio" });
        if !variables.is_empty() {
            package["environmentVariables"] = variables.clone().into();
        }
        package
    });
    entry.insert("packages".to_owned(), packages.collect());
    Some(entry.into())
}

/// Returns the registry's name for the service that hosts a repository, if the registry knows the service.
fn forge(url: &str) -> Option<&'static str> {
    let host = url.strip_prefix("https://")?.split('/').next()?;
    match host {
        "github.com" => Some("github"),
        "gitlab.com" => Some("gitlab"),
        _ => None,
    }
}

fn variable(variable: &Variable) -> Value {
    let mut input = json!({
        "name": variable.name,
        "description": variable.description,
        "isRequired": variable.is_required,
        "isSecret": variable.is_secret,
        "format": if variable.is_file { "filepath" } else { "string" },
    });
    if let Some(default) = &variable.default {
        input["default"] = default.clone().into();
    }
    if !variable.choices.is_empty() {
        input["choices"] = variable.choices.clone().into();
    }
    input
}

/// Whether a text is a valid name in the registry: a namespace in reverse DNS notation, one slash, and a name.
pub fn is_registry_name(name: &str) -> bool {
    let fits = |part: &str, more: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    let Some((namespace, rest)) = name.split_once('/') else { return false };
    (3..=200).contains(&name.len()) && fits(namespace, ".-") && namespace.contains('.') && fits(rest, "._-")
}

/// Whether a README contains the line with which the registry verifies the owner of a crate. The line has to be
/// visible, because crates.io removes comments. A space or the end of the line has to follow the name.
pub fn shows_registry_name(readme: &str, name: &str) -> bool {
    let mut visible = String::new();
    let mut rest = readme;
    while let Some((before, comment)) = rest.split_once("<!--") {
        visible.push_str(before);
        rest = comment.split_once("-->").map_or("", |(_, after)| after);
    }
    visible.push_str(rest);
    let mut places = visible.match_indices("mcp-name:");
    places.any(|(at, word)| {
        let after = visible[at + word.len()..].trim_start_matches([' ', '\t']).strip_prefix(name);
        after.is_some_and(|after| !after.starts_with(|c: char| !c.is_whitespace() && !matches!(c, '<' | '`')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_registry_name_is_a_namespace_and_a_name() {
        for name in ["io.github.acme/bookshop", "com.example/book_shop.v2", "io.github.Some-One/x"] {
            assert!(is_registry_name(name), "{name}");
        }
        let long = format!("io.github.acme/{}", "x".repeat(200));
        for name in [
            "",
            "bookshop",
            "acme/bookshop",
            "io.github.acme/",
            "/bookshop",
            "io.github/a/b",
            "io.github.acme/a b",
            "io.gïthub/x",
            &long,
        ] {
            assert!(!is_registry_name(name), "{name}");
        }
    }

    #[test]
    fn registry_name_in_a_readme_has_to_be_visible_on_crates_io() {
        let name = "io.github.acme/bookshop";
        for shown in [
            "mcp-name: io.github.acme/bookshop",
            "- Name: `mcp-name: io.github.acme/bookshop`\n",
            "<!-- a --> mcp-name: io.github.acme/bookshop <!-- b -->",
            "mcp-name: io.github.acme/bookshop2\nmcp-name: io.github.acme/bookshop\n",
        ] {
            assert!(shows_registry_name(shown, name), "{shown}");
        }
        for hidden in [
            "",
            "<!-- mcp-name: io.github.acme/bookshop -->",
            "<!-- mcp-name: io.github.acme/bookshop",
            "mcp-name: io.github.acme/bookshop.",
            "mcp-name: io.github.acme/bookshop-mcp",
            "io.github.acme/bookshop",
        ] {
            assert!(!shows_registry_name(hidden, name), "{hidden}");
        }
    }
}
