//! Origins that the requests and credentials of a connector can reach.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Connector, Flow, Operation, Scheme, Server};

/// How many combinations of listed values of server variables are spelled out. Beyond that a variable stays a variable.
const MOST_COMBINATIONS: usize = 64;

/// How many operations a reason names before it counts the rest.
const MOST_NAMED: usize = 3;

/// Every origin that a connector can reach.
///
/// An origin is `scheme://host[:port]` in lower case, without the usual port, or `unix:///path` for a socket. A server
/// variable that may hold any value stays in braces: `https://{tenant}.example.com`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Destinations {
    /// Origins of requests, each with what leads there, such as `server 1` or `server of GET /files`.
    pub requests: BTreeMap<String, Vec<String>>,
    /// The same for each scheme, in the order of the connector.
    pub schemes: Vec<SchemeDestinations>,
}

/// Origins that receive something of a scheme.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchemeDestinations {
    /// The scheme's name.
    pub scheme: String,
    /// Origins that its credential goes to.
    pub credential: BTreeSet<String>,
    /// Origins of its OAuth endpoints, by the endpoint's name: `token`, `refresh`, `metadata` and so on.
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
        // By scheme: whether its credential goes to the servers of the connector, and to which of single operations.
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
                credential,
                endpoints: scheme
                    .endpoints()
                    .filter_map(|(name, address)| Some((name, origin_of(address)?)))
                    .collect(),
            }
        });
        Self { schemes: schemes.collect(), requests }
    }

    /// Every origin with what leads there, sorted by origin.
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
    /// Addresses that take part in getting its tokens, with their names. Flows that are not supported have none.
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
    /// Origins that requests to this server can reach: that of its default address, one for each listed value of its
    /// variables, and the template where a variable may hold any value. Empty where only the user knows the host.
    pub fn origins(&self) -> BTreeSet<String> {
        let mut addresses = vec![self.url.clone()];
        for variable in &self.variables {
            let placeholder = format!("{{{}}}", variable.name);
            let values: BTreeSet<&String> = variable.allowed.iter().chain(&variable.default).collect();
            let is_listed = !variable.allowed.is_empty() && head(&self.url).contains(&placeholder);
            if is_listed && addresses.len() * values.len() <= MOST_COMBINATIONS {
                let filled = addresses.iter().flat_map(|address| {
                    values.iter().map(|value| address.replace(&placeholder, value)).collect::<Vec<_>>()
                });
                addresses = filled.collect();
            }
        }
        addresses.push(self.address());
        addresses.iter().filter_map(|address| origin_of(address)).collect()
    }
}

/// The part of an address that decides its origin.
fn head(url: &str) -> &str {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let mut depth = 0_usize;
            let end = rest.char_indices().find(|(_, c)| match c {
                '{' => {
                    depth += 1;
                    false
                }
                '}' => {
                    depth = depth.saturating_sub(1);
                    false
                }
                other => depth == 0 && "/?#\\".contains(*other),
            });
            &url[..scheme.len() + 3 + end.map_or(rest.len(), |(at, _)| at)]
        }
        None => url,
    }
}

/// The origin of an absolute address, which may be a template. None for a relative one.
pub fn origin_of(address: &str) -> Option<String> {
    let (scheme, rest) = head(address.trim()).split_once("://")?;
    let scheme = lower(scheme);
    if scheme == "unix" || scheme == "http+unix" {
        let path = if scheme == "unix" { address.trim().split_once("://")?.1 } else { rest };
        return Some(printable(&format!("unix://{}", unescape(path))));
    }
    let authority = lower(rest.rsplit('@').next().unwrap_or_default());
    let usual = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => "\0",
    };
    let authority = authority.strip_suffix(usual).unwrap_or(&authority);
    (!authority.is_empty() && !scheme.is_empty()).then(|| printable(&format!("{scheme}://{authority}")))
}

/// The text with all but visible ASCII escaped, since it is printed.
fn printable(text: &str) -> String {
    let escape = |c: char| if c.is_ascii_graphic() { c.to_string() } else { c.escape_unicode().to_string() };
    text.chars().map(escape).collect()
}

/// In lower case, but for names of variables.
fn lower(text: &str) -> String {
    let mut depth = 0_usize;
    let fold = |c: char| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 { c.to_ascii_lowercase() } else { c }
    };
    text.chars().map(fold).collect()
}

/// Undoes percent-encoding; the text itself where that gives no UTF-8.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digits = tail.get(..2).filter(|_| *first == b'%').and_then(|pair| std::str::from_utf8(pair).ok());
        match digits.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ServerVariable;

    #[test]
    fn address_gives_canonical_origin() {
        for (address, origin) in [
            ("https://API.example.com/v1", Some("https://api.example.com")),
            ("HTTPS://api.example.com:443", Some("https://api.example.com")),
            ("http://api.example.com:443/", Some("http://api.example.com:443")),
            ("https://me:pw@api.example.com/", Some("https://api.example.com")),
            ("https://api.example.com\\@evil.example.net/", Some("https://api.example.com")),
            ("https://{Tenant}.Example.com/x", Some("https://{Tenant}.example.com")),
            ("https://{a/b}.example.com/x", Some("https://{a/b}.example.com")),
            ("unix:///var/run/shop.sock", Some("unix:///var/run/shop.sock")),
            ("http+unix://%2Fvar%2Frun%2Fshop.sock/v1", Some("unix:///var/run/shop.sock")),
            ("/v1", None),
            ("https://", None),
            ("https://a\u{1b}[1m.example.com", Some("https://a\\u{1b}[1m.example.com")),
        ] {
            assert_eq!(origin_of(address).as_deref(), origin, "{address}");
        }
    }

    #[test]
    fn server_origins_spell_out_listed_values_and_defaults() {
        let variable = |name: &str, default: Option<&str>, allowed: &[&str]| ServerVariable {
            name: name.to_owned(),
            default: default.map(str::to_owned),
            allowed: allowed.iter().map(|&value| value.to_owned()).collect(),
        };
        let origins = |url: &str, variables: Vec<ServerVariable>| {
            let server = Server { variables, ..Server::at(url) };
            server.origins().into_iter().collect::<Vec<_>>()
        };
        assert_eq!(
            origins("https://{region}.example.com", vec![variable("region", Some("eu"), &["eu", "us"])]),
            ["https://eu.example.com", "https://us.example.com"]
        );
        assert_eq!(
            origins("https://{tenant}.example.com", vec![variable("tenant", Some("demo"), &[])]),
            ["https://demo.example.com", "https://{tenant}.example.com"]
        );
        let left = origins("https://{tenant}.example.com", vec![variable("tenant", Some("evil.net/x"), &[])]);
        assert_eq!(left, ["https://evil.net", "https://{tenant}.example.com"]);
        let base = vec![variable("base", Some("https://a.example.com"), &["https://b.example.com"])];
        assert_eq!(origins("{base}/v1", base), ["https://a.example.com", "https://b.example.com"]);
        assert_eq!(origins("/v1", Vec::new()), Vec::<String>::new());
    }

    #[test]
    fn many_listed_values_stay_a_template() {
        let variables = ["a", "b", "c"].map(|name| ServerVariable {
            name: name.to_owned(),
            default: None,
            allowed: (0..60).map(|number| number.to_string()).collect(),
        });
        let server = Server { variables: variables.into(), ..Server::at("https://{a}-{b}-{c}.example.com") };
        let origins = server.origins();
        assert!(origins.len() <= MOST_COMBINATIONS + 1, "{}", origins.len());
        assert!(origins.contains("https://7-{b}-{c}.example.com"), "{origins:?}");
    }
}
