//! Web pages that a program serves in addition to its MCP endpoint.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, COOKIE, HOST, HeaderValue};
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use tokio::time::timeout;

use super::answer::{Answer, status};
use super::failed_authentications::FailureLog;
use super::request_body::RequestBody;
use crate::auth::constant_time_eq;
use crate::common::caller::{Channel, Principal};
use crate::common::form_fields::FormFields;
use crate::common::secret::Secret;
use crate::engine::pending::Pending;
use crate::engine::policy::audit::{AccountAction, AccountChange, AuditError};
use crate::inbound::resource_server::{Authenticated, Denied, ResourceServer};

/// The maximum number of bytes of a submitted form.
const MOST_BYTES: usize = 16 * 1024;

/// The timeout for reading the body of a request.
const LONGEST_BODY: Duration = Duration::from_secs(10);

/// Web pages that a program serves in addition to its MCP endpoint. Requests are not authenticated with a token.
pub trait Pages: Send + Sync {
    /// Sets the public URL of the endpoint. Called before the first request.
    fn begin(&self, endpoint: &str);

    /// Whether there is a page at `path`.
    fn has(&self, path: &str) -> bool;

    /// Whether a request belongs to a flow that was begun here, such as a login. Such a request may take longer than other requests.
    fn expects(&self, request: &PageRequest) -> bool;

    /// Answers a request.
    fn answer(&self, request: PageRequest) -> Pending<'_, Response<Bytes>>;
}

/// A request of a browser.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// The method.
    pub method: Method,
    /// The path.
    pub path: String,
    /// The query string, without the question mark.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, which is form data.
    pub body: Bytes,
    /// Identifies the holder of a token.
    pub callers: PageCallers,
}

impl PageRequest {
    /// Returns a field of the query string. `None` if it is missing, or if the query string has a field twice or cannot be decoded.
    pub fn query_field(&self, name: &str) -> Option<String> {
        FormFields::parse(&self.query)?.get(name).map(str::to_owned)
    }

    /// Returns a field of the submitted form. `None` if it is missing, or if the form has a field twice or cannot be decoded.
    pub fn form_field(&self, name: &str) -> Option<String> {
        FormFields::parse(std::str::from_utf8(&self.body).ok()?)?.get(name).map(str::to_owned)
    }

    /// Whether the browser has sent the cookie with this value. The comparison takes the same time for every wrong value.
    pub fn has_cookie(&self, name: &str, value: &Secret) -> bool {
        has_cookie(&self.headers, name, value)
    }
}

/// Identifies the holder of a token by the rules of the endpoint.
#[derive(Clone)]
pub struct PageCallers {
    server: Arc<ResourceServer>,
    failures: Arc<FailureLog>,
    client: Option<IpAddr>,
}

/// The reason why the holder of a token is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownCaller {
    /// The endpoint would refuse the token.
    Refused,
    /// The client's IP address has made too many attempts.
    TooMany,
    /// Tokens cannot be checked at the moment.
    Unavailable,
}

impl PageCallers {
    /// Returns the holder of a token.
    ///
    /// # Errors
    /// Returns an error if the endpoint would refuse the token or cannot check it.
    pub async fn holder(&self, token: &Secret) -> Result<Principal, UnknownCaller> {
        let mut headers = HeaderMap::new();
        let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
            .map_err(|_| UnknownCaller::Refused)?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
        match self.server.authenticate(&headers, self.client).await {
            Ok(Authenticated { identity, .. }) => Ok(identity.principal),
            Err(Denied::Flood(_)) => Err(UnknownCaller::TooMany),
            Err(Denied::Unavailable) => Err(UnknownCaller::Unavailable),
            Err(denied) => {
                if let Some(reason) = ResourceServer::failure(&denied) {
                    self.failures.count(self.client, reason).await;
                }
                Err(UnknownCaller::Refused)
            }
        }
    }
}

