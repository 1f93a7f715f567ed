//! Chooses one of the alternatives of a tool's security requirements, by the credentials that are available.

use std::sync::Arc;

use jackfield_recipe::WireSlot;

use super::credential::{Credential, Missing};
use super::digest::Sessions;
use super::error::{AuthError, Incomplete, MissingPart};
use super::located::{CredentialPlace, Located, Sent};
use super::place::{self, UnfitCredential};
use super::reach::Destination;
use super::signer::{Signer, Signers};
use super::source::{CredentialRequest, CredentialSource};
use crate::call::base_url::BaseUrl;
use crate::call::held_rows::{ConnectorRows, SchemeHandle};
use crate::call::outgoing::Outgoing;
use crate::call::rows::{Need, Scheme, SchemeKind, Tool};
use crate::common::caller::{Caller, Principal};
use crate::common::secret::{NeedleCache, Secrets};
use crate::transport::client::HttpClient;

/// The sources of credentials, and the call that needs them.
pub(crate) struct Authorizer<'a> {
    pub(crate) rows: &'a ConnectorRows,
    pub(crate) source: &'a dyn CredentialSource,
    pub(crate) signers: &'a Signers,
    pub(crate) client: &'a HttpClient,
    pub(crate) base: &'a BaseUrl,
    /// The origin of the base URL.
    pub(crate) destination: Option<&'a Destination>,
    pub(crate) caller: &'a Caller,
    pub(crate) sessions: &'a Arc<Sessions>,
    pub(crate) needles: &'a Arc<NeedleCache>,
}

/// The credentials of one call, from the first alternative whose credentials are all available.
pub(crate) struct Authorized<'a> {
    pub(super) used: Vec<Used<'a>>,
    pub(super) signers: Vec<Arc<dyn Signer>>,
    pub(super) caller: Caller,
    /// The digest challenges of earlier calls.
    pub(super) sessions: Arc<Sessions>,
    /// The cached search patterns with which credentials of earlier calls are redacted from replies.
    needles: Arc<NeedleCache>,
}

/// A credential that is sent with a request.
pub(super) struct Used<'a> {
    pub(super) scheme: SchemeHandle,
    scopes: &'a [&'a str],
    pub(super) credential: Credential,
    place: Option<CredentialPlace>,
}

impl Tool<'_> {
    /// Whether the tool can be called without a credential.
    pub(crate) fn is_open(&self) -> bool {
        self.security.is_empty() || self.security.iter().any(|needs| needs.is_empty())
    }
}

