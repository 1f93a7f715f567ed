//! Finds credentials in their sources, and adds them to requests.

pub(crate) mod audience;
mod authorize;
pub(crate) mod bound;
mod challenge;
mod credential;
mod digest;
mod error;
#[cfg(feature = "serve")]
mod forgotten_records;
mod local;
#[cfg(feature = "serve")]
mod local_account;
mod local_of_principals;
mod local_outline;
mod local_web_login;
mod located;
mod oauth;
pub(crate) mod of_principals;
mod outline;
mod permitted;
mod place;
mod placeholders;
pub(crate) mod principal_records;
mod program_secrets;
mod prove;
mod reach;
mod records;
mod scheme;
mod signer;
mod slot;
mod source;
mod status;
mod store;
mod store_error;
mod stored;
mod variable_names;
mod vault;

pub(crate) use authorize::{Authorized, Authorizer};
pub use challenge::Challenge;
pub use credential::{Credential, Missing};
pub(crate) use digest::Sessions;
pub use error::AuthError;
#[cfg(feature = "serve")]
pub use forgotten_records::forget_records;
pub use local::LocalSource;
pub(crate) use located::Sent;
pub use located::{CredentialPlace, Located, LocatedFuture};
#[cfg(feature = "http")]
pub(crate) use oauth::random_text;
#[cfg(feature = "serve")]
pub(crate) use oauth::{Endpoint, EndpointError, constant_time_eq};
pub use oauth::{LoggedOut, OAuthError, Teller, TokenStatus, Way, WebClient, WebLogin};
pub use outline::Outline;
pub use permitted::OriginNotPermitted;
pub(crate) use permitted::{is_declared, permitted};
#[cfg(feature = "serve")]
pub(crate) use placeholders::credential_needs;
pub(crate) use placeholders::fill_placeholders;
pub use program_secrets::{ProgramSecrets, ProgramSecretsError};
pub use reach::Destination;
pub(crate) use signer::Signers;
pub use signer::{Signature, Signer, Signing, Unsigned};
pub(crate) use slot::CredentialSlot;
pub use source::{Checked, CredentialRequest, CredentialSource, Found, Renewed};
pub(crate) use status::State;
pub(crate) use store::Provenance;
#[cfg(feature = "serve")]
pub use vault::vault_paths_of;
