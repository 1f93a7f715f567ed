//! The accounts of the gateway and of its callers at other servers (ADR 0072, ADR 0074).

mod authorization;
mod discover;
mod login_document;
mod moved;
mod stored_login;
mod tables;

use jackfield_recipe::shell_quoted;
use jackfield_runtime::{
    Challenge, Environment, LocalSource, Missing, OAuthError, Pins, Principal, Secret, TokenStatus,
};

use crate::config::{HttpUpstream, UpstreamClient};

pub(crate) use authorization::Authorization;
pub(crate) use discover::discover;
pub(crate) use login_document::LoginDocument;
pub(crate) use stored_login::{StoredLogin, connector_of, now};
pub(crate) use tables::{tables, vault_name};

/// The command of the gateway, as error messages print it.
const CALLED: &str = "jackfield-gateway";

/// The account at one server. Its tokens are sent only to the origin of that server.
pub(crate) struct Account {
    name: String,
    login: StoredLogin,
    /// The tokens of the account. Their scheme has the name of the connector.
    source: LocalSource,
    environment: Environment,
    owner: Option<Principal>,
    pins: Pins,
}

/// Returns the source of an account's tokens. The name of their scheme is `name`.
pub(crate) fn source_of(
    name: &str,
    client: Option<&UpstreamClient>,
    document: &LoginDocument,
    environment: &Environment,
    owner: Option<&Principal>,
) -> LocalSource {
    let source = LocalSource::started_by(tables(name, client, document), environment.clone(), CALLED);
    match owner {
        Some(owner) => source.account_of(owner, &login_command(name, Some(owner))),
        None => source,
    }
}

/// Returns the command that logs in to an account.
pub(crate) fn login_command(name: &str, owner: Option<&Principal>) -> String {
    match owner {
        None => format!("{CALLED} login {name}"),
        Some(Principal::Token(agent)) => format!("{CALLED} login {name} --agent {}", shell_quoted(agent)),
        Some(owner) => {
            format!("{CALLED} login {name} --agent {}", shell_quoted(&owner.to_string()))
        }
    }
}

impl Account {
    /// Returns the account of an owner at a server if a login for this URL is stored. The owner `None` is the gateway.
    ///
    /// # Errors
    /// Returns an error if the state cannot be read.
    pub(crate) fn of(
        pins: &Pins,
        name: &str,
        upstream: &HttpUpstream,
        environment: &Environment,
        owner: Option<&Principal>,
    ) -> Result<Option<Self>, String> {
        let login = StoredLogin::load(pins, name, owner).map_err(told)?;
        Ok(login.and_then(|login| Self::of_login(login, pins, name, upstream, environment, owner)))
    }

    /// Returns the account of a stored login. `None` if the login was for another URL.
    pub(crate) fn of_login(
        login: StoredLogin,
        pins: &Pins,
        name: &str,
        upstream: &HttpUpstream,
        environment: &Environment,
        owner: Option<&Principal>,
    ) -> Option<Self> {
        if login.document.url != upstream.url {
            return None;
        }
        let source = source_of(name, upstream.client.as_ref(), &login.document, environment, owner);
        let (name, owner, environment) = (name.to_owned(), owner.cloned(), environment.clone());
        Some(Self { name, login, source, environment, owner, pins: pins.clone() })
    }

    /// Returns a token that is still valid.
    ///
    /// # Errors
    /// Returns what the user has to do.
    pub(crate) async fn token(&self) -> Result<Secret, String> {
        self.source.token_for(&self.name, &self.document().url).await.map_err(has_to)
    }

    /// Returns a token that replaces the token that the server has refused, if there is one.
    ///
    /// # Errors
    /// Returns what the user has to do.
    pub(crate) async fn renewed(&self, refused: &Secret) -> Result<Option<Secret>, String> {
        self.source.token_after(&self.name, refused).await.map_err(has_to)
    }

    /// Checks, after the server has refused a token, that the server still names the authorization server and the resource of the login. If
    /// either has changed, the account is removed, so that its tokens are never sent again.
    ///
    /// # Errors
    /// Returns why no token may be sent.
    pub(crate) async fn check_unmoved(&self, challenge: Option<&Challenge>) -> Result<(), String> {
        let Some(authorization) = &self.document().authorization else { return Ok(()) };
        let address = challenge.and_then(|it| it.parameter("resource_metadata"));
        let Some(address) = address else { return Ok(()) };
        let moved =
            moved::change(&self.name, &self.document().url, authorization, address, &self.environment)
                .await?;
        let Some(moved) = moved else { return Ok(()) };
        self.end().await.map_err(|error| format!("{moved}, and the account cannot be removed: {error}"))?;
        Err(format!("{moved}, so the account was removed: run `{}`", self.login_command()))
    }

    /// Deletes the login document, and revokes and deletes the tokens.
    async fn end(&self) -> Result<(), String> {
        StoredLogin::remove(&self.pins, &self.name, self.owner.as_ref()).map_err(told)?;
        self.source.logout(&self.name).await.map(drop).map_err(told)
    }

    /// Refreshes the tokens if they expire soon.
    ///
    /// # Errors
    /// Returns what the user has to do.
    pub(crate) async fn renew_ahead(&self) -> Result<bool, String> {
        if self.document().authorization.is_none() {
            return Ok(false);
        }
        self.source.renew_ahead(&self.name).await.map_err(has_to)
    }

    /// Returns the state of the tokens. `None` without tokens, or if a person has stored a token.
    ///
    /// # Errors
    /// Returns an error if the tokens cannot be read.
    pub(crate) async fn status(&self) -> Result<Option<TokenStatus>, OAuthError> {
        match self.document().authorization {
            Some(_) => self.source.status(&self.name).await,
            None => Ok(None),
        }
    }

    /// Returns the caller that owns the account. `None` if the gateway owns it.
    pub(crate) const fn owner(&self) -> Option<&Principal> {
        self.owner.as_ref()
    }

    /// Returns the login in the store.
    pub(crate) const fn login(&self) -> &StoredLogin {
        &self.login
    }

    const fn document(&self) -> &LoginDocument {
        &self.login.document
    }

    fn login_command(&self) -> String {
        login_command(&self.name, self.owner.as_ref())
    }
}

fn has_to(missing: Missing) -> String {
    format!("you have to {}", missing.remedy)
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}
