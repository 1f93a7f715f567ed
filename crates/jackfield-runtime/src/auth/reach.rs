//! Computes the origins that receive the credentials of a scheme, from the connector and its environment.

use std::collections::BTreeSet;
use std::fmt;

use jackfield_recipe::{AddressVariable, origin_fits, origin_of, server_origins};

use super::audience::Audience;
use super::slot::{CredentialField, CredentialSlot};
use crate::call::base_url::BaseUrl;
use crate::call::rows::{Connector, Scheme, Server, Tool};
use crate::call::servers;
use crate::common::environment::{Environment, Setting};

/// The origin that a call is sent to: scheme, host and port, or a local socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination(String);

impl Destination {
    /// Returns the origin of a base URL.
    pub(crate) fn of(base: &BaseUrl) -> Option<Self> {
        match base.socket() {
            Some(path) => Some(Self(format!("unix://{}", path.display()))),
            None => origin_of(base.as_str()).map(Self),
        }
    }

    /// Parses an origin that a user entered.
    pub fn parse(text: &str) -> Option<Self> {
        Self::of(&BaseUrl::parse(text).ok()?)
    }

    /// Whether this origin is one of `origins`, which may contain patterns.
    pub(crate) fn fits<T: AsRef<str>>(&self, origins: impl IntoIterator<Item = T>) -> bool {
        origins.into_iter().any(|pattern| origin_fits(&self.0, pattern.as_ref()))
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl CredentialSlot<'_> {
    /// Returns the audience of a stored secret: the origins of the API. An OAuth client itself is sent to the endpoints that connector.toml
    /// and the document declare. The tokens of the client are sent to the origins of the API.
    pub(crate) fn audience(&self, environment: &Environment) -> Audience {
        let api = api_origins(self.connector, self.scheme, environment);
        if !self.is_of_client() {
            return Audience { text: api, tokens: None };
        }
        let endpoints = endpoint_origins(self.scheme);
        // If a scheme has no endpoints, its client is sent nowhere, but the user can still store it.
        let text = if endpoints.is_empty() { api.clone() } else { endpoints };
        Audience { text, tokens: Some(api) }
    }

    /// Whether the secret is sent to an authorization server instead of the API.
    pub(crate) const fn is_of_client(&self) -> bool {
        matches!(self.field, CredentialField::ClientId | CredentialField::ClientSecret)
    }
}

/// Returns the origins of the tools that need a scheme, from their servers and from base URLs in the environment.
pub(crate) fn api_origins(
    connector: &Connector<'_>,
    scheme: &Scheme<'_>,
    environment: &Environment,
) -> BTreeSet<String> {
    let tools = tools_of(connector, scheme);
    let mut origins = BTreeSet::new();
    if tools.is_empty() || tools.iter().any(|tool| tool.server.is_none()) {
        origins.extend(connector.servers.iter().flat_map(named));
        origins.extend(connector.origins.iter().filter_map(|origin| origin_of(origin)));
    }
    origins.extend(tools.iter().filter_map(|tool| tool.server.as_ref()).flat_map(named));
    // The origins of the current base URLs are included, because environment variables may have set them.
    origins.extend(destinations(connector, scheme, environment).into_iter().map(|origin| origin.0));
    let listed = environment.get(&Setting::Origins.variable(connector.name)).unwrap_or_default();
    let listed = listed.split([' ', ',', '\t', '\n']).filter_map(Destination::parse);
    origins.extend(listed.map(|origin| origin.0));
    origins
}

/// Returns the current destinations of the tools that need a scheme.
pub(crate) fn destinations(
    connector: &Connector<'_>,
    scheme: &Scheme<'_>,
    environment: &Environment,
) -> Vec<Destination> {
    let tools = tools_of(connector, scheme);
    let mut bases = Vec::new();
    if tools.is_empty() || tools.iter().any(|tool| tool.server.is_none()) {
        bases.push(servers::root(connector, environment));
    }
    let mut seen = BTreeSet::new();
    let own = tools.iter().filter(|tool| tool.server.is_some_and(|own| seen.insert(own.url)));
    bases.extend(own.map(|tool| servers::base(connector, tool, environment)));
    bases.into_iter().flatten().filter_map(|base| Destination::of(&base)).collect()
}

/// Returns the tools that need a scheme, or all tools if no tool needs it.
fn tools_of<'a>(connector: &'a Connector<'a>, scheme: &Scheme<'_>) -> Vec<&'a Tool<'a>> {
    let needs = |tool: &&Tool<'_>| {
        tool.security.iter().flat_map(|needs| needs.iter()).any(|need| need.scheme == scheme.name)
    };
    let tools: Vec<&Tool<'_>> = connector.tools().filter(needs).collect();
    if tools.is_empty() { connector.tools().collect() } else { tools }
}

/// Returns the origins of a server URL. A template counts if it ends in a domain of at least two labels, such as
/// `https://{tenant}.example.com`. A template that matches any host is left out, because it does not restrict the destination of a
/// credential.
fn named<'a>(server: &Server<'a>) -> impl Iterator<Item = String> + use<'a> {
    let variables = server.variables.iter().map(|variable| AddressVariable {
        name: variable.name,
        default: variable.default,
        allowed: variable.allowed,
    });
    let origins = server_origins(server.url, &variables.collect::<Vec<_>>());
    origins.into_iter().filter(|origin| is_anchored(origin))
}

fn is_anchored(origin: &str) -> bool {
    let Some((_, rest)) = origin.rsplit_once('}') else { return true };
    let host = rest.split(':').next().unwrap_or_default();
    host.starts_with('.') && host.split('.').filter(|label| !label.is_empty()).count() >= 2
}

/// Returns the origins of the endpoints that receive the secrets of a client.
fn endpoint_origins(scheme: &Scheme<'_>) -> BTreeSet<String> {
    let flows = scheme.flows.iter().filter(|flow| !flow.kind.is_unsafe());
    let addresses = flows.flat_map(|flow| [flow.token, flow.refresh, flow.device]).chain([scheme.metadata]);
    addresses.flatten().filter_map(origin_of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origin_template_that_matches_any_host_does_not_permit_credentials() {
        for (origin, anchored) in [
            ("https://api.example.com", true),
            ("https://{tenant}.example.com", true),
            ("https://{tenant}.example.com:8443", true),
            ("https://{host}", false),
            ("https://{name}.com", false),
            ("https://{name}-example.com", false),
            ("https://api.example.com:{port}", false),
            ("{scheme}://api.example.com", false),
        ] {
            assert_eq!(is_anchored(origin), anchored, "{origin}");
        }
    }
}
