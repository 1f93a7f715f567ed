//! Stores the credentials of connectors: one encrypted file for each user. The key is stored separately.
//!
//! `docs/vault.md` describes the threat model, the format and the recovery. In short: each record is encrypted with AES-256-GCM, with
//! its name as associated data. An authentication tag over the whole file detects every change by another program. All calls are
//! synchronous and may block, so async code calls them on a blocking thread.
//!
//! ```no_run
//! # use std::time::Duration;
//! # use jackfield_vault::{Error, Key, Place, Secret, Vault};
//! # fn main() -> Result<(), Error> {
//! let look_up = |name: &str| std::env::var(name).ok();
//! let vault = Vault::open(&Place::from_environment(look_up)?, Key::from_environment(look_up))?;
//! // Only one of two processes refreshes the token. The other process then reads the stored token.
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

/// Parses bytes as a vault without verifying the `seal` line. It is only for fuzzing.
#[doc(hidden)]
pub fn read_any(bytes: &[u8]) {
    contents::read_any(bytes);
}
