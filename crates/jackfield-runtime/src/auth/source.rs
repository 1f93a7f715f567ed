//! Sources of credentials.

use std::future::Future;
use std::pin::Pin;

use super::credential::{Credential, Missing};
use super::located::{CredentialPlace, Located, LocatedFuture};
use super::outline::Outline;
use super::reach::Destination;
use crate::call::rows::Scheme;
use crate::common::caller::Caller;

/// A credential, or a remedy for a missing one.
pub type Found<'a> = Pin<Box<dyn Future<Output = Result<Credential, Missing>> + Send + 'a>>;

/// A new credential, if the source has one.
pub type Renewed<'a> = Pin<Box<dyn Future<Output = Result<Option<Credential>, Missing>> + Send + 'a>>;

/// Whether a stored credential may be sent to a destination.
pub type Checked<'a> = Pin<Box<dyn Future<Output = Result<(), Missing>> + Send + 'a>>;

/// A source of credentials.
pub trait CredentialSource: Send + Sync {
    /// Checks that the stored credential of a scheme may be sent to that destination. It is called before the
    /// credential is requested. A source that does not bind credentials to origins does not need to implement
    /// it.
    fn check_destination<'a>(
        &'a self,
        _scheme: &'a Scheme<'a>,
        _destination: &'a Destination,
        _caller: &'a Caller,
    ) -> Checked<'a> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Returns the caller's credential for a scheme.
    fn credential<'a>(
        &'a self,
        scheme: &'a Scheme<'a>,
        scopes: &'a [&'a str],
        caller: &'a Caller,
    ) -> Found<'a>;

    /// Returns the caller's credential and where it was found, for messages about a refused credential.
    fn located<'a>(
        &'a self,
        scheme: &'a Scheme<'a>,
        scopes: &'a [&'a str],
        caller: &'a Caller,
    ) -> LocatedFuture<'a> {
        Box::pin(async move {
            let credential = self.credential(scheme, scopes, caller).await?;
            Ok(Located::new(credential, self.place(scheme).map(CredentialPlace::read_once)))
        })
    }

    /// The placeholder that a dry run shows for the credential of a scheme. It must not read secrets, run
    /// commands or send requests.
    fn outline(&self, scheme: &Scheme<'_>) -> Outline {
        Outline::unknown(scheme)
    }

    /// Replaces a credential that the service has just refused, for example by a refreshed token. It is
    /// called at most once in a call.
    fn renewed<'a>(
        &'a self,
        _scheme: &'a Scheme<'a>,
        _scopes: &'a [&'a str],
        _caller: &'a Caller,
        _refused: &'a Credential,
    ) -> Renewed<'a> {
        Box::pin(std::future::ready(Ok(None)))
    }

    /// Where the user sets the credential of a scheme, such as the name of a variable.
    fn place(&self, _scheme: &Scheme<'_>) -> Option<String> {
        None
    }
}
