//! Reads entries from a registry.

use std::fmt;

use jackfield_recipe::{push_percent_escape, visible_line};
use jackfield_runtime::Environment;
use serde_json::Value;

use super::address::RegistryAddress;
use super::error::ApiError;
use super::http::{HttpReply, RegistryHttp, RemoteRegistry};
use super::page::Page;
use super::retry;
use crate::entry::item::PublishedItem;
use crate::entry::name::ServerName;
use crate::entry::version::ExactVersion;

/// The number of entries of a page, which is the maximum that the API allows.
const PAGE: usize = 100;
/// The maximum number of characters of a registry's message that are repeated.
const LONGEST_MESSAGE: usize = 200;

/// Limits of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientLimits {
    /// The maximum number of bytes of a page.
    pub page_bytes: usize,
    /// The maximum number of bytes of the answer about one version.
    pub entry_bytes: usize,
}

impl Default for ClientLimits {
    fn default() -> Self {
        Self { page_bytes: 16 * 1024 * 1024, entry_bytes: 1024 * 1024 }
    }
}

/// Reads entries from a registry. Its functions block.
pub struct Client {
    address: RegistryAddress,
    http: Box<dyn RegistryHttp + Send>,
    limits: ClientLimits,
}

impl Client {
    /// Creates a client that uses the network.
    ///
    /// # Errors
    /// Returns an error if the client cannot be created.
    pub fn new(address: &RegistryAddress, environment: &Environment) -> Result<Self, ApiError> {
        Ok(Self::over(address, RemoteRegistry::new(address, environment)?))
    }

    /// Creates a client that sends its requests in another way.
    pub fn over(address: &RegistryAddress, http: impl RegistryHttp + Send + 'static) -> Self {
        Self { address: address.clone(), http: Box::new(http), limits: ClientLimits::default() }
    }

    /// Changes the limits.
    #[must_use]
    pub fn with_limits(self, limits: ClientLimits) -> Self {
        Self { limits, ..self }
    }

    /// Returns the address of the registry.
    pub const fn address(&self) -> &RegistryAddress {
        &self.address
    }

    /// Returns a page of all versions of all servers, also deprecated and deleted ones. With `updated_since`, in the format of RFC 3339, only
    /// entries that changed since.
    ///
    /// # Errors
    /// Returns an error if the registry gives no usable answer.
    pub fn page(&mut self, cursor: Option<&str>, updated_since: Option<&str>) -> Result<Page, ApiError> {
        let mut target = format!("servers?limit={PAGE}&include_deleted=true");
        for (name, value) in [("cursor", cursor), ("updated_since", updated_since)] {
            if let Some(value) = value {
                target.push_str(&format!("&{name}={}", escaped(value)));
            }
        }
        Page::parse(&self.get(&target, self.limits.page_bytes)?)
    }

    /// Returns all versions of a server.
    ///
    /// # Errors
    /// Returns an error if the registry does not have the server, or gives no usable answer.
    pub fn versions(&mut self, name: &ServerName) -> Result<Page, ApiError> {
        let target = format!("servers/{}/versions?include_deleted=true", escaped(name.as_str()));
        Page::parse(&self.get(&target, self.limits.page_bytes)?)
    }

    /// Returns a version of a server, or the latest one.
    ///
    /// # Errors
    /// Returns an error if the registry does not have the version, gives no usable answer, or answers with another server or version.
    pub fn entry(
        &mut self,
        name: &ServerName,
        version: Option<&ExactVersion>,
    ) -> Result<PublishedItem, ApiError> {
        let wanted = version.map_or("latest", ExactVersion::as_str);
        let target =
            format!("servers/{}/versions/{}?include_deleted=true", escaped(name.as_str()), escaped(wanted));
        let body = self.get(&target, self.limits.entry_bytes)?;
        let item = PublishedItem::parse(&body).map_err(|error| ApiError::Malformed(error.to_string()))?;
        if item.entry.name != *name || version.is_some_and(|version| item.entry.version != *version) {
            let found = format!("{}@{}", item.entry.name, item.entry.version);
            return Err(ApiError::Malformed(format!("it is about {found}, not about {name}@{wanted}")));
        }
        Ok(item)
    }

    fn get(&mut self, target: &str, most: usize) -> Result<Vec<u8>, ApiError> {
        let url = format!("{}/v0.1/{target}", self.address);
        let HttpReply { status, retry_after, location, body } = self.http.get(&url, most)?;
        match status {
            200..=299 => Ok(body),
            300..=399 => Err(ApiError::Redirected(shortened(&location.unwrap_or_default()))),
            404 => Err(ApiError::NotFound),
            429 | 503 => Err(ApiError::Busy { status, wait: retry::wait(retry_after.as_deref()) }),
            _ => Err(ApiError::Status { status, message: message(&body) }),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.address)
    }
}

/// Returns the message of an error: `{"error": …}`.
fn message(body: &[u8]) -> String {
    let value: Option<Value> = serde_json::from_slice(body).ok();
    let message = value.as_ref().and_then(|value| value.get("error")).and_then(Value::as_str);
    shortened(message.unwrap_or_default())
}

fn shortened(text: &str) -> String {
    visible_line(&text.chars().take(LONGEST_MESSAGE).collect::<String>()).into_owned()
}

/// Percent-encodes everything but unreserved characters.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            push_percent_escape(&mut escaped, byte);
        }
    }
    escaped
}