impl<'a> Authorizer<'a> {
    /// Returns an empty set of credentials, for a call without authentication.
    pub(crate) fn none(&self) -> Authorized<'a> {
        Authorized {
            used: Vec::new(),
            signers: Vec::new(),
            caller: self.caller.clone(),
            sessions: Arc::clone(self.sessions),
            needles: Arc::clone(self.needles),
        }
    }

    /// Chooses an alternative of the tool's security requirements, and returns its credentials.
    ///
    /// # Errors Returns an error if every alternative lacks a credential. In this case, the request must not be sent.
    pub(crate) async fn authorize(&self, tool: &'a Tool<'a>) -> Result<Authorized<'a>, AuthError> {
        let mut alternatives = Vec::new();
        for needs in tool.security.iter().copied().filter(|needs| !needs.is_empty()) {
            match self.collect(needs).await {
                Ok(found) => return Ok(found),
                Err(incomplete) => alternatives.push(incomplete),
            }
        }
        if tool.is_open() { Ok(self.none()) } else { Err(AuthError { alternatives }) }
    }

    /// Returns the credentials of one alternative, or a description of the credentials that are missing.
    async fn collect(&self, needs: &'a [Need<'a>]) -> Result<Authorized<'a>, Incomplete> {
        let mut found = self.none();
        let mut missing = Vec::new();
        let mut slots: Vec<(WireSlot, &str)> = Vec::new();
        for need in needs {
            let schemes = self.rows.get().schemes;
            let Some(at) = schemes.iter().position(|scheme| scheme.name == need.scheme) else {
                missing.push(MissingPart::Undeclared { scheme: need.scheme.to_owned() });
                continue;
            };
            let scheme = &schemes[at];
            if let Some(signer) = self.signers.get(scheme.name) {
                found.signers.push(Arc::clone(signer));
                continue;
            }
            // If two schemes set the same header, parameter or cookie, the generator makes them alternatives, but
            // hand-written tables may still require both.
            if needs.len() > 1 {
                let slot = scheme.kind.slot();
                if let Some((_, other)) = slots.iter().find(|(taken, _)| *taken == slot) {
                    missing.push(MissingPart::SameSlot {
                        scheme: scheme.name.to_owned(),
                        other: (*other).to_owned(),
                        slot: slot.clone(),
                    });
                }
                slots.push((slot, scheme.name));
            }
            if scheme.kind == SchemeKind::MutualTls && !self.base.is_encrypted() {
                let address = self.base.as_str().to_owned();
                missing.push(MissingPart::Unencrypted { scheme: scheme.name.to_owned(), address });
                continue;
            }
            if let Err(absent) = self.check_destination(scheme).await {
                missing.push(MissingPart::Credential(absent));
                continue;
            }
            let located = self.source.located(CredentialRequest::new(scheme, need.scopes, self.caller)).await;
            match located.and_then(|it| self.check(scheme, it)) {
                Ok(Located { credential, place }) => {
                    let scheme = self.rows.scheme(at);
                    found.used.push(Used { scheme, scopes: need.scopes, credential, place });
                }
                Err(absent) => missing.push(MissingPart::Credential(absent)),
            }
        }
        if missing.is_empty() { Ok(found) } else { Err(Incomplete(missing)) }
    }

    /// Checks that the stored credential of a scheme was given for the origin of this call.
    async fn check_destination(&self, scheme: &Scheme<'_>) -> Result<(), Missing> {
        match self.destination {
            Some(destination) => self.source.check_destination(scheme, destination, self.caller).await,
            None => Err(Missing { remedy: format!("use another URL than {}", self.base.as_str()) }),
        }
    }

    /// Returns the credential, or an error if a request cannot carry it.
    fn check(&self, scheme: &Scheme<'_>, located: Located) -> Result<Located, Missing> {
        let unfit = match &located.credential {
            Credential::Certificate { chain, key } => {
                self.client.identify(chain, key).err().map(UnfitCredential::Certificate)
            }
            other => place::unfit(scheme, other),
        };
        let Some(why) = unfit else { return Ok(located) };
        let place = located.place.map(|place| place.to_string());
        let place = place.unwrap_or_else(|| format!("the credential of `{}`", scheme.name));
        Err(Missing { remedy: format!("correct {place}: {why}") })
    }

    /// Asks the source to replace the credentials that the service refused. Returns `None` if the source replaces
    /// no credential.
    pub(crate) async fn renewed(&self, refused: &Authorized<'a>) -> Result<Option<Authorized<'a>>, Missing> {
        let mut any = false;
        let mut renewed = Authorized { signers: refused.signers.clone(), ..self.none() };
        for Used { scheme, scopes, credential, place } in &refused.used {
            self.check_destination(scheme.get()).await?;
            let request = CredentialRequest::new(scheme.get(), scopes, self.caller);
            let other = self.source.renewed(request, credential).await?;
            any |= other.is_some();
            let credential = match other {
                Some(other) => self.check(scheme.get(), Located::new(other, place.clone()))?.credential,
                None => credential.clone(),
            };
            renewed.used.push(Used { scheme: scheme.clone(), scopes, credential, place: place.clone() });
        }
        Ok(any.then_some(renewed))
    }
}

impl Authorized<'_> {
    /// Returns the credentials that were sent, for a message about a refused credential.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        let used = self.used.iter();
        used.map(|used| Sent { scheme: used.scheme.clone(), place: used.place.clone() }).collect()
    }

    /// Returns the caller to whom the credentials belong.
    pub(crate) fn principal(&self) -> &Principal {
        self.caller.principal()
    }

    /// Calls `field` with each value that identifies these credentials. `field` computes a digest. Returns false if a signer uses other
    /// credentials, because `field` does not receive them.
    pub(crate) fn feed(&self, field: &mut impl FnMut(&[u8])) -> bool {
        field(&self.used.len().to_le_bytes());
        for used in &self.used {
            field(used.scheme.get().name.as_bytes());
            let (kind, texts) = match &used.credential {
                Credential::Token(token) => (0, [token.expose(), ""]),
                Credential::Key(key) => (1, [key.expose(), ""]),
                Credential::Password { username, password } => (2, [username.as_str(), password.expose()]),
                Credential::Certificate { chain, key } => (3, [chain.expose(), key.expose()]),
            };
            field(&[kind]);
            texts.iter().for_each(|text| field(text.as_bytes()));
        }
        self.signers.is_empty()
    }

    /// Adds the credentials to the request, and returns the secrets to redact from the reply.
    pub(crate) fn place(&self, outgoing: &mut Outgoing) -> Secrets {
        let mut secrets = Secrets::cached_in(&self.needles);
        for used in &self.used {
            place::place(used.scheme.get(), &used.credential, outgoing, &mut secrets);
        }
        secrets
    }
}
