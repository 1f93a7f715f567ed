//! What is computed anew for each request of a call: signatures, and answers to digest.

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use http_body_util::Full;

use super::authorize::Authorized;
use super::digest::{Login, Offer, Sessions, Target};
use super::signer::{Unsigned, target};
use super::{Credential, Origin};
use crate::rows::SchemeKind;
use crate::secret::Secret;

/// More answers in a row are refused ones.
const MOST_ANSWERS: usize = 2;

/// What a request was answered with.
#[derive(Default)]
pub(crate) struct Proof {
    nonce: Option<String>,
    /// How many challenges its predecessors got.
    answers: usize,
}

impl Authorized {
    /// The certificate and the key that a connection is made with.
    pub(crate) fn identity(&self) -> Option<(&Secret, &Secret)> {
        self.used.iter().find_map(|used| match &used.credential {
            Credential::Certificate { chain, key } => Some((chain, key)),
            _ => None,
        })
    }

    fn login(&self) -> Option<Login<'_>> {
        self.used.iter().find_map(|used| match &used.credential {
            Credential::Password { username, password } if used.scheme.kind == SchemeKind::Digest => {
                Some(Login { scheme: used.scheme.name, username, password })
            }
            _ => None,
        })
    }

    /// Signs a request that is complete otherwise.
    ///
    /// # Errors
    /// Why it is not sent, in words for a model.
    pub(crate) async fn prove(
        &self,
        request: &mut http::Request<Full<Bytes>>,
        body: &[u8],
        sessions: &Sessions,
        proof: &mut Proof,
    ) -> Result<(), String> {
        for signer in &self.signers {
            let unsigned = Unsigned::new(request, body);
            let signature = signer.sign(&unsigned, &self.caller).await?;
            signature.add_to(request)?;
        }
        // Last, since it is of the very target that leaves.
        proof.nonce = None;
        let origin = Origin::of(&request.uri().to_string());
        if let Some((login, origin)) = self.login().zip(origin) {
            let target = Target { method: request.method().as_str(), uri: target(request), body };
            if let Some((answer, nonce)) = sessions.answer(&origin, login, target) {
                let mut value = HeaderValue::try_from(answer.expose())
                    .map_err(|_| "the service asks for a digest that no header can carry".to_owned())?;
                value.set_sensitive(true);
                request.headers_mut().insert(AUTHORIZATION, value);
                proof.nonce = Some(nonce);
            }
        }
        Ok(())
    }

    /// Whether the request is to be made once more, since a refusal says how to answer.
    ///
    /// # Errors
    /// What of the refusal is not understood.
    pub(crate) fn challenged(
        &self,
        url: &str,
        refusal: &HeaderMap,
        sessions: &Sessions,
        proof: &mut Proof,
    ) -> Result<bool, String> {
        let Some((login, origin)) = self.login().zip(Origin::of(url)) else { return Ok(false) };
        let Some(offer) = Offer::strongest(refusal) else {
            sessions.forget(&origin, login);
            return Err("It offers no way of HTTP digest that this connector knows.".to_owned());
        };
        let is_new = match &proof.nonce {
            None => true,
            // A nonce of an earlier call, which the service may have forgotten since.
            Some(nonce) if proof.answers == 0 => offer.is_stale || offer.nonce != *nonce,
            Some(_) => offer.is_stale,
        };
        if !is_new || proof.answers == MOST_ANSWERS {
            sessions.forget(&origin, login);
            return Ok(false);
        }
        proof.answers += 1;
        sessions.accept(&origin, login, offer)?;
        Ok(true)
    }
}
