//! The texts and URLs in packages. They come from options, or else from Cargo.toml and README.md, or else from the document.

use std::path::Path;

use jackfield_build::model::Connector;
use jackfield_build::model::text::{one_line, shorten};
use jackfield_ship::is_registry_name;

use super::cargo::Package;
use crate::Failure;
use crate::lint::order_in;

/// The maximum number of characters of a description. Each package shortens it further.
const DESCRIPTION: usize = 400;
const TITLE: usize = 100;
/// The maximum number of bytes of a README.
const MOST_README: u64 = 1 << 20;
/// The version of a connector whose folder states none. It is also the version of a new crate.
const FIRST_VERSION: &str = "0.1.0";

#[derive(clap::Args, Debug)]
pub(super) struct FactOptions {
    /// The version of the connector [default: from Cargo.toml, else 0.1.0]
    #[arg(long, value_name = "VERSION", value_parser = version)]
    version: Option<String>,
    /// The author [default: from Cargo.toml]
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
    /// One sentence about the connector [default: from Cargo.toml, else from the document]
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// The licence of the connector, as an SPDX expression [default: from Cargo.toml]
    #[arg(long, value_name = "SPDX")]
    license: Option<String>,
    /// The URL of the source code [default: from Cargo.toml]
    #[arg(long, value_name = "URL", value_parser = address)]
    repository: Option<String>,
    /// The URL of a page about the connector [default: from Cargo.toml]
    #[arg(long, value_name = "URL", value_parser = address)]
    homepage: Option<String>,
    /// The purpose of the connector in one word, such as `payments` [default: the name of the connector]
    #[arg(long, value_name = "WORD", value_parser = category)]
    category: Option<String>,
    /// The name in the MCP Registry, such as io.github.acme/bookshop [default: from `mcp-name:` in README.md]
    #[arg(long, value_name = "NAME", value_parser = registry_name)]
    registry_name: Option<String>,
}

fn version(text: &str) -> Result<String, String> {
    let core = text.split(['-', '+']).next().unwrap_or_default();
    let numbers: Vec<&str> = core.split('.').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
    if numbers.len() == 3 && numbers.iter().all(is_number) && text.chars().all(is_plain) && text.len() <= 64 {
        Ok(text.to_owned())
    } else {
        Err("it does not have three numbers, as in 1.2.3 or 1.2.3-beta.1".to_owned())
    }
}

fn address(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("https://").unwrap_or_default();
    let host = rest.split('/').next().unwrap_or_default();
    if host.is_empty() || host.contains('@') || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("it has to be an https:// URL without a user name".to_owned());
    }
    Ok(text.to_owned())
}

fn category(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !text.is_empty()
        && text.len() <= 40
        && text.chars().all(is_plain)
        && text.starts_with(char::is_alphabetic)
    {
        Ok(text.to_owned())
    } else {
        Err("it is not one lower-case word, as in payments or project-tracker".to_owned())
    }
}

fn registry_name(text: &str) -> Result<String, String> {
    if is_registry_name(text) {
        Ok(text.to_owned())
    } else {
        Err("it is not a namespace and a name, as in io.github.acme/bookshop".to_owned())
    }
}

/// The texts and URLs in packages.
pub(super) struct Facts {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) version: String,
    pub(super) author: String,
    pub(super) license: Option<String>,
    pub(super) repository: Option<String>,
    pub(super) homepage: Option<String>,
    pub(super) category: String,
    pub(super) registry_name: Option<String>,
    /// Notes for the user.
    pub(super) notes: Vec<String>,
}

