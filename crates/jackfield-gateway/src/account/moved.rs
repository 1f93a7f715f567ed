//! Checks whether a server that refuses a token still names the authorization server of the login.

use jackfield_recipe::origin_of;
use jackfield_runtime::Environment;

use super::authorization::Authorization;
use super::discover::{authorization, metadata};

/// Returns how the metadata at `address` contradict the login. `None` if they match the login.
///
/// # Errors
/// Returns an error if the metadata cannot be read.
pub(super) async fn change(
    name: &str,
    url: &str,
    known: &Authorization,
    address: &str,
    environment: &Environment,
) -> Result<Option<String>, String> {
    if origin_of(address) != origin_of(url) || origin_of(url).is_none() {
        return Ok(Some(format!("it refuses its token, and names its metadata at {address:?}")));
    }
    let found = metadata(name, address, environment)
        .await
        .map_err(|why| format!("it refuses its token, and its metadata at {address} {why}"))?;
    Ok(match authorization(&found, url, None) {
        Err(why) => Some(format!("it refuses its token, and {why}")),
        Ok(now) if now.issuer != known.issuer => Some(format!(
            "it has another authorization server now: {:?} instead of {:?}",
            now.issuer, known.issuer
        )),
        Ok(now) if now.resource != known.resource => {
            Some(format!("it is another resource now: {:?} instead of {:?}", now.resource, known.resource))
        }
        Ok(_) => None,
    })
}
