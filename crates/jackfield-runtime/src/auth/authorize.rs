//! Chooses an alternative by the credentials that are there, and puts them into the request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jackfield_recipe::Location;

use super::{AuthError, Credential, CredentialSource};
use crate::caller::Caller;
use crate::request::Request;
use crate::rows::{Connector, Need, Scheme, SchemeKind, Tool};
use crate::secret::{Secret, Secrets};

/// Authenticates the request by the first alternative that is complete. None complete: nothing may be sent.
pub(crate) async fn authorize(
    connector: &Connector,
    tool: &Tool,
    source: &dyn CredentialSource,
    caller: &Caller,
    request: &mut Request,
) -> Result<Secrets, AuthError> {
    let mut alternatives = Vec::new();
    let mut optional = tool.security.is_empty();
    for needs in tool.security {
        if needs.is_empty() {
            optional = true;
            continue;
        }
        match collect(connector, needs, source, caller).await {
            Ok(found) => {
                let mut secrets = Secrets::default();
                for (scheme, credential) in found {
                    place(scheme, credential, request, &mut secrets);
                }
                return Ok(secrets);
            }
            Err(remedy) => alternatives.push(remedy),
        }
    }
    if optional { Ok(Secrets::default()) } else { Err(AuthError { alternatives }) }
}

/// The credentials of one alternative, or what is missing of it.
async fn collect<'a>(
    connector: &'a Connector,
    needs: &'static [Need],
    source: &dyn CredentialSource,
    caller: &Caller,
) -> Result<Vec<(&'a Scheme, Credential)>, String> {
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
                Ok(credential) => found.push((scheme, credential)),
                Err(absent) => missing.push(absent.remedy),
            },
        }
    }
    if missing.is_empty() { Ok(found) } else { Err(missing.join(", and ")) }
}

fn place(scheme: &Scheme, credential: Credential, request: &mut Request, secrets: &mut Secrets) {
    match credential {
        Credential::Token(token) => {
            secrets.push(token.clone());
            request.authenticate(Location::Header, "authorization", "Bearer ", token);
        }
        Credential::Password { username, password } => {
            let pair = password.map(|password| STANDARD.encode(format!("{username}:{password}")));
            secrets.push(password);
            secrets.push(pair.clone());
            request.authenticate(Location::Header, "authorization", "Basic ", pair);
        }
        Credential::Key(key) => {
            let (location, wire) = match scheme.kind {
                SchemeKind::ApiKey { location, wire } => (location, wire),
                _ => (Location::Header, "authorization"),
            };
            secrets.push(key.clone());
            secrets
                .push(Secret::map(&key, |key| crate::encode::escape(key, crate::encode::Keep::Unreserved)));
            request.authenticate(location, wire, "", key);
        }
    }
}
