//! The addresses that tools call.

use crate::auth::{Destination, OriginNotPermitted};
use crate::call::base_url::BaseUrl;

/// The checked address of a tool's requests.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) base: BaseUrl,
    /// The origin that credentials are sent to.
    pub(crate) destination: Option<Destination>,
    /// The reason why credentials may not be sent to the address. The tool can be called without them.
    pub(crate) withheld: Option<OriginNotPermitted>,
}
