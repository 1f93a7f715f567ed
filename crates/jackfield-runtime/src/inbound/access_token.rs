//! Verifies access tokens that are signed JWTs (RFC 9068).

use super::algorithm::PublicKey;
use super::claims::Claims;
use super::issuer_keys::IssuerKeys;
use super::issuer_server::IssuerError;
use super::jws::UnverifiedToken;
use super::refusal::TokenRefusal;
use super::token_digest::TokenDigest;
use super::verified::VerifiedTokens;
use crate::common::caller::Principal;
use crate::common::clock::Clock;
use crate::common::identity::Identity;

/// Verifies the access tokens of one issuer for one audience.
pub(crate) struct AccessTokens {
    issuer: String,
    audience: String,
    keys: IssuerKeys,
    clock: Clock,
    verified: VerifiedTokens,
}

/// The reason why an access token is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AccessTokenError {
    Refused(TokenRefusal),
    /// The keys of the issuer are not known.
    Unavailable(IssuerError),
}

impl From<TokenRefusal> for AccessTokenError {
    fn from(refusal: TokenRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl AccessTokens {
    pub(crate) fn new(issuer: &str, audience: &str, keys: IssuerKeys, clock: Clock) -> Self {
        let (issuer, audience) = (issuer.to_owned(), audience.to_owned());
        Self { issuer, audience, keys, clock, verified: VerifiedTokens::default() }
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Returns the identity of the caller, if the token with this digest was recently verified with the current
    /// keys.
    pub(crate) fn recall(&self, digest: &TokenDigest) -> Option<Identity> {
        let number = self.keys.fresh_number()?;
        self.verified.find(digest, number, self.clock.seconds())
    }

    /// Verifies a token, and caches the result under the token's digest.
    ///
    /// # Errors
    /// Returns an error if the token is refused, or if the keys of its issuer are not known.
    pub(crate) async fn verify(
        &self,
        token: &str,
        digest: TokenDigest,
    ) -> Result<Identity, AccessTokenError> {
        let unverified = UnverifiedToken::parse(token)?;
        let (id, algorithm) = (unverified.key_id.as_deref(), unverified.algorithm);
        let checked = self.keys.with_candidates(id, algorithm, |keys, number| {
            if keys.is_empty() {
                return Err(TokenRefusal::Key);
            }
            let signed_by = |key: &&_| verifies(key, &unverified);
            if keys.iter().any(signed_by) { Ok(number) } else { Err(TokenRefusal::Signature) }
        });
        let number = checked.await.map_err(AccessTokenError::Unavailable)??;
        let now = self.clock.seconds();
        let claims = Claims::check(&unverified.claims, &self.issuer, &self.audience, now)?;
        let identity = Identity {
            principal: Principal::Subject { issuer: self.issuer.clone(), subject: claims.subject },
            scopes: claims.scopes,
            claims: claims.others,
            expires: Some(claims.end),
        };
        self.verified.add(digest, identity.clone(), claims.end, number, now);
        Ok(identity)
    }
}

fn verifies(key: &PublicKey, token: &UnverifiedToken<'_>) -> bool {
    key.verifies(token.algorithm, token.signed, &token.signature)
}
