//! Chooses an alternative by the credentials that are there, and puts them into the request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jackfield_recipe::Location;

use super::{AuthError, Credential, CredentialSource, Missing};
use crate::caller::Caller;
use crate::encode::{self, Keep};
use crate::outgoing::Outgoing;
use crate::rows::{Connector, Need, Scheme, SchemeKind, Tool};
use crate::secret::Secrets;

/// The credentials of one call: those of the first alternative that is complete.
pub(crate) struct Authorized(Vec<Used>);

/// A credential that goes with a request.
struct Used {
    scheme: &'static Scheme,
    scopes: &'static [&'static str],
    credential: Credential,
}

/// Chooses among the alternatives of a tool. None complete: nothing may be sent.
pub(crate) async fn authorize(
    connector: &'static Connector,
    tool: &'static Tool,
    source: &dyn CredentialSource,
    caller: &Caller,
) -> Result<Authorized, AuthError> {
    let mut alternatives = Vec::new();
    let mut optional = tool.security.is_empty();
    for needs in tool.security {
        if needs.is_empty() {
            optional = true;
            continue;
        }
        match collect(connector, needs, source, caller).await {
            Ok(found) => return Ok(Authorized(found)),
            Err(remedy) => alternatives.push(remedy),
        }
    }
    if optional { Ok(Authorized(Vec::new())) } else { Err(AuthError { alternatives }) }
}

/// The credentials of one alternative, or what is missing of it.
async fn collect(
    connector: &'static Connector,
    needs: &'static [Need],
    source: &dyn CredentialSource,
    caller: &Caller,
) -> Result<Vec<Used>, String> {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for need in needs {
        match connector.schemes.iter().find(|scheme| scheme.name == need.scheme) {
            None => missing.push(format!("use a connector that declares `{}`", need.scheme)),
            Some(scheme) if matches!(scheme.kind, SchemeKind::Digest) => {
                missing.push(format!(
                    "find another way to authenticate than digest (`{}`), which is not supported yet",
                    scheme.name
                ));
            }
            Some(scheme) => match source.credential(scheme, need.scopes, caller).await {
                Ok(credential) => found.push(Used { scheme, scopes: need.scopes, credential }),
                Err(absent) => missing.push(absent.remedy),
            },
        }
    }
    if missing.is_empty() { Ok(found) } else { Err(missing.join(", and ")) }
}

impl Authorized {
    /// Others in the place of those that the service has refused, where the source has any.
    pub(crate) async fn renewed(
        &self,
        source: &dyn CredentialSource,
        caller: &Caller,
    ) -> Result<Option<Self>, Missing> {
        let mut any = false;
        let mut renewed = Vec::new();
        for Used { scheme, scopes, credential } in &self.0 {
            let other = source.renewed(scheme, scopes, caller, credential).await?;
            any |= other.is_some();
            let credential = other.unwrap_or_else(|| credential.clone());
            renewed.push(Used { scheme, scopes, credential });
        }
        Ok(any.then_some(Self(renewed)))
    }

    /// Puts them where they belong, and says what has to be struck from what comes back.
    pub(crate) fn place(&self, outgoing: &mut Outgoing) -> Secrets {
        let mut secrets = Secrets::default();
        for used in &self.0 {
            place(used.scheme, &used.credential, outgoing, &mut secrets);
        }
        secrets
    }
}

fn place(scheme: &'static Scheme, credential: &Credential, outgoing: &mut Outgoing, secrets: &mut Secrets) {
    let word = |usual| scheme.prefix.unwrap_or(usual);
    match credential {
        Credential::Token(token) => {
            secrets.push(token.clone());
            outgoing.authenticate(Location::Header, "authorization", word("Bearer "), token.clone());
        }
        Credential::Password { username, password } => {
            let pair = password.map(|password| STANDARD.encode(format!("{username}:{password}")));
            secrets.push(password.clone());
            secrets.push(pair.clone());
            outgoing.authenticate(Location::Header, "authorization", word("Basic "), pair);
        }
        Credential::Key(key) => {
            let (location, wire) = match scheme.kind {
                SchemeKind::ApiKey { location, wire } => (location, wire),
                _ => (Location::Header, "authorization"),
            };
            secrets.push(key.clone());
            secrets.push(key.map(|key| encode::escape(key, Keep::Unreserved)));
            outgoing.authenticate(location, wire, word(""), key.clone());
        }
    }
}
