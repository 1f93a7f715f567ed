//! Servers and endpoints on private networks that only the document names. The runtime refuses to call them;
//! these findings say so in advance.

use std::collections::BTreeSet;

use jackfield_model::{AddressClass, Code, Diagnostic, Place, Scheme, Server, origin_of, shell_quoted};

use super::choices::Choices;
use crate::document::Node;

/// Decides for which private addresses findings are reported.
#[derive(Default)]
pub(crate) struct Private {
    /// Origins that the user names.
    named: BTreeSet<String>,
    /// The base URL of the first server, if the document declares this server and the user did not replace it.
    root: Option<String>,
    /// The address class of the first server. Addresses of a more private class are reported.
    limit: Option<AddressClass>,
}

impl Private {
    pub(crate) fn new(choices: &Choices, servers: &[Server]) -> Self {
        let is_ready = |server: &&Server| server.variables.iter().all(|it| it.default.is_some());
        let first = servers.iter().find(is_ready).or(servers.first()).map(Server::address);
        let root = first.filter(|_| choices.server.is_none());
        let limit = root.as_deref().or(choices.server.as_deref()).map(AddressClass::of_url);
        Self { named: choices.named.clone(), root, limit }
    }

    /// Reports that calls to the first server are refused until the user names it.
    pub(super) fn check_root(&self, document: &Node<'_>, diagnostics: &mut Vec<Diagnostic>) {
        let Some((address, class)) = self.root.as_deref().and_then(|root| self.unnamed(root)) else { return };
        let place = ["servers", "host"].iter().find_map(|key| document.get(key));
        let place =
            place.map_or_else(|| document.place(), |node| first(&node).unwrap_or_else(|| node.place()));
        let (so, help) = match class {
            AddressClass::Forbidden => ("every call is refused".to_owned(), remedy(&address, class)),
            _ => (
                "calls are refused until the user allows the address".to_owned(),
                root_remedy(&address, class),
            ),
        };
        let problem =
            format!("the server `{address}` is {}, and only the document names it", class.describe());
        diagnostics.push(Diagnostic::note(Code::PrivateServer, place, problem).so(so).help(help));
    }

    /// Reports a server of an operation that is more private than the first server.
    pub(super) fn check_own(&self, server: &Server, owner: &Node<'_>, diagnostics: &mut Vec<Diagnostic>) {
        let Some((address, class)) = self.exceeds(&server.address()) else { return };
        let place = owner
            .get("servers")
            .map_or_else(|| owner.place(), |list| first(&list).unwrap_or_else(|| list.place()));
        let problem = format!(
            "the operation's server `{address}` is {}, which is more private than the connector's server",
            class.describe()
        );
        let so = match class {
            AddressClass::UnixSocket | AddressClass::Forbidden => "calls of the operation's tool are refused",
            _ => "calls of the operation's tool are refused until the user allows the address",
        };
        let finding = Diagnostic::warning(Code::PrivateServer, place, problem);
        diagnostics.push(finding.so(so).help(remedy(&address, class)));
    }

    /// Reports endpoints of authorization servers that are more private than the first server.
    pub(super) fn check_endpoints(
        &self,
        document: &Node<'_>,
        schemes: &[Scheme],
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        for scheme in schemes {
            // The connector does not call `authorization`; the user's browser opens it.
            let flows = scheme.flows.iter().filter(|flow| !flow.kind.is_unsafe());
            let asked = flows.flat_map(|flow| [&flow.device, &flow.token, &flow.refresh]);
            let mut asked = asked.chain([&scheme.metadata]).flatten();
            let Some((address, class)) = asked.find_map(|address| self.exceeds(address)) else { continue };
            let problem = format!(
                "the endpoint `{address}` of `{}` is {}, which is more private than the connector's server",
                scheme.name,
                class.describe()
            );
            let finding = Diagnostic::warning(Code::PrivateServer, place_of(document, scheme), problem);
            diagnostics.push(
                finding
                    .so("no token is requested there until the user allows the address")
                    .help(remedy(&address, class)),
            );
        }
    }

    /// Returns the URL and its address class, if the address is more private than the first server and the user did
    /// not name it.
    fn exceeds(&self, address: &str) -> Option<(String, AddressClass)> {
        let (address, class) = self.unnamed(address)?;
        let is_socket = class == AddressClass::UnixSocket;
        (is_socket || class > self.limit.unwrap_or(AddressClass::Public)).then_some((address, class))
    }

    /// Returns the URL and its address class, if the address is private and the user did not name it.
    fn unnamed(&self, address: &str) -> Option<(String, AddressClass)> {
        let class = AddressClass::of_url(address);
        let is_named = class != AddressClass::Forbidden
            && origin_of(address).is_some_and(|origin| self.named.contains(&origin));
        (class > AddressClass::Public && !is_named).then(|| (address.to_owned(), class))
    }
}

fn root_remedy(address: &str, class: AddressClass) -> String {
    if class == AddressClass::UnixSocket {
        return format!(
            "put `servers = [{address:?}]` into connector.toml, or start the connector with `--base-url {}`",
            shell_quoted(address)
        );
    }
    format!("{}, or start the connector with `--base-url {}`", remedy(address, class), shell_quoted(address))
}

fn remedy(address: &str, class: AddressClass) -> String {
    match class {
        AddressClass::Forbidden => {
            "set another URL in connector.toml: this address cannot be allowed".to_owned()
        }
        AddressClass::UnixSocket => {
            "remove it, or set `servers` for all tools in connector.toml: a document cannot name a socket"
                .to_owned()
        }
        _ => {
            let origin = origin_of(address).unwrap_or_else(|| address.to_owned());
            format!(
                "in the connector's folder, run `jackfield gen --accept-origin {}`, or put `origins = [{origin:?}]` below [auth] in connector.toml",
                shell_quoted(&origin)
            )
        }
    }
}

fn first(list: &Node<'_>) -> Option<Place> {
    list.items().next().map(|node| node.place())
}

fn place_of(document: &Node<'_>, scheme: &Scheme) -> Place {
    let lists = [
        document.get("components").and_then(|components| components.get("securitySchemes")),
        document.get("securityDefinitions"),
    ];
    let node = lists.into_iter().flatten().find_map(|list| list.get(scheme.name.as_str()));
    node.map_or_else(|| document.place(), |node| node.place())
}
