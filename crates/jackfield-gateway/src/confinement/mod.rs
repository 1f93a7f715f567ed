//! Confines the programs that the gateway starts: they cannot read its state, vault, audit or environment variables (ADR 0072).
//!
//! The gateway starts itself with a hidden command, which sets limits, gives up rights, and then executes the program.

pub(crate) mod launch;
#[cfg(target_os = "linux")]
mod mounts;
#[cfg(target_os = "linux")]
mod paths;
pub(crate) mod protected;
#[cfg(target_os = "linux")]
mod quarantined_paths;
#[cfg(target_os = "linux")]
mod rules;
#[cfg(target_os = "linux")]
mod sockets;
mod user;

pub(crate) use user::UserIds;

use crate::config::Confinement;

/// Whether this system can confine programs that run as the gateway's own user.
pub(crate) fn is_available() -> bool {
    #[cfg(target_os = "linux")]
    return rules::is_available();
    #[cfg(not(target_os = "linux"))]
    return false;
}

/// Checks that this system can confine a program as gateway.toml says. Returns the ids of `user` if it is set.
///
/// # Errors
/// Returns an error that says what is missing, and what to type.
pub(crate) fn check(confinement: &Confinement) -> Result<Option<UserIds>, String> {
    if let Some(name) = &confinement.user {
        return user::ids(name).map(Some);
    }
    match confinement.is_open || is_available() {
        true => Ok(None),
        false => Err(
            "this system cannot keep its program from reading the state, the vault and the audit of the gateway (this needs Linux 5.13 or later with Landlock): write `user = \"NAME\"` to run it as another user, or `unconfined = true` to run it without protection".to_owned(),
        ),
    }
}
