//! What a generated connector links: a thin runtime that turns tool calls into HTTP requests and replies into results.
//!
//! The way of a call: row look-up, validation against the input schema, `bind` (generated, sync), `authorize`, `send`,
//! reply. Generated code names [`v1`] and nothing else; hand-written tools name [`custom`].

mod admission;
mod api;
mod args;
mod auth;
mod base;
mod body;
mod caller;
mod client;
mod clock;
mod coding;
mod command;
pub mod custom;
mod destinations;
mod encode;
mod environment;
mod files;
mod fuzzing;
mod heal;
mod imitation;
mod integers;
mod interpret;
mod outgoing;
mod output;
mod progress;
mod receive;
mod redirect;
mod reply;
mod request;
mod result;
mod rows;
mod schema;
mod secret;
mod serve;
mod server;
mod service;
mod types;
pub mod v1;
mod validate;

pub use api::{Api, CallError, NoSuchScheme};
pub use args::{ArgError, Args};
pub use auth::{
    AuthError, Checked, Credential, CredentialPlace, CredentialSource, Destination, Found, LocalSource,
    Located, LocatedFuture, LoggedOut, Missing, OAuthError, Outline, Renewed, Signature, Signer, Signing,
    Teller, TokenStatus, Unsigned, Way,
};
pub use caller::Caller;
pub use client::{CheckedConnector, RefusedAddress, SendError};
pub use command::{Program, check_base_url, greet_at_terminal, main};
pub use environment::Environment;
#[doc(hidden)]
pub use fuzzing::try_arguments;
pub use jackfield_recipe::{AddressClass, Effect, Encoding, Input, Location, Payload, Step};
pub use progress::Progress;
pub use reply::Reply;
pub use result::ToolResult;
pub use secret::Secret;
pub use serve::{HttpAddress, HttpAuth, HttpOptions, ServeError, listing, serve_stdio, serve_streams};
#[cfg(feature = "http")]
pub use serve::{HttpServer, HttpToken, serve_http};
pub use service::{Listed, NameTaken, Service, UnknownTool};
