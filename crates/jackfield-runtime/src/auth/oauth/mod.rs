//! OAuth 2.0 and OpenID Connect: how the one local user gets tokens, keeps them, renews them, and gives them back.
//!
//! The way of a token: `login` or `renew` asks the `Server` of a scheme through the `Asker`, a `Grant` comes of it, and
//! is kept as a record. Tokens go to the API, refresh tokens to the endpoint that gave them, and neither anywhere else.

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
mod patience;
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
mod tokens;

pub use error::OAuthError;
pub use login::{Teller, Way};
pub(crate) use patience::Patience;
#[cfg(feature = "http")]
pub(crate) use random::unguessable;
pub use revoke::LoggedOut;
pub use status::TokenStatus;
pub(crate) use tokens::OAuth;
