//! The accounts of the gateway and of its callers at other servers (ADR 0072, ADR 0074).

mod authorization;
mod discover;
mod login_document;
mod moved;
mod tables;

use jackfield_recipe::shell_quoted;
use jackfield_runtime::v1::Scheme;
use jackfield_runtime::{
    Caller, Challenge, Channel, Credential, CredentialRequest, CredentialSource as _, Destination,
    Environment, LocalSource, Missing, OAuthError, Pins, Principal, Secret, TokenStatus, state_folder_of,
};

use crate::config::HttpUpstream;

pub(crate) use authorization::Authorization;
pub(crate) use discover::discover;
pub(crate) use login_document::{LoginDocument, now};
pub(crate) use tables::tables;

/// The command of the gateway, as error messages print it.
const CALLED: &str = "jackfield-gateway";

/// The account at one server. Its tokens are sent only to the origin of that server.
pub(crate) struct Account {
    name: String,
    document: LoginDocument,
    scheme: &'static Scheme,
    source: LocalSource,
    destination: Destination,
    environment: Environment,
    owner: Option<Principal>,
}

/// Returns the source of an account's tokens, and the security scheme of the account.
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
        name: &str,
        upstream: &HttpUpstream,
        environment: &Environment,
        owner: Option<&Principal>,
    ) -> Result<Option<Self>, String> {
        match LoginDocument::load(&store(environment)?, name, owner).map_err(told)? {
            Some(document) => Self::of_document(document, name, upstream, environment, owner),
            None => Ok(None),
        }
    }

    /// Returns the account with a stored document, unless the login was for another URL.
    ///
    /// # Errors
    /// Returns an error if the URL has no origin.
    pub(crate) fn of_document(
        document: LoginDocument,
        name: &str,
        upstream: &HttpUpstream,
        environment: &Environment,
        owner: Option<&Principal>,
    ) -> Result<Option<Self>, String> {
        if document.url != upstream.url {
            return Ok(None);
        }
        let (source, scheme) = source_of(name, upstream, &document, environment, owner);
        let url = &upstream.url;
        let destination = Destination::parse(url).ok_or_else(|| format!("{url} has no origin"))?;
        let (name, owner) = (name.to_owned(), owner.cloned());
        let environment = environment.clone();
        Ok(Some(Self { name, document, scheme, source, destination, environment, owner }))
    }

    /// Returns a token that is still valid.
    ///
    /// # Errors
    /// Returns what the user has to do.
    pub(crate) async fn token(&self) -> Result<Secret, String> {
        let scheme = self.scheme;
        let caller = Caller::local(Channel::CommandLine);
        self.source.check_destination(scheme, &self.destination, &caller).await.map_err(has_to)?;
        let request = CredentialRequest::new(scheme, &[], &caller);
        match self.source.credential(request).await.map_err(has_to)? {
            Credential::Token(token) => Ok(token),
            _ => Err("the account has no token".to_owned()),
        }
    }

    /// Returns a token that replaces the token that the server has refused, if there is one.
    ///
    /// # Errors
    /// Returns what the user has to do.
    pub(crate) async fn renewed(&self, refused: &Secret) -> Result<Option<Secret>, String> {
        let caller = Caller::local(Channel::CommandLine);
        let request = CredentialRequest::new(self.scheme, &[], &caller);
        let refused = Credential::Token(refused.clone());
        match self.source.renewed(request, &refused).await.map_err(has_to)? {
            Some(Credential::Token(token)) => Ok(Some(token)),
            _ => Ok(None),
        }
    }

    /// After the server has refused a token, checks that it still names the authorization server and the resource of the login. If either
    /// has changed, the account is removed, so that its tokens are never sent again.
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
        self.end().await.map_err(|error| format!("{moved}, and the account cannot be removed: {error}"))?;
        Err(format!("{moved}, so the account was removed: run `{}`", self.login_command()))
    }

    /// Deletes the login document, and revokes and deletes the tokens.
    async fn end(&self) -> Result<(), String> {
        let pins = store(&self.environment)?;
        LoginDocument::store(&pins, &self.name, self.owner.as_ref(), None).map_err(told)?;
        self.source.logout(self.scheme.name()).await.map(drop).map_err(told)
    }

    /// Refreshes the tokens if they expire soon.
    ///
    /// # Errors
    /// Returns what the user has to do.
    pub(crate) async fn renew_ahead(&self) -> Result<bool, String> {
        if self.document.authorization.is_none() {
            return Ok(false);
        }
        self.source.renew_ahead(self.scheme.name()).await.map_err(has_to)
    }

    /// Returns the state of the tokens. `None` without tokens, or if a person has stored a token.
    ///
    /// # Errors
    /// Returns an error if the tokens cannot be read.
    pub(crate) async fn status(&self) -> Result<Option<TokenStatus>, OAuthError> {
        match self.document.authorization {
            Some(_) => self.source.status(self.scheme.name()).await,
            None => Ok(None),
        }
    }

    /// Returns the caller that owns the account. `None` if the gateway owns it.
    pub(crate) const fn owner(&self) -> Option<&Principal> {
        self.owner.as_ref()
    }

    /// Returns the stored description of the login.
    pub(crate) const fn document(&self) -> &LoginDocument {
        &self.document
    }

    fn login_command(&self) -> String {
        login_command(&self.name, self.owner.as_ref())
    }
}

/// Opens the gateway's store. An account does not keep the store open, because there may be a thousand accounts.
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
