//! The decisions about a new connector, before connector.toml is written.

use jackfield_build::model::text::toml_text;

use super::auth_choice::AuthChoice;

/// The user's decisions. A field is empty if the document or a default decides.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// The URL from which the document was fetched.
    pub(super) document_url: Option<String>,
    /// The base URL that replaces the servers of the document.
    pub(super) server: Option<String>,
    /// Whether the document refers to files outside its folder.
    pub(super) outside: bool,
    pub(super) include: Vec<String>,
    pub(super) exclude: Vec<String>,
    /// Selectors of tools, with `always` or `never`.
    pub(super) asks: Vec<(String, &'static str)>,
    /// The authentication of requests, if the document does not declare it.
    pub(super) auth: AuthChoice,
}

impl Draft {
    /// Returns the lines of connector.toml that the facts of a question depend on. Comments and `[ask]` are left out.
    pub(super) fn lines(&self) -> String {
        let mut lines = String::new();
        if let Some(url) = &self.document_url {
            lines.push_str(&format!("document_url = {}\n", toml_text(url)));
        }
        if let Some(server) = &self.server {
            lines.push_str(&format!("servers = [{}]\n", toml_text(server)));
        }
        for (key, selectors) in [("include", &self.include), ("exclude", &self.exclude)] {
            if !selectors.is_empty() {
                lines.push_str(&format!("{key} = [{}]\n", listed(selectors)));
            }
        }
        lines.push_str(&self.auth.tables());
        lines
    }
}

/// Returns the items of a TOML array on one line.
pub(super) fn listed(selectors: &[String]) -> String {
    selectors.iter().map(|selector| toml_text(selector)).collect::<Vec<_>>().join(", ")
}
