//! Authenticates HTTP requests.

use std::net::IpAddr;
#[cfg(feature = "serve")]
use std::sync::Arc;

use http::header::{AUTHORIZATION, CONNECTION, HeaderValue, WWW_AUTHENTICATE};
use http::{Extensions, Request, StatusCode};

use super::answer::{Answer, status};
use super::ending_body::Ended;
use super::token::HttpToken;
#[cfg(feature = "serve")]
use crate::inbound::resource_server::{Authenticated, Denied, ResourceServer, TokenInUse};

/// The clients that a server accepts.
pub(super) enum Access {
    /// Accepts every client. At a Unix socket, the users of clients were already checked.
    Open,
    /// Accepts clients with the token of this server.
    Token(HttpToken),
    /// Accepts callers with individual tokens, and the user with the token of this process if it has one.
    #[cfg(feature = "serve")]
    Callers(Arc<ResourceServer>, Option<HttpToken>),
}

/// A refused request: the answer, and the reason for the audit.
pub(super) struct Rejection {
    pub(super) answer: Answer,
    /// The reason for the audit, if the client failed to authenticate.
    pub(super) failure: Option<&'static str>,
}

impl Access {
    /// Authenticates a request. Returns a rejection if the request is refused; its body is then not read. Removes
    /// the token from the request, so that the token appears in no log and in no request to the service.
    pub(super) async fn answer<B>(
        &self,
        request: &mut Request<B>,
        peer: Option<IpAddr>,
    ) -> Option<Rejection> {
        let rejection = match self {
            Self::Open => None,
            Self::Token(token) if token.is_shown_in(request.headers()) => None,
            Self::Token(_) => Some(Rejection {
                answer: unauthorized(StatusCode::UNAUTHORIZED, "Bearer", ""),
                failure: Some("the token of the server is missing or wrong"),
            }),
            #[cfg(feature = "serve")]
            Self::Callers(_, Some(own)) if own.is_shown_in(request.headers()) => None,
            #[cfg(feature = "serve")]
            Self::Callers(server, _) => authenticate(server, request, peer).await,
        };
        let _ = peer;
        request.headers_mut().remove(AUTHORIZATION);
        rejection
    }

    /// Returns a future that completes when the token of an accepted request ends. Returns `None` if the token is
    /// valid as long as the server runs.
    pub(super) fn token_ended(&self, extensions: &Extensions) -> Option<Ended> {
        match self {
            Self::Open | Self::Token(_) => {
                let _ = extensions;
                None
            }
            #[cfg(feature = "serve")]
            Self::Callers(server, _) => {
                let (server, token) = (Arc::clone(server), *extensions.get::<TokenInUse>()?);
                Some(Box::pin(async move { server.token_ended(token).await }))
            }
        }
    }

    /// Answers a request for a document that clients read before they have a token.
    pub(super) fn document<B>(&self, request: &Request<B>) -> Option<Answer> {
        match self {
            Self::Open | Self::Token(_) => {
                let _ = request;
                None
            }
            #[cfg(feature = "serve")]
            Self::Callers(server, _) => metadata(server, request),
        }
    }

    /// Converts the MCP answer to a call that lacks scopes to a 403 response with a challenge.
    pub(super) fn insufficient_scope(&self, scopes: &[String], answer: Answer) -> Answer {
        match self {
            Self::Open | Self::Token(_) => {
                let _ = scopes;
                answer
            }
            #[cfg(feature = "serve")]
            Self::Callers(server, _) => {
                let (mut head, body) = answer.into_parts();
                head.status = StatusCode::FORBIDDEN;
                set_challenge(&mut head.headers, &server.scope_challenge(scopes));
                Answer::from_parts(head, body)
            }
        }
    }
}

/// Returns the answer to an unauthenticated request, with a challenge. The connection is closed, because the body
/// of the request is not read.
fn unauthorized(code: StatusCode, challenge: &str, text: &'static str) -> Answer {
    let mut answer = status(code, text);
    set_challenge(answer.headers_mut(), challenge);
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}

fn set_challenge(headers: &mut http::HeaderMap, challenge: &str) {
    let bare = HeaderValue::from_static("Bearer");
    headers.insert(WWW_AUTHENTICATE, HeaderValue::from_str(challenge).unwrap_or(bare));
}

#[cfg(feature = "serve")]
async fn authenticate<B>(
    server: &ResourceServer,
    request: &mut Request<B>,
    peer: Option<IpAddr>,
) -> Option<Rejection> {
    let denied = match server.authenticate(request.headers(), peer).await {
        Ok(Authenticated { identity, token }) => {
            request.extensions_mut().insert(identity);
            request.extensions_mut().insert(token);
            return None;
        }
        Err(denied) => denied,
    };
    let (code, text) = match &denied {
        Denied::NoToken | Denied::Refused(_) => (StatusCode::UNAUTHORIZED, ""),
        Denied::Malformed => {
            (StatusCode::BAD_REQUEST, "A request must have only one Authorization header.\n")
        }
        Denied::LacksScope => (StatusCode::FORBIDDEN, "The token lacks a scope that this server requires.\n"),
        Denied::Unavailable => {
            (StatusCode::SERVICE_UNAVAILABLE, "Tokens cannot be verified at the moment.\n")
        }
        Denied::Flood(_) => (StatusCode::TOO_MANY_REQUESTS, "Too many attempts to authenticate.\n"),
    };
    if let Denied::Refused(refusal) = &denied {
        tracing::debug!(%refusal, "a token was refused");
    }
    let failure = ResourceServer::failure(&denied);
    if let Some(challenge) = server.challenge(&denied) {
        return Some(Rejection { answer: unauthorized(code, &challenge, text), failure });
    }
    let mut answer = status(code, text);
    let seconds = if let Denied::Flood(flood) = denied { flood.seconds } else { 5 };
    answer.headers_mut().insert(http::header::RETRY_AFTER, seconds.into());
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    Some(Rejection { answer, failure })
}

/// Answers requests for the metadata of RFC 9728, including CORS preflight requests. Scripts of all web pages may
/// read the metadata.
#[cfg(feature = "serve")]
fn metadata<B>(server: &ResourceServer, request: &Request<B>) -> Option<Answer> {
    use http::Method;
    use http::header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW,
        CACHE_CONTROL, CONTENT_TYPE,
    };
    use http_body_util::{BodyExt as _, Full};

    const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");
    let text = server.metadata(request.uri().path())?;
    let mut answer = match *request.method() {
        // HTTP clients read no body after HEAD, and hyper does not send the body.
        Method::GET | Method::HEAD => {
            let mut answer = Answer::new(Full::from(text.to_owned()).boxed_unsync());
            answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("max-age=300"));
            answer
        }
        Method::OPTIONS => status(StatusCode::NO_CONTENT, ""),
        _ => {
            let mut answer = status(StatusCode::METHOD_NOT_ALLOWED, "");
            answer.headers_mut().insert(ALLOW, METHODS);
            answer
        }
    };
    let headers = answer.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("mcp-protocol-version"));
    Some(answer)
}
