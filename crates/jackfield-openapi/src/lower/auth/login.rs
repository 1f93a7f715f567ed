//! Merges OAuth schemes that have the same authorization server, so that one login is enough for all of them.

use std::collections::BTreeSet;

use jackfield_model::text::toml_key;
use jackfield_model::{Client, Code, Diagnostic, Flow, FlowKind, Scheme, WireName};

use super::flow::Part;

/// The maximum number of OAuth schemes to merge. Each scheme is compared with all schemes before it, so the
/// number is limited.
const MOST_COMPARED: usize = 256;

/// Merges schemes that share a login. The scheme with the authorization code flow is kept, or else the first scheme
/// by name. The other schemes become its aliases. Each finding has the name of its scheme.
pub(crate) fn unite(schemes: &mut Vec<Scheme>) -> Vec<(WireName, Diagnostic)> {
    let has_code = |scheme: &Scheme| scheme.flows.iter().any(|flow| flow.kind == FlowKind::AuthorizationCode);
    let is_oauth = |scheme: &&Scheme| scheme.kind.is_oauth();
    if schemes.iter().filter(is_oauth).count() > MOST_COMPARED {
        return Vec::new();
    }
    // Schemes with the authorization code flow come first, so that one of them is kept.
    schemes.sort_by(|a, b| (!has_code(a), &a.name).cmp(&(!has_code(b), &b.name)));
    let mut united: Vec<(Scheme, Server)> = Vec::with_capacity(schemes.len());
    for scheme in schemes.drain(..) {
        let server = Server::of(&scheme);
        let is_one = |(_, (known, at)): &(usize, &(Scheme, Server))| {
            known.kind == scheme.kind && server.is_one_with(at) && is_one_client(known, &scheme)
        };
        let mut fitting = united.iter().enumerate().filter(is_one).map(|(at, _)| at);
        // A scheme that matches two other schemes is not merged if those two do not match each other.
        match (fitting.next(), fitting.next()) {
            (Some(at), None) => {
                let (known, at) = &mut united[at];
                at.absorb(server);
                absorb(known, scheme);
            }
            _ => united.push((scheme, server)),
        }
    }
    schemes.extend(united.into_iter().map(|(scheme, _)| scheme));
    schemes.sort_by(|a, b| a.name.cmp(&b.name));
    let merged = schemes.iter().filter(|scheme| !scheme.aliases.is_empty());
    merged.map(|scheme| (scheme.name.clone(), finding(scheme))).collect()
}

fn finding(scheme: &Scheme) -> Diagnostic {
    let names: Vec<String> = scheme.aliases.iter().map(|alias| format!("`{alias}`")).collect();
    let (names, have) = (names.join(", "), if names.len() == 1 { "has" } else { "have" });
    Diagnostic::note(
        Code::OneLogin,
        scheme.place.clone(),
        format!("{names} {have} the same authorization server as `{}`", scheme.name),
    )
    .so(format!("the schemes share one login, named `{}`, with the scopes of all schemes", scheme.name))
    .help(format!(
        "no action is needed; to get a login for each scheme, set a `client_id` under [auth.schemes.{}] and another under \
         [auth.schemes.{}] in connector.toml",
        toml_key(scheme.name.as_str()),
        toml_key(scheme.aliases.first().map_or("", |alias| alias.as_str()))
    ))
}

/// The URLs by which a document identifies an authorization server.
#[derive(Default)]
struct Server {
    /// For each endpoint and for the metadata, all its URLs.
    addresses: [BTreeSet<String>; 5],
    /// Whether users log in at the server.
    by_person: bool,
    /// Whether the server issues tokens to connectors themselves.
    by_client: bool,
}

impl Server {
    /// Collects the URLs of a scheme's authorization server. A scheme of another kind has no URLs.
    fn of(scheme: &Scheme) -> Self {
        if !scheme.kind.is_oauth() {
            return Self::default();
        }
        let of =
            |part: Part| scheme.flows.iter().filter_map(|flow| part.of(flow)).map(|it| plain(it)).collect();
        let [authorization, device, token, refresh] = Part::ALL.map(of);
        let metadata = scheme.metadata.iter().map(|it| plain(it)).collect();
        let kinds = |wanted: bool| {
            scheme.flows.iter().any(|flow| (flow.kind == FlowKind::ClientCredentials) == wanted)
        };
        Self {
            addresses: [authorization, device, token, refresh, metadata],
            by_person: kinds(false) || scheme.flows.is_empty(),
            by_client: kinds(true),
        }
    }

