//! Changes stored logins to states that would otherwise take a long time to reach.

use std::path::Path;

use jackfield_vault::{Error, Key, Place, Secret, Vault};
use serde_json::{Map, Value};

/// Moves every access token of a vault back in time by its lifetime, so that it has expired. Returns the number of changed tokens.
///
/// # Errors
/// Returns an error if the vault cannot be opened or written.
pub fn expire_tokens(folder: &Path) -> Result<usize, Error> {
    let vault = Vault::open(&Place::new(folder), Key::Any)?;
    let mut expired = 0;
    for name in vault.names()? {
        let Some(record) = vault.get(&name)? else { continue };
        let Ok(mut record) = serde_json::from_str::<Map<String, Value>>(record.expose()) else { continue };
        let time = |field: &str| record.get(field).and_then(Value::as_u64);
        let (Some(granted_at), Some(expires_at)) = (time("granted_at"), time("expires_at")) else { continue };
        let life = expires_at.saturating_sub(granted_at);
        record.insert("granted_at".to_owned(), granted_at.saturating_sub(life).into());
        record.insert("expires_at".to_owned(), granted_at.into());
        vault.put(&name, &Secret::new(Value::Object(record).to_string()))?;
        expired += 1;
    }
    Ok(expired)
}
