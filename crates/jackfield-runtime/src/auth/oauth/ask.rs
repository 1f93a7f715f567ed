//! Sends requests to an authorization server and parses its JSON responses. Responses are limited in size and
//! time, and redirects are not followed.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION, USER_AGENT};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::endpoint::Endpoint;
use super::identity::{Identity, Proof};
use crate::call::encode::{Keep, escape};
use crate::common::secret::{Secret, Secrets};
use crate::common::text::excerpt;
use crate::transport::client::HttpClient;
use crate::transport::exchange::Whole;
use crate::transport::request_body::RequestBody;

/// The size limit of a response. The longest responses are metadata documents of a few thousand bytes.
const MAX_BYTES: usize = 1024 * 1024;

/// The maximum number of characters of a server's message that an error shows.
const MAX_SHOWN: usize = 300;

/// A response of an authorization server.
pub(crate) type Answer = Map<String, Value>;

/// Sends requests to authorization servers.
pub(crate) struct Asker {
    pub(crate) http: Arc<HttpClient>,
    /// The time limit of a response.
    pub(crate) timeout: Duration,
    pub(crate) agent: String,
}

/// The reason why a request to an authorization server failed. The text names the endpoint and contains no secret.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The server refused the request with an error code of the OAuth standards.
    Said { code: String, text: String },
    /// The response is missing or cannot be parsed. A later attempt may succeed.
    Failed(String),
    /// The address of the endpoint is private, so no request is sent. `remedy` follows "the user has to".
    Private { text: String, remedy: String },
}

impl Refusal {
    /// Creates the error for a failure that may be temporary.
    pub(crate) fn failed(error: impl fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }

    /// Whether the server returned the OAuth error code `expected`.
    pub(crate) fn is(&self, expected: &str) -> bool {
        matches!(self, Self::Said { code, .. } if code == expected)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said { text, .. } | Self::Failed(text) | Self::Private { text, .. } => f.write_str(text),
        }
    }
}

/// The fields of a form.
#[derive(Clone, Default)]
pub(crate) struct Form {
    pairs: Vec<(&'static str, Secret)>,
    secrets: Secrets,
}

impl Form {
    /// Adds a public field.
    pub(crate) fn text(mut self, name: &'static str, value: &str) -> Self {
        self.pairs.push((name, Secret::new(value.to_owned())));
        self
    }

    /// Adds a public field if `value` is present and not empty.
    pub(crate) fn maybe(self, name: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) if !value.is_empty() => self.text(name, value),
            _ => self,
        }
    }

    /// Adds a secret field.
    pub(crate) fn secret(mut self, name: &'static str, value: &Secret) -> Self {
        self.secrets.push(value.clone());
        self.pairs.push((name, value.clone()));
        self
    }

    /// Encodes the form. The buffer is overwritten when it is dropped after sending.
    fn body(&self) -> Bytes {
        let mut body = Zeroizing::new(String::new());
        for (name, value) in &self.pairs {
            if !body.is_empty() {
                body.push('&');
            }
            body.push_str(name);
            body.push('=');
            body.push_str(&Zeroizing::new(escape(value.expose(), Keep::Unreserved)));
        }
        Bytes::from_owner(body)
    }
}

impl Asker {
    /// Fetches a public document.
    pub(crate) async fn get(&self, at: &Endpoint) -> Result<Answer, Refusal> {
        self.ask(at, http::Request::get(at.uri()), Bytes::new(), &Secrets::default()).await
    }

    /// Posts JSON and returns the response.
    pub(crate) async fn post(&self, at: &Endpoint, said: &Value) -> Result<Answer, Refusal> {
        let request = http::Request::post(at.uri()).header(CONTENT_TYPE, "application/json");
        self.ask(at, request, said.to_string().into(), &Secrets::default()).await
    }

    /// Posts a form with the client's authentication and returns the response.
    pub(crate) async fn submit(
        &self,
        at: &Endpoint,
        client: &Identity,
        form: Form,
    ) -> Result<Answer, Refusal> {
        let (request, form) = signed(at, client, form)?;
        self.ask(at, request, form.body(), &form.secrets).await
    }