impl Facts {
    /// Collects the facts.
    ///
    /// # Errors
    /// Returns an error if Cargo.toml has a URL or a version that packages cannot have.
    pub(super) fn of(
        options: &FactOptions,
        package: Option<&Package>,
        connector: &Connector,
        folder: &Path,
    ) -> Result<Self, Failure> {
        let mut notes = Vec::new();
        let stated = |key: &str| package.and_then(|package| package.text(key));
        let checked = |key: &str, check: fn(&str) -> Result<String, String>| {
            let Some(text) = stated(key) else { return Ok(None) };
            check(&text)
                .map(Some)
                .map_err(|error| Failure::Other(format!("`{key}` in Cargo.toml is `{text}`: {error}")))
        };
        let name = connector.name.as_str();
        let version = match &options.version {
            Some(version) => version.clone(),
            None => checked("version", self::version)?.unwrap_or_else(|| FIRST_VERSION.to_owned()),
        };
        let repository = match &options.repository {
            Some(url) => Some(url.clone()),
            None => checked("repository", address)?,
        };
        let homepage = match &options.homepage {
            Some(url) => Some(url.clone()),
            None => checked("homepage", address)?,
        };
        let author =
            options.author.clone().or_else(|| package.and_then(Package::author)).unwrap_or_else(|| {
                notes.push(
                    "the author is unknown, so packages say `the authors of` and the name: add --author NAME, or `authors` to Cargo.toml"
                        .to_owned(),
                );
                format!("the authors of {name}")
            });
        let title = harmless(&connector.title, "title", &mut notes);
        let title = if title.is_empty() { name.to_owned() } else { shorten(&title, TITLE) };
        let described = options.description.clone().or_else(|| stated("description"));
        let description = described.map(|text| one_line(&text)).unwrap_or_else(|| {
            let text = harmless(first_paragraph(&connector.description), "description", &mut notes);
            if text.is_empty() { format!("Tools for {title}") } else { text }
        });
        Ok(Self {
            description: shorten(&description, DESCRIPTION),
            version,
            author: one_line(&author),
            license: options.license.clone().or_else(|| stated("license")),
            repository,
            homepage,
            category: options.category.clone().unwrap_or_else(|| name.to_owned()),
            registry_name: options.registry_name.clone().or_else(|| name_in(&readme(folder))),
            title,
            notes,
        })
    }
}

/// Returns a text of the document on one line. Returns an empty text if it contains instructions for a model, because
/// clients show the text when they install a package.
pub(super) fn harmless(text: &str, what: &str, notes: &mut Vec<String>) -> String {
    match order_in(text) {
        Some(_) => {
            notes.push(format!(
                "the {what} of the document is left out, because it contains instructions for a model: see `jackfield lint`"
            ));
            String::new()
        }
        None => visible_text(text),
    }
}

/// Returns the text on one line without invisible characters.
pub(super) fn visible_text(text: &str) -> String {
    let seen: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !jackfield_build::model::is_invisible(*c))
        .collect();
    one_line(&seen)
}

fn first_paragraph(text: &str) -> &str {
    text.trim().split("\n\n").next().unwrap_or_default()
}

/// Reads the README beside connector.toml. Returns an empty text if there is none.
pub(super) fn readme(folder: &Path) -> String {
    let path = folder.join("README.md");
    let is_short = std::fs::metadata(&path).is_ok_and(|it| it.is_file() && it.len() <= MOST_README);
    if is_short { std::fs::read_to_string(&path).unwrap_or_default() } else { String::new() }
}

/// Returns the name in the MCP Registry that a README shows.
fn name_in(readme: &str) -> Option<String> {
    let names = readme.split("mcp-name:").skip(1).filter_map(|rest| rest.split_whitespace().next());
    names.map(|name| name.trim_matches('`')).find(|name| is_registry_name(name)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn option_value_that_breaks_the_rules_of_registries_is_refused() {
        for text in ["1.2.3", "0.1.0-beta.1", "1.2.3+build.5"] {
            assert!(version(text).is_ok(), "{text}");
        }
        for text in ["", "1", "1.2", "^1.2.3", "1.2.x", "latest", "1.2.3 ", "1..3"] {
            assert!(version(text).is_err(), "{text}");
        }
        assert!(address("https://github.com/acme/bookshop").is_ok());
        for text in
            ["http://a.example", "https://", "https://user:pass@a.example/x", "https://a b", "git@a:b"]
        {
            assert!(address(text).is_err(), "{text}");
        }
        assert!(category("project-tracker").is_ok());
        for text in ["", "Payments", "a b", "a|b", "-a", "1a"] {
            assert!(category(text).is_err(), "{text}");
        }
    }

    #[test]
    fn registry_name_is_read_from_the_readme() {
        let named = |text: &str| name_in(text);
        assert_eq!(named("- `mcp-name: io.github.acme/shop`\n").as_deref(), Some("io.github.acme/shop"));
        assert_eq!(named("mcp-name: your name here"), None);
        assert_eq!(named(""), None);
    }
}
