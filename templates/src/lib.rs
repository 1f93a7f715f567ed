//! Templates for the files of a new connector, which the user then edits, and the catalogue of services.

/// A template with placeholders such as `{{name}}`.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// The path of the file in the connector.
    pub path: &'static str,
    /// The text of the template.
    pub text: &'static str,
}

/// The templates for the files of a new connector.
pub const CONNECTOR: &[Template] = &[
    Template { path: ".gitattributes", text: include_str!("../connector/gitattributes.in") },
    Template { path: ".gitignore", text: include_str!("../connector/gitignore.in") },
    Template { path: "Cargo.toml", text: include_str!("../connector/Cargo.toml.in") },
    Template { path: "README.md", text: include_str!("../connector/README.md.in") },
    Template { path: "connector.toml", text: include_str!("../connector/connector.toml.in") },
    Template { path: "src/custom.rs", text: include_str!("../connector/src/custom.rs.in") },
    Template { path: "src/lib.rs", text: include_str!("../connector/src/lib.rs.in") },
    Template { path: "src/main.rs", text: include_str!("../connector/src/main.rs.in") },
];

/// The template of a test that calls each tool of a connector against a mock of its API.
pub const TOOLS_TEST: Template =
    Template { path: "tests/tools.rs", text: include_str!("../connector/tests/tools.rs.in") };

/// The template of a GitHub workflow that fetches a document, updates the connector and opens a pull request.
pub const GITHUB_REFRESH: &str = include_str!("../ci/github-refresh.yml.in");
/// The list of services that `jackfield catalogue` shows, as TOML.
pub const CATALOGUE: &str = include_str!("../catalogue.toml");

#[cfg(test)]
mod tests {
    use super::{CONNECTOR, TOOLS_TEST};

    #[test]
    fn templates_have_only_placeholders_that_the_scaffold_fills() {
        let known = [
            "name",
            "crate",
            "VARIABLE",
            "document",
            "document_url",
            "attributes",
            "runtime",
            "end",
            "outside",
            "wording",
        ];
        for template in CONNECTOR.iter().chain([&TOOLS_TEST]) {
            for word in template.text.split("{{").skip(1) {
                let word = word.split("}}").next().unwrap_or_default();
                assert!(known.contains(&word), "{}: {word}", template.path);
            }
            assert!(template.text.ends_with('\n') || template.text.ends_with("}}"), "{}", template.path);
        }
    }
}
