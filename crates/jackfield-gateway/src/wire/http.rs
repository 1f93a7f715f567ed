//! The client of the streamable HTTP transport.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming as Body;
use jackfield_runtime::{Challenge, Environment, Pins, Principal, RemoteHttp, Secret};
use serde_json::Value;

use super::exchange::Exchange;
use super::headers::{self, MODERN};
use super::incoming::AnsweredError;
use super::link_fault::{GRACE, LinkFault, MOST_BYTES, NoAccount};
use super::sse::Events;
use crate::account::Account;
use crate::config::HttpUpstream;

const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");
const REVISION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const ACCEPTED: &str = "application/json, text/event-stream";

/// The maximum number of consecutive notification streams that end within `STEADY`.
const MOST_FAILURES: u32 = 8;
const STEADY: Duration = Duration::from_secs(30);

/// A session over HTTP.
pub(super) struct HttpLink {
    client: RemoteHttp,
    /// The value of the `Authorization` header, if gateway.toml configures a token.
    token: Option<HeaderValue>,
    /// The account at the server, if `token` is `None`.
    account: Option<Account>,
    /// The headers that gateway.toml configures.
    own: HeaderMap,
    state: Mutex<State>,
}

/// The headers of the session. They are known after the first responses of the server.
#[derive(Default)]
struct State {
    session: Option<HeaderValue>,
    revision: Option<HeaderValue>,
    /// Whether the protocol revision is 2026-07-28 or later, which has no sessions.
    is_modern: bool,
}

/// The settings of a session over HTTP.
pub(crate) struct HttpSettings<'s> {
    /// The store of logins.
    pub(crate) pins: &'s Pins,
    /// The name of the connector.
    pub(crate) name: &'s str,
    pub(crate) upstream: &'s HttpUpstream,
    pub(crate) environment: &'s Environment,
    /// The variables whose values were in the vault.
    pub(crate) secrets: &'s [(String, Secret)],
}

/// Prepares a session without sending a request. It uses the account of `owner`, or the gateway's account if `owner` is `None`.
///
/// # Errors
/// Returns an error if the URL, the token or a header cannot be used.
pub(super) fn open(settings: &HttpSettings<'_>, owner: Option<&Principal>) -> Result<HttpLink, LinkFault> {
    let HttpSettings { pins, name, upstream, environment, .. } = settings;
    let client = RemoteHttp::new(name, &upstream.url, environment)
        .map_err(|error| LinkFault::Unsent(error.to_string()))?;
    let token = upstream.token.as_deref();
    let token = token.map(|variable| settings.secret(variable, "Bearer ", "its token")).transpose()?;
    let account = match token {
        Some(_) => None,
        None => Account::of(pins, name, upstream, environment, owner).map_err(LinkFault::Unsent)?,
    };
    if let (Some(owner), None, []) = (owner, &account, &upstream.secrets[..]) {
        return Err(LinkFault::NoAccount(NoAccount { owner: owner.clone(), why: None }));
    }
    let mut own = HeaderMap::new();
    for (name, variable) in &upstream.headers {
        let value = settings.secret(variable, "", "the value of a header")?;
        let name = HeaderName::from_bytes(name.as_bytes());
        own.insert(name.map_err(|error| LinkFault::Unsent(error.to_string()))?, value);
    }
    Ok(HttpLink { client, token, account, own, state: Mutex::default() })
}

impl HttpSettings<'_> {
    /// Returns a header value with the secret in a variable of the vault or of the environment.
    fn secret(&self, variable: &str, scheme: &str, what: &str) -> Result<HeaderValue, LinkFault> {
        let stored = self.secrets.iter().find(|(name, _)| name == variable);
        let stored = stored.map(|(_, value)| value.expose().to_owned());
        let value = stored.or_else(|| self.environment.get(variable));
        let Some(value) = value.filter(|value| !value.trim().is_empty()) else {
            return Err(LinkFault::Unsent(format!("the variable {variable} with {what} is not set")));
        };
        let header = header_of(scheme, &value);
        header.ok_or_else(|| LinkFault::Unsent(format!("the variable {variable} cannot be sent as {what}")))
    }
}

