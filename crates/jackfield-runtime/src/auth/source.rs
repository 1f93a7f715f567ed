//! Sources of credentials.

use std::future::Future;
use std::pin::Pin;

use super::credential::{Credential, Missing};
use super::located::{CredentialPlace, Located, LocatedFuture};
use super::outline::Outline;
use super::reach::Destination;
use crate::call::rows::Scheme;
use crate::common::caller::Caller;

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
