//! Sends requests to a registry.

use std::io::Read as _;
use std::time::Duration;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, LOCATION, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use jackfield_runtime::{Environment, RemoteHttp};
use tokio::runtime::Runtime;

use super::address::RegistryAddress;
use super::error::ApiError;

/// The time limit of one request, with its reply.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends requests to a registry. Tests and other ways to a registry implement it.
pub trait RegistryHttp {
    /// Sends a GET request to an absolute URL of the registry, and returns the reply. A reply with an error status is a reply. Redirects
    /// are not followed.
    ///
    /// # Errors
    /// Returns an error if there is no reply, or if its body has more than `most` bytes.
    fn get(&mut self, url: &str, most: usize) -> Result<HttpReply, ApiError>;
}

/// The reply of a registry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpReply {
    /// The status.
    pub status: u16,
    /// The header `Retry-After`.
    pub retry_after: Option<String>,
    /// The header `Location`.
    pub location: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// Sends requests with the HTTP client of the runtime, over one connection. Its functions block, and must not be called from async code.
#[derive(Debug)]
pub struct RemoteRegistry {
    remote: RemoteHttp,
    runtime: Runtime,
    patience: Duration,
}

impl RemoteRegistry {
    /// Creates a client for a registry. The variable `REGISTRY_CA_FILE` can name an additional certificate authority.
    ///
    /// # Errors
    /// Returns an error if the client cannot be created.
    pub fn new(address: &RegistryAddress, environment: &Environment) -> Result<Self, ApiError> {
        let failed = |error: &dyn std::fmt::Display| ApiError::Unreachable(error.to_string());
        let remote =
            RemoteHttp::new("registry", address.as_str(), environment).map_err(|error| failed(&error))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Ok(Self { remote, runtime: runtime.map_err(|error| failed(&error))?, patience: PATIENCE })
    }

    /// Changes the time limit of each request.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }
}

impl RegistryHttp for RemoteRegistry {
    fn get(&mut self, url: &str, most: usize) -> Result<HttpReply, ApiError> {
        let failed = |error: &dyn std::fmt::Display| ApiError::Unreachable(error.to_string());
        let remote = self.remote.at(url).map_err(|error| failed(&error))?;
        let remote = remote.ok_or_else(|| failed(&format!("{url} is at another origin")))?;
        let exchange = async { tokio::time::timeout(self.patience, get(&remote, most)).await };
        self.runtime.block_on(exchange).unwrap_or(Err(ApiError::Late(self.patience)))
    }
}

async fn get(remote: &RemoteHttp, most: usize) -> Result<HttpReply, ApiError> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    let agent = concat!("jackfield/", env!("CARGO_PKG_VERSION"));
    headers.insert(USER_AGENT, HeaderValue::from_static(agent));
    let reply = remote.send(Method::GET, headers, Bytes::new()).await;
    let reply = reply.map_err(|error| ApiError::Unreachable(error.to_string()))?;
    let header =
        |name: HeaderName| reply.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (status, retry_after, location) = (reply.status().as_u16(), header(RETRY_AFTER), header(LOCATION));
    let encoding = header(CONTENT_ENCODING).unwrap_or_default().to_ascii_lowercase();
    let body = Limited::new(reply.into_body(), most).collect().await;
    let body = body.map_err(|error| match error.downcast_ref::<LengthLimitError>() {
        Some(_) => ApiError::TooLarge(most),
        None => ApiError::Unreachable(error.to_string()),
    })?;
    let body = body.to_bytes();
    let body = match encoding.as_str() {
        "" | "identity" => body.to_vec(),
        "gzip" => decompressed(&body, most)?,
        other => return Err(ApiError::Malformed(format!("it has the encoding {other:?}"))),
    };
    Ok(HttpReply { status, retry_after, location, body })
}

/// Decompresses a body, up to the maximum number of bytes.
fn decompressed(body: &[u8], most: usize) -> Result<Vec<u8>, ApiError> {
    let mut whole = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let read = MultiGzDecoder::new(body).take(limit).read_to_end(&mut whole);
    read.map_err(|error| ApiError::Malformed(format!("it cannot be decompressed: {error}")))?;
    if whole.len() > most { Err(ApiError::TooLarge(most)) } else { Ok(whole) }
}
