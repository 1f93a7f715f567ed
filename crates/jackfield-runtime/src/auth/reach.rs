//! Origins that a credential of a scheme goes to, as connector and user have them now.

use std::collections::BTreeSet;
use std::fmt;

use jackfield_recipe::{AddressVariable, origin_fits, origin_of, server_origins};

use super::audience::Audience;
use super::slot::{CredentialField, Slot};
use crate::call::base_url::BaseUrl;
use crate::call::rows::{Connector, Scheme, Server, Tool};
use crate::call::servers;
use crate::common::environment::{Environment, Setting};

/// The origin that a call goes to: scheme, host and port, or a socket of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination(String);

impl Destination {
    /// The origin of a base address.
    pub(crate) fn of(base: &BaseUrl) -> Option<Self> {
        match base.socket() {
            Some(path) => Some(Self(format!("unix://{}", path.display()))),
            None => origin_of(base.as_str()).map(Self),
        }
    }

    /// The origin of an address that a person has typed.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::of(&BaseUrl::parse(text).ok()?)
    }

    /// Whether it is one of these origins, some of which may be patterns.
    pub(crate) fn fits<T: AsRef<str>>(&self, origins: impl IntoIterator<Item = T>) -> bool {
        origins.into_iter().any(|pattern| origin_fits(&self.0, pattern.as_ref()))
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Slot {
    /// The audience of its text: the origins of the API. The client of an authorization server goes to the endpoints that
    /// connector and document name, and its tokens to the origins of the API.
    pub(crate) fn audience(&self, environment: &Environment) -> Audience {
        let api = api_origins(self.connector, self.scheme, environment);
        if !self.is_of_client() {
            return Audience { text: api, tokens: None };
        }
        let endpoints = endpoint_origins(self.scheme);
        // A client of a scheme without endpoints is sent nowhere; it may be set all the same.
        let text = if endpoints.is_empty() { api.clone() } else { endpoints };
        Audience { text, tokens: Some(api) }
    }

    /// Whether its text goes to an authorization server, and not to the API.
    pub(crate) const fn is_of_client(&self) -> bool {
        matches!(self.field, CredentialField::ClientId | CredentialField::ClientSecret)
    }
}

/// Origins of the tools that need a scheme: their servers, and what the user names in the environment.
pub(crate) fn api_origins(
    connector: &'static Connector,
    scheme: &Scheme,
    environment: &Environment,
) -> BTreeSet<String> {
    let tools = tools_of(connector, scheme);
    let mut origins = BTreeSet::new();
    if tools.is_empty() || tools.iter().any(|tool| tool.server.is_none()) {
        origins.extend(connector.servers.iter().flat_map(named));
        origins.extend(connector.origins.iter().filter_map(|origin| origin_of(origin)));
    }
    origins.extend(tools.iter().filter_map(|tool| tool.server.as_ref()).flat_map(named));
    // The address in force counts too: a variable of the environment may have chosen it.
    origins.extend(destinations(connector, scheme, environment).into_iter().map(|origin| origin.0));
    let listed = environment.get(&Setting::Origins.variable(connector.name)).unwrap_or_default();
    let listed = listed.split([' ', ',', '\t', '\n']).filter_map(Destination::parse);
    origins.extend(listed.map(|origin| origin.0));
    origins
}

/// Where calls of the tools that need a scheme go now.
pub(crate) fn destinations(
    connector: &'static Connector,
    scheme: &Scheme,
    environment: &Environment,
) -> Vec<Destination> {
    let tools = tools_of(connector, scheme);
    let mut bases = Vec::new();
    if tools.is_empty() || tools.iter().any(|tool| tool.server.is_none()) {
        bases.push(servers::root(connector, environment));
    }
    let mut seen = BTreeSet::new();
    let is_new = |tool: &&&Tool| tool.server.as_ref().is_some_and(|own| seen.insert(own.url));
    bases.extend(tools.iter().filter(is_new).map(|tool| servers::base(connector, tool, environment)));
    bases.into_iter().flatten().filter_map(|base| Destination::of(&base)).collect()
}

/// The tools that need a scheme; all of them where none does.
fn tools_of(connector: &'static Connector, scheme: &Scheme) -> Vec<&'static Tool> {
    let needs = |tool: &&Tool| {
        tool.security.iter().flat_map(|needs| needs.iter()).any(|need| need.scheme == scheme.name)
    };
    let tools: Vec<&Tool> = connector.tools().filter(needs).collect();
    if tools.is_empty() { connector.tools().collect() } else { tools }
}

/// Origins of a server. A template counts if it ends in a domain of at least two labels, such as
/// `https://{tenant}.example.com`; one that may be any host does not say where a credential belongs.
fn named(server: &Server) -> impl Iterator<Item = String> + use<> {
    let variables = server.variables.iter().map(|variable| AddressVariable {
        name: variable.name,
        default: variable.default,
        allowed: variable.allowed,
    });
    let origins = server_origins(server.url, &variables.collect::<Vec<_>>());
    origins.into_iter().filter(|origin| is_anchored(origin))
}

fn is_anchored(origin: &str) -> bool {
    let Some((_, behind)) = origin.rsplit_once('}') else { return true };
    let host = behind.split(':').next().unwrap_or_default();
    host.starts_with('.') && host.split('.').filter(|label| !label.is_empty()).count() >= 2
}

/// Origins of the endpoints that see the secrets of a client.
fn endpoint_origins(scheme: &Scheme) -> BTreeSet<String> {
    let flows = scheme.flows.iter().filter(|flow| !flow.kind.is_unsafe());
    let addresses = flows.flat_map(|flow| [flow.token, flow.refresh, flow.device]).chain([scheme.metadata]);
    addresses.flatten().filter_map(origin_of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn template_of_any_host_is_no_destination() {
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
