//! A client that made itself known: RFC 7591. It is kept, and used until the server ends it.

use serde_json::{Map, Value, json};

use super::ask::Answer;
use super::error::OAuthError;
use super::identity::Client;
use super::server::Server;
use super::session::Session;
use crate::call::rows::{ClientAuthentication, Scheme};
use crate::common::secret::Secret;

/// What a server has made of a registration.
pub(super) struct Registered {
    pub(super) client: Client,
    /// The address by which the connector names the server.
    pub(super) server: String,
    /// The endpoints that it was registered for, as the document or connector.toml names them.
    pub(super) endpoints: Vec<String>,
    /// The port that redirects may come to.
    pub(super) port: Option<u16>,
    /// All of it, as it is kept.
    record: Map<String, Value>,
}

impl Registered {
    /// What was kept; none where it is no such record.
    pub(super) fn of_record(record: &Secret) -> Option<Self> {
        Self::of(serde_json::from_str(record.expose()).ok()?)
    }

    fn of(record: Map<String, Value>) -> Option<Self> {
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
            port: port.and_then(|port| u16::try_from(port).ok()),
            record,
        })
    }

    /// Whether the server takes its secret no longer.
    pub(super) fn has_ended(&self, now: u64) -> bool {
        let end = self.record.get("client_secret_expires_at").and_then(Value::as_u64);
        self.client.secret.is_some() && end.is_some_and(|end| end != 0 && end <= now)
    }
}

impl Scheme {
    /// Declared addresses of all flows that see the secret of a client: `token https://id.example.com/token`.
    pub(super) fn token_side(&self) -> Vec<String> {
        let flows = self.flows.iter().filter(|flow| !flow.kind.is_unsafe());
        let lines = flows.flat_map(|flow| {
            let named = [("token", flow.token), ("refresh", flow.refresh), ("device", flow.device)];
            named.into_iter().filter_map(|(name, address)| Some(format!("{name} {}", address?)))
        });
        lines.collect()
    }
}

impl Session {
    /// Makes the connector known to the server, as a program of one user that redirects to that port, or that shows codes.
    pub(super) async fn register(&self, server: &Server, port: Option<u16>) -> Result<Client, OAuthError> {
        let Some((at, named)) = server
            .registration()
            .map_err(|why| OAuthError::new(why, self.remedy.name_client()))?
            .zip(self.scheme.metadata)
        else {
            let problem = format!("`{}` needs a client, and nobody names one", self.scheme.name);
            return Err(OAuthError::new(problem, self.remedy.name_client()));
        };
        let title = if self.connector.title.is_empty() { self.connector.name } else { self.connector.title };
        let metadata = server.metadata.as_deref();
        let taken = |endpoint| metadata.and_then(|metadata| metadata.list(endpoint));
        let at_token = taken("token_endpoint_auth_methods_supported");
        // A client that may not revoke what it was given cannot log out.
        let at_revocation = taken("revocation_endpoint_auth_methods_supported");
        let takes = |method: &str| {
            at_token.as_ref().is_some_and(|taken| taken.contains(&method))
                && at_revocation.as_ref().is_none_or(|taken| taken.contains(&method))
        };
        // A program that everybody has keeps no secret, so none is the best proof.
        let method =
            ["none", "client_secret_basic", "client_secret_post"].into_iter().find(|method| takes(method));
        let mut said = json!({
            "client_name": format!("{title} ({}-mcp)", self.connector.name),
            "application_type": "native",
            "token_endpoint_auth_method": method.unwrap_or("client_secret_basic"),
            "redirect_uris": [],
            "response_types": [],
            "grant_types": [super::device::GRANT_TYPE, "refresh_token"],
        });
        if let Some(port) = port {
            said["redirect_uris"] = json!([super::loopback::address(port)]);
            said["response_types"] = json!(["code"]);
            said["grant_types"] = json!(["authorization_code", "refresh_token"]);
        }
        if !self.scope().is_empty() {
            said["scope"] = json!(self.scope());
        }
        let answer = self.asker.post(&at, &said).await.map_err(|refusal| {
            OAuthError::new(
                format!("the connector cannot register itself: {refusal}"),
                self.remedy.name_client(),
            )
        })?;
        self.keep_registered(answer, named, port).ok_or_else(|| {
            OAuthError::new(
                format!("{at} registers a client and gives it no name"),
                self.remedy.name_client(),
            )
        })
    }

    fn keep_registered(&self, mut answer: Answer, named: &str, port: Option<u16>) -> Option<Client> {
        answer.insert("server".to_owned(), json!(named));
        answer.insert("endpoints".to_owned(), json!(self.scheme.token_side()));
        answer.insert("redirect_port".to_owned(), json!(port));
        let registered = Registered::of(answer)?;
        let record = Secret::new(serde_json::to_string(&registered.record).ok()?);
        if let Err(remedy) = self.store.records().put(&self.record("registered"), &record) {
            tracing::warn!(
                scheme = self.scheme.name,
                remedy,
                "the registration is lost when this connector ends"
            );
        }
        Some(registered.client)
    }
}
