//! The origins that the requests and credentials of a connector can reach.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_recipe::{AddressVariable, origin_of, server_origins};

use crate::{Connector, Flow, Operation, Scheme, Server};

/// The maximum number of operations that a reason lists by route. Further operations are counted.
const MOST_NAMED: usize = 3;

/// Every origin that a connector can reach.
///
/// An origin is `scheme://host[:port]` in lower case, without the default port, or `unix:///path` for a
/// socket. A server variable without listed values remains in braces: `https://{tenant}.example.com`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Destinations {
    /// The origins of requests, each with its reasons, such as `server 1` or `server of GET /files`.
    pub requests: BTreeMap<String, Vec<String>>,
    /// The destinations of each scheme, in the order of the connector.
    pub schemes: Vec<SchemeDestinations>,
}

/// The origins that receive a credential, token or secret of a scheme.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchemeDestinations {
    /// The scheme's name.
    pub scheme: String,
    /// The type of the scheme, as connector.toml writes it, or `http`.
    pub kind: &'static str,
    /// Origins that receive the credential of the scheme.
    pub credential: BTreeSet<String>,
    /// The origins of the scheme's OAuth endpoints, each with the endpoint's name: `token`, `refresh`,
    /// `metadata` and so on.
    pub endpoints: BTreeSet<(&'static str, String)>,
}

impl Destinations {
    /// Collects the origins of a connector.
    pub fn of(connector: &Connector) -> Self {
        let mut requests: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut root = BTreeSet::new();
        for (server, number) in connector.servers.iter().zip(1..) {
            for origin in server.origins() {
                root.insert(origin.clone());
                requests.entry(origin).or_default().push(format!("server {number}"));
            }
        }
        for origin in &connector.origins {
            root.insert(origin.clone());
            requests.entry(origin.clone()).or_insert_with(|| vec!["origins of connector.toml".to_owned()]);
        }
        let mut own: BTreeMap<String, Vec<&Operation>> = BTreeMap::new();
        for operation in connector.operations() {
            for origin in operation.server.iter().flat_map(Server::origins) {
                own.entry(origin).or_default().push(operation);
            }
        }
        for (origin, operations) in own {
            let mut named: Vec<String> =
                operations.iter().take(MOST_NAMED).map(|operation| operation.route()).collect();
            if let Some(more) = operations.len().checked_sub(MOST_NAMED).filter(|more| *more > 0) {
                named.push(format!("{more} more"));
            }
            requests.entry(origin).or_default().push(format!("server of {}", named.join(", ")));
        }
        // For each scheme: whether an operation uses it with the connector's servers, and the origins of
        // operations that have servers of their own.
        let mut needed: BTreeMap<&str, (bool, BTreeSet<String>)> = BTreeMap::new();
        for operation in connector.operations() {
            let own = operation.server.as_ref().map(Server::origins);
            for need in operation.security.iter().flat_map(|one| &one.needs) {
                let (uses_root, origins) = needed.entry(need.scheme.as_str()).or_default();
                match &own {
                    Some(own) => origins.extend(own.iter().cloned()),
                    None => *uses_root = true,
                }
            }
        }
        let schemes = connector.schemes.iter().map(|scheme| {
            let (uses_root, mut credential) = needed.remove(scheme.name.as_str()).unwrap_or_default();
            if uses_root {
                credential.extend(root.iter().cloned());
            }
            SchemeDestinations {
                scheme: scheme.name.to_string(),
                kind: scheme.kind.as_str().unwrap_or("http"),
                credential,
                endpoints: scheme
                    .endpoints()
                    .filter_map(|(name, address)| Some((name, origin_of(address)?)))
                    .collect(),
            }
        });
        Self { schemes: schemes.collect(), requests }
    }

    /// Returns all origins with their reasons, sorted by origin.
    pub fn reasons(&self) -> BTreeMap<String, Vec<String>> {
        let mut all = self.requests.clone();
        for scheme in &self.schemes {
            for (endpoint, origin) in &scheme.endpoints {
                all.entry(origin.clone())
                    .or_default()
                    .push(format!("{endpoint} endpoint of `{}`", scheme.scheme));
            }
        }
        all
    }
}

impl Scheme {
    /// Returns the OAuth endpoints of the scheme, as pairs of name and URL. Endpoints of unsupported flows are left out.
    pub fn endpoints(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let flows = self.flows.iter().filter(|flow| !flow.kind.is_unsafe());
        let metadata = self.metadata.as_deref().map(|address| ("metadata", address));
        flows.flat_map(Flow::endpoints).chain(metadata)
    }
}

impl Flow {
    fn endpoints(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("authorization", &self.authorization),
            ("device", &self.device),
            ("token", &self.token),
            ("refresh", &self.refresh),
        ]
        .into_iter()
        .filter_map(|(name, address)| Some((name, address.as_deref()?)))
    }
}

impl Server {
    /// Returns the origins that requests to this server can reach.
    pub fn origins(&self) -> BTreeSet<String> {
        let variables = self.variables.iter().map(|variable| AddressVariable {
            name: &variable.name,
            default: variable.default.as_deref(),
            allowed: &variable.allowed,
        });
        server_origins(&self.url, &variables.collect::<Vec<_>>())
    }
}
