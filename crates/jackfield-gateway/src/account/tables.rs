//! The description of a server as a connector with one scheme, for the OAuth client of the runtime.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jackfield_runtime::v1::{Client, Command, Connector, Scheme, Server};

use super::login_document::LoginDocument;
use crate::config::HttpUpstream;

type Tables = (&'static Connector, &'static Scheme);

/// Returns the tables of a server: one scheme with the name of the connector, whose tokens are for the server's origin. The tables are
/// never freed. Their number is limited by the servers in gateway.toml.
pub(crate) fn tables(name: &str, upstream: &HttpUpstream, document: &LoginDocument) -> Tables {
    static KNOWN: Mutex<BTreeMap<String, Tables>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let key = format!("{name} {} {:?}", document.print(), upstream.client);
    *known.entry(key).or_insert_with(|| made(name, upstream, document))
}

fn made(name: &str, upstream: &HttpUpstream, document: &LoginDocument) -> Tables {
    let text = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    let texts =
        |all: &[String]| -> &'static [&'static str] { Vec::leak(all.iter().map(|it| text(it)).collect()) };
    let mut scheme = match &document.authorization {
        None => Scheme::bearer(text(name)),
        Some(authorization) => {
            let client = Client::new().resource(text(&authorization.resource));
            let client = client.scopes(texts(&authorization.scopes));
            let client = match &upstream.client {
                Some(own) => client.id(text(&own.id)),
                None => client,
            };
            Scheme::openid_connect(text(name)).metadata(text(&authorization.issuer)).client(client)
        }
    };
    if let Some(words) = upstream.client.as_ref().and_then(|client| client.secret_command.as_ref()) {
        scheme = scheme.commands(Vec::leak(vec![Command::new("client_secret", texts(words))]));
    }
    let scheme: &'static Scheme = Box::leak(Box::new(scheme));
    let connector = Connector::new(text(&format!("gateway-{name}")))
        .title(text(&format!("Jackfield gateway, {name}")))
        .servers(Vec::leak(vec![Server::new(text(&document.origin()))]))
        .schemes(std::slice::from_ref(scheme))
        .named(texts(&document.named_origins()));
    (Box::leak(Box::new(connector)), scheme)
}
