//! What a generated connector links: a thin runtime that turns tool calls into HTTP requests and replies into results.
//!
//! The way of a call: row look-up, validation against the input schema, `bind` (generated, sync), `authorize`, `send`,
//! reply. Generated code names [`v1`] and nothing else; hand-written tools name [`custom`].

mod app;
mod auth;
mod call;
mod common;
pub mod custom;
mod engine;
mod fuzzing;
mod mcp;
mod reply;
mod transport;
pub mod v1;

pub use app::{BaseUrlFlagError, Program, check_base_url, greet_at_terminal, main};
pub use auth::{
    AuthError, Checked, Credential, CredentialPlace, CredentialSource, Destination, Found, LocalSource,
    Located, LocatedFuture, LoggedOut, Missing, OAuthError, OriginNotPermitted, Outline, Renewed, Signature,
    Signer, Signing, Teller, TokenStatus, Unsigned, Way,
};
pub use call::args::{ArgError, Args};
pub use call::schema::ArgumentsError;
pub use call::server_error::ServerError;
pub use common::budget::BudgetExceeded;
pub use common::caller::Caller;
pub use common::environment::{Environment, InvalidNumber};
pub use common::progress::Progress;
pub use common::secret::Secret;
pub use engine::admission::AdmissionError;
pub use engine::api::{Api, CallError, NoSuchScheme};
pub use engine::service::{Listed, NameTaken, Service, UnknownTool};
#[doc(hidden)]
pub use fuzzing::{RefusedArguments, try_arguments};
pub use jackfield_recipe::{AddressClass, Effect, Encoding, Input, Location, Payload, Step};
pub use mcp::error::ServeError;
#[cfg(feature = "http")]
pub use mcp::http::{HttpServer, HttpToken, serve_http};
pub use mcp::options::{HttpAddress, HttpAuth, HttpOptions};
pub use mcp::serve::{listing, serve_stdio, serve_streams};
pub use reply::tool_result::ToolResult;
pub use transport::authenticate::SigningError;
pub use transport::connect::{CheckedConnector, RefusedAddress};
pub use transport::destinations::RefusedDestination;
pub use transport::error::SendError;
pub use transport::reply::Reply;