/// Returns a header value that is marked as sensitive, so that logs do not show it.
fn header_of(scheme: &str, secret: &str) -> Option<HeaderValue> {
    let mut header = HeaderValue::from_str(&format!("{scheme}{}", secret.trim())).ok()?;
    header.set_sensitive(true);
    Some(header)
}

/// Adds an access token to the headers.
fn authorized(mut headers: HeaderMap, token: &Secret) -> Result<HeaderMap, LinkFault> {
    let Some(header) = header_of("Bearer ", token.expose()) else {
        return Err(LinkFault::Unsent("its token contains characters that a header cannot have".to_owned()));
    };
    headers.insert(AUTHORIZATION, header);
    Ok(headers)
}

impl HttpLink {
    pub(super) fn agree_on(&self, revision: &str) {
        let mut state = self.state();
        state.revision = HeaderValue::from_str(revision).ok().filter(|it| !it.is_empty());
        state.is_modern = revision >= MODERN;
    }

    pub(super) fn is_modern(&self) -> bool {
        self.state().is_modern
    }

    pub(super) fn has_session(&self) -> bool {
        self.state().session.is_some()
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

    /// Sends a message, and passes the messages of the HTTP response to the exchange until request `id` is answered.
    pub(super) async fn send(
        &self,
        message: &Value,
        id: Option<u64>,
        exchange: &Exchange,
        mirrored: HeaderMap,
    ) -> Result<(), LinkFault> {
        let response = self.post(message, mirrored).await?;
        let Some(id) = id else { return Ok(()) };
        let status = response.status();
        if !status.is_success() {
            let had_session = self.state().session.is_some();
            if let Some(owner) = self.owner().filter(|_| status == StatusCode::UNAUTHORIZED) {
                let why = Some("the server refuses its token".to_owned());
                return Err(LinkFault::NoAccount(NoAccount { owner: owner.clone(), why }));
            }
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
                self.receive(&body, Some(id), exchange).await;
            }
            "text/event-stream" => self.follow(response.into_body(), id, exchange).await?,
            other => {
                let told = match other {
                    "" => "no content type".to_owned(),
                    other => format!("the content type `{other}`"),
                };
                return Err(LinkFault::Unreadable(format!("it answered with {told} and status {status}")));
            }
        }
        match exchange.is_waiting(id) {
            true => Err(LinkFault::Ended("its reply ended without an answer".to_owned())),
            false => Ok(()),
        }
    }

    async fn post(&self, message: &Value, mirrored: HeaderMap) -> Result<Response<Body>, LinkFault> {
        let body = Bytes::from(message.to_string());
        let mut headers = self.headers();
        if self.is_modern() {
            headers::add(&mut headers, message);
            headers.extend(mirrored);
        }
        let Some(account) = &self.account else { return self.post_with(headers, body).await };
        let token = account.token().await.map_err(|why| self.unusable(why))?;
        let answer = self.post_with(authorized(headers.clone(), &token)?, body.clone()).await?;
        if matches!(answer.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            let challenge = Challenge::all(answer.headers()).into_iter().find(|it| it.is_for("Bearer"));
            account.check_unmoved(challenge.as_ref()).await.map_err(|why| self.unusable(why))?;
        }
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        // A 401 response means that the server has not acted, so the message is sent once more if there is another token.
        match account.renewed(&token).await.map_err(|why| self.unusable(why))? {
            Some(token) => self.post_with(authorized(headers, &token)?, body).await,
            None => Ok(answer),
        }
    }

    /// Returns the headers of a request, with the access token if the session uses an account.
    async fn authorized_headers(&self) -> Result<HeaderMap, LinkFault> {
        let Some(account) = &self.account else { return Ok(self.headers()) };
        let token = account.token().await.map_err(|why| self.unusable(why))?;
        authorized(self.headers(), &token)
    }

    /// Returns the caller whose account the session uses. `None` for the gateway's account or a configured token.
    fn owner(&self) -> Option<&Principal> {
        self.account.as_ref()?.owner()
    }

    fn unusable(&self, why: String) -> LinkFault {
        match self.owner() {
            Some(owner) => LinkFault::NoAccount(NoAccount { owner: owner.clone(), why: Some(why) }),
            None => LinkFault::Unsent(why),
        }
    }

