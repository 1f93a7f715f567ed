//! Accounts at other servers: those of the gateway, and those of its callers (ADR 0072, ADR 0074).

mod authorization;
mod discover;
mod login_document;
mod moved;
mod tables;

use jackfield_recipe::shell_quoted;
use jackfield_runtime::v1::Scheme;
use jackfield_runtime::{
    Caller, Challenge, Channel, Credential, CredentialSource as _, Destination, Environment, LocalSource,
    Missing, OAuthError, Pins, Principal, Secret, TokenStatus, state_folder_of,
};

use crate::config::HttpUpstream;

pub(crate) use authorization::Authorization;
pub(crate) use discover::discover;
pub(crate) use login_document::LoginDocument;
pub(crate) use tables::tables;

/// The command that starts the gateway, in remedies.
const CALLED: &str = "jackfield-gateway";

/// The account at one server. Its tokens go to the origin of that server alone.
pub(crate) struct Account {
    name: String,
    document: LoginDocument,
    scheme: &'static Scheme,
    source: LocalSource,
    destination: Destination,
    environment: Environment,
    owner: Option<Principal>,
}

/// The source of an account's tokens, and its scheme.
pub(crate) fn source_of(
    name: &str,
    upstream: &HttpUpstream,
    document: &LoginDocument,
    environment: &Environment,
    owner: Option<&Principal>,
) -> (LocalSource, &'static Scheme) {
    let (connector, scheme) = tables(name, upstream, document);
    let source = LocalSource::started_by(connector, environment.clone(), CALLED);
    let source = match owner {
        Some(owner) => source.account_of(owner, &login_command(name, Some(owner))),
        None => source,
    };
    (source, scheme)
}

/// The command with which an account is connected.
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
    /// The account of an owner at a server, or that of the gateway, if a login has made one for this address.
    ///
    /// # Errors
    /// Returns an error if the state cannot be read.
    pub(crate) fn of(
        name: &str,
        upstream: &HttpUpstream,
        environment: &Environment,
        owner: Option<&Principal>,
    ) -> Result<Option<Self>, String> {
        Self::in_store(&store(environment)?, name, upstream, environment, owner)
    }

    /// The account of an owner in an open store.
    ///
    /// # Errors
    /// Returns an error if the state cannot be read.
    pub(crate) fn in_store(
        pins: &Pins,
        name: &str,
        upstream: &HttpUpstream,
        environment: &Environment,
        owner: Option<&Principal>,
    ) -> Result<Option<Self>, String> {
        let stored = LoginDocument::load(pins, name, owner).map_err(told)?;
        let Some(document) = stored.filter(|document| document.url == upstream.url) else { return Ok(None) };
        let (source, scheme) = source_of(name, upstream, &document, environment, owner);
        let url = &upstream.url;
        let destination = Destination::parse(url).ok_or_else(|| format!("{url} has no origin"))?;
        let (name, owner) = (name.to_owned(), owner.cloned());
        let environment = environment.clone();
        Ok(Some(Self { name, document, scheme, source, destination, environment, owner }))
    }

    /// A token that is valid now.
    ///
    /// # Errors
    /// Returns what the user has to do.
    pub(crate) async fn token(&self) -> Result<Secret, String> {
        let scheme = self.scheme;
        let caller = Caller::local(Channel::CommandLine);
        self.source.check_destination(scheme, &self.destination, &caller).await.map_err(has_to)?;
        match self.source.credential(scheme, &[], &caller).await.map_err(has_to)? {
            Credential::Token(token) => Ok(token),
            _ => Err("the account has no token".to_owned()),
        }
    }

    /// Another token than the one that the server has refused, if there is one.
    ///
    /// # Errors
    /// Returns what the user has to do.
    pub(crate) async fn renewed(&self, refused: &Secret) -> Result<Option<Secret>, String> {
        let scheme = self.scheme;
        let caller = Caller::local(Channel::CommandLine);
        let refused = Credential::Token(refused.clone());
        match self.source.renewed(scheme, &[], &caller, &refused).await.map_err(has_to)? {
            Some(Credential::Token(token)) => Ok(Some(token)),
            _ => Ok(None),
        }
    }

    /// Checks that the server still has the authorization server of the login, after it has refused a token. If it names another one, or
    /// is another resource now, the account is ended, so that its tokens are never sent again.
    ///
    /// # Errors
    /// Returns why no token may be sent.
    pub(crate) async fn check_unmoved(&self, challenge: Option<&Challenge>) -> Result<(), String> {
        let Some(authorization) = &self.document.authorization else { return Ok(()) };
        let address = challenge.and_then(|it| it.parameter("resource_metadata"));
        let Some(address) = address else { return Ok(()) };
        let moved =
            moved::change(&self.name, &self.document.url, authorization, address, &self.environment).await?;
        let Some(moved) = moved else { return Ok(()) };
        self.end().await.map_err(|error| format!("{moved}, and the account cannot be ended: {error}"))?;
        Err(format!("{moved}, so the account is ended: run `{}`", self.login_command()))
    }

    /// Revokes and forgets the tokens.
    async fn end(&self) -> Result<(), String> {
        let pins = store(&self.environment)?;
        LoginDocument::store(&pins, &self.name, self.owner.as_ref(), None).map_err(told)?;
        self.source.logout(self.scheme.name()).await.map(drop).map_err(told)
    }

    /// Renews the tokens if they end soon.
    ///
    /// # Errors
    /// Returns what the user has to do.
    pub(crate) async fn renew_ahead(&self) -> Result<bool, String> {
        if self.document.authorization.is_none() {
            return Ok(false);
        }
        self.source.renew_ahead(self.scheme.name()).await.map_err(has_to)
    }

    /// The state of the tokens. `None` if there are none, or if a person has stored one.
    ///
    /// # Errors
    /// Returns an error if they cannot be read.
    pub(crate) async fn status(&self) -> Result<Option<TokenStatus>, OAuthError> {
        match self.document.authorization {
            Some(_) => self.source.status(self.scheme.name()).await,
            None => Ok(None),
        }
    }

    /// The caller whose account it is. `None` for that of the gateway.
    pub(crate) const fn owner(&self) -> Option<&Principal> {
        self.owner.as_ref()
    }

    /// The description of the login.
    pub(crate) const fn document(&self) -> &LoginDocument {
        &self.document
    }

    fn login_command(&self) -> String {
        login_command(&self.name, self.owner.as_ref())
    }
}

/// The store of the gateway. An account does not keep it open, because there may be a thousand of them.
fn store(environment: &Environment) -> Result<Pins, String> {
    let state = state_folder_of(crate::config::NAME, environment).map_err(told)?;
    Pins::open(&state).map_err(told)
}

fn has_to(missing: Missing) -> String {
    format!("you have to {}", missing.remedy)
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}
