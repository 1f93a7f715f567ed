//! Credentials for calls to a mock, which does not check them.

use std::sync::Arc;

use crate::auth::{
    Credential, CredentialRequest, CredentialSource, Found, Missing, Signature, Signer, Signing, Unsigned,
};
use crate::call::rows::{Scheme, SchemeKind};
use crate::common::caller::Caller;
use crate::common::secret::Secret;

/// Provides a credential for every scheme except client certificates, which need TLS.
pub(super) struct AnyCredential;

impl CredentialSource for AnyCredential {
    fn credential<'a>(&'a self, request: CredentialRequest<'a>) -> Found<'a> {
        let secret = || Secret::new("credential-for-the-mock".to_owned());
        let credential = match request.scheme.kind {
            SchemeKind::ApiKey { .. } => Ok(Credential::Key(secret())),
            SchemeKind::Basic | SchemeKind::Digest => {
                Ok(Credential::Password { username: "mock".to_owned(), password: secret() })
            }
            SchemeKind::MutualTls => {
                Err(Missing { remedy: "a mock has no TLS, so it accepts no client certificate".to_owned() })
            }
            SchemeKind::Bearer | SchemeKind::OAuth2 | SchemeKind::OpenIdConnect | SchemeKind::Http(_) => {
                Ok(Credential::Token(secret()))
            }
        };
        Box::pin(std::future::ready(credential))
    }
}

/// Signs requests with a header that the mock ignores.
pub(super) struct AnySigner;

impl Signer for AnySigner {
    fn sign<'a>(&'a self, _: &'a Unsigned<'a>, _: &'a Caller) -> Signing<'a> {
        Box::pin(std::future::ready(Ok(Signature::default().header("authorization", "Mock"))))
    }
}

/// Returns a signer for each scheme that needs one.
pub(super) fn signers<'c>(schemes: &'c [Scheme<'c>]) -> impl Iterator<Item = (&'c str, Arc<dyn Signer>)> {
    let others = schemes.iter().filter(|scheme| matches!(scheme.kind, SchemeKind::Http(_)));
    others.map(|scheme| (scheme.name, Arc::new(AnySigner) as Arc<dyn Signer>))
}