    async fn post_with(&self, headers: HeaderMap, body: Bytes) -> Result<Response<Body>, LinkFault> {
        let sent = self.client.send(Method::POST, headers, body).await;
        sent.map_err(|error| match error.may_have_acted() {
            true => LinkFault::Ended(error.to_string()),
            false => LinkFault::Unsent(error.to_string()),
        })
    }

    /// Reads events until request `id` is answered or the stream ends.
    async fn follow(&self, mut body: Body, id: u64, exchange: &Exchange) -> Result<(), LinkFault> {
        let mut events = Events::default();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| LinkFault::Ended(format!("its reply broke off: {error}")))?;
            let Ok(piece) = frame.into_data() else { continue };
            for data in events.add(&piece).map_err(|_| LinkFault::TooLarge)? {
                self.receive(&data, Some(id), exchange).await;
            }
            if !exchange.is_waiting(id) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Handles a message, or a batch (revision 2025-03-26 has JSON-RPC batches).
    async fn receive(&self, data: &[u8], via: Option<u64>, exchange: &Exchange) {
        let messages = match serde_json::from_slice(data) {
            Ok(Value::Array(batch)) => batch,
            Ok(message) => vec![message],
            Err(_) => {
                tracing::debug!("a reply is not a message");
                return;
            }
        };
        for message in messages {
            if let Some(answer) = exchange.receive(message, via) {
                // The server might not accept the response, and the call must not wait for that.
                let sent = tokio::time::timeout(GRACE, self.post(&answer, HeaderMap::new())).await;
                if !matches!(sent, Ok(Ok(_))) {
                    tracing::debug!("an answer to a server is lost");
                }
            }
        }
    }

    /// Reads notification streams of the server. Returns if the server offers none, or if it ends too many streams within `STEADY`.
    pub(super) async fn listen(&self, exchange: &Exchange) {
        let mut failures = 0;
        while failures < MOST_FAILURES && !exchange.is_closed() {
            let began = Instant::now();
            let Ok(headers) = self.authorized_headers().await else { return };
            let Ok(response) = self.client.send(Method::GET, headers, Bytes::new()).await else { return };
            let kind =
                response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
            if !response.status().is_success() || !kind.starts_with("text/event-stream") {
                return;
            }
            let (mut body, mut events) = (response.into_body(), Events::default());
            while let Some(Ok(frame)) = body.frame().await {
                let Ok(piece) = frame.into_data() else { continue };
                let Ok(messages) = events.add(&piece) else { return };
                for data in messages {
                    self.receive(&data, None, exchange).await;
                }
            }
            failures = if began.elapsed() > STEADY { 0 } else { failures + 1 };
            tokio::time::sleep(Duration::from_secs(1 << failures.min(5))).await;
        }
    }

    /// Ends the session with a DELETE request. A refusal or a missing response is ignored.
    pub(super) async fn close(&self) {
        if self.state().session.is_some() {
            let ended = async {
                let headers = self.authorized_headers().await.ok()?;
                self.client.send(Method::DELETE, headers, Bytes::new()).await.ok()
            };
            let _ = tokio::time::timeout(GRACE, ended).await;
        }
    }
}

/// Returns the fault for a response whose status is not a success.
async fn refusal(status: StatusCode, had_session: bool, response: Response<Body>) -> LinkFault {
    if status == StatusCode::NOT_FOUND && had_session {
        return LinkFault::SessionEnded;
    }
    if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        let advice = "log in with `jackfield-gateway login NAME`, or write the name of a variable with a token as `token` in gateway.toml";
        return LinkFault::Refused(status.as_u16(), format!("it refused the request: {advice}"));
    }
    let body = whole(response.into_body()).await.unwrap_or_default();
    match serde_json::from_slice::<Value>(&body) {
        Ok(message) if message["error"].is_object() => {
            LinkFault::Answered(AnsweredError::of(&message["error"]))
        }
        _ if status.is_redirection() => {
            LinkFault::Refused(status.as_u16(), "it redirects to another URL: correct `url`".to_owned())
        }
        // With the excluded statuses (conflict, too many requests, timeouts), the server or a proxy may have started to act.
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
