//! Adds the credentials that are computed for each request of a call: signatures and digest answers.

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};

use super::authorize::Authorized;
use super::credential::Credential;
use super::digest::{Login, Offer, Target};
use super::signer::{Unsigned, target};
use crate::call::origin::Origin;
use crate::call::outgoing_body::OutgoingBody;
use crate::call::rows::SchemeKind;
use crate::common::secret::Secret;
use crate::transport::authenticate::{Authenticate, SigningError};
use crate::transport::request_body::RequestBody;

/// The maximum number of challenges that are answered in sequence. After that, the credential counts as refused.
const MAX_ANSWERS: usize = 2;

/// The maximum size of a body that a signature covers. It is limited because signers get the body in memory.
const MOST_SIGNED: u64 = 16 << 20;

/// The challenges that were answered for one request in a chain of redirects.
#[derive(Default)]
pub(crate) struct Attempt {
    nonce: Option<String>,
    /// The number of earlier challenges that were answered.
    answers: usize,
}

impl Authorized<'_> {
    fn login(&self) -> Option<Login<'_>> {
        self.used.iter().find_map(|used| match &used.credential {
            Credential::Password { username, password } if used.scheme.get().kind == SchemeKind::Digest => {
                Some(Login {
                    principal: self.caller.principal(),
                    scheme: used.scheme.get().name,
                    username,
                    password,
                })
            }
            _ => None,
        })
    }

    /// Whether the signature of a request covers its body.
    fn covers_body(&self, request: &http::Request<RequestBody>) -> bool {
        let origin = || Origin::of(&request.uri().to_string());
        let covers = |login| origin().is_some_and(|origin| self.sessions.covers_body(&origin, login));
        !self.signers.is_empty() || self.login().is_some_and(covers)
    }
}

impl Authenticate for Authorized<'_> {
    type Attempt = Attempt;

    fn identity(&self) -> Option<(&Secret, &Secret)> {
        self.used.iter().find_map(|used| match &used.credential {
            Credential::Certificate { chain, key } => Some((chain, key)),
            _ => None,
        })
    }

    async fn sign(
        &self,
        request: &mut http::Request<RequestBody>,
        body: &OutgoingBody,
        attempt: &mut Attempt,
    ) -> Result<(), SigningError> {
        let body = match body {
            OutgoingBody::Whole(bytes) => bytes.clone(),
            OutgoingBody::Pieces(_) if self.covers_body(request) => whole(body).await?,
            OutgoingBody::Pieces(_) => Bytes::new(),
        };
        for signer in &self.signers {
            let unsigned = Unsigned::new(request, &body);
            let signature = signer.sign(&unsigned, &self.caller).await?;
            signature.add_to(request)?;
        }
        // The signature is computed last, because it covers the final request target.
        attempt.nonce = None;
        let Some(login) = self.login() else { return Ok(()) };
        if let Some(origin) = Origin::of(&request.uri().to_string()) {
            let target = Target { method: request.method().as_str(), uri: target(request), body: &body };
            if let Some((answer, nonce)) = self.sessions.answer(&origin, login, target) {
                let mut value = HeaderValue::try_from(answer.expose()).map_err(|_| {
                    SigningError::new("the service asks for a digest that no header can carry")
                })?;
                value.set_sensitive(true);
                request.headers_mut().insert(AUTHORIZATION, value);
                attempt.nonce = Some(nonce);
            }
        }
        Ok(())
    }

    fn accept_challenge(
        &self,
        url: &str,
        refusal: &HeaderMap,
        attempt: &mut Attempt,
    ) -> Result<bool, SigningError> {
        let Some((login, origin)) = self.login().zip(Origin::of(url)) else { return Ok(false) };
        let Some(offer) = Offer::strongest(refusal) else {
            self.sessions.forget(&origin, login);
            return Err("The service offers no HTTP digest algorithm that this connector supports.".into());
        };
        let is_new = match &attempt.nonce {
            None => true,
            // The nonce comes from an earlier call, so the service may no longer accept it.
            Some(nonce) if attempt.answers == 0 => offer.is_stale || offer.nonce != *nonce,
            Some(_) => offer.is_stale,
        };
        if !is_new || attempt.answers == MAX_ANSWERS {
            self.sessions.forget(&origin, login);
            return Ok(false);
        }
        attempt.answers += 1;
        self.sessions.accept(&origin, login, offer)?;
        Ok(true)
    }
}

/// Reads the whole body, which may be on disk, for a signature that covers it.
async fn whole(body: &OutgoingBody) -> Result<Bytes, SigningError> {
    if body.length() > MOST_SIGNED {
        return Err(SigningError::new(format!(
            "The signature covers the body, which has more than {MOST_SIGNED} bytes."
        )));
    }
    let body = body.clone();
    let read = tokio::task::spawn_blocking(move || body.read()).await.map_err(std::io::Error::other);
    let bytes = read.and_then(|read| read).map_err(|error| SigningError::new(error.to_string()))?;
    Ok(bytes.into())
}
