//! A cached reply, and whether a reply may be cached.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, StatusCode};
use jackfield_recipe::Caching;
use tokio::time::Instant;

use super::area::Area;
use super::directives::{forbids_storing, lifetime};
use super::key::OF_ONE_CALL;
use super::validators::Validators;
use crate::transport::media::BodyKind;
use crate::transport::reply::Reply;

/// The number of bytes that a reply counts in addition to its body, URL and headers.
const OVERHEAD: usize = 512;

/// A cached reply. It contains no credentials, because they were redacted before. The redactions of connector.toml are applied each time
/// the reply is used.
pub(super) struct StoredReply {
    pub(super) reply: Reply,
    pub(super) validators: Validators,
    pub(super) area: Area,
    pub(super) bytes: usize,
    came: Instant,
    fresh_until: Instant,
    is_expired: AtomicBool,
}

impl StoredReply {
    /// Creates the cached form of a reply. Returns `None` if the reply must not be stored, or if it would be stale at once and cannot be
    /// revalidated.
    pub(super) fn of(reply: &Reply, caching: Caching, area: Area, most: usize) -> Option<Self> {
        let bytes = OVERHEAD + reply.body.len() + reply.address.len() + size(&reply.headers);
        let is_plain = reply.http_status() == StatusCode::OK
            && reply.is_whole
            && !reply.is_redirected
            && reply.done().is_none()
            && reply.caveat.is_none()
            && !matches!(reply.media_type().kind(), BodyKind::Events(_));
        if !is_plain || bytes > most || forbids_storing(&reply.headers) || varies(&reply.headers) {
            return None;
        }
        let lifetime = match caching {
            Caching::Seconds(seconds) => lifetime(&reply.headers, Duration::from_secs(u64::from(seconds))),
            Caching::Off | Caching::Revalidate => Duration::ZERO,
        };
        let validators = Validators::of(&reply.headers);
        if lifetime.is_zero() && validators.condition().is_none() {
            return None;
        }
        let came = Instant::now();
        Some(Self {
            reply: reply.detached(),
            validators,
            area,
            bytes,
            came,
            fresh_until: came + lifetime,
            is_expired: AtomicBool::new(false),
        })
    }

    pub(super) fn is_fresh(&self) -> bool {
        Instant::now() < self.fresh_until && !self.is_expired.load(Ordering::Acquire)
    }

    /// Returns the time since the service sent or confirmed the reply.
    pub(super) fn age(&self) -> Duration {
        self.came.elapsed()
    }

    /// Marks the reply as stale, so that it has to be revalidated.
    pub(super) fn expire(&self) {
        self.is_expired.store(true, Ordering::Release);
    }

    /// Copies the body, because it may be a slice of a larger buffer.
    pub(super) fn with_own_body(mut self) -> Self {
        self.reply.body = Bytes::copy_from_slice(&self.reply.body);
        self
    }

    /// Returns the reply with the headers of a 304 that confirms it (RFC 9111, section 4.3.4), or `None` if the 304 has another URL or is
    /// about another version.
    pub(super) fn confirmed(&self, not_modified: &Reply) -> Option<Reply> {
        if not_modified.is_redirected || !self.validators.fit(&not_modified.headers) {
            return None;
        }
        let mut reply = self.reply.clone();
        for name in not_modified.headers.keys().filter(|name| !is_about_the_message(name)) {
            reply.headers.remove(name);
            for value in not_modified.headers.get_all(name) {
                reply.headers.append(name.clone(), value.clone());
            }
        }
        Some(reply)
    }
}

/// Whether a header of a 304 describes only the 304 response itself, or a body, which a 304 does not have. Such a header does not change
/// the cached reply.
fn is_about_the_message(name: &HeaderName) -> bool {
    matches!(name.as_str(), "connection" | "keep-alive" | "trailer" | "transfer-encoding" | "upgrade")
        || name.as_str().starts_with("content-")
}

/// Whether a reply depends on more than its key. The key contains every request header except the headers that differ from call to call.
fn varies(headers: &HeaderMap) -> bool {
    let is_unknown =
        |name: &str| name == "*" || OF_ONE_CALL.iter().any(|known| name.eq_ignore_ascii_case(known));
    headers.get_all("vary").iter().any(|field| match field.to_str() {
        Ok(names) => names.split(',').map(str::trim).any(is_unknown),
        Err(_) => true,
    })
}

fn size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 64).sum()
}
