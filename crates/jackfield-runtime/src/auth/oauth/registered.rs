//! A dynamically registered client (RFC 7591). It is stored and used until the server rejects it.

use serde_json::{Map, Value};

use super::client::Client;
use crate::call::rows::{ClientAuthentication, Scheme};
use crate::common::secret::Secret;

/// The result of a registration.
pub(super) struct Registered {
    pub(super) client: Client,
    /// The URL that identifies the server.
    pub(super) server: String,
    /// The endpoints that the document or connector.toml declared at the registration.
    pub(super) endpoints: Vec<String>,
    /// The redirect URI of a web server.
    pub(super) redirect: Option<String>,
    /// The port of the redirect URI.
    pub(super) port: Option<u16>,
    /// The stored fields.
    pub(super) record: Map<String, Value>,
}

impl Registered {
    /// Parses a record. Returns `None` if the record is not a registration.
    pub(super) fn of_record(record: &Secret) -> Option<Self> {
        Self::of(serde_json::from_str(record.expose()).ok()?)
    }

    pub(super) fn of(record: Map<String, Value>) -> Option<Self> {
        let text = |name: &str| record.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let client = Client {
            id: text("client_id")?.to_owned(),
            secret: text("client_secret").map(|secret| Secret::new(secret.to_owned())),
            authentication: match text("token_endpoint_auth_method") {
                Some("none") => ClientAuthentication::None,
                Some("client_secret_post") => ClientAuthentication::Post,
                Some("client_secret_basic") => ClientAuthentication::Basic,
                _ => ClientAuthentication::Discovered,
            },
        };
        let port = record.get("redirect_port").and_then(Value::as_u64);
        Some(Self {
            client,
            server: text("server")?.to_owned(),
            endpoints: {
                let list = record.get("endpoints").and_then(Value::as_array);
                let texts = list.map(|list| list.iter().filter_map(|it| it.as_str().map(str::to_owned)));
                texts.map(Iterator::collect).unwrap_or_default()
            },
            redirect: text("redirect_uri").map(str::to_owned),
            port: port.and_then(|port| u16::try_from(port).ok()),
            record,
        })
    }

    /// Whether the client secret has expired.
    pub(super) fn has_ended(&self, now: u64) -> bool {
        let end = self.record.get("client_secret_expires_at").and_then(Value::as_u64);
        self.client.secret.is_some() && end.is_some_and(|end| end != 0 && end <= now)
    }
}

impl Scheme<'_> {
    /// Returns, for all declared flows, the endpoints that receive the client secret. Each endpoint is written as in `token
    /// https://id.example.com/token`.
    pub(super) fn token_side(&self) -> Vec<String> {
        let flows = self.flows.iter().filter(|flow| !flow.kind.is_unsafe());
        let lines = flows.flat_map(|flow| {
            let named = [("token", flow.token), ("refresh", flow.refresh), ("device", flow.device)];
            named.into_iter().filter_map(|(name, address)| Some(format!("{name} {}", address?)))
        });
        lines.collect()
    }
}
