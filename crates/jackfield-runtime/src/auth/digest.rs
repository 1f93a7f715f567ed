//! HTTP Digest authentication: RFC 7616, and RFC 2617 for older services.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use http::HeaderMap;
use jackfield_recipe::hex_encode;
use md5::Md5;
use sha2::{Digest as _, Sha256, Sha512_256};
use zeroize::Zeroizing;

use super::challenge::Challenge;
use crate::call::encode::{self, Keep};
use crate::call::origin::Origin;
use crate::common::caller::Principal;
use crate::common::random::random_bytes;
use crate::common::secret::Secret;
use crate::transport::authenticate::SigningError;

/// The hash algorithms, from the weakest to the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Hash {
    Md5,
    Sha256,
    Sha512_256,
}

impl Hash {
    fn hex(self, bytes: &[u8]) -> String {
        match self {
            Self::Md5 => hex_encode(&Md5::digest(bytes)),
            Self::Sha256 => hex_encode(&Sha256::digest(bytes)),
            Self::Sha512_256 => hex_encode(&Sha512_256::digest(bytes)),
        }
    }
}

/// The parts of a request that the digest covers, as `qop` selects them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protection {
    Address,
    Body,
}

/// A digest challenge whose algorithm and `qop` are supported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    hash: Hash,
    /// The algorithm as the service spells it. `None` if the challenge has no `algorithm`.
    algorithm: Option<String>,
    is_session: bool,
    realm: String,
    pub(super) nonce: String,
    opaque: Option<String>,
    protection: Option<Protection>,
    hides_name: bool,
    /// Whether the nonce was valid but has expired (`stale`).
    pub(crate) is_stale: bool,
}

impl Offer {
    /// Returns the supported challenge with the strongest algorithm. If two challenges are equally strong, returns
    /// the first.
    pub(crate) fn strongest(headers: &HeaderMap) -> Option<Self> {
        let offers = Challenge::all(headers).into_iter().filter_map(|challenge| Self::of(&challenge));
        offers.reduce(|best, other| if other.hash > best.hash { other } else { best })
    }

    fn of(challenge: &Challenge) -> Option<Self> {
        if !challenge.is_for("digest") {
            return None;
        }
        let owned = |name| challenge.parameter(name).map(str::to_owned);
        let is_true = |name| challenge.parameter(name).is_some_and(|it| it.eq_ignore_ascii_case("true"));
        let algorithm = owned("algorithm");
        let lower = algorithm.as_deref().unwrap_or("md5").to_ascii_lowercase();
        let (name, is_session) = lower.strip_suffix("-sess").map_or((lower.as_str(), false), |it| (it, true));
        let hash = match name {
            "md5" => Hash::Md5,
            "sha-256" => Hash::Sha256,
            "sha-512-256" => Hash::Sha512_256,
            _ => return None,
        };
        let protection = match challenge.parameter("qop") {
            None => None,
            Some(offered) => {
                let has = |word: &str| offered.split(',').any(|it| it.trim().eq_ignore_ascii_case(word));
                match (has("auth"), has("auth-int")) {
                    (true, _) => Some(Protection::Address),
                    (false, true) => Some(Protection::Body),
                    (false, false) => return None,
                }
            }
        };
        Some(Self {
            hash,
            algorithm,
            is_session,
            realm: owned("realm")?,
            nonce: owned("nonce")?,
            opaque: owned("opaque"),
            protection,
            hides_name: is_true("userhash"),
            is_stale: is_true("stale"),
        })
    }
}

/// The username and password that answer a challenge.
#[derive(Clone, Copy)]
pub(crate) struct Login<'a> {
    /// The caller. Each caller has separate nonces.
    pub(crate) principal: &'a Principal,
    pub(crate) scheme: &'a str,
    pub(crate) username: &'a str,
    pub(crate) password: &'a Secret,
}

/// The parts of the request that the digest covers, byte for byte as they are sent.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) method: &'a str,
    pub(crate) uri: &'a str,
    pub(crate) body: &'a [u8],
}

/// A challenge in use. Several requests may use its nonce, each with the next nonce count (`nc`).
struct Session {
    offer: Offer,
    /// The client nonce. It is generated once, because the hash of a `-sess` algorithm is valid for the whole
    /// session.
    cnonce: String,
    used: u32,
}

