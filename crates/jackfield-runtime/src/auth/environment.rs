//! Credentials from environment variables.

use super::{Credential, CredentialSource, Found, Missing};
use crate::caller::Caller;
use crate::environment::{Environment, variable};
use crate::rows::{Connector, Scheme, SchemeKind};
use crate::secret::Secret;

/// Reads credentials from variables that are named after the connector.
///
/// `BOOKSHOP_TOKEN_<SCHEME>` always works; `BOOKSHOP_TOKEN` does where the document has one scheme of that kind.
#[derive(Clone, Debug)]
pub struct EnvironmentSource {
    connector: &'static Connector,
    environment: Environment,
}

/// The kinds of variables; schemes of one kind compete for the bare form.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Token,
    Key,
    Password,
}

impl Kind {
    const fn of(scheme: &Scheme) -> Option<Self> {
        match scheme.kind {
            SchemeKind::Bearer | SchemeKind::OAuth2 | SchemeKind::OpenIdConnect => Some(Self::Token),
            SchemeKind::ApiKey { .. } => Some(Self::Key),
            SchemeKind::Basic | SchemeKind::Digest => Some(Self::Password),
            SchemeKind::MutualTls | SchemeKind::Other(_) => None,
        }
    }
}

impl EnvironmentSource {
    /// The connector's variables in that environment.
    pub const fn new(connector: &'static Connector, environment: Environment) -> Self {
        Self { connector, environment }
    }

    fn find(&self, scheme: &Scheme) -> Result<Credential, Missing> {
        let Some(kind) = Kind::of(scheme) else {
            return Err(Missing {
                remedy: format!(
                    "use another way to authenticate: `{}` is one that Jackfield cannot use yet",
                    scheme.name
                ),
            });
        };
        match kind {
            Kind::Token => self.secret(scheme, kind, "TOKEN").map(Credential::Token),
            Kind::Key => self.secret(scheme, kind, "API_KEY").map(Credential::Key),
            Kind::Password => {
                let username = self.secret(scheme, kind, "USERNAME");
                // A password may be empty where the key is the name, as many services have it; unset, it is empty.
                let password =
                    self.secret(scheme, kind, "PASSWORD").unwrap_or_else(|_| Secret::new(String::new()));
                username
                    .map(|name| Credential::Password { username: name.expose().to_owned(), password })
                    .map_err(|_| Missing {
                        remedy: format!(
                            "set {} and {} ({})",
                            self.preferred(scheme, kind, "USERNAME"),
                            self.preferred(scheme, kind, "PASSWORD"),
                            scheme.describe()
                        ),
                    })
            }
        }
    }

    fn secret(&self, scheme: &Scheme, kind: Kind, word: &str) -> Result<Secret, Missing> {
        let bare = self.is_alone(kind).then(|| variable(self.connector.name, word));
        self.environment
            .get(&self.full(scheme, word))
            .or_else(|| bare.and_then(|name| self.environment.get(&name)))
            .map(Secret::new)
            .ok_or_else(|| Missing {
                remedy: format!("set {} ({})", self.preferred(scheme, kind, word), scheme.describe()),
            })
    }

    /// The variable to tell the user of: the short one where it works.
    fn preferred(&self, scheme: &Scheme, kind: Kind, word: &str) -> String {
        if self.is_alone(kind) { variable(self.connector.name, word) } else { self.full(scheme, word) }
    }

    fn full(&self, scheme: &Scheme, word: &str) -> String {
        variable(self.connector.name, &format!("{word}_{}", scheme.name))
    }

    fn is_alone(&self, kind: Kind) -> bool {
        self.connector.schemes.iter().filter(|scheme| Kind::of(scheme) == Some(kind)).count() == 1
    }

    /// The variables of every scheme, as help shows them: name and meaning.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let mut out = Vec::new();
        for scheme in self.connector.schemes {
            let meaning = format!("{} of `{}`", scheme.describe(), scheme.name);
            out.extend(self.variables_of(scheme).into_iter().map(|name| (name, meaning.clone())));
        }
        out
    }

    fn variables_of(&self, scheme: &Scheme) -> Vec<String> {
        let Some(kind) = Kind::of(scheme) else { return Vec::new() };
        let words: &[&str] = match kind {
            Kind::Token => &["TOKEN"],
            Kind::Key => &["API_KEY"],
            Kind::Password => &["USERNAME", "PASSWORD"],
        };
        words.iter().map(|word| self.preferred(scheme, kind, word)).collect()
    }
}

impl CredentialSource for EnvironmentSource {
    fn credential<'a>(&'a self, scheme: &'a Scheme, _scopes: &'a [&'a str], caller: &'a Caller) -> Found<'a> {
        // The environment belongs to the one local user; another kind of caller needs another source.
        match caller {
            Caller::Local => Box::pin(std::future::ready(self.find(scheme))),
        }
    }
    fn place(&self, scheme: &Scheme) -> Option<String> {
        let variables = self.variables_of(scheme);
        (!variables.is_empty()).then(|| variables.join(" and "))
    }
}
