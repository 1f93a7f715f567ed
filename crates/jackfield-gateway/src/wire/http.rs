//! A server that is called over HTTP (the streamable HTTP transport).

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming as Body;
use jackfield_runtime::{Environment, RemoteHttp};
use serde_json::Value;

use super::exchange::Exchange;
use super::incoming::AnsweredError;
use super::link_fault::{GRACE, LinkFault, MOST_BYTES};
use super::sse::Events;
use crate::config::HttpUpstream;

const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");
const REVISION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const ACCEPTED: &str = "application/json, text/event-stream";

/// A session over HTTP.
pub(super) struct HttpLink {
    client: RemoteHttp,
    /// The header with the bearer token.
    token: Option<HeaderValue>,
    /// The headers that gateway.toml names.
    own: HeaderMap,
    state: Mutex<State>,
}

/// The headers of the session, once they are known.
#[derive(Default)]
struct State {
    session: Option<HeaderValue>,
    revision: Option<HeaderValue>,
}

/// Opens a session, without sending anything yet. `name` is that of the connector.
///
/// # Errors
/// Returns an error if the address or its token cannot be used.
pub(super) fn open(
    name: &str,
    upstream: &HttpUpstream,
    environment: &Environment,
) -> Result<HttpLink, LinkFault> {
    let client = RemoteHttp::new(name, &upstream.url, environment)
        .map_err(|error| LinkFault::Unsent(error.to_string()))?;
    let token = upstream.token.as_deref().map(|variable| bearer(variable, environment)).transpose()?;
    let mut own = HeaderMap::new();
    for (name, variable) in &upstream.headers {
        let value = secret(variable, "", "the value of a header", environment)?;
        let name = HeaderName::from_bytes(name.as_bytes());
        own.insert(name.map_err(|error| LinkFault::Unsent(error.to_string()))?, value);
    }
    Ok(HttpLink { client, token, own, state: Mutex::default() })
}

/// The header with the token that a variable holds.
fn bearer(variable: &str, environment: &Environment) -> Result<HeaderValue, LinkFault> {
    secret(variable, "Bearer ", "its token", environment)
}

/// A header with the secret that a variable holds.
fn secret(
    variable: &str,
    scheme: &str,
    what: &str,
    environment: &Environment,
) -> Result<HeaderValue, LinkFault> {
    let Some(value) = environment.get(variable).filter(|value| !value.trim().is_empty()) else {
        return Err(LinkFault::Unsent(format!("the variable {variable} with {what} is not set")));
    };
    let header = HeaderValue::from_str(&format!("{scheme}{}", value.trim()));
    let mut header =
        header.map_err(|_| LinkFault::Unsent(format!("the variable {variable} cannot be sent as {what}")))?;
    header.set_sensitive(true);
    Ok(header)
}

impl HttpLink {
    pub(super) fn agree_on(&self, revision: &str) {
        self.state().revision = HeaderValue::from_str(revision).ok();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = self.own.clone();
        headers.insert(ACCEPT, HeaderValue::from_static(ACCEPTED));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let state = self.state();
        for (name, value) in
            [(SESSION, &state.session), (REVISION, &state.revision), (AUTHORIZATION, &self.token)]
        {
            if let Some(value) = value {
                headers.insert(name, value.clone());
            }
        }
        headers
    }

    /// Sends a message, and gives the messages of the reply to the exchange until the answer has come.
    pub(super) async fn send(
        &self,
        message: &Value,
        id: Option<u64>,
        exchange: &Exchange,
    ) -> Result<(), LinkFault> {
        let response = self.post(message).await?;
        let Some(id) = id else { return Ok(()) };
        let status = response.status();
        if !status.is_success() {
            let had_session = self.state().session.is_some();
            return Err(refusal(status, had_session, response).await);
        }
        if let Some(session) = response.headers().get(SESSION) {
            self.state().session = Some(session.clone());
        }
        let kind =
            response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match kind.as_str() {
            "application/json" => {
                let body = whole(response.into_body()).await?;
                self.receive(&body, exchange).await;
            }
            "text/event-stream" => self.follow(response.into_body(), id, exchange).await?,
            other => {
                let told = if other.is_empty() { "no media type" } else { other };
                return Err(LinkFault::Unreadable(format!("it answered with {told} and status {status}")));
            }
        }
        match exchange.is_waiting(id) {
            true => Err(LinkFault::Ended("its reply ended without an answer".to_owned())),
            false => Ok(()),
        }
    }

