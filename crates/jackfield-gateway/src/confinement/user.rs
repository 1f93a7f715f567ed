//! The user that runs a program, if it is not the gateway's user.

/// The user id and the group id of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UserIds {
    pub(crate) user: u32,
    pub(crate) group: u32,
}

/// Returns the ids of the user `name`, if the gateway can start programs as that user.
///
/// # Errors
/// Returns an error if the gateway does not run as root, or if the user does not exist or is the gateway's own user.
#[cfg(unix)]
pub(super) fn ids(name: &str) -> Result<UserIds, String> {
    let own = rustix::process::geteuid();
    if !own.is_root() {
        return Err(format!(
            "`user = \"{name}\"` needs a gateway that is started as root, because only root can run a program as another user"
        ));
    }
    let user = id("-u", name)?;
    if user == own.as_raw() {
        return Err(format!(
            "`user = \"{name}\"` is the user that runs the gateway: write the name of another user"
        ));
    }
    Ok(UserIds { user, group: id("-g", name)? })
}

/// Returns the id that the program `id` prints for `kind` (`-u` or `-g`). Users may come from a directory service, so /etc/passwd is not
/// enough.
#[cfg(unix)]
fn id(kind: &str, name: &str) -> Result<u32, String> {
    let asked = std::process::Command::new("id").args([kind, "--", name]).output();
    let asked = asked.map_err(|error| format!("the program `id` cannot be started: {error}"))?;
    let number = String::from_utf8_lossy(&asked.stdout).trim().parse();
    let number = number.ok().filter(|_| asked.status.success());
    number.ok_or_else(|| {
        format!("there is no user `{name}`: create it, as in `useradd --system --no-create-home {name}`")
    })
}

/// Returns an error, because programs cannot run as another user on this system.
///
/// # Errors
/// Always returns an error.
#[cfg(not(unix))]
pub(super) fn ids(name: &str) -> Result<UserIds, String> {
    Err(format!("`user = \"{name}\"` does not work on this system: write `unconfined = true`"))
}