    /// Posts a form and ignores the body of a successful response.
    pub(crate) async fn tell(&self, at: &Endpoint, client: &Identity, form: Form) -> Result<(), Refusal> {
        let (request, form) = signed(at, client, form)?;
        let reply = self.send(at, request, form.body(), &form.secrets).await?;
        if reply.status.is_success() { Ok(()) } else { read(at, &reply, &form.secrets).map(drop) }
    }

    async fn ask(
        &self,
        at: &Endpoint,
        request: http::request::Builder,
        body: Bytes,
        secrets: &Secrets,
    ) -> Result<Answer, Refusal> {
        read(at, &self.send(at, request, body, secrets).await?, secrets)
    }

    async fn send(
        &self,
        at: &Endpoint,
        request: http::request::Builder,
        body: Bytes,
        secrets: &Secrets,
    ) -> Result<Whole, Refusal> {
        let failed = |why: &str| Refusal::Failed(format!("{at} {why}"));
        let request = request.header(ACCEPT, "application/json").header(USER_AGENT, &self.agent);
        let request = request
            .body(RequestBody::from(body))
            .map_err(|_| failed("cannot be requested: it is not a URL"))?;
        let reply = self.http.exchange(request, MAX_BYTES, self.timeout).await;
        let reply = reply.map_err(|error| match error.refusal() {
            Some(refusal) => Refusal::Private {
                text: format!("{at} is not called: {}, and only the document names it", refusal.what()),
                remedy: refusal.remedy(),
            },
            None => failed(&format!("gave no answer: {error}")),
        })?;
        if reply.status.is_redirection() {
            let location = reply.headers.get(LOCATION).map(HeaderValue::as_bytes).unwrap_or_default();
            let target = shown(&String::from_utf8_lossy(location), secrets);
            return Err(failed(&format!(
                "answers {} and points to {target:?}, which is not followed: credentials go only to the configured \
                 URL",
                reply.status
            )));
        }
        Ok(reply)
    }
}

/// Builds the form and its request, with the client's authentication.
fn signed(
    at: &Endpoint,
    client: &Identity,
    mut form: Form,
) -> Result<(http::request::Builder, Form), Refusal> {
    let mut request = http::Request::post(at.uri()).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    match &client.proof {
        Proof::Basic(secret) => {
            let pair = secret.map(|secret| {
                let [id, secret] = [&client.id, secret].map(|text| escape(text, Keep::Unreserved));
                STANDARD.encode(format!("{id}:{secret}"))
            });
            let line = Zeroizing::new(format!("Basic {}", pair.expose()));
            let mut value = HeaderValue::from_str(&line).map_err(Refusal::failed)?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
            form.secrets.push(secret.clone());
            form.secrets.push(pair);
        }
        Proof::Post(secret) => {
            form = form.text("client_id", &client.id).secret("client_secret", secret);
        }
        Proof::None => form = form.text("client_id", &client.id),
    }
    Ok((request, form))
}

/// Parses the JSON response of a server.
fn read(at: &Endpoint, reply: &Whole, secrets: &Secrets) -> Result<Answer, Refusal> {
    let status = reply.status;
    let failed = |why: &str| Refusal::Failed(format!("{at} answers {status}{why}"));
    let media_type = reply.headers.get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
    if let Some(other) = media_type.filter(|media_type| !is_json(media_type)) {
        return Err(failed(&format!(" with {:?} instead of JSON", shown(&other, secrets))));
    }
    let Ok(Value::Object(answer)) = serde_json::from_slice(&reply.body) else {
        return Err(failed(" with something other than a JSON object"));
    };
    match answer.get("error").and_then(Value::as_str) {
        Some(code) if !status.is_server_error() => {
            let code = shown(code, secrets);
            let said = answer.get("error_description").and_then(Value::as_str);
            let said = said.map(|said| format!(", {:?}", shown(said, secrets))).unwrap_or_default();
            Err(Refusal::Said { text: format!("{at} says {code}{said}"), code })
        }
        _ if status.is_success() => Ok(answer),
        _ => Err(failed("")),
    }
}

/// Shortens and escapes the message of a server for an error.
pub(crate) fn shown(words: &str, secrets: &Secrets) -> String {
    let struck = secrets.strike(words);
    let words = struck.as_deref().unwrap_or(words);
    let plain: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    excerpt(plain.trim(), MAX_SHOWN)
}

fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || essence.ends_with("+json")
}
