//! What a person writes where a service wants each request signed: OAuth 1.0a, AWS's Signature Version 4, and the like.
//!
//! ```
//! use std::sync::Arc;
//!
//! use jackfield_runtime::{Caller, Signature, Signer, Signing, Unsigned};
//!
//! /// A service that wants the length of what it is sent, and its own idea of who asks.
//! struct Checked;
//!
//! impl Signer for Checked {
//!     fn sign<'a>(&'a self, request: &'a Unsigned<'a>, _: &'a Caller) -> Signing<'a> {
//!         Box::pin(async move {
//!             let seal = format!("{} {} {}", request.method(), request.target(), request.body().len());
//!             Ok(Signature::default().header("x-seal", seal))
//!         })
//!     }
//! }
//!
//! // Under the name that the document gives to the scheme: `api.signed_by("seal", Arc::new(Checked))`
//! # let _: Arc<dyn Signer> = Arc::new(Checked);
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderValue;
use http::header::HeaderName;
use http_body_util::Full;

use crate::call::credential_spots::holds_name;
use crate::call::encode::{self, Keep};
use crate::common::caller::Caller;
use crate::common::secret::Secret;
use crate::transport::authenticate::SigningError;

/// Signs requests. It has its own keys, and finds them for the caller.
pub trait Signer: Send + Sync {
    /// What is added to a request. Asked for every request that a call comes to: where a redirect leads within the
    /// origin it is another request, with another signature.
    fn sign<'a>(&'a self, request: &'a Unsigned<'a>, caller: &'a Caller) -> Signing<'a>;
}

/// The signers that a person wrote, by the schemes that they answer.
pub(crate) type Signers = BTreeMap<&'static str, Arc<dyn Signer>>;

/// A signature, or why there is none: what the user has to do, fit for a model to pass on, without a secret in it.
pub type Signing<'a> = Pin<Box<dyn Future<Output = Result<Signature, SigningError>> + Send + 'a>>;

/// A request as it will leave, but for its signature. It may hold other credentials, so it has no `Debug`.
pub struct Unsigned<'a> {
    request: &'a http::Request<Full<Bytes>>,
    body: &'a [u8],
    url: String,
}

impl<'a> Unsigned<'a> {
    pub(crate) fn new(request: &'a http::Request<Full<Bytes>>, body: &'a [u8]) -> Self {
        Self { request, body, url: request.uri().to_string() }
    }

    /// The method, in capitals.
    pub fn method(&self) -> &str {
        self.request.method().as_str()
    }

    /// The whole address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Path and query, byte for byte as they leave.
    pub fn target(&self) -> &str {
        target(self.request)
    }

    /// Path, byte for byte as it leaves.
    pub fn path(&self) -> &str {
        self.request.uri().path()
    }

    /// What stands behind `?`, byte for byte as it leaves.
    pub fn query(&self) -> Option<&str> {
        self.request.uri().query()
    }

    /// The value of `Host`, which is not among the headers: a port stands in it where it is not the usual one.
    pub fn host(&self) -> String {
        let uri = self.request.uri();
        let usual = if uri.scheme_str() == Some("https") { 443 } else { 80 };
        let host = uri.host().unwrap_or_default();
        match uri.port_u16().filter(|port| *port != usual) {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// Names in lower case, and values that are text.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let fields = self.request.headers().iter();
        fields.filter_map(|(name, value)| Some((name.as_str(), std::str::from_utf8(value.as_bytes()).ok()?)))
    }

    /// The payload, byte for byte as it leaves; empty where there is none.
    pub fn body(&self) -> &[u8] {
        self.body
    }
}

/// What a signer adds to a request.
#[derive(Default)]
pub struct Signature {
    headers: Vec<(String, Secret)>,
    query: Vec<(String, Secret)>,
}

impl Signature {
    /// A header, in the place of any of that name.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), Secret::new(value.into())));
        self
    }

    /// A pair behind all others of the query. It is not encoded yet.
    #[must_use]
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), Secret::new(value.into())));
        self
    }

    pub(crate) fn add_to(self, request: &mut http::Request<Full<Bytes>>) -> Result<(), SignatureError> {
        for (name, value) in self.headers {
            let name =
                HeaderName::try_from(name.as_str()).map_err(|_| SignatureError::HeaderName(name.clone()))?;
            let mut value = HeaderValue::try_from(value.expose())
                .map_err(|_| SignatureError::HeaderValue(name.clone()))?;
            value.set_sensitive(true);
            request.headers_mut().insert(name, value);
        }
        if self.query.is_empty() {
            return Ok(());
        }
        let mut url = request.uri().to_string();
        for (name, value) in self.query {
            if request.uri().query().is_some_and(|query| holds_name(query, &name)) {
                return Err(SignatureError::Parameter(name));
            }
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&encode::escape(&name, Keep::Unreserved));
            url.push('=');
            url.push_str(&encode::escape(value.expose(), Keep::Unreserved));
        }
        *request.uri_mut() = url.parse().map_err(|_| SignatureError::Address)?;
        Ok(())
    }
}

/// A signature that no request can carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SignatureError {
    /// A name that no header has.
    HeaderName(String),
    /// A value that the header cannot carry.
    HeaderValue(HeaderName),
    /// A query parameter that an argument has set.
    Parameter(String),
    /// The address is none with the pairs of the signature.
    Address,
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HeaderName(name) => write!(f, "its signer gives {name:?}, which is no name of a header"),
            Self::HeaderValue(name) => {
                write!(f, "its signer gives a value that the header {name} cannot carry")
            }
            Self::Parameter(name) => {
                write!(f, "its signer adds the query parameter `{name}`, which an argument has set")
            }
            Self::Address => f.write_str("its signer makes an address that is none"),
        }
    }
}

impl std::error::Error for SignatureError {}

impl From<SignatureError> for SigningError {
    fn from(error: SignatureError) -> Self {
        Self::new(error.to_string())
    }
}

/// Path and query, byte for byte as they leave.
pub(crate) fn target(request: &http::Request<Full<Bytes>>) -> &str {
    request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str)
}