    /// Whether both schemes use the same authorization server. They share a URL, their endpoints do not contradict each other, and they
    /// agree about who gets tokens: a person who logs in, or the connector itself.
    fn is_one_with(&self, other: &Self) -> bool {
        let mut pairs = self.addresses.iter().zip(&other.addresses);
        let shares = pairs.clone().any(|(one, other)| !one.is_disjoint(other));
        let agrees = pairs.all(|(one, other)| one.is_empty() || other.is_empty() || one == other);
        shares && agrees && (self.by_person, self.by_client) == (other.by_person, other.by_client)
    }

    fn absorb(&mut self, other: Self) {
        for (own, more) in self.addresses.iter_mut().zip(other.addresses) {
            own.extend(more);
        }
    }
}

/// Normalizes the parts of a URL that have several spellings: the case of the host, the default port, and a
/// slash at the end.
fn plain(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").unwrap_or(("https", address));
    let (host, path) = rest.find(['/', '?']).map_or((rest, ""), |at| rest.split_at(at));
    let host = host.to_ascii_lowercase();
    let scheme = scheme.to_ascii_lowercase();
    let usual = if scheme == "http" { ":80" } else { ":443" };
    let host = host.strip_suffix(usual).unwrap_or(&host);
    format!("{scheme}://{host}{}", path.strip_suffix('/').unwrap_or(path))
}

/// Whether the user's choices allow merging the two schemes.
fn is_one_client(one: &Scheme, other: &Scheme) -> bool {
    let none = Client::default();
    let clients = one.client == other.client || one.client == none || other.client == none;
    let prefixes = one.prefix == other.prefix || one.prefix.is_none() || other.prefix.is_none();
    let differs = |field, program: &Vec<String>| {
        other.commands.iter().any(|command| command.field == field && command.program != *program)
    };
    clients && prefixes && !one.commands.iter().any(|command| differs(command.field, &command.program))
}

/// Adds the flows and settings of the other scheme to the scheme that is kept.
fn absorb(scheme: &mut Scheme, other: Scheme) {
    for flow in other.flows {
        match scheme.flows.iter_mut().find(|known| known.kind == flow.kind) {
            Some(known) => join(known, flow),
            None => scheme.flows.push(flow),
        }
    }
    scheme.flows.sort_by_key(|flow| flow.kind);
    scheme.metadata = scheme.metadata.take().or(other.metadata);
    scheme.prefix = scheme.prefix.take().or(other.prefix);
    if scheme.client == Client::default() {
        scheme.client = other.client;
    }
    scheme.commands.extend(other.commands);
    scheme.commands.sort_by_key(|command| command.field);
    scheme.commands.dedup();
    if scheme.description.is_empty() {
        scheme.description = other.description;
    }
    scheme.aliases.push(other.name);
    scheme.aliases.extend(other.aliases);
    scheme.aliases.sort();
}

fn join(flow: &mut Flow, other: Flow) {
    flow.authorization = flow.authorization.take().or(other.authorization);
    flow.device = flow.device.take().or(other.device);
    flow.token = flow.token.take().or(other.token);
    flow.refresh = flow.refresh.take().or(other.refresh);
    flow.scopes.extend(other.scopes);
    flow.scopes.sort();
    flow.scopes.dedup();
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn authorization_server_url_is_normalized_before_comparison() {
        for (one, other) in [
            ("https://login.example.com/auth", "https://LOGIN.example.com:443/auth/"),
            ("http://login.example.com:80", "http://login.example.com/"),
        ] {
            assert_eq!(plain(one), plain(other));
        }
    }

    #[test]
    fn authorization_servers_differ_by_scheme_port_path_or_query() {
        let address = "https://login.example.com/auth";
        for other in [
            "http://login.example.com/auth",
            "https://login.example.com/Auth",
            "https://login.example.com:8443/auth",
            "https://login.example.com/auth?realm=a",
        ] {
            assert_ne!(plain(address), plain(other));
        }
        assert_ne!(plain(&format!("{address}?realm=a")), plain(&format!("{address}?realm=b")));
    }
}
