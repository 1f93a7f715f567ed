//! Signers for services that require each request to be signed: OAuth 1.0a, AWS Signature Version 4, and similar.
//!
//! ```
//! use std::sync::Arc;
//!
//! use jackfield_runtime::{Caller, Signature, Signer, Signing, Unsigned};
//!
//! /// A service whose signature covers the method, the target and the length of the body.
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
//! // Registers the signer for the security scheme `seal` of the document: `api.signed_by("seal", Arc::new(Checked))`
//! # let _: Arc<dyn Signer> = Arc::new(Checked);
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use http::HeaderValue;
use http::header::HeaderName;

use crate::call::credential_spots::holds_name;
use crate::call::encode::{self, Keep};
use crate::common::caller::Caller;
use crate::common::secret::Secret;
use crate::transport::authenticate::SigningError;
use crate::transport::request_body::RequestBody;

/// Signs requests. A signer has its own keys, and selects the key by the caller.
pub trait Signer: Send + Sync {
    /// Signs a request. It is called for every request of a call, including each redirect that is followed.
    fn sign<'a>(&'a self, request: &'a Unsigned<'a>, caller: &'a Caller) -> Signing<'a>;
}

/// The signers, by scheme name.
pub(crate) type Signers = BTreeMap<String, Arc<dyn Signer>>;

/// A signature, or an error that a model can show to the user. The error contains no secret.
pub type Signing<'a> = Pin<Box<dyn Future<Output = Result<Signature, SigningError>> + Send + 'a>>;

/// A complete request without its signature. It may contain other credentials, so it does not implement `Debug`.
pub struct Unsigned<'a> {
    request: &'a http::Request<RequestBody>,
    body: &'a [u8],
    url: String,
}

impl<'a> Unsigned<'a> {
    pub(crate) fn new(request: &'a http::Request<RequestBody>, body: &'a [u8]) -> Self {
        Self { request, body, url: request.uri().to_string() }
    }

    /// Returns the method in upper case.
    pub fn method(&self) -> &str {
        self.request.method().as_str()
    }

    /// Returns the whole URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the path and query, byte for byte as they are sent.
    pub fn target(&self) -> &str {
        target(self.request)
    }

    /// Returns the path, byte for byte as it is sent.
    pub fn path(&self) -> &str {
        self.request.uri().path()
    }

    /// Returns the query without `?`, byte for byte as it is sent.
    pub fn query(&self) -> Option<&str> {
        self.request.uri().query()
    }

    /// Returns the value of `Host`, which is not among the headers. It includes the port unless it is the default
    /// port.
    pub fn host(&self) -> String {
        let uri = self.request.uri();
        let usual = if uri.scheme_str() == Some("https") { 443 } else { 80 };
        let host = uri.host().unwrap_or_default();
        match uri.port_u16().filter(|port| *port != usual) {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// Returns the headers as pairs. Names are in lower case. A header whose value is not text is left out.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let fields = self.request.headers().iter();
        fields.filter_map(|(name, value)| Some((name.as_str(), std::str::from_utf8(value.as_bytes()).ok()?)))
    }

    /// Returns the body, byte for byte as it is sent. It is empty for a request without a body. A request whose body has more than
    /// 16 MiB is not signed and not sent.
    pub fn body(&self) -> &[u8] {
        self.body
    }
}

/// The headers and query parameters that a signer adds to a request.
#[derive(Default)]
pub struct Signature {
    headers: Vec<(String, Secret)>,
    query: Vec<(String, Secret)>,
}

impl Signature {
    /// Adds a header, and replaces all headers with the same name.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), Secret::new(value.into())));
        self
    }

    /// Appends a query parameter. `value` must not be percent-encoded, because it is encoded here.
    #[must_use]
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), Secret::new(value.into())));
        self
    }

    pub(crate) fn add_to(self, request: &mut http::Request<RequestBody>) -> Result<(), SignatureError> {
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

/// The reason why a request cannot carry a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SignatureError {
    /// The signer returned an invalid header name.
    HeaderName(String),
    /// The signer returned an invalid value for this header.
    HeaderValue(HeaderName),
    /// An argument has already set the query parameter.
    Parameter(String),
    /// The query parameters of the signature make the URL invalid.
    Address,
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HeaderName(name) => write!(f, "its signer returns {name:?}, which is not a header name"),
            Self::HeaderValue(name) => {
                write!(f, "its signer returns a value that the header {name} cannot carry")
            }
            Self::Parameter(name) => {
                write!(f, "its signer adds the query parameter `{name}`, which an argument has set")
            }
            Self::Address => f.write_str("its signer makes the URL invalid"),
        }
    }
}

impl std::error::Error for SignatureError {}

impl From<SignatureError> for SigningError {
    fn from(error: SignatureError) -> Self {
        Self::new(error.to_string())
    }
}

/// Returns the path and query, byte for byte as they are sent.
pub(crate) fn target(request: &http::Request<RequestBody>) -> &str {
    request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str)
}