impl PageCallers {
    /// Records in the audit that the account of a caller at another server was connected or forgotten on a page. `origin` is the origin of
    /// that server. Without an audit, nothing is recorded.
    ///
    /// # Errors
    /// Returns an error if the record cannot be written.
    pub async fn record_account(
        &self,
        action: AccountAction,
        owner: &Principal,
        connector: &str,
        origin: Option<String>,
    ) -> Result<(), AuditError> {
        let Some(audit) = self.failures.audit() else { return Ok(()) };
        let (owner, connector) = (owner.clone(), connector.to_owned());
        let (channel, address) = (Channel::Http, self.client);
        audit.record_account(AccountChange { action, owner, connector, origin, channel, address }).await
    }
}

impl std::fmt::Debug for PageCallers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PageCallers")
    }
}

/// The pages of a server, with the server that checks tokens for them.
pub(super) struct ServedPages {
    pub(super) pages: Arc<dyn Pages>,
    pub(super) server: Arc<ResourceServer>,
    pub(super) failures: Arc<FailureLog>,
}

impl ServedPages {
    /// Reads a request for a page.
    ///
    /// # Errors
    /// Returns the response to send if the body cannot be read.
    pub(super) async fn read(
        &self,
        request: Request<RequestBody>,
        client: Option<IpAddr>,
    ) -> Result<PageRequest, Answer> {
        let (mut head, body) = request.into_parts();
        head.headers.remove(AUTHORIZATION);
        set_host(&mut head);
        let read = timeout(LONGEST_BODY, Limited::new(body, MOST_BYTES).collect()).await;
        let Ok(Ok(body)) = read else {
            return Err(status(
                StatusCode::PAYLOAD_TOO_LARGE,
                "The form is too long, or was not complete.\n",
            ));
        };
        Ok(PageRequest {
            method: head.method,
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            headers: head.headers,
            body: body.to_bytes(),
            callers: PageCallers {
                server: Arc::clone(&self.server),
                failures: Arc::clone(&self.failures),
                client,
            },
        })
    }

    /// Answers a request for a page.
    pub(super) async fn answer(&self, request: PageRequest) -> Answer {
        self.pages.answer(request).await.map(|body| Full::from(body).boxed_unsync())
    }
}

fn has_cookie(headers: &HeaderMap, name: &str, value: &Secret) -> bool {
    let texts = headers.get_all(COOKIE).iter().filter_map(|text| text.to_str().ok());
    let mut pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).is_some_and(|(_, given)| constant_time_eq(value, given))
}

/// Sets the `Host` header to the authority of the URI, if the URI has one. Browsers send `:authority` over HTTP/2, and no `Host`.
fn set_host(head: &mut Parts) {
    let authority = head.uri.authority().map(|authority| HeaderValue::from_str(authority.as_str()));
    if let Some(Ok(host)) = authority {
        head.headers.insert(HOST, host);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookie_with_a_wrong_name_or_value_does_not_identify_the_browser() {
        let value = Secret::new("right".to_owned());
        for (cookies, is_right) in [
            ("a=b; __Host-login=right", true),
            ("__Host-login=right", true),
            ("login=right", false),
            ("__Host-login=righ", false),
            ("__Host-login=wrong; __Host-login=right", false),
            ("__Host-login=", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(COOKIE, cookies.parse().unwrap())]);
            assert_eq!(has_cookie(&headers, "__Host-login", &value), is_right, "{cookies}");
        }
    }

    #[test]
    fn authority_of_an_http2_request_becomes_its_host() {
        for (uri, sent, host) in [
            ("https://gateway.example.com/connect/1", None, "gateway.example.com"),
            ("https://gateway.example.com/connect/1", Some("evil.example.net"), "gateway.example.com"),
            ("/connect/1", Some("gateway.example.com:8443"), "gateway.example.com:8443"),
        ] {
            let mut request = Request::get(uri);
            if let Some(sent) = sent {
                request = request.header(HOST, sent);
            }
            let (mut head, ()) = request.body(()).unwrap().into_parts();
            set_host(&mut head);
            assert_eq!(head.headers[HOST], host, "{uri}");
        }
    }
}