impl Session {
    /// Computes the value of `Authorization`.
    fn answer(&self, login: Login<'_>, target: Target<'_>) -> String {
        let Self { offer, cnonce, used } = self;
        let Offer { hash, realm, nonce, .. } = offer;
        let secret = Zeroizing::new(format!("{}:{realm}:{}", login.username, login.password.expose()));
        let mut identity = Zeroizing::new(hash.hex(secret.as_bytes()));
        if offer.is_session {
            identity = Zeroizing::new(hash.hex(format!("{}:{nonce}:{cnonce}", *identity).as_bytes()));
        }
        let mut address = format!("{}:{}", target.method, target.uri);
        if offer.protection == Some(Protection::Body) {
            let _ = write!(address, ":{}", hash.hex(target.body));
        }
        let address = hash.hex(address.as_bytes());
        let qop = match offer.protection {
            None => None,
            Some(Protection::Address) => Some("auth"),
            Some(Protection::Body) => Some("auth-int"),
        };
        let response = Zeroizing::new(match qop {
            None => format!("{}:{nonce}:{address}", *identity),
            Some(qop) => format!("{}:{nonce}:{used:08x}:{cnonce}:{qop}:{address}", *identity),
        });
        let response = hash.hex(response.as_bytes());

        let mut text = "Digest ".to_owned();
        if offer.hides_name {
            let name = hash.hex(format!("{}:{realm}", login.username).as_bytes());
            let _ = write!(text, "username=\"{name}\"");
        } else if login.username.is_ascii() {
            let _ = write!(text, "username={}", quoted(login.username));
        } else {
            let _ = write!(text, "username*=UTF-8''{}", encode::escape(login.username, Keep::Unreserved));
        }
        let (realm, nonce, uri) = (quoted(realm), quoted(nonce), quoted(target.uri));
        let _ = write!(text, ", realm={realm}, nonce={nonce}, uri={uri}, response=\"{response}\"");
        if let Some(algorithm) = &offer.algorithm {
            let _ = write!(text, ", algorithm={algorithm}");
        }
        if let Some(opaque) = &offer.opaque {
            let _ = write!(text, ", opaque={}", quoted(opaque));
        }
        if let Some(qop) = qop {
            let _ = write!(text, ", qop={qop}, nc={used:08x}, cnonce=\"{cnonce}\"");
        } else if offer.is_session {
            let _ = write!(text, ", cnonce=\"{cnonce}\"");
        }
        if offer.hides_name {
            text.push_str(", userhash=true");
        }
        text
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The maximum number of stored nonces. If no nonce is stored for a caller, the service answers the first request with a challenge, and the
/// request is sent again.
const MOST_SESSIONS: usize = 1024;

/// The caller, scheme, origin and username that a nonce belongs to.
type Key = (Principal, String, Origin, String);

/// The last nonce of each service and login. Nonces are kept until the process ends.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<HashMap<Key, Session>>);

impl Sessions {
    /// Computes the `Authorization` header with the last nonce of the service. Returns the header and the nonce,
    /// or `None` if the service has not sent a nonce yet.
    pub(crate) fn answer(
        &self,
        origin: &Origin,
        login: Login<'_>,
        target: Target<'_>,
    ) -> Option<(Secret, String)> {
        let mut sessions = self.lock();
        let session = sessions.get_mut(&key(origin, login))?;
        session.used = session.used.checked_add(1)?;
        Some((Secret::new(session.answer(login, target)), session.offer.nonce.clone()))
    }

    /// Whether the digest that answers the last challenge covers the body.
    pub(crate) fn covers_body(&self, origin: &Origin, login: Login<'_>) -> bool {
        let sessions = self.lock();
        sessions
            .get(&key(origin, login))
            .is_some_and(|session| session.offer.protection == Some(Protection::Body))
    }

    /// Stores a challenge, so that later requests use its nonce.
    pub(crate) fn accept(&self, origin: &Origin, login: Login<'_>, offer: Offer) -> Result<(), SigningError> {
        let session = Session { offer, cnonce: random()?, used: 0 };
        let mut sessions = self.lock();
        if sessions.len() >= MOST_SESSIONS {
            sessions.clear();
        }
        sessions.insert(key(origin, login), session);
        Ok(())
    }

    /// Forgets a nonce that the service refused.
    pub(crate) fn forget(&self, origin: &Origin, login: Login<'_>) {
        self.lock().remove(&key(origin, login));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(origin: &Origin, login: Login<'_>) -> Key {
    (login.principal.clone(), login.scheme.to_owned(), origin.clone(), login.username.to_owned())
}

fn random() -> Result<String, SigningError> {
    let bytes = random_bytes::<16>().map_err(|error| error.to_string())?;
    Ok(hex_encode(bytes.as_ref()))
}

#[cfg(test)]
mod tests;
