//! Gets, stores, renews and revokes the tokens of a user, by OAuth 2.0 and OpenID Connect.
//!
//! `login` and `renew` send requests to the `Server` of a scheme through the `Asker`, and store the resulting
//! `Grant` as a record. Access tokens are sent only to the API. Refresh tokens are sent only to the endpoint that
//! issued them.

mod ask;
mod binding;
mod client;
mod code;
mod device;
mod endpoint;
mod error;
mod grant;
mod identity;
mod login;
mod loopback;
mod metadata;
mod random;
mod register;
mod registered;
mod remedy;
mod renew;
mod revoke;
mod scopes;
mod server;
mod session;
mod status;
#[cfg(test)]
mod tests;
mod time_limits;
mod tokens;
mod web_login;

#[cfg(feature = "serve")]
pub(crate) use endpoint::{Endpoint, EndpointError};
pub use error::OAuthError;
pub use login::{Teller, Way};
#[cfg(feature = "serve")]
pub(crate) use random::constant_time_eq;
#[cfg(feature = "http")]
pub(crate) use random::random_text;
pub use revoke::LoggedOut;
pub use status::TokenStatus;
pub(crate) use time_limits::TimeLimits;
pub(crate) use tokens::OAuth;
pub use web_login::{WebClient, WebLogin};
