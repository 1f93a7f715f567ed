//! Credentials: where they come from, and how they get into a request.

pub(crate) mod audience;
mod authorize;
pub(crate) mod bound;
mod challenge;
mod digest;
mod local;
mod located;
mod oauth;
mod outline;
mod permitted;
mod place;
mod prove;
mod reach;
mod records;
mod signer;
mod slot;
mod status;
mod store;
mod stored;
mod vault;

use std::fmt;
use std::future::Future;
use std::pin::Pin;

pub(crate) use authorize::{Ask, Authorized, Signers};
pub(crate) use digest::Sessions;
pub use local::LocalSource;
pub(crate) use located::Sent;
pub use located::{CredentialPlace, Located, LocatedFuture};
#[cfg(feature = "http")]
pub(crate) use oauth::unguessable;
pub use oauth::{LoggedOut, OAuthError, Teller, TokenStatus, Way};
pub use outline::Outline;
pub(crate) use outline::outline;
pub(crate) use permitted::permitted;
pub use reach::Destination;
pub use signer::{Signature, Signer, Signing, Unsigned};
pub(crate) use slot::Slot;
pub(crate) use status::State;
pub(crate) use store::Provenance;

use crate::call::rows::{Scheme, SchemeKind};
use crate::common::caller::Caller;
use crate::common::secret::Secret;

/// What a scheme is answered with.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credential {
    /// A bearer token.
    Token(Secret),
    /// An API key.
    Key(Secret),
    /// A name and its password.
    Password {
        /// The name.
        username: String,
        /// The password.
        password: Secret,
    },
    /// A client certificate, in PEM.
    Certificate {
        /// The certificate, and those between it and its authority.
        chain: Secret,
        /// Its private key.
        key: Secret,
    },
}

/// A credential, or word of where to put one.
pub type Found<'a> = Pin<Box<dyn Future<Output = Result<Credential, Missing>> + Send + 'a>>;

/// Another credential, where there is another.
pub type Renewed<'a> = Pin<Box<dyn Future<Output = Result<Option<Credential>, Missing>> + Send + 'a>>;

/// Whether a stored credential may go to a destination.
pub type Checked<'a> = Pin<Box<dyn Future<Output = Result<(), Missing>> + Send + 'a>>;

/// Where credentials come from.
pub trait CredentialSource: Send + Sync {
    /// Checks that what is stored for a scheme was given for that destination. Called before a credential is asked for;
    /// a source that does not bind credentials to origins needs none.
    fn check_destination<'a>(
        &'a self,
        _scheme: &'static Scheme,
        _destination: &'a Destination,
        _caller: &'a Caller,
    ) -> Checked<'a> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// The caller's credential for a scheme.
    fn credential<'a>(
        &'a self,
        scheme: &'static Scheme,
        scopes: &'static [&'static str],
        caller: &'a Caller,
    ) -> Found<'a>;

    /// The caller's credential with the place where it was found, for messages about one that the service refuses.
    fn located<'a>(
        &'a self,
        scheme: &'static Scheme,
        scopes: &'static [&'static str],
        caller: &'a Caller,
    ) -> LocatedFuture<'a> {
        Box::pin(async move {
            let credential = self.credential(scheme, scopes, caller).await?;
            Ok(Located::new(credential, self.place(scheme).map(CredentialPlace::read_once)))
        })
    }

    /// The placeholder that a dry run shows for the credential of a scheme. Nothing may be read, run or asked for it.
    fn outline(&self, scheme: &'static Scheme) -> Outline {
        Outline::unknown(scheme)
    }

    /// One in the place of what the service has just refused, such as a token that was refreshed. Asked once a call.
    fn renewed<'a>(
        &'a self,
        _scheme: &'static Scheme,
        _scopes: &'static [&'static str],
        _caller: &'a Caller,
        _refused: &'a Credential,
    ) -> Renewed<'a> {
        Box::pin(std::future::ready(Ok(None)))
    }

    /// Where the user may put the credential of a scheme, such as the name of a variable.
    fn place(&self, _scheme: &'static Scheme) -> Option<String> {
        None
    }
}

/// A credential that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// What would supply it, such as the variables to set.
    pub remedy: String,
}

impl Scheme {
    /// How the scheme is called in messages.
    pub(crate) const fn describe(&self) -> &'static str {
        match self.kind {
            SchemeKind::Bearer => "bearer token",
            SchemeKind::OAuth2 => "OAuth 2.0 access token",
            SchemeKind::OpenIdConnect => "OpenID Connect access token",
            SchemeKind::Basic => "name and password",
            SchemeKind::Digest => "name and password for digest",
            SchemeKind::ApiKey { .. } => "API key",
            SchemeKind::MutualTls => "client certificate",
            SchemeKind::Other(_) => "credential",
        }
    }
}

/// A call that no credentials permit. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthError {
    /// What would do, one line per alternative.
    alternatives: Vec<String>,
}

/// When a change of a credential is seen.
const WHEN_READ: &str = "variables are read when this connector starts, the vault at each call";

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no credentials for this tool; nothing was sent. ")?;
        match self.alternatives.as_slice() {
            [one] => write!(f, "The user has to {one} ({WHEN_READ})"),
            many => {
                write!(f, "The user has to do one of these ({WHEN_READ}):")?;
                many.iter().try_for_each(|line| write!(f, "\n- {line}"))
            }
        }
    }
}

impl std::error::Error for AuthError {}