    async fn post(&self, message: &Value) -> Result<Response<Body>, LinkFault> {
        let body = Bytes::from(message.to_string());
        let sent = self.client.send(Method::POST, self.headers(), body).await;
        sent.map_err(|error| match error.may_have_acted() {
            true => LinkFault::Ended(error.to_string()),
            false => LinkFault::Unsent(error.to_string()),
        })
    }

    /// Reads events until the answer has come.
    async fn follow(&self, mut body: Body, id: u64, exchange: &Exchange) -> Result<(), LinkFault> {
        let mut events = Events::default();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| LinkFault::Ended(format!("its reply broke off: {error}")))?;
            let Ok(piece) = frame.into_data() else { continue };
            for data in events.add(&piece).map_err(|_| LinkFault::TooLarge)? {
                self.receive(&data, exchange).await;
            }
            if !exchange.is_waiting(id) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Handles a message, or a batch of the revision that had batches.
    async fn receive(&self, data: &[u8], exchange: &Exchange) {
        let messages = match serde_json::from_slice(data) {
            Ok(Value::Array(batch)) => batch,
            Ok(message) => vec![message],
            Err(_) => {
                tracing::debug!("a reply is not a message");
                return;
            }
        };
        for message in messages {
            if let Some(answer) = exchange.receive(message) {
                // Only the server waits for this answer.
                if let Err(fault) = self.post(&answer).await {
                    tracing::debug!(%fault, "an answer to a server is lost");
                }
            }
        }
    }

    /// Ends the session. Servers may refuse that, and some never answer.
    pub(super) async fn close(&self) {
        if self.state().session.is_some() {
            let ended = self.client.send(Method::DELETE, self.headers(), Bytes::new());
            let _ = tokio::time::timeout(GRACE, ended).await;
        }
    }
}

/// Why a server refused a request.
async fn refusal(status: StatusCode, had_session: bool, response: Response<Body>) -> LinkFault {
    if status == StatusCode::NOT_FOUND && had_session {
        return LinkFault::SessionEnded;
    }
    if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        let advice = "write the name of a variable with a token for it as `token` in gateway.toml";
        return LinkFault::Refused(status.as_u16(), format!("it refused the request: {advice}"));
    }
    let body = whole(response.into_body()).await.unwrap_or_default();
    match serde_json::from_slice::<Value>(&body) {
        Ok(message) if message["error"].is_object() => {
            LinkFault::Answered(AnsweredError::of(&message["error"]))
        }
        _ if status.is_redirection() => {
            LinkFault::Refused(status.as_u16(), "it is at another address: correct `url`".to_owned())
        }
        // With these, a server or a proxy before it can have begun: a conflict, too many requests, or a time limit.
        _ if status.is_client_error() && !matches!(status.as_u16(), 408 | 409 | 425 | 429 | 499) => {
            LinkFault::Refused(status.as_u16(), "it refused the request".to_owned())
        }
        _ => LinkFault::Ended(format!("it answered with status {}", status.as_u16())),
    }
}

/// Reads a body up to the limit.
async fn whole(mut body: Body) -> Result<Vec<u8>, LinkFault> {
    let mut read = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| LinkFault::Ended(format!("its reply broke off: {error}")))?;
        let Ok(piece) = frame.into_data() else { continue };
        if read.len() + piece.len() > MOST_BYTES {
            return Err(LinkFault::TooLarge);
        }
        read.extend_from_slice(&piece);
    }
    Ok(read)
}
