//! Adds placeholders for credentials to the requests that a dry run shows.

use jackfield_recipe::CredentialField;

use super::signer::Signers;
use super::source::CredentialSource;
use crate::call::outgoing::Outgoing;
use crate::call::rows::{Connector, Need, SchemeKind, Tool};

/// Returns the alternative of a tool's security requirements for which placeholders are shown: the first
/// alternative whose credentials are set, or else the first alternative.
pub(crate) fn credential_needs<'t>(
    connector: &Connector<'_>,
    tool: &Tool<'t>,
    source: &dyn CredentialSource,
    signers: &Signers,
) -> &'t [Need<'t>] {
    let scheme = |need: &Need<'_>| connector.schemes.iter().find(|scheme| scheme.name == need.scheme);
    let is_set = |need: &Need<'_>| {
        scheme(need).is_some_and(|scheme| signers.contains_key(scheme.name) || source.outline(scheme).is_set)
    };
    let set = tool.security.iter().find(|needs| !needs.is_empty() && needs.iter().all(is_set));
    set.or(tool.security.first()).copied().unwrap_or_default()
}

/// Sets placeholders for the credentials of a call, for the alternative that [`credential_needs`] returns. Returns
/// notes on credentials that the request does not contain.
pub(crate) fn fill_placeholders(
    connector: &Connector<'_>,
    tool: &Tool<'_>,
    source: &dyn CredentialSource,
    signers: &Signers,
    outgoing: &mut Outgoing,
) -> Vec<String> {
    let scheme = |need: &Need<'_>| connector.schemes.iter().find(|scheme| scheme.name == need.scheme);
    let needs = credential_needs(connector, tool, source, signers);
    let mut notes = Vec::new();
    for scheme in needs.iter().filter_map(scheme) {
        if signers.contains_key(scheme.name) {
            notes.push(format!("the signature of `{}` is added when the request is sent", scheme.name));
            continue;
        }
        let it = source.outline(scheme);
        let word = |usual| scheme.prefix.unwrap_or(usual);
        let mut sketch = |text: String| {
            if let Some(parameter) = scheme.kind.parameter() {
                outgoing.sketch(parameter, &text);
            }
        };
        match scheme.kind {
            SchemeKind::Bearer | SchemeKind::OAuth2 | SchemeKind::OpenIdConnect => {
                sketch(format!("{}<{}>", word("Bearer "), it.name(CredentialField::Token)));
            }
            SchemeKind::Basic => sketch(format!(
                "{}<base64 of {}:{}>",
                word("Basic "),
                it.name(CredentialField::Username),
                it.name(CredentialField::Password)
            )),
            SchemeKind::Digest => sketch(format!(
                "Digest <made from {} and {} when the request is sent>",
                it.name(CredentialField::Username),
                it.name(CredentialField::Password)
            )),
            SchemeKind::ApiKey { .. } => {
                sketch(format!("{}<{}>", word(""), it.name(CredentialField::ApiKey)));
            }
            SchemeKind::MutualTls => {
                notes.push(format!(
                    "the client certificate of {} is presented when connecting",
                    it.name(CredentialField::Certificate)
                ));
            }
            SchemeKind::Http(kind) => {
                notes.push(format!(
                    "`{}` ({kind}) needs a signer, but the connector has no signer for it",
                    scheme.name
                ));
            }
        }
    }
    notes
}

#[cfg(test)]
mod tests;
