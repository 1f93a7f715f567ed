//! The token of an account, for a program that sends requests itself.

use super::local::LocalSource;
use super::{Credential, CredentialRequest, CredentialSource as _, Destination, Missing};
use crate::common::caller::{Caller, Channel};
use crate::common::secret::Secret;

impl LocalSource {
    /// Returns a valid token of a scheme for requests to `url`.
    ///
    /// # Errors
    /// Returns an error if there is no valid token, or if the token may not be sent to the origin of `url`. The error says what the user
    /// has to do.
    pub async fn token_for(&self, scheme: &str, url: &str) -> Result<Secret, Missing> {
        let scheme = self.scheme(scheme).map_err(remedy)?;
        let destination = Destination::parse(url)
            .ok_or_else(|| Missing { remedy: format!("correct the URL {url:?}, which has no origin") })?;
        let caller = Caller::local(Channel::CommandLine);
        self.check_destination(scheme, &destination, &caller).await?;
        match self.credential(CredentialRequest::new(scheme, &[], &caller)).await? {
            Credential::Token(token) => Ok(token),
            _ => Err(Missing {
                remedy: format!("use another scheme than `{}`, which has no token", scheme.name),
            }),
        }
    }

    /// Returns a token that replaces the token `refused`, which the service has refused. `None` if there is no other token.
    ///
    /// # Errors
    /// Returns an error if the token cannot be renewed. The error says what the user has to do.
    pub async fn token_after(&self, scheme: &str, refused: &Secret) -> Result<Option<Secret>, Missing> {
        let scheme = self.scheme(scheme).map_err(remedy)?;
        let caller = Caller::local(Channel::CommandLine);
        let request = CredentialRequest::new(scheme, &[], &caller);
        match self.renewed(request, &Credential::Token(refused.clone())).await? {
            Some(Credential::Token(token)) => Ok(Some(token)),
            _ => Ok(None),
        }
    }
}

fn remedy(error: impl std::fmt::Display) -> Missing {
    Missing { remedy: error.to_string() }
}
