//! Token revocation (RFC 7009). The local tokens are deleted even if the server refuses to revoke them.

use std::fmt;

use super::ask::Form;
use super::error::OAuthError;
use super::grant::Grant;
use super::session::Session;

/// The result of a logout.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoggedOut {
    /// No tokens were stored.
    NothingKept,
    /// The tokens were revoked and deleted.
    Revoked,
    /// The tokens were deleted here, but the server may accept them until they expire. The text states the reason.
    NotRevoked(String),
}

impl fmt::Display for LoggedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingKept => f.write_str("there were no tokens"),
            Self::Revoked => f.write_str("the tokens are revoked and removed"),
            Self::NotRevoked(why) => write!(
                f,
                "the tokens are removed here, but the authorization server may accept them until they expire: {why}"
            ),
        }
    }
}

/// The reason why tokens were not revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
enum RevocationError {
    /// The tokens were not issued by the configured server to the configured client.
    OtherClient,
    OAuth(OAuthError),
}

impl fmt::Display for RevocationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherClient => {
                f.write_str("the tokens belong to another server or client than the configured one")
            }
            Self::OAuth(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for RevocationError {}

impl Session {
    /// Revokes the tokens at the server, and deletes them here.
    pub(super) async fn logout(&self) -> Result<LoggedOut, OAuthError> {
        let _one = self.flight.lock().await;
        let record = self.record("granted");
        let alone = self.store.records().exclusive(&record).await;
        let _alone = alone.map_err(|remedy| self.unreadable(remedy))?;
        let revoked = match self.client().await.and_then(|client| self.grant(client.as_ref())) {
            Ok(Some(grant)) => self.revoke(&grant).await.map_err(RevocationError::OAuth),
            Ok(None) => Err(RevocationError::OtherClient),
            Err(error) => Err(RevocationError::OAuth(error)),
        };
        if !self.forget()? {
            return Ok(LoggedOut::NothingKept);
        }
        Ok(match revoked {
            Ok(()) => LoggedOut::Revoked,
            Err(error) => LoggedOut::NotRevoked(error.to_string()),
        })
    }

    async fn revoke(&self, grant: &Grant) -> Result<(), OAuthError> {
        let server = self.server().await?;
        let at = self.address(server.revocation(), "revocation endpoint")?;
        let binding = grant.binding.clone().unwrap_or_default();
        binding
            .check_discovered("revocation_endpoint", &at, &grant.endpoint)
            .map_err(|why| OAuthError::new(why, "revoke the tokens at the service"))?;
        let client = self.client().await?.ok_or_else(|| {
            OAuthError::new("the client to which the tokens belong is not known", self.remedy.check_client())
        })?;
        let identity = self.proven(client, &server)?;
        let refresh = grant.refresh.iter().map(|token| ("refresh_token", token));
        let mut outcome = Ok(());
        // The refresh token is revoked first, because most servers then revoke its access tokens too.
        for (hint, token) in refresh.chain([("access_token", &grant.access)]) {
            let form = Form::default().secret("token", token).text("token_type_hint", hint);
            outcome = outcome.and(self.asker.tell(&at, &identity, form).await);
        }
        outcome.map_err(|refusal| OAuthError::new(refusal.to_string(), "revoke the tokens at the service"))
    }
}
