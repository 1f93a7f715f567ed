//! The credentials of the one local user.

use std::sync::Arc;

use super::records::Records;
use super::slot::{Slot, Word};
use super::store::Store;
use super::vault::UserVault;
use super::{Credential, CredentialSource, Found, Missing, Renewed};
use crate::caller::Caller;
use crate::environment::Environment;
use crate::rows::{Connector, Scheme, SchemeKind};
use crate::secret::Secret;

/// What the one local user has: variables that are named after the connector, files that they name, and commands.
///
/// `BOOKSHOP_TOKEN_<SCHEME>` always works; `BOOKSHOP_TOKEN` does where one scheme alone asks for a token.
#[derive(Clone)]
pub struct LocalSource {
    connector: &'static Connector,
    store: Arc<Store>,
    vault: Arc<UserVault>,
    /// As people start the connector, for what it tells them to type.
    called: Arc<str>,
}

impl LocalSource {
    /// The connector's credentials in that environment.
    pub fn new(connector: &'static Connector, environment: Environment) -> Self {
        let vault = Arc::new(UserVault::new(environment.clone()));
        let store = Arc::new(Store::new(environment, Arc::clone(&vault) as Arc<dyn Records>));
        Self { connector, store, vault, called: format!("{}-mcp", connector.name).into() }
    }

    /// The same, for a program that people start by those words.
    #[must_use]
    pub fn called(mut self, called: &str) -> Self {
        self.called = called.into();
        self
    }

    pub(crate) const fn connector(&self) -> &'static Connector {
        self.connector
    }

    pub(crate) fn vault(&self) -> &UserVault {
        &self.vault
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    async fn find(&self, scheme: &'static Scheme) -> Result<Credential, Missing> {
        match scheme.kind {
            SchemeKind::Bearer | SchemeKind::OAuth2 | SchemeKind::OpenIdConnect => {
                self.required(scheme, Word::Token).await.map(Credential::Token)
            }
            SchemeKind::ApiKey { .. } => self.required(scheme, Word::ApiKey).await.map(Credential::Key),
            SchemeKind::Basic | SchemeKind::Digest => {
                let username = self.required(scheme, Word::Username).await?;
                // A password may be empty where the key is the name, as many services have it; unset, it is empty.
                let password = self.optional(scheme, Word::Password).await?;
                let password = password.unwrap_or_else(|| Secret::new(String::new()));
                Ok(Credential::Password { username: username.expose().to_owned(), password })
            }
            SchemeKind::MutualTls => {
                let chain = self.required(scheme, Word::Certificate).await?;
                // One text may hold both.
                let key = self.optional(scheme, Word::CertificateKey).await?.unwrap_or_else(|| chain.clone());
                Ok(Credential::Certificate { chain, key })
            }
            SchemeKind::Other(kind) => Err(Missing {
                remedy: format!(
                    "use a connector with a signer for `{}` ({kind}), which is written by hand: see `Signer` in the \
                     documentation of jackfield-runtime",
                    scheme.name
                ),
            }),
        }
    }

    async fn optional(&self, scheme: &'static Scheme, word: Word) -> Result<Option<Secret>, Missing> {
        let slot = Slot { connector: self.connector, scheme, word };
        let held = self.store.find(&slot).await.map_err(|remedy| Missing { remedy })?;
        Ok(held.map(|held| held.secret))
    }

    async fn required(&self, scheme: &'static Scheme, word: Word) -> Result<Secret, Missing> {
        self.optional(scheme, word).await?.ok_or_else(|| Missing {
            remedy: format!(
                "set {} ({}) or run `{} auth set {}`",
                self.variables_of(scheme).join(" and "),
                scheme.describe(),
                self.called,
                scheme.name,
            ),
        })
    }

    /// What a person does to set it: variables, and the command.
    pub(crate) fn ways_to_set(&self, slot: &Slot) -> String {
        let (called, scheme, word) = (&self.called, slot.scheme.name, slot.word.as_str());
        format!("{0}, {0}_FILE or `{called} auth set {scheme} {word}`", slot.variable())
    }

    /// The variables that answer a scheme.
    fn variables_of(&self, scheme: &'static Scheme) -> Vec<String> {
        let direct = |slot: &Slot| !matches!(slot.word, Word::ClientId | Word::ClientSecret);
        Slot::of(self.connector, scheme).filter(direct).map(|slot| slot.variable()).collect()
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
}

impl CredentialSource for LocalSource {
    fn credential<'a>(
        &'a self,
        scheme: &'static Scheme,
        _scopes: &'static [&'static str],
        caller: &'a Caller,
    ) -> Found<'a> {
        // All of this belongs to the one local user; another kind of caller needs another source.
        match caller {
            Caller::Local => Box::pin(self.find(scheme)),
        }
    }

    fn renewed<'a>(
        &'a self,
        scheme: &'static Scheme,
        _scopes: &'static [&'static str],
        caller: &'a Caller,
        refused: &'a Credential,
    ) -> Renewed<'a> {
        match caller {
            Caller::Local => Box::pin(async move {
                let forgotten = Slot::of(self.connector, scheme).filter(|slot| self.store.forget(slot));
                if forgotten.count() == 0 {
                    return Ok(None);
                }
                self.find(scheme).await.map(|found| Some(found).filter(|found| found != refused))
            }),
        }
    }

    fn place(&self, scheme: &'static Scheme) -> Option<String> {
        let variables = self.variables_of(scheme);
        (!variables.is_empty()).then(|| variables.join(" and "))
    }
}
