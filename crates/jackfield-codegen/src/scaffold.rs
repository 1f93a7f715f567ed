//! The files of a new connector that belong to its user. They are written once from templates.

use jackfield_model::text::toml_text;
use jackfield_model::{ConnectorName, variable_prefix};

use crate::files::{Files, Owner};

/// The source of the runtime, in a connector's Cargo.toml.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// A folder, relative to the connector or absolute.
    Path(String),
    /// A git repository.
    Git(String),
    /// A published version.
    Version(String),
}

/// The release profile of a connector that has a workspace of its own (ADR 0029).
const PROFILE: &str = r#"
# Fast to build: a call waits for its service, so the code is optimized for size, which takes the least CPU time.
# Without link-time optimization, only this crate is compiled again after a change.
[profile.release]
opt-level = "s"
strip = "symbols"

# Dependencies are built once, as one unit each: a third less code.
[profile.release.package."*"]
codegen-units = 1

# Loops that a user would wait for: the key of a passphrase, compressed replies.
[profile.release.package]
argon2 = { opt-level = 3 }
miniz_oxide = { opt-level = 3 }
"#;

/// The choices for a new connector.
#[derive(Clone, Debug)]
pub struct Scaffold {
    /// The connector's name.
    pub name: ConnectorName,
    /// The path of the document relative to the connector, with `/` as separator.
    pub document: String,
    /// The source of the runtime.
    pub runtime: Runtime,
    /// The URL from which the document was fetched. Its relative servers are resolved against it.
    pub document_url: Option<String>,
    /// Whether the document is a copy, which git has to keep byte for byte.
    pub copied: bool,
    /// Whether the document may refer to files outside its folder.
    pub outside: bool,
    /// Whether tools have all text of the document (full wording).
    pub full_wording: bool,
    /// Whether connector.toml has a `jq` filter of replies, which needs the runtime's feature `jq`.
    pub has_jq: bool,
    /// Whether connector.toml exists already.
    pub has_manifest: bool,
    /// The workspace around the connector's folder.
    pub surroundings: Surroundings,
}

/// The workspace around the folder of a new crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surroundings {
    /// No workspace.
    Nothing,
    /// A workspace that lists the crate. Its profiles apply to the crate.
    Workspace,
    /// A workspace that does not list the crate. Cargo then refuses the crate, unless the crate is a workspace
    /// itself.
    ForeignWorkspace,
}

impl Scaffold {
    /// Returns the files of a new connector.
    pub fn files(&self) -> Files {
        let mut files = Files::default();
        for template in jackfield_templates::CONNECTOR {
            if self.has_manifest && template.path == "connector.toml" {
                continue;
            }
            files.add(template.path.to_owned(), Owner::User, self.fill(template.text));
        }
        files
    }

    fn fill(&self, template: &str) -> String {
        let features = if self.has_jq { ", features = [\"jq\"]" } else { "" };
        let runtime = match &self.runtime {
            Runtime::Path(path) => format!("{{ path = {}{features} }}", toml_text(path)),
            Runtime::Git(url) => format!("{{ git = {}{features} }}", toml_text(url)),
            Runtime::Version(version) if self.has_jq => {
                format!("{{ version = {}{features} }}", toml_text(version))
            }
            Runtime::Version(version) => toml_text(version),
        };
        let alone = "\n# This crate is its own workspace, because the workspace around it does not list it.\n[workspace]\n";
        let end = match self.surroundings {
            Surroundings::Nothing => PROFILE.to_owned(),
            Surroundings::Workspace => String::new(),
            Surroundings::ForeignWorkspace => format!("{PROFILE}{alone}"),
        };
        template
            .replace("{{name}}", self.name.as_str())
            .replace("{{crate}}", &self.name.as_str().replace('-', "_"))
            .replace("{{VARIABLE}}", variable_prefix(self.name.as_str()).trim_end_matches('_'))
            .replace("{{document}}", &toml_text(&self.document))
            .replace("{{attributes}}", &self.attributes())
            .replace("{{document_url}}", &self.url())
            .replace("{{wording}}", if self.full_wording { "wording" } else { "# wording" })
            .replace("{{runtime}}", &runtime)
            .replace("{{end}}", &end)
            .replace("{{outside}}", if self.outside { "\n[references]\noutside = true\n" } else { "" })
    }
}

impl Scaffold {
    /// Creates the lines of .gitattributes. They prevent git from changing line endings, which would change
    /// the document's digest.
    fn attributes(&self) -> String {
        if !self.copied {
            return String::new();
        }
        let pattern = match self.document.split_once('/') {
            Some((folder, _)) => format!("/{folder}/**"),
            None => format!("/{}", self.document),
        };
        // A pattern is a glob and ends at a space, so special characters are escaped or quoted.
        let pattern: String = pattern
            .chars()
            .map(|c| if matches!(c, '[' | ']' | '?' | '\\' | '"') || c.is_whitespace() { '?' } else { c })
            .collect();
        format!("# The document is kept byte for byte: jackfield.lock has its digest.\n{pattern} -text\n")
    }

    fn url(&self) -> String {
        match &self.document_url {
            Some(url) => format!("document_url = {}", toml_text(url)),
            None => "# document_url = \"https://api.example.com/openapi.json\"".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn release_profile_names_only_packages_in_cargo_lock() {
        let lock = include_str!("../../../Cargo.lock");
        let (_, named) =
            PROFILE.split_once("[profile.release.package]\n").expect("packages with a level of their own");
        for line in named.lines() {
            let (package, _) = line.split_once(" = ").expect("a package and its level");
            // Cargo warns about each package that is missing.
            assert!(lock.contains(&format!("\nname = \"{package}\"\n")), "{package}");
        }
    }
}
