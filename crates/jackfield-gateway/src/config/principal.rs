//! Reads the caller that an agent stands for.

use std::fmt;

use toml::de::DeTable;

use super::reader::{Reader, in_order};

const SUBJECT: &str = "write the `sub` of its access tokens, as in `subject = \"ada\"`";
const CLAIMS: &str = "write claims of its access tokens, as in `claims = { client_id = \"ci\" }`";

/// The caller that an agent stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgentPrincipal {
    /// The holder of the named token.
    Token(String),
    /// A subject of the issuer, or every subject whose access token has the claims.
    Subject {
        /// The issuer.
        issuer: String,
        /// The subject. `None` means every subject whose access token has the claims.
        subject: Option<String>,
        /// The claims that the access token must have.
        claims: Vec<(String, String)>,
    },
}

impl fmt::Display for AgentPrincipal {
    /// Writes the principal as `principals` in a document of rights names it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(name) => write!(f, "token:{name}"),
            Self::Subject { issuer, subject, .. } => {
                write!(f, "{issuer}#{}", subject.as_deref().unwrap_or("*"))
            }
        }
    }
}

impl AgentPrincipal {
    /// Returns the claims that the access token must have.
    pub fn claims(&self) -> &[(String, String)] {
        match self {
            Self::Token(_) => &[],
            Self::Subject { claims, .. } => claims,
        }
    }

    /// Reads `subject` and `claims` of an agent. Without these keys, the caller is the holder of the token with the agent's name.
    pub(super) fn read(
        reader: &Reader<'_>,
        table: &DeTable<'_>,
        name: &str,
        issuer: Option<&str>,
    ) -> Option<Self> {
        let written = ["subject", "claims"].into_iter().find_map(|key| Some((key, table.get(key)?)));
        let Some((key, value)) = written else { return Some(Self::Token(name.to_owned())) };
        let Some(issuer) = issuer else {
            let problem = format!("`{key}` of the agent `{name}` needs an issuer of access tokens");
            let remedy = "add `issuer = \"https://id.example.com\"` to the top of gateway.toml";
            reader.refuse(value.span().start, problem, remedy);
            return None;
        };
        let subject = match table.get("subject") {
            None => None,
            Some(value) => {
                let subject = reader.text(value, SUBJECT)?;
                if subject == "*" {
                    let problem = "`*` would match every subject of the issuer";
                    reader.refuse(value.span().start, problem, "name one subject, or write `claims`");
                    return None;
                }
                Some(subject)
            }
        };
        let mut claims = Vec::new();
        if let Some(value) = table.get("claims") {
            let written = reader.table(value, CLAIMS)?;
            if written.is_empty() {
                reader.refuse(value.span().start, "`claims` is empty", CLAIMS);
                return None;
            }
            for (claim, value) in in_order(written) {
                claims.push((claim.get_ref().to_string(), reader.text(value, CLAIMS)?));
            }
        }
        Some(Self::Subject { issuer: issuer.to_owned(), subject, claims })
    }
}
