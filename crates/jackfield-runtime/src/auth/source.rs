//! Sources of credentials.

use std::future::Future;
use std::pin::Pin;

use super::credential::{Credential, Missing};
use super::located::{CredentialPlace, Located, LocatedFuture};
use super::outline::Outline;
use super::reach::Destination;
use crate::call::rows::Scheme;
use crate::common::caller::Caller;

/// A future that resolves to a credential, or to the remedy for a missing credential.
pub type Found<'a> = Pin<Box<dyn Future<Output = Result<Credential, Missing>> + Send + 'a>>;

/// A future that resolves to a new credential, or to `None` if the source cannot replace the refused credential.
pub type Renewed<'a> = Pin<Box<dyn Future<Output = Result<Option<Credential>, Missing>> + Send + 'a>>;

/// A future that checks whether a stored credential may be sent to a destination.
pub type Checked<'a> = Pin<Box<dyn Future<Output = Result<(), Missing>> + Send + 'a>>;

/// A request for the credential of a scheme.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CredentialRequest<'a> {
    /// The scheme.
    pub scheme: &'a Scheme<'a>,
    /// The scopes that the operation needs.
    pub scopes: &'a [&'a str],
    /// The caller to whom the credential belongs.
    pub caller: &'a Caller,
}

impl<'a> CredentialRequest<'a> {
    /// Creates a request for the caller's credential for a scheme, with these scopes.
    pub const fn new(scheme: &'a Scheme<'a>, scopes: &'a [&'a str], caller: &'a Caller) -> Self {
        Self { scheme, scopes, caller }
    }
}

/// A source of credentials.
pub trait CredentialSource: Send + Sync {
    /// Checks that the stored credential of a scheme may be sent to `destination`. The runtime calls this method before it requests the
    /// credential. Only a source that binds credentials to origins has to implement it.
    fn check_destination<'a>(
        &'a self,
        _scheme: &'a Scheme<'a>,
        _destination: &'a Destination,
        _caller: &'a Caller,
    ) -> Checked<'a> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Returns the caller's credential for a scheme.
    fn credential<'a>(&'a self, request: CredentialRequest<'a>) -> Found<'a>;

    /// Returns the caller's credential and its source, for messages about a refused credential.
    fn located<'a>(&'a self, request: CredentialRequest<'a>) -> LocatedFuture<'a> {
        Box::pin(async move {
            let credential = self.credential(request).await?;
            Ok(Located::new(credential, self.place(request.scheme).map(CredentialPlace::read_once)))
        })
    }

    /// Returns the placeholder that a dry run shows for the credential of a scheme. An implementation must not
    /// read secrets, run commands or send requests.
    fn outline(&self, scheme: &Scheme<'_>) -> Outline {
        Outline::unknown(scheme)
    }

    /// Replaces a credential that the service has just refused, for example by a refreshed token. Returns `None` if the source cannot
    /// replace it. The runtime calls this method at most once during a tool call.
    fn renewed<'a>(&'a self, _request: CredentialRequest<'a>, _refused: &'a Credential) -> Renewed<'a> {
        Box::pin(std::future::ready(Ok(None)))
    }

    /// Returns the place where the user sets the credential of a scheme, such as the name of a variable.
    fn place(&self, _scheme: &Scheme<'_>) -> Option<String> {
        None
    }
}
