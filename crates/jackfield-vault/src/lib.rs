//! Where the credentials of connectors live: one file per user, sealed with a key that stands elsewhere.
//!
//! What is protected from whom, the format and the recovery are in `docs/vault.md`. In short: AES-256-GCM per record with
//! the record's name as associated data, and one seal over the whole file, so that a change by another hand is an error
//! and never another value. Everything here is synchronous and small: from async code, call it where blocking is allowed.
//!
//! ```no_run
//! # use std::time::Duration;
//! # use jackfield_vault::{Error, Key, Place, Secret, Vault};
//! # fn main() -> Result<(), Error> {
//! let look_up = |name: &str| std::env::var(name).ok();
//! let vault = Vault::open(&Place::from_environment(look_up)?, Key::from_environment(look_up))?;
//! // Of two processes only one refreshes; the other finds what the first has put.
//! let guard = vault.exclusive("bookshop/bookshopToken", Duration::from_secs(60))?;
//! if vault.get("bookshop/bookshopToken/token")?.is_none() {
//!     vault.put("bookshop/bookshopToken/token", &Secret::new("new".to_owned()))?;
//! }
//! # drop(guard);
//! # Ok(())
//! # }
//! ```

mod cipher;
mod contents;
mod disk;
mod error;
mod hex;
mod key;
mod key_line;
mod keyring;
mod limits;
mod lock;
mod place;
mod rotate;
mod secret;
mod source;
mod variable;
mod vault;

pub use cipher::fill_random;
pub use error::Error;
pub use key::Key;
pub use key_line::Cost;
pub use limits::{LONGEST_NAME, LONGEST_SECRET, MOST_RECORDS};
pub use lock::Guard;
pub use place::Place;
pub use rotate::Rotation;
pub use secret::Secret;
pub use source::Source;
pub use variable::{FOLDER_VARIABLE, KEY_FILE_VARIABLE, PASSPHRASE_VARIABLE};
pub use vault::{Vault, Version};

/// Reads any bytes as the file of a vault, its seal unchecked: what fuzzing needs, and nobody else.
#[doc(hidden)]
pub fn read_any(bytes: &[u8]) {
    contents::read_any(bytes);
}
