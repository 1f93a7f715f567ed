//! The user of a program, if it is not the gateway's own.

/// The ids of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UserIds {
    pub(crate) user: u32,
    pub(crate) group: u32,
}

/// The ids of a user to which the gateway can change.
///
/// # Errors
/// Returns an error if there is no such user, if it is no other one, or if the gateway may not change to it.
#[cfg(unix)]
pub(super) fn ids(name: &str) -> Result<UserIds, String> {
    let own = rustix::process::geteuid();
    if !own.is_root() {
        return Err(format!(
            "`user = \"{name}\"` needs a gateway that is started as root, which alone may change to another user"
        ));
    }
    let user = id("-u", name)?;
    if user == own.as_raw() {
        return Err(format!(
            "`user = \"{name}\"` is the user of the gateway itself: write the name of another one"
        ));
    }
    Ok(UserIds { user, group: id("-g", name)? })
}

/// The user's number, as the system's own program tells it: users may come from a directory of an organisation.
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

/// The ids of a user.
///
/// # Errors
/// This system has no users that a program can change to.
#[cfg(not(unix))]
pub(super) fn ids(name: &str) -> Result<UserIds, String> {
    Err(format!("`user = \"{name}\"` does not work on this system: write `unconfined = true`"))
}
