//! The description of a server as a connector with one scheme, for the OAuth client of the runtime.

use std::sync::Arc;

use bumpalo::Bump;
use jackfield_runtime::rows::{Client, Command, Connector, ConnectorRows, OwnedRows, Scheme, Server};
use self_cell::{MutBorrow, self_cell};

use super::login_document::LoginDocument;
use crate::config::UpstreamClient;

self_cell!(
    /// The tables of a server. They own the memory from which they borrow, because a server can change its metadata at any time.
    struct ServerRows {
        owner: MutBorrow<Bump>,

        #[covariant]
        dependent: Connector,
    }
);

impl OwnedRows for ServerRows {
    fn connector(&self) -> &Connector<'_> {
        self.borrow_dependent()
    }
}

/// Returns the tables of a server: one scheme with the name of the connector, whose tokens are for the server's origin.
pub(crate) fn tables(name: &str, client: Option<&UpstreamClient>, document: &LoginDocument) -> ConnectorRows {
    let memory = MutBorrow::new(Bump::new());
    ConnectorRows::from(Arc::new(ServerRows::new(memory, |memory| {
        connector(memory.borrow_mut(), name, client, document)
    })))
}

fn connector<'m>(
    memory: &'m Bump,
    name: &str,
    client: Option<&UpstreamClient>,
    document: &LoginDocument,
) -> Connector<'m> {
    let text = |text: &str| -> &'m str { memory.alloc_str(text) };
    let texts = |all: &[String]| -> &'m [&'m str] {
        memory.alloc_slice_copy(&all.iter().map(|it| text(it)).collect::<Vec<_>>())
    };
    let mut scheme = match &document.authorization {
        None => Scheme::bearer(text(name)),
        Some(authorization) => {
            let rows = Client::new().resource(text(&authorization.resource));
            let rows = rows.scopes(texts(&authorization.scopes));
            let rows = match client {
                Some(own) => rows.id(text(&own.id)),
                None => rows,
            };
            Scheme::openid_connect(text(name)).metadata(text(&authorization.issuer)).client(rows)
        }
    };
    if let Some(words) = client.and_then(|client| client.secret_command.as_ref()) {
        scheme = scheme.commands(memory.alloc_slice_copy(&[Command::new("client_secret", texts(words))]));
    }
    Connector::new(text(&vault_name(name)))
        .title(text(&format!("Jackfield gateway, {name}")))
        .servers(memory.alloc_slice_copy(&[Server::new(text(&document.origin()))]))
        .schemes(memory.alloc_slice_copy(&[scheme]))
        .named(texts(&document.named_origins()))
}

/// Returns the name with which the vault's records of a connector begin.
pub(crate) fn vault_name(connector: &str) -> String {
    format!("gateway-{connector}")
}
