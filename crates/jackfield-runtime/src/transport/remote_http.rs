//! Sends requests to one other server that the user has named, such as another MCP server.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method, Response, Uri};
use hyper::body::Incoming;

use super::client::HttpClient;
use super::error::SendError;
use super::request_body::RequestBody;
use crate::call::origin::Origin;
use crate::call::rows::Connector;
use crate::common::environment::Environment;

/// Sends requests to one server, with the same certificates, proxies and address rules as all other requests. Redirects are not
/// followed, so headers reach no other origin.
pub struct RemoteHttp {
    client: Arc<HttpClient>,
    url: Uri,
    origin: Origin,
}

/// The error for text that is not the URL of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRemoteUrl(String);

impl fmt::Display for InvalidRemoteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not an http or https URL of a server", self.0)
    }
}

impl std::error::Error for InvalidRemoteUrl {}

impl RemoteHttp {
    /// Creates a client for the server that the user calls `name`. The variable `NAME_CA_FILE` can name an additional certificate
    /// authority.
    ///
    /// # Errors
    /// Returns an error if the URL is not an HTTP URL, or if it contains credentials.
    pub fn new(name: &str, url: &str, environment: &Environment) -> Result<Self, InvalidRemoteUrl> {
        let (url, origin) = parse(url)?;
        // The user has named the URL, so its address may be private. Cloud metadata addresses are never called.
        let named = [&*origin.to_string()];
        let connector = Connector { named: &named, ..Connector::new(name) };
        Ok(Self { client: Arc::new(HttpClient::of(&connector, environment)), url, origin })
    }

    /// Returns a client for another URL of the same server, which uses the same connections. `None` if the URL has another origin.
    ///
    /// # Errors
    /// Returns an error if the URL is not an HTTP URL, or if it contains credentials.
    pub fn at(&self, url: &str) -> Result<Option<Self>, InvalidRemoteUrl> {
        let (url, origin) = parse(url)?;
        let same = origin == self.origin;
        Ok(same.then(|| Self { client: Arc::clone(&self.client), url, origin }))
    }

    /// Sends a request, and returns the head of the reply with its unread body.
    ///
    /// # Errors
    /// Returns an error if no reply was received.
    pub async fn send(
        &self,
        method: Method,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Response<Incoming>, SendError> {
        let mut request = http::Request::new(RequestBody::from(body));
        (*request.method_mut(), *request.uri_mut()) = (method, self.url.clone());
        *request.headers_mut() = headers;
        self.client.request(request, None).await
    }
}

fn parse(url: &str) -> Result<(Uri, Origin), InvalidRemoteUrl> {
    let invalid = || InvalidRemoteUrl(url.to_owned());
    // A URL with credentials is not quoted in the error.
    let origin = Origin::of(url).ok_or_else(|| match url.contains('@') {
        true => InvalidRemoteUrl("a URL with a user name".to_owned()),
        false => invalid(),
    })?;
    Ok((url.parse().map_err(|_| invalid())?, origin))
}

impl fmt::Debug for RemoteHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RemoteHttp({})", self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_remote_url_is_refused_without_showing_its_credentials() {
        let environment = Environment::of::<String, String>([]);
        for url in ["", "docs.example.com", "ftp://example.com", "https://", "/mcp"] {
            assert!(RemoteHttp::new("docs", url, &environment).is_err(), "{url}");
        }
        let error = RemoteHttp::new("docs", "https://me:canary@example.com/mcp", &environment).unwrap_err();
        assert!(!error.to_string().contains("canary"), "{error}");
    }

    #[test]
    fn client_for_another_url_stays_at_the_same_origin() {
        let environment = Environment::of::<String, String>([]);
        let remote = RemoteHttp::new("docs", "https://example.com/mcp", &environment).unwrap();
        assert!(remote.at("https://example.com/other?a=b").unwrap().is_some());
        for url in ["https://example.org/mcp", "http://example.com/mcp", "https://example.com:444/mcp"] {
            assert!(remote.at(url).unwrap().is_none(), "{url}");
        }
        assert!(remote.at("https://me@example.com/mcp").is_err());
    }

    #[tokio::test]
    async fn cloud_metadata_address_is_never_called() {
        let environment = Environment::of::<String, String>([]);
        let remote = RemoteHttp::new("docs", "http://169.254.169.254/mcp", &environment).unwrap();
        let error = remote.send(Method::POST, HeaderMap::new(), Bytes::new()).await.unwrap_err();
        assert!(!error.may_have_acted() && error.refusal().is_some(), "{error}");
    }
}
