//! The base URLs of tools.

use std::sync::Arc;

use super::upstream::Upstream;
use crate::auth::{Destination, OriginNotPermitted};
use crate::call::base_url::BaseUrl;

/// The checked base URL of a tool.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) base: BaseUrl,
    /// The origin to which credentials are sent.
    pub(crate) destination: Option<Destination>,
    /// The reason why credentials may not be sent to the base URL. The tool can still be called without credentials.
    pub(crate) withheld: Option<OriginNotPermitted>,
    /// The retry budget, circuit breaker and pauses of the origin.
    pub(crate) upstream: Arc<Upstream>,
}
